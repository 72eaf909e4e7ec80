"""The demo as a newcomer runs it: one JSON object on stdout, and nothing of it left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.demo.receiver import Receiver
from pipeline.demo.run import run_demo

DEMO = (sys.executable, "-c", "from pipeline.cli import main; main()", "demo", "--once")
WITHIN_S = 120


def started(folder: Path) -> subprocess.Popen[str]:
    """The demo with its home below `folder`, on a machine that is set up for an agency's own servers."""
    elsewhere = {
        "NIGHTLIGHT_RECORD_URL": "postgresql://nobody@127.0.0.1:1/them",
        "NIGHTLIGHT_SAMPLES_PER_DAY": "0",
    }
    environ = os.environ | elsewhere | {"TMPDIR": str(folder)}
    return subprocess.Popen(DEMO, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_once_prints_one_object_in_which_every_part_did_its_work(tmp_path: Path) -> None:
    with started(tmp_path) as demo:
        out, _ = demo.communicate(timeout=WITHIN_S)
    assert demo.returncode == 0
    summary = json.loads(out)
    assert summary["posts"] >= 400
    assert summary["threads"] >= 40
    assert summary["alerts"] > 0
    assert 0 < summary["precision"] <= 1
    assert 0 < summary["recall"] <= 1
    assert summary["media_bytes"] == 0
    assert summary["deliveries"] == {"sent": summary["alerts"], "verified": summary["alerts"]}
    assert summary["seconds"].keys() == {"crawl", "assess", "index", "deliver", "total"}
    assert list(tmp_path.iterdir()) == []


def test_the_links_in_its_webhooks_lead_to_its_console(monkeypatch: pytest.MonkeyPatch) -> None:
    links: list[str] = []

    class Reading(Receiver):
        def take(self, body: bytes, headers: dict[str, str]) -> int:
            links.append(json.loads(body)["data"]["url"])
            return super().take(body, headers)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("pipeline.demo.run.Receiver", Reading)
    try:
        run_demo(lambda _: None, once=True)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert links
    alert_page = re.compile(r"http://127\.0\.0\.1:[1-9]\d+/alerts/[0-9a-f-]{36}")
    assert [link for link in links if not alert_page.fullmatch(link)] == []


def test_a_demo_that_is_stopped_leaves_no_folder_and_no_crawl(tmp_path: Path) -> None:
    with started(tmp_path) as demo:
        until = time.monotonic() + WITHIN_S
        while not crawls_below(tmp_path):
            assert time.monotonic() < until
            time.sleep(0.05)
        demo.send_signal(signal.SIGTERM)
        out, err = demo.communicate(timeout=WITHIN_S)
    assert (demo.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
    assert crawls_below(tmp_path) == []


def crawls_below(folder: Path) -> list[int]:
    """Process ids of crawls whose home is below `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "pipeline.crawl_job" in words and any(word.startswith(str(folder)) for word in words):
            found.append(int(process.name))
    return found
