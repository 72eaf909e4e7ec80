"""Sends deliveries as signed webhooks over HTTP."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime

import httpx

from pipeline.domain.delivery import Delivery, Endpoint
from pipeline.domain.signing import sign
from pipeline.ports import Answer

DEADLINE_S = 25.0
"""For a whole try: a receiver that answers drop by drop delays the others no longer than one that says nothing."""


class HttpSender:
    """The Sender port over httpx: no redirects, no proxy from the environment, only the head of an answer is read."""

    def __init__(self, read_secret: Callable[[str], str], *, deadline_s: float = DEADLINE_S) -> None:
        """read_secret: the content of a secret file below the home folder; raises Misconfigured when it is missing."""
        self._read_secret = read_secret
        self._deadline_s = deadline_s
        self._tls = httpx.create_ssl_context(trust_env=False)

    def send(self, endpoint: Endpoint, delivery: Delivery, now: datetime) -> Answer:
        """One try. Raises: Misconfigured when the endpoint's secret can't be used."""
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
            return asyncio.run(asyncio.wait_for(self._post(endpoint.url, body, headers), self._deadline_s))
        except TimeoutError:
            return Answer(0, f"no whole answer within {self._deadline_s:g} s; check that {endpoint.name} is well")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(0, f"no answer ({type(error).__name__}); check that {endpoint.name} is running")

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The deadline cancels it wherever it waits."""
        async with (
            httpx.AsyncClient(
                follow_redirects=False, trust_env=False, timeout=self._deadline_s, verify=self._tls
            ) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            return Answer(response.status_code, retry_after_s=_retry_after(response))


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds the endpoint asks for (RFC 9110 section 10.2.3, the seconds form only)."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None
