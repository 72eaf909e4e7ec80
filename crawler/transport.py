"""One Scrapy download handler for every source: mandate first, route by mandate, text only, one deadline; fail closed.

It leans on a private module of Scrapy, whose version is pinned exactly.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, cast

import aiohttp
import yarl
from aiohttp_socks import ProxyConnectionError, ProxyError
from scrapy import Request
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler, _ClientResponse
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils._download_handlers import make_response

from crawler.errors import Misconfigured, Refused, Unreachable
from crawler.guard import check_request, origin_of
from crawler.job import job_of
from crawler.mandate import Mandate, Purpose, Route, SourceScope
from crawler.onion import is_onion, is_valid_onion
from crawler.socks import TorConnector, failure
from crawler.textonly import Gate, check_headers

ACCEPT = "text/html,application/xhtml+xml,text/plain;q=0.9"
PASSED_ON = ("Cookie", "Referer", "Content-Type")
"""Headers of a Scrapy request that are sent; all others come from the mandate or from here."""

MAX_HEADER_LINE = 8 * 1024
MAX_HEADERS = 100
MAX_HEADER_BYTES = 64 * 1024
"""The parser stops at a line too long or one header too many, and this bounds their sum."""


class TextOnlyHandler(AiohttpDownloadHandler):
    """Downloads pages for one crawl; whatever goes wrong in here, nothing is sent."""

    experimental: ClassVar[bool] = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._job = job_of(crawler)
        self._job.cuts.append(self._cut)
        self._by_route: dict[tuple[Route, bool], aiohttp.ClientSession] = {}
        self._limits: set[asyncio.Timeout] = set()

    async def download_request(self, request: Request) -> Response:
        """The page's text.

        Raises: Refused (mandate, not text); DownloadFailedError, DownloadTimeoutError (retried once); Unreachable;
            Misconfigured.
        """
        mandate, _ = self._permission(request)
        async with self._limit(None):
            await self._job.pace.turn(mandate.delay_s)
        seconds = self._job.deadline_s
        async with self._limit(seconds), self._make_request(request, seconds) as response:
            return await self._read_text(response, request)

    @asynccontextmanager
    async def _limit(self, seconds: float | None) -> AsyncIterator[None]:
        """End what runs inside after this time, or at once when the crawl is stopped."""
        try:
            async with asyncio.timeout(seconds) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError as error:
            if self._job.stopped:
                raise Refused(self._job.stopped) from error
            raise DownloadTimeoutError(f"no complete answer within {self._job.deadline_s:g} s") from error

    @asynccontextmanager
    async def _make_request(self, request: Request, timeout: float) -> AsyncIterator[_ClientResponse]:
        mandate, scope = self._permission(request)
        session = self._session_for(scope)
        self._job.sent += 1
        try:
            async with session.request(
                request.method,
                yarl.URL(request.url, encoded=True),
                data=request.body or None,
                headers=sent_headers(request, mandate),
                timeout=aiohttp.ClientTimeout(total=timeout),
                ssl=self._ssl_context,
                allow_redirects=False,
            ) as response:
                yield cast("_ClientResponse", response)
        except ProxyError as error:
            raise failure(error) from error
        except ProxyConnectionError as error:
            raise Unreachable("Tor's SOCKS port doesn't answer; start Tor or correct socks_url") from error
        except EOFError as error:  # so it ends when Tor does, and when its SocksPolicy refuses us
            raise Unreachable("Tor's SOCKS port hangs up; look at Tor's log or correct socks_url") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise DownloadFailedError("nobody vouches for the source's certificate") from error
        except aiohttp.ClientError as error:
            raise DownloadFailedError(f"the source didn't answer properly ({type(error).__name__})") from error

    def _permission(self, request: Request) -> tuple[Mandate, SourceScope]:
        """Ask the mandate afresh about this very request. Raises: Refused and whatever a fault in here raises."""
        job, now = self._job, self._job.now()
        if job.stopped:
            raise Refused(job.stopped)
        purpose = Purpose(request.meta["purpose"])
        if purpose is Purpose.PAGE and request.meta.get("redirect_times"):
            purpose = Purpose.REDIRECT
        mandate = job.book.live(job.source.id, now)
        scope = check_request(mandate, job.source.id, request.url, request.method, purpose, now)
        host = origin_of(request.url)[1]
        if is_onion(host) and (scope.route is not Route.TOR or not is_valid_onion(host)):
            raise Refused("This onion address is mistyped or not routed over Tor; correct it in the mandate")
        if not scope.private_network:
            _refuse_private(host)
        is_page = purpose in (Purpose.PAGE, Purpose.REDIRECT)
        if is_page and job.robots and not job.robots.can_fetch(request.url, mandate.user_agent):
            raise Refused("robots.txt asks not to read it")
        return mandate, scope

    def _session_for(self, scope: SourceScope) -> aiohttp.ClientSession:
        key = (scope.route, scope.private_network)
        if key not in self._by_route:
            connector = self._tor() if scope.route is Route.TOR else self._direct(scope.private_network)
            self._by_route[key] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                response_class=_ClientResponse,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                trust_env=False,
                read_bufsize=2**14,
                max_line_size=MAX_HEADER_LINE,
                max_field_size=MAX_HEADER_LINE,
                max_headers=MAX_HEADERS,
            )
        return self._by_route[key]

    def _tor(self) -> TorConnector:
        """Names are resolved by Tor. Another user or password is another circuit: neither sources nor crawls share one.

        A crawl keeps its own, because forums bind sessions to where they come from.
        """
        if not self._job.socks_url:
            raise Misconfigured(
                "This source goes over Tor, but socks_url isn't set; set it, such as socks5h://127.0.0.1:9050"
            )
        url = yarl.URL(self._job.socks_url)
        if url.scheme not in ("socks5h", "socks5") or not url.host or not url.port:
            raise Misconfigured("socks_url must look like socks5h://127.0.0.1:9050; correct it in nightlight.toml")
        user, password = self._job.source.id, self._job.socks_password
        return TorConnector(host=url.host, port=url.port, username=user, password=password, rdns=True, limit=2)

    @staticmethod
    def _direct(private_network: bool) -> aiohttp.TCPConnector:
        """Each address is judged when its socket is made: what a name resolved to before doesn't matter."""

        def socket_to(address: tuple[Any, ...]) -> socket.socket:
            family, kind, protocol, _, peer = address
            if not private_network:
                _refuse_private(str(peer[0]))
            return socket.socket(family=family, type=kind, proto=protocol)

        return aiohttp.TCPConnector(limit=2, socket_factory=socket_to, use_dns_cache=False)

    async def _read_text(self, response: _ClientResponse, request: Request) -> Response:
        args = self._build_base_response_args(response, request, self._extract_headers(response))
        if sum(len(name) + len(value) for name, value in response.raw_headers) > MAX_HEADER_BYTES:
            raise Refused(f"The headers are longer than {MAX_HEADER_BYTES} bytes; the body was not read")
        if response.status >= 300:
            # where it leads is in the headers, and what an error page says doesn't matter
            return make_response(**args)
        packed = "gzip" in response.headers.get("Content-Encoding", "").lower()
        gate = Gate(check_headers(response.headers), packed)
        async for chunk in response.content.iter_any():
            gate.feed(chunk)
        return make_response(**args, body=gate.body())

    async def _cut(self) -> None:
        for limit in self._limits:
            if not limit.expired():  # one that runs out at this very moment can't be moved any more
                limit.reschedule(asyncio.get_running_loop().time())
        for session in self._by_route.values():
            await session.close()

    async def close(self) -> None:
        """Close every connection."""
        await super().close()
        await self._cut()


def _refuse_private(host: str) -> None:
    """Raises: Refused for a private address, whatever the route; a name passes, and is judged by what it leads to."""
    try:
        is_global = ipaddress.ip_address(host.split("%")[0]).is_global
    except ValueError:
        return
    if not is_global:
        raise Refused("This leads to a private address, which the mandate doesn't allow; nothing was sent")


def sent_headers(request: Request, mandate: Mandate) -> list[tuple[str, str]]:
    """What the source sees of us: what the mandate declares, and what a request needs."""
    own = [("User-Agent", mandate.user_agent), ("Accept", ACCEPT), ("Accept-Encoding", "gzip"), *mandate.headers]
    passed = ((name, request.headers.get(name)) for name in PASSED_ON)
    return own + [(name, value.decode("latin-1")) for name, value in passed if value]
