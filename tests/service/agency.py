"""An agency's installation on real servers, made and used as its engineer would: settings, commands, processes."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx

from pipeline.cli.main import run_command
from pipeline.compose import App, compose
from pipeline.domain.work import WorkKind
from pipeline.ports import StoredPost
from pipeline.settings import FILE
from tests.contract.elastic import drop_indices, new_prefix
from tests.fakes.running import DIES_WITH_US, Running, until
from tests.service.end_state import end_state
from tests.service.forums.launch import Forum
from tests.service.servers.elasticsearch import ElasticsearchServer
from tests.service.servers.server import free_port

USER, PASSWORD = "ines", "a lamp in every window"
MANDATE = "M-2026-001"

_TOML = """\
record_url = "{record_url}"
record_password_file = "secrets/record"
index_url = "{index_url}"
index_prefix = "{prefix}"
index_api_key_file = "secrets/indexer"
broker_url = "{broker_url}"
socks_url = "{socks_url}"
console_port = {console_port}
local_endpoints = true

[officers.north-1]
name = "T. Lindqvist"
public_key_file = "keys/north-1.pub"
"""


@dataclass(frozen=True, slots=True)
class Servers:
    """What an installation stands on; record_url: with its password."""

    record_url: str
    elasticsearch: ElasticsearchServer
    broker_url: str
    socks_url: str


@dataclass(frozen=True, slots=True)
class Board:
    """A forum to be watched. host: the name of its onion service."""

    forum: Forum
    host: str

    @property
    def origin(self) -> str:
        """Where the crawler meets it."""
        return f"http://{self.host}"

    def scope(self) -> dict[str, Any]:
        """Its part of a mandate: all of it, as the member, by Tor."""
        account = {"login_path": urlsplit(self.forum.login_url).path, "account": self.forum.member}
        return {
            **{"source_id": self.forum.name, "origins": [self.origin], "paths": ["/"], "exclude": []},
            **{"route": "tor", "private_network": False, **account},
        }


class Agency:
    """A home with everything in it that the line needs; `running` starts its processes.

    url: of its console. delay_s: the least wait between two requests, as its mandate says.
    """

    def __init__(self, home: Path, servers: Servers, boards: Sequence[Board], *, delay_s: float = 0) -> None:
        self.home, self.servers = home, servers
        self.sources = [board.forum.name for board in boards]
        self.prefix = new_prefix()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._received = home.with_name(f"{home.name}-received.jsonl")
        self._office = home.with_name(f"{home.name}-office")
        self._write_settings(port)
        self._appoint_officer()
        self._let_into_elasticsearch()
        self.nightlight("init")
        self._authorize(boards, delay_s)
        for board in boards:
            self._add(board)
        self._hook = free_port()
        hook = f"http://127.0.0.1:{self._hook}/hook"
        self._secret = self.nightlight("endpoint", "add", "cases", "--url", hook, "--machine-events")
        self.nightlight("user", "add", USER, "--role", "reviewer", said=PASSWORD)

    def nightlight(self, *words: str, said: str = "", fails: bool = False) -> str:
        """Run a command to its end; gives what it prints. said: on its standard input."""
        out = io.StringIO()
        with redirect_stdout(out), patch.object(sys, "stdin", io.StringIO(said)):
            code = run_command(["--home", str(self.home), *words])
        assert (code != 0) is fails, f"{words} ended with {code}"
        return out.getvalue()

    def leave_elasticsearch(self) -> None:
        """Nothing of this agency is left there."""
        drop_indices(self.servers.elasticsearch.url, self.prefix)
        with administrator(self.servers.elasticsearch) as admin:
            for role in ("indexer", "searcher"):
                admin.delete(f"_security/role/{self.prefix}-{role}").raise_for_status()

    @contextmanager
    def running(self) -> Iterator["Crew"]:
        """Case system, console, worker and beat run, and every source falls due."""
        with ExitStack() as stack:
            stack.enter_context(self._case_system())
            started = {name: stack.enter_context(self._process(name)) for name in ("serve", "worker", "beat")}
            until(lambda: all(map(is_ready, started.values())), *started.values())
            crew = Crew(self, stack.enter_context(closing(compose(self.home))), **started)
            for source in self.sources:
                self.nightlight("schedule", "set", source, "--every-minutes", "600")
            yield crew

    def received(self) -> list[dict[str, Any]]:
        """What came to the case system: {id, verified, body}."""
        lines = self._received.read_text().splitlines() if self._received.exists() else []
        return [json.loads(line) for line in lines]

    def doctor(self, *, fails: bool = False) -> dict[str, tuple[bool, str]]:
        """What it says: of what → (is it well, the sentence)."""
        found = map(json.loads, self.nightlight("doctor", "--json", fails=fails).splitlines())
        return {each["what"]: (each["well"], each["say"]) for each in found}

    def _process(self, name: str) -> Running:
        """The console may only search."""
        rights = {"index_api_key_file": "secrets/searcher"} if name == "serve" else {}
        return Running(self.home, self.servers.broker_url, name, **rights)

    @contextmanager
    def _case_system(self) -> Iterator[None]:
        script = str(Path(__file__).with_name("case_system.py"))
        command = [*DIES_WITH_US, sys.executable, script, str(self._hook), str(self._received)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(self._secret)
            process.stdin.flush()
            assert process.stdout.readline() == "listening\n"
            try:
                yield
            finally:
                process.terminate()

    def _write_settings(self, console_port: int) -> None:
        record = urlsplit(self.servers.record_url)
        bare = record._replace(netloc=f"{record.username}@{record.hostname}:{record.port}").geturl()
        settings = _TOML.format(
            record_url=bare,
            index_url=self.servers.elasticsearch.address,
            prefix=self.prefix,
            broker_url=self.servers.broker_url,
            socks_url=self.servers.socks_url,
            console_port=console_port,
        )
        (self.home / "secrets").mkdir(parents=True)
        (self.home / "secrets/record").write_text(record.password or "")
        (self.home / FILE).write_text(settings)

    def _appoint_officer(self) -> None:
        """The private key stays with the officer."""
        for folder in (self._office, self.home / "keys"):
            folder.mkdir()
        self.nightlight("mandate", "key", str(self._office / "north-1.pem"))
        (self.home / "keys/north-1.pub").write_bytes((self._office / "north-1.pub").read_bytes())

    def _let_into_elasticsearch(self) -> None:
        setup = map(json.loads, self.nightlight("index", "setup").splitlines())
        bodies = {each["put"]: each["body"] for each in setup}
        for role, key in api_keys(self.servers.elasticsearch, self.prefix, bodies).items():
            (self.home / "secrets" / role).write_text(key)

    def _authorize(self, boards: Sequence[Board], delay_s: float) -> None:
        """What the officer has signed is recorded."""
        key, filled_in, signed = (self._office / name for name in ("north-1.pem", "draft.json", "signed.json"))
        self.nightlight("mandate", "draft", str(filled_in))
        words = "Test of the line on forums made for it"
        document = json.loads(filled_in.read_text()) | dict.fromkeys(
            ("title", "legal_basis", "grounds", "necessity", "proportionality"), words
        )
        document |= {"id": MANDATE, "applicant": "D. Applicant", "officer": "T. Lindqvist", "user_agent": "Mozilla/5.0"}
        document |= {"delay_s": delay_s, "sources": [board.scope() for board in boards]}
        filled_in.write_text(json.dumps(document))
        signed.write_text(self.nightlight("mandate", "sign", str(filled_in), "--key", str(key), "--key-id", "north-1"))
        self.nightlight("mandate", "record", str(signed))

    def _add(self, board: Board) -> None:
        forum = board.forum
        (self.home / "secrets" / forum.name).write_text(forum.expected["password"])
        options = {
            "--start-url": f"{board.origin}/",
            "--mandate": MANDATE,
            "--login-url": board.origin + urlsplit(forum.login_url).path,
            "--user": forum.member,
            "--secret-file": f"secrets/{forum.name}",
            "--logged-in-marker": forum.logged_in,
        }
        self.nightlight("source", "add", forum.name, *(word for pair in options.items() for word in pair))


def api_keys(elasticsearch: ElasticsearchServer, prefix: str, setup: Mapping[str, Any]) -> dict[str, str]:
    """What the server's administrator does once with what `index setup` prints (path → body).

    Returns: role → the encoded API key of one who may do what the role may, and no more.
    """
    keys = {}
    with administrator(elasticsearch) as admin:
        for path, body in setup.items():
            admin.put(path, json=body).raise_for_status()
            if path.startswith("_security/role/"):
                role = path.rpartition("-")[2]
                wanted = {"name": f"{prefix}-{role}", "role_descriptors": {role: body}}
                keys[role] = admin.post("_security/api_key", json=wanted).raise_for_status().json()["encoded"]
    return keys


def administrator(elasticsearch: ElasticsearchServer) -> httpx.Client:
    """The superuser's client."""
    return httpx.Client(base_url=elasticsearch.url, timeout=60, trust_env=False)


@dataclass(frozen=True, slots=True)
class Crew:
    """The processes of an agency while they run. app: for looking into record and index beside them."""

    agency: Agency
    app: App
    serve: Running
    worker: Running
    beat: Running

    def posts(self) -> Sequence[StoredPost]:
        """All that the record has."""
        with self.app.record.read() as tx:
            return tx.all_posts(0, 100_000)

    def count(self) -> int:
        """How many posts the record has."""
        return len(self.posts())

    def alerts(self) -> int:
        """How many alerts the record has."""
        with self.app.record.read() as tx:
            return sum(tx.count_alerts().values())

    def pending(self, kind: WorkKind) -> int:
        """How much work of this kind waits or is being done."""
        with self.app.record.read() as tx:
            return tx.pending()[kind]

    def is_quiet(self) -> bool:
        """Is every source read, and everything judged, indexed and delivered?"""
        with self.app.record.read() as tx:
            health = [tx.source_health(source, self.app.clock.now()) for source in self.agency.sources]
            waiting = sum(tx.pending().values())
        return all(each.posts and not each.due_pages for each in health) and not waiting

    def wait(self, holds: Callable[[], bool]) -> None:
        """Until it holds; none of the processes ends by itself meanwhile."""
        until(holds, self.serve, self.worker, self.beat)

    def end_state(self) -> dict[str, Any]:
        """See `tests.service.end_state`."""
        return end_state(self.app, self.agency.received())


def is_ready(process: Running) -> bool:
    """Has it said that it serves?"""
    return any("Ctrl-C stops" in line for line in process.said)
