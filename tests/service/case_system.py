"""A case system in a process of its own: `python case_system.py PORT FILE`, its secret on standard input.

Takes webhooks on loopback and writes one line of JSON for each to FILE, {id, verified, body}: it answers 204 only to
what the `standardwebhooks` package verifies. Prints a line when it listens.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

from standardwebhooks import Webhook, WebhookVerificationError


class Taking(BaseHTTPRequestHandler):
    """One delivery."""

    webhook: ClassVar[Webhook]
    file: ClassVar[Path]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self.webhook.verify(body, headers)
        except WebhookVerificationError:
            verified = False
        else:
            verified = True
        with self.file.open("a") as file:
            file.write(
                json.dumps({"id": headers.get("webhook-id"), "verified": verified, "body": body.decode()}) + "\n"
            )
        self.send_response(204 if verified else 400)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # the base class names it so
        """Say nothing: what came is in the file."""


if __name__ == "__main__":
    Taking.webhook, Taking.file = Webhook(sys.stdin.readline().strip()), Path(sys.argv[2])
    with HTTPServer(("127.0.0.1", int(sys.argv[1])), Taking) as server:
        print("listening", flush=True)  # noqa: T201
        server.serve_forever()
