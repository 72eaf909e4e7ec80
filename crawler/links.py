"""One spelling for every address of a page (pure)."""

import re
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus, urlencode, urlsplit, urlunsplit

_SESSION = frozenset({"sid", "phpsessid", "sessionid", "jsessionid", "session_id"})
_VOLATILE = frozenset(
    {"hilit", "sk", "sd", "highlight", "topicseen", "viewfull", "utm_source", "utm_medium", "utm_campaign"}
)
_WAYS_IN = MappingProxyType(
    {
        "view": frozenset({"next", "previous", "unread", "newest", "print", "viewpoll", "getnewpost", "getlastpost"}),
        "action": frozenset({"lastpost", "newpost", "printpage"}),
        "goto": frozenset({"lastpost", "newpost"}),
        "mode": frozenset({"linear", "threaded", "hybrid"}),
    }
)
"""Values that only say how a page is entered or laid out; with other values the parameter names the page."""
_PRINT = frozenset({"print", "printable", "printview"})
_COUNTED_FROM_NOUGHT = re.compile(r"^/(?:c/(?:[^/]+/)+\d+|latest|top)$")
"""Discourse's lists: their page=1 is the second."""
_VBULLETIN_SESSION = re.compile(r"[0-9a-f]{32}")
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;?]*", re.I)
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.I)
_BYTES = "surrogateescape"
"""Keeps escaped bytes that are no UTF-8, as in addresses of forums in windows-1251."""
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"
_QUERY_SAFE = "/,"
_FIRST_PAGE = re.compile(r"(?:-page-1)+(\.html)(?:/+page-?1)*$|(?:/+page-?1)+(/?)/*$")
_PRINTED = re.compile(r"/printthread\.php$")
_ARCHIVED = re.compile(r"/archive/index\.php[/?]+(?P<kind>t|f|thread|forum)-(?P<id>\d+)(?:-p?-?\d+)?\.html\??$")
_ARCHIVE_KINDS = MappingProxyType(
    {
        "t": ("showthread", "t"),
        "f": ("forumdisplay", "f"),
        "thread": ("showthread", "tid"),
        "forum": ("forumdisplay", "fid"),
    }
)


def canonical(url: str) -> str:
    """The address without what doesn't name the page.

    Dropped: session ids (sid, PHPSESSID, s, in the query or the path), the fragment, the first page's number (page=1,
    start=0, /page1), print and archive views, sort and highlight parameters, default ports, a user. Parameters keep
    their order; ";" splits them as "&" does.
    Idempotent; an address that can't be read comes back as it is, without its fragment.
    """
    url = url.strip().split("#", 1)[0]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if port and port != {"http": 80, "https": 443}.get(scheme):
        host = f"{host}:{port}"
    path = quote(_PATH_SESSION.sub("", parts.path), _PATH_SAFE, errors="replace") or "/"
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), path)
    query = _query(parts.query, "0" if _COUNTED_FROM_NOUGHT.search(path) else "1")
    path, query = _full_view(_FIRST_PAGE.sub(r"\1\2", path) or "/", query)
    return urlunsplit((scheme, host, path, query, ""))


def _full_view(path: str, query: str) -> tuple[str, str]:
    """The page itself instead of its print view or its entry in the archive (MyBB, vBulletin)."""
    archived = _ARCHIVED.search(f"{path}?{query}")
    if archived:
        kind, key = _ARCHIVE_KINDS[archived["kind"]]
        return f"{path[: archived.start()]}/{kind}.php", f"{key}={archived['id']}"
    return _PRINTED.sub("/showthread.php", path), query


def _query(query: str, first_page: str) -> str:
    """The parameters that name the page; "12-title/page2" (vBulletin 4) is one without a value and stays so."""
    whole = query.encode("utf-8", "replace").decode()
    pairs = [
        (unquote_plus(name, errors=_BYTES), equals, unquote_plus(value, errors=_BYTES))
        for name, equals, value in (part.partition("=") for part in re.split("[&;]", whole))
        if name or equals
    ]
    # "st" is an age beside phpBB's sort keys, and where a page starts in other software
    is_sorted = any(name.lower() in ("sk", "sd") for name, _, _ in pairs)
    named = [
        (name if equals else _FIRST_PAGE.sub(r"\1\2", name), equals, value)
        for name, equals, value in pairs
        if not (is_sorted and name.lower() == "st")
    ]
    kept = dict.fromkeys(part for part in named if any(part) and not _says_nothing(part[0], part[2], first_page))
    return "&".join(_quoted(name) + equals + _quoted(value) for name, equals, value in kept)


def _quoted(text: str) -> str:
    return quote_plus(text, _QUERY_SAFE, errors=_BYTES)


def _says_nothing(name: str, value: str, first_page: str) -> bool:
    low = name.lower()
    if low in _WAYS_IN:
        return value.lower() in _WAYS_IN[low]
    if low in _SESSION or low in _VOLATILE or low in _PRINT:
        return True
    if low == "s":
        return _VBULLETIN_SESSION.fullmatch(value.lower()) is not None
    return (low == "page" and value == first_page) or (low == "start" and value == "0")


def parameters(url: str) -> dict[str, str]:
    """The query's parameters; the first value of each."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return {}
    return dict(reversed(parse_qsl(query.replace(";", "&"))))


def with_parameters(url: str, **values: str | int | None) -> str:
    """The address with only these parameters; those that are None or empty are left out."""
    parts = urlsplit(url)
    kept = {name: value for name, value in values.items() if value not in (None, "")}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))


def path_of(url: str) -> str:
    """The path of an address, percent signs decoded; "" where it can't be read."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""
