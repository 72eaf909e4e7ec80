"""Connections through Tor's SOCKS port, what its answers mean, and what follows from them.

No answer says anything about a page: the crawl ends and every page stays due as it was.

Source: RFC 1928, section 6; Tor proposal 304 for 0xF0 to 0xF7, which Tor gives with the flag ExtendedErrors.
"""

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp_socks import ProxyConnector, ProxyError
from scrapy.exceptions import DownloadFailedError

from crawler.errors import CrawlerError, Misconfigured, Unreachable


class Retry(StrEnum):
    """When asking again makes sense."""

    AT_ONCE = "at once"
    """Once more in this crawl, when Tor may find another way; then with the next crawl."""
    LATER = "later"
    """With the next crawl."""
    BY_A_PERSON = "by a person"
    """When somebody has corrected what the sentence names."""


@dataclass(frozen=True, slots=True)
class Reply:
    """words: for people, the end of a sentence."""

    retry: Retry
    words: str


REPLIES = {
    0x01: Reply(Retry.LATER, "the service's own server is down, or torrc lacks ExtendedErrors and Tor can't say more"),
    0x02: Reply(Retry.BY_A_PERSON, "Tor isn't allowed to connect there; correct torrc, or the address in the mandate"),
    0x03: Reply(Retry.LATER, "Tor has no network; see its log"),
    0x04: Reply(Retry.LATER, "Tor finds no such host, or no way to it"),
    0x05: Reply(Retry.LATER, "the service refuses this port"),
    0x06: Reply(Retry.AT_ONCE, "the service took too long to answer Tor"),
    0x07: Reply(Retry.BY_A_PERSON, "the SOCKS port makes no connections; correct socks_url to name Tor's"),
    0x08: Reply(Retry.BY_A_PERSON, "the SOCKS port takes no host names; correct socks_url to name Tor's"),
    0xF0: Reply(Retry.LATER, "Tor finds no such service: it is down or gone"),
    0xF1: Reply(Retry.LATER, "the service's descriptor is invalid: it is set up wrongly or too new for this Tor"),
    0xF2: Reply(Retry.AT_ONCE, "Tor couldn't be introduced to the service"),
    0xF3: Reply(Retry.AT_ONCE, "Tor couldn't meet the service"),
    0xF4: Reply(Retry.BY_A_PERSON, "the service wants a client authorization that Tor doesn't have; add it to torrc"),
    0xF5: Reply(Retry.BY_A_PERSON, "the service refuses Tor's client authorization; correct it in torrc"),
    0xF6: Reply(Retry.BY_A_PERSON, "Tor calls the address invalid; correct it in the mandate"),
    0xF7: Reply(Retry.AT_ONCE, "Tor's introduction to the service timed out"),
}


class TorConnector(ProxyConnector):
    """Gives up a connection when it is told to.

    The library, told so during a TLS handshake, closes the connection and then waits for its end until its own time
    limit: it has to be told twice.
    """

    async def _connect_via_proxy(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as the library has it
        connecting = asyncio.create_task(super()._connect_via_proxy(*args, **more))
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            connecting.cancel()
            await asyncio.wait([connecting], timeout=0.1)
            connecting.cancel()
            raise


class Interrupted(Unreachable, DownloadFailedError):
    """The way to the source failed in a manner that Scrapy is to try again, once."""


def failure(error: ProxyError) -> CrawlerError:
    """The error to raise for what the SOCKS port answered."""
    code = _code(error)
    if code is None:
        return Misconfigured("What answers at socks_url isn't Tor's SOCKS port; correct it in nightlight.toml")
    reply = REPLIES.get(code, Reply(Retry.LATER, f"Tor couldn't reach the service (SOCKS reply {code:#04x})"))
    if reply.retry is Retry.BY_A_PERSON:
        return Misconfigured(reply.words[0].upper() + reply.words[1:])
    return Interrupted(reply.words) if reply.retry is Retry.AT_ONCE else Unreachable(reply.words)


def _code(error: ProxyError) -> int | None:
    """The reply code, or None for what is no SOCKS reply.

    The library has those of RFC 1928 as numbers and all others only in its words, such as "Invalid reply code: 0XF0".
    """
    if error.error_code is not None:
        return int(error.error_code)
    other = re.fullmatch(r"Invalid reply code: 0X([0-9A-F]{1,2})", str(error))
    return int(other[1], 16) if other else None
