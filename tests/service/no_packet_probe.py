"""Crawls in a process of its own and prints what that process asked of the network.

    python no_packet_probe.py mandated|revoked URL

The audit hook sees every connect, every name looked up, also those made by C code through Python's socket module.
"""

import json
import sys
import tempfile
from pathlib import Path

from crawler.errors import MandateRefused
from tests.fakes.crawl import Book, Memory, mandate
from tests.fakes.crawling import run

EVENTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}


def main(mode: str, url: str) -> None:
    """Crawl and report."""
    seen: list[str] = []
    sys.addaudithook(lambda event, args: seen.append(event) if event in EVENTS else None)
    book = Book(mandate(url.rstrip("/")) if mode == "mandated" else None)
    refused = ""
    try:
        run(url, Memory(), Path(tempfile.mkdtemp()), book=book)
    except MandateRefused as error:
        refused = str(error)
    print(json.dumps({"events": seen, "refused": refused}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
