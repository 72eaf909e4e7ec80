"""A small case system that takes webhooks: it believes nothing that the `standardwebhooks` package doesn't verify."""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

MAX_BODY = 20_000
"""Bytes; the specification advises to keep bodies below."""


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery as it came. duplicate: its id was verified before."""

    id: str
    type: str
    verified: bool
    duplicate: bool


class Receiver:
    """Listens on loopback until stopped; can be started once."""

    def __init__(self, secret: str, fail_first: int = 0) -> None:
        """secret: `whsec_…`. fail_first: so many deliveries are answered 503 before any is taken."""
        self._webhook = Webhook(secret)
        self._failures = fail_first
        self._events: list[Received] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> str:
        """Listen; returns the address for deliveries."""
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def stop(self) -> None:
        """Close the port. Call it only after start."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def events(self) -> tuple[Received, ...]:
        """Everything that came, in order; deliveries that were answered 503 left no event."""
        with self._lock:
            return tuple(self._events)

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Verify one delivery; returns the status to answer."""
        with self._lock:
            if self._failures:
                self._failures -= 1
                return 503
            verified, kind = self._verified(body, headers)
            key = headers.get("webhook-id", "")
            duplicate = any(event.id == key and event.verified for event in self._events)
            self._events.append(Received(key, kind, verified, duplicate))
        return 204 if verified else 400

    def _verified(self, body: bytes, headers: dict[str, str]) -> tuple[bool, str]:
        try:
            self._webhook.verify(body, headers)
            return True, str(json.loads(body).get("type", ""))
        except (WebhookVerificationError, ValueError, AttributeError):
            return False, ""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            if not length.isdigit() or int(length) > MAX_BODY:
                self._answer(413)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(receiver.take(self.rfile.read(int(length)), headers))

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what comes is shown by `events`."""

    return Handler
