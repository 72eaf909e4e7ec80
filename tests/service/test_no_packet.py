"""Without a mandate in force not one packet leaves; the same probe sees packets when there is one."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.fakes.crawling import INDEX
from tests.fakes.raw_server import page, serving

ROOT = Path(__file__).resolve().parents[2]


async def forum(path: str) -> AsyncIterator[bytes]:
    yield page(INDEX if path == "/" else b"", "text/html")


def probed(mode: str, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("no_packet_probe.py")), mode, url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return dict(json.loads(done.stdout))


def test_without_a_mandate_not_one_packet_leaves() -> None:
    with serving(forum) as served:
        without = probed("revoked", served.url + "/")
        assert served.heads == []
        with_one = probed("mandated", served.url + "/")
        assert served.asked[:2] == ["GET /robots.txt", "GET /"]
    assert without["events"] == []
    assert "revoked" in without["refused"]
    assert "socket.connect" in with_one["events"], "the probe sees packets when there are some"
    assert with_one["refused"] == ""
