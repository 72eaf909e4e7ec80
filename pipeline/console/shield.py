"""Around every request: host, origin and size are checked before any route runs; every answer carries the policy."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.console.options import ConsoleOptions

MAX_BODY = 64 * 1024

POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=(), usb=(), payment=()",
}


class Shield:
    """ASGI middleware; nothing behind it sees a request from another site or for another host."""

    def __init__(self, app: ASGIApp, options: ConsoleOptions) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in options.allowed_hosts)
        self._policy = dict(POLICY)
        if options.secure_cookies:
            self._policy["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], Headers(scope=scope))

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._put_policy(message)
            await send(message)

        await (refusal or self._app)(scope, receive, with_policy)

    def _put_policy(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._policy.items():
            headers[name] = value

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if _host_name(host) not in self._hosts:
            return PlainTextResponse("The console doesn't answer to this host name; see allowed_hosts.\n", 421)
        if method in ("GET", "HEAD"):
            return None
        if not _same_origin(headers, host):
            return PlainTextResponse("This request came from another site; open the page again and repeat it.\n", 403)
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or (length and (not length.isdigit() or int(length) > MAX_BODY)):
            return PlainTextResponse(f"A request has at most {MAX_BODY} bytes and says its length.\n", 413)
        return None


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same_origin(headers: Headers, host: str) -> bool:
    """Does a change come from our own page, or from no browser at all?

    Sec-Fetch-Site decides where a browser sends it: under no-referrer the Origin of our own forms is `null`.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == host.lower()
