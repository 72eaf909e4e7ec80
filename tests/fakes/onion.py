"""Onion addresses that hold but that nobody serves, and crawls of them."""

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.post import Account
from crawler.run import Outcome
from tests.fakes.crawl import Book, Memory, mandate
from tests.fakes.crawling import run


def onion_name(key: bytes) -> str:
    """The address of a service with this public key (32 bytes; it needn't be one)."""
    checksum = hashlib.sha3_256(b".onion checksum" + key + b"\x03").digest()[:2]
    return base64.b32encode(key + checksum + b"\x03").decode().lower() + ".onion"


ONION = onion_name(bytes(range(32)))
URL = f"http://{ONION}/"


def run_onion(
    memory: Memory,
    home: Path,
    socks_url: str,
    *,
    url: str = URL,
    source_id: str = "forum",
    account: Account | None = None,
    **options: Any,
) -> Outcome:
    """Crawl a source at an onion address, as a member where an account is given."""
    member = {"login_path": urlsplit(account.login_url).path, "account": account.user} if account else {}
    book = Book(mandate(url.rstrip("/"), source_id, route="tor", private_network=False, **member))
    return run(url, memory, home, book=book, socks_url=socks_url, source_id=source_id, account=account, **options)
