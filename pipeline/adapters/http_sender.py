"""Sends deliveries as signed webhooks over HTTP."""

import json
from collections.abc import Callable
from datetime import datetime

import httpx

from pipeline.domain.delivery import Delivery, Endpoint
from pipeline.domain.signing import sign
from pipeline.ports import Answer

TIMEOUT_S = 20
ANSWER_BYTES = 64 * 1024


class HttpSender:
    """The Sender port over httpx: no redirects, no proxy from the environment, at most 64 kB of any answer read."""

    def __init__(self, read_secret: Callable[[str], str], *, transport: httpx.BaseTransport | None = None) -> None:
        """read_secret: the content of a secret file below the home folder; raises Misconfigured when it is missing."""
        self._read_secret = read_secret
        self._client = httpx.Client(
            follow_redirects=False, trust_env=False, timeout=httpx.Timeout(TIMEOUT_S, connect=10), transport=transport
        )

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
            with self._client.stream("POST", endpoint.url, content=body, headers=headers) as response:
                _drain(response)
                return Answer(response.status_code, retry_after_s=_retry_after(response))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(0, f"no answer ({type(error).__name__}); check that {endpoint.name} is running")

    def close(self) -> None:
        """Close the connections kept alive."""
        self._client.close()


def _drain(response: httpx.Response) -> None:
    """Read a short answer so that the connection can be kept; a long one is cut."""
    read = 0
    for chunk in response.iter_raw():
        read += len(chunk)
        if read > ANSWER_BYTES:
            return


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds the endpoint asks for (RFC 9110 section 10.2.3, the seconds form only)."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdigit() else None
