"""One spelling for every address of a page (pure)."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_SESSION = frozenset({"sid", "phpsessid", "sessionid", "jsessionid", "session_id"})
_VOLATILE = frozenset({"hilit", "sk", "sd", "highlight", "utm_source", "utm_medium", "utm_campaign"})
_WAYS_IN = frozenset({"next", "previous", "unread", "newest", "print", "viewpoll", "getnewpost", "getlastpost"})
"""Values of "view" that only say how a page is entered; elsewhere "view" names the page."""
_PRINT = frozenset({"print", "printable", "printview"})
_DEFAULTS = {"page": "1", "start": "0"}
_VBULLETIN_SESSION = re.compile(r"[0-9a-f]{32}")
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;?]*", re.I)
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.I)
_BYTES = "surrogateescape"
"""Keeps escaped bytes that are no UTF-8, as in addresses of forums in windows-1251."""
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"


def canonical(url: str) -> str:
    """The address without what doesn't name the page.

    Dropped: session ids (sid, PHPSESSID, s, in the query or the path), the fragment, page=1 and start=0, print views,
    sort and highlight parameters, default ports, a user. Parameters keep their order; ";" splits them as "&" does.
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
    return urlunsplit((scheme, host, path, urlencode(_named(parts.query), errors=_BYTES), ""))


def _named(query: str) -> list[tuple[str, str]]:
    whole = query.encode("utf-8", "replace").decode().replace(";", "&")
    pairs = parse_qsl(whole, keep_blank_values=True, errors=_BYTES)
    # "st" is an age beside phpBB's sort keys, and where a page starts in other software
    is_sorted = any(name.lower() in ("sk", "sd") for name, _ in pairs)
    named = ((name, value) for name, value in pairs if not (is_sorted and name.lower() == "st"))
    return list(dict.fromkeys((name, value) for name, value in named if not _says_nothing(name, value)))


def _says_nothing(name: str, value: str) -> bool:
    low = name.lower()
    if low == "view":
        return value.lower() in _WAYS_IN
    if low in _SESSION or low in _VOLATILE or low in _PRINT:
        return True
    if low == "s":
        return _VBULLETIN_SESSION.fullmatch(value.lower()) is not None
    return low in ("page", "start") and _DEFAULTS[low] == value


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
