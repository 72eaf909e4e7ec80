"""The demo forum: a real HTTP server on loopback that counts every request it answers and every media byte it sends."""

import secrets
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from pipeline.demo.media import media_at
from pipeline.demo.pages import Pages
from pipeline.demo.posts.loader import load

ROBOTS = "User-agent: *\nDisallow: /memberlist.php\nDisallow: /posting.php\nDisallow: /search.php\nDisallow: /ucp.php\n"
_SMALL_FILES = {"/robots.txt": ("text/plain", ROBOTS)}
_ASSETS = {"css": ("text/css", "body { margin: 0 }\n"), "js": ("text/javascript", "'use strict';\n")}
_CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Counts:
    """What the forum has served since it was made.

    pages: index, board, thread and member pages. media_requests: requests for anything that is no text, whatever was
    claimed of it. media_bytes_sent: bytes of their bodies handed to the socket. other_requests: robots.txt, styles,
    scripts and addresses that don't exist.
    """

    pages: int = 0
    media_requests: int = 0
    media_bytes_sent: int = 0
    other_requests: int = 0


class DemoForum:
    """Serves the demo posts until stopped; can be started once."""

    def __init__(self, port: int = 0) -> None:
        """port: 0 takes a free one."""
        self._counter = _Counter()
        handler = _handler(Pages(load(), secrets.token_hex(16)), self._counter)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> str:
        """Serve; returns the address of the board index."""
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/"

    def stop(self) -> None:
        """Close the port. Call it only after start."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def counts(self) -> Counts:
        """What was served so far."""
        return self._counter.counts()


class _Counter:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = dict.fromkeys(Counts.__dataclass_fields__, 0)

    def add(self, name: str, number: int = 1) -> None:
        with self._lock:
            self._numbers[name] += number

    def counts(self) -> Counts:
        with self._lock:
            return Counts(**self._numbers)


def _handler(pages: Pages, counter: _Counter) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "tallow-lane"
        sys_version = ""

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            media = media_at(path)
            if media is not None:
                counter.add("media_requests")
                self._head(200, media.content_type, len(media.body))
                self._send_media(media.body)
            elif (page := pages.page(self.path)) is not None:
                counter.add("pages")
                self._send_text(200, "text/html", page)
            else:
                counter.add("other_requests")
                self._send_text(*_small_file(path))

        def _send_media(self, body: bytes) -> None:
            for start in range(0, len(body), _CHUNK):
                chunk = body[start : start + _CHUNK]
                self.wfile.write(chunk)
                counter.add("media_bytes_sent", len(chunk))

        def _send_text(self, status: int, content_type: str, text: str) -> None:
            body = text.encode()
            self._head(status, f"{content_type}; charset=UTF-8", len(body))
            self.wfile.write(body)

        def _head(self, status: int, content_type: str, length: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the standard log would print on the demo's own progress."""

    return Handler


def _small_file(path: str) -> tuple[int, str, str]:
    """Status, type and body of what is neither page nor media."""
    if path in _SMALL_FILES:
        return 200, *_SMALL_FILES[path]
    if path.startswith(("/styles/", "/assets/")) and path.rpartition(".")[2] in _ASSETS:
        return 200, *_ASSETS[path.rpartition(".")[2]]
    return 404, "text/html", "<html><title>Information</title><p>The requested topic does not exist.</p></html>"
