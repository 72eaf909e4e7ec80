"""Sends deliveries as signed webhooks over HTTP."""

import asyncio
import json
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp

from pipeline.domain.delivery import Delivery, Endpoint
from pipeline.domain.peers import check_peer
from pipeline.domain.signing import sign
from pipeline.ports import Answer

DEADLINE_S = 25.0
"""For a whole try: a receiver that answers drop by drop delays the others no longer than one that says nothing."""


class HttpSender:
    """The Sender port over aiohttp: no redirects, no proxy from the environment, only the head of an answer is read."""

    def __init__(
        self, read_secret: Callable[[str], str], *, own_machine: bool = False, deadline_s: float = DEADLINE_S
    ) -> None:
        """read_secret: the content of a secret file below the home folder; raises Misconfigured when it is missing.

        own_machine: endpoints may stand on this machine, as in the demo.
        """
        self._read_secret = read_secret
        self._own_machine = own_machine
        self._deadline_s = deadline_s
        self._tls = ssl.create_default_context()

    def send(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> Answer:
        """One try. Raises: Misconfigured when the endpoint's secret can't be used; Refused: no case system is there."""
        body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "nightlight",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._read_secret(endpoint.secret_file), delivery.id, timestamp, body),
        }
        try:
            return asyncio.run(asyncio.wait_for(self._post(endpoint, body, headers), self._deadline_s))
        except TimeoutError:
            return Answer(0, f"no whole answer within {self._deadline_s:g} s; check that {endpoint.name} is well")
        except aiohttp.ClientError as error:
            return Answer(0, f"no answer ({type(error).__name__}); check that {endpoint.name} is running")

    async def _post(self, endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> Answer:
        """The deadline cancels it wherever it waits."""
        async with (
            aiohttp.ClientSession(connector=self._connector(endpoint), trust_env=False) as session,
            session.post(endpoint.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return Answer(response.status, retry_after_s=_retry_after(response))

    def _connector(self, endpoint: Endpoint) -> aiohttp.TCPConnector:
        """Each address is judged when its socket is made: what a name resolved to before doesn't matter."""

        def socket_to(address: tuple[Any, ...]) -> socket.socket:
            family, kind, protocol, _, peer = address
            check_peer(endpoint, str(peer[0]), self._own_machine)
            return socket.socket(family=family, type=kind, proto=protocol)

        return aiohttp.TCPConnector(ssl=self._tls, socket_factory=socket_to, use_dns_cache=False, force_close=True)


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Seconds the endpoint asks for (RFC 9110 section 10.2.3, the seconds form only)."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None
