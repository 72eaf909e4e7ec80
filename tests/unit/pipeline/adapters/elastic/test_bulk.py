"""What the answers to bulk requests mean: a scripted node says what a full or a blocked cluster says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipeline.adapters.elastic import bulk
from pipeline.adapters.elastic.bulk import Write, write
from pipeline.adapters.elastic.client import connect
from pipeline.errors import Unavailable

Script = list[tuple[int, dict[str, Any]] | Callable[[list[str]], dict[str, Any]]]
FULL = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "words of a text"}}
BLOCKED = {"status": 429, "error": {"type": "cluster_block_exception", "reason": "[TOO_MANY_REQUESTS/12/disk usage]"}}
DONE = {"status": 201}


@contextmanager
def node(script: Script) -> Iterator[tuple[str, list[list[str]]]]:
    """A node that gives these answers in turn: its URL, and the document ids of each request it got."""
    asked: list[list[str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            lines = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
            asked.append([json.loads(line)["index"]["_id"] for line in lines[::2]])
            turn = script.pop(0)
            status, body = (200, turn(asked[-1])) if callable(turn) else turn
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def items(**special: dict[str, Any]) -> Callable[[list[str]], dict[str, Any]]:
    """An answer in which every document is stored, but for these."""
    return lambda ids: {"errors": bool(special), "items": [{"index": special.get(each, DONE)} for each in ids]}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "WAITS_S", (0.001,) * 3)


def writes(*ids: str, size: int = 2) -> list[Write]:
    return [Write("a-posts", each, 1, b"{}" + b" " * (size - 2)) for each in ids]


def test_only_what_a_full_queue_refused_is_sent_again() -> None:
    with node([items(b=FULL, c=FULL), items(c=FULL), items()]) as (url, asked):
        assert write(connect(url), writes("a", "b", "c"), refresh=True).refused == {}
    assert asked == [["a", "b", "c"], ["b", "c"], ["c"]]


def test_a_whole_request_that_was_too_much_is_sent_again() -> None:
    too_much = {"error": {"type": "circuit_breaking_exception", "reason": "Data too large"}, "status": 429}
    with node([(429, too_much), items()]) as (url, asked):
        write(connect(url), writes("a"), refresh=True)
    assert asked == [["a"], ["a"]]


def test_a_queue_that_stays_full_ends_the_tries() -> None:
    with (
        node([items(a=FULL)] * 9) as (url, asked),
        pytest.raises(Unavailable, match="more to do than it can") as caught,
    ):
        write(connect(url), writes("a"), refresh=True)
    assert len(asked) == 4
    assert "words of a text" not in str(caught.value)


def test_a_blocked_index_is_asked_once_and_says_what_to_do() -> None:
    with node([items(a=BLOCKED)] * 9) as (url, asked), pytest.raises(Unavailable, match="free some space"):
        write(connect(url), writes("a"), refresh=True)
    assert len(asked) == 1


def test_a_version_conflict_is_never_sent_again() -> None:
    stale = {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": ""}}
    with node([items(a=stale)]) as (url, asked):
        outcome = write(connect(url), writes("a", "b"), refresh=True)
    assert (outcome.refused, outcome.stale) == ({}, {"a"})
    assert len(asked) == 1


def test_a_document_refused_for_its_own_sake_keeps_no_other_away() -> None:
    odd = {"status": 400, "error": {"type": "document_parsing_exception", "reason": "Preview of value: 'words'"}}
    with node([items(a=odd, b=FULL), items()]) as (url, asked):
        assert write(connect(url), writes("a", "b", "c"), refresh=True).refused == {"a": "document_parsing_exception"}
    assert asked == [["a", "b", "c"], ["b"]]


def test_an_index_of_another_version_is_not_the_documents_fault() -> None:
    strict = {"status": 400, "error": {"type": "strict_dynamic_mapping_exception", "reason": ""}}
    with node([items(a=strict)]) as (url, _), pytest.raises(Unavailable, match="nightlight index rebuild"):
        write(connect(url), writes("a"), refresh=True)


def test_requests_stay_small() -> None:
    with node([items()] * 9) as (url, asked):
        write(connect(url), writes(*(f"s{i}" for i in range(1_001))), refresh=True)
        write(connect(url), writes("l1", "l2", "l3", size=bulk.LARGEST // 2), refresh=True)
    assert [len(ids) for ids in asked] == [500, 500, 1, 2, 1]
