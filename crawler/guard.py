"""Does a mandate cover this very request? Pure; asked before anything is sent; what it doesn't know is refused."""

import posixpath
import re
from datetime import datetime
from urllib.parse import unquote, urlsplit

from crawler.errors import MandateRefused
from crawler.mandate import Mandate, Purpose, SourceScope

_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_request(
    mandate: Mandate, source_id: str, url: str, method: str, purpose: Purpose, now: datetime
) -> SourceScope:
    """Go on only if the mandate covers the request; returns the scope of the source.

    Raises: MandateRefused with one sentence; nothing may be sent then.
    """
    mandate.check_time(now)
    scope = mandate.scope(source_id)
    if origin_of(url) not in {origin_of(origin) for origin in scope.origins}:
        raise MandateRefused(f"Mandate {mandate.id} doesn't cover this host; only the origins it names may be asked")
    path = plain_path(url)
    if purpose is Purpose.ROBOTS:
        allowed = method == "GET" and path == "/robots.txt"
    elif method == "POST":
        allowed = purpose is Purpose.LOGIN and scope.login_path != "" and path == scope.login_path
    elif method == "GET":
        login_page = purpose is not Purpose.PAGE and scope.login_path != "" and path == scope.login_path
        allowed = login_page or in_scope(scope, path)
    else:
        allowed = False
    if not allowed:
        raise MandateRefused(
            f"Mandate {mandate.id} doesn't cover this {method} for {purpose}; only what it names is read"
        )
    return scope


def in_scope(scope: SourceScope, path: str) -> bool:
    """Is the path below an allowed prefix and below no excluded one?

    It must be so as it stands and as servers read it that drop ";…" from each segment (RFC 3986, 3.3), also from "..;".
    """
    return all(
        any(_below(read, p) for p in scope.paths) and not any(_below(read, p) for p in scope.exclude)
        for read in (path, _resolved(re.sub(r";[^/]*", "", path)))
    )


def origin_of(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) in one spelling. Raises: MandateRefused for anything but plain http(s) addresses."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or "\\" in url or _has_controls(url):
        raise MandateRefused("This address isn't a plain http or https address; it is not requested")
    try:
        ascii_host = host.rstrip(".").encode("idna").decode("ascii").lower() if not host.isascii() else host.rstrip(".")
    except UnicodeError:
        raise MandateRefused("This address has a host name that can't be read; it is not requested") from None
    return parts.scheme, ascii_host.lower(), port if port is not None else _DEFAULT_PORTS[parts.scheme]


def plain_path(url: str) -> str:
    """The path as a server may read it: escapes undone until nothing changes, dots resolved."""
    path = urlsplit(url).path or "/"
    for _ in range(4):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    else:
        raise MandateRefused("This address hides its path behind repeated escapes; it is not requested")
    return _resolved(path.replace("\\", "/"))


def _resolved(path: str) -> str:
    trailing = "/" if path.endswith("/") else ""
    resolved = posixpath.normpath("/" + path.lstrip("/"))
    return resolved if resolved == "/" else resolved + trailing


def _below(path: str, prefix: str) -> bool:
    """`/forum` covers /forum and /forum/x and /forum-2's nothing; `/view` with a file name covers that file."""
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/")


def _has_controls(url: str) -> bool:
    return any(c <= " " or c == "\x7f" for c in url)
