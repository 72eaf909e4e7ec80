"""The one place where ports meet adapters."""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.keys import load_public_key
from crawler.mandate import Officer
from pipeline.adapters.crawl_process import ProcessRunner, Watcher
from pipeline.adapters.fts_index import FtsIndex
from pipeline.adapters.http_sender import HttpSender
from pipeline.adapters.judges import Judges
from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.retention import Retention
from pipeline.domain.work import WorkKind
from pipeline.errors import Misconfigured, Unavailable
from pipeline.keys import instance_key, read_secret
from pipeline.line.mandate_book import Book
from pipeline.ports import Assessor, Clock, Index, Record, Sender
from pipeline.processes import Broker
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from nlp.classifier import Classifier
    from nlp.sealed import Sealed

RECORD = "record.db"
"""The record's file in the home folder, unless it is on a server."""

MODELS = "models"
"""The folder of models trained here, in the home folder."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """Everything an entry point needs, wired; a model is loaded when first used."""

    home: Path
    settings: Settings
    clock: Clock
    record: Record
    index: Index
    sender: Sender
    officers: dict[str, Officer]
    key: Ed25519PrivateKey
    judges: Judges

    @property
    def assessor(self) -> Assessor:
        """The model in force at this moment, with the agency's terms and threshold.

        Raises: Unavailable: it can't be used. nlp.errors.Corrupt: a sealed list doesn't open.
        """
        return self.judges.in_force()

    @property
    def shadow(self) -> Assessor | None:
        """The model that judges in its shadow, if any, with the same additions. Raises: as `assessor`."""
        return self.judges.in_shadow()

    @property
    def models(self) -> Path:
        """Where models trained here are."""
        return self.home / MODELS

    @property
    def book(self) -> Book:
        """Mandates in force, judged afresh from the record."""
        return Book(self.record, self.officers)

    @property
    def salt(self) -> str:
        """What salts commitments to search words in the audit log; derived from the instance key, so never stored."""
        return hashlib.sha256(b"nightlight search salt" + self.key.private_bytes_raw()).hexdigest()

    @property
    def golden_salt(self) -> str:
        """What decides whose labels only measure; derived like `salt`."""
        return hashlib.sha256(b"nightlight golden salt" + self.key.private_bytes_raw()).hexdigest()

    @property
    def console_url(self) -> str:
        """Where people open the console."""
        return self.settings.console_url or f"http://{self.settings.console_host}:{self.settings.console_port}"

    @property
    def retention(self) -> Retention:
        """How long what is kept."""
        return Retention(self.settings.unflagged_days)

    def close(self) -> None:
        """Close files and connections."""
        self.record.close()
        self.index.close()


def compose(home: Path, settings: Settings | None = None) -> App:
    """Wire the back ends that the settings of an initialized home folder choose; the schema is brought up to date.

    Raises: Misconfigured: no home folder, a bad setting, a key that can't be read. Unavailable: the disk says no.
    """
    settings = settings or load_settings(home)
    key = instance_key(home)
    clock = SystemClock()
    record = _record(home, settings, clock)
    record.migrate()
    return App(
        home=home,
        settings=settings,
        clock=clock,
        record=record,
        index=_index(home, settings, new=_is_unfilled(record)),
        sender=HttpSender(lambda name: read_secret(home, name), own_machine=settings.local_endpoints),
        officers=officers_of(home, settings),
        key=key,
        judges=Judges(record, home / MODELS, key.public_key(), partial(_equipped, home, settings)),
    )


def _record(home: Path, settings: Settings, clock: Clock) -> SqlRecord:
    url = settings.record_url or f"sqlite:///{home / RECORD}"
    password = read_secret(home, settings.record_password_file) if settings.record_password_file else ""
    try:
        return SqlRecord(url, clock=clock, password=password)
    except ImportError as error:
        raise Misconfigured("record_url needs the extra `servers`: pip install 'nightlight[servers]'") from error


def record_health(home: Path, settings: Settings) -> str:
    """What there is to say of the record's database. Raises: Misconfigured, Unavailable: what to do."""
    if not settings.record_url and not (home / RECORD).exists():
        raise Unavailable(f"There is no {home / RECORD} yet; make it with: nightlight init")
    with closing(_record(home, settings, SystemClock())) as record:
        return record.health()


def model_health(home: Path, settings: Settings) -> str:
    """Which model is in force. Raises: Misconfigured, Unavailable: what to do."""
    record_health(home, settings)
    with closing(_record(home, settings, SystemClock())) as record:
        judges = Judges(record, home / MODELS, instance_key(home).public_key(), partial(_equipped, home, settings))
        return judges.in_force().model_id


def _index(home: Path, settings: Settings, *, new: bool) -> Index:
    if not settings.index_url:
        return FtsIndex(home / "index.db", new=new)
    client = _elasticsearch(home, settings)
    from pipeline.adapters.elastic.index import ElasticIndex  # in the extra `servers`, as its client

    return ElasticIndex(client, settings.index_prefix, new=new)


def _elasticsearch(home: Path, settings: Settings) -> "Elasticsearch":
    try:
        from pipeline.adapters.elastic.client import connect
    except ImportError as error:
        raise Misconfigured("index_url needs the extra `servers`: pip install 'nightlight[servers]'") from error
    key = read_secret(home, settings.index_api_key_file) if settings.index_api_key_file else ""
    authority = home / settings.index_ca_file if settings.index_ca_file else None
    if authority and not authority.is_file():
        raise Misconfigured(f"There is no {authority}; put the certificate there or correct index_ca_file")
    return connect(settings.index_url, key, authority)


def index_health(home: Path, settings: Settings) -> str:
    """What there is to say of Elasticsearch and the index in it. Raises: Misconfigured, Unavailable."""
    with _elasticsearch(home, settings) as client:
        from pipeline.adapters.elastic.health import health

        return health(client, settings.index_prefix)


def index_setup(settings: Settings) -> Mapping[str, object]:
    """What an administrator PUTs into Elasticsearch: path → body."""
    from pipeline.adapters.elastic.names import Names, setup

    return setup(Names(settings.index_prefix))


def _is_unfilled(record: Record) -> bool:
    """Whether every alert still waits to be indexed, as before the index is made: an empty one then lacks nothing."""
    with record.read() as tx:
        return tx.pending()[WorkKind.INDEX_ALERT] >= sum(tx.count_alerts().values())


def sealed_terms(home: Path, settings: Settings) -> "Sealed":
    """The sealed lists of this home, opened. Raises: nlp.errors.Corrupt: one doesn't open, and why."""
    from nlp.sealed import open_files  # heavy to import

    lists = settings.sealed_lists.items()
    return open_files({name: (home / entry.file, home / entry.key_file) for name, entry in lists})


def _equipped(home: Path, settings: Settings, model: "Classifier") -> "Classifier":
    return model.with_sealed(sealed_terms(home, settings)).flagging_from(settings.flag_from)


def crawl_runner(home: Path, watcher: Watcher | None = None) -> ProcessRunner:
    """Starts crawls of this home as processes of their own; watcher: told what each says of its progress."""
    return ProcessRunner(home, watcher)


def broker(home: Path, settings: Settings) -> Broker:
    """What wakes workers. Raises: Misconfigured when none is set, or its client isn't installed."""
    if not settings.broker_url:
        raise Misconfigured("This needs Redis; set broker_url, or run nightlight serve, which needs none")
    try:
        from pipeline.adapters.celery_broker import CeleryBroker  # in the extra `servers`
    except ImportError as error:
        raise Misconfigured("broker_url needs the extra `servers`: pip install 'nightlight[servers]'") from error
    password = read_secret(home, settings.broker_password_file) if settings.broker_password_file else ""
    return CeleryBroker(
        settings.broker_url, password, home / settings.broker_ca_file if settings.broker_ca_file else None
    )


def officers_of(home: Path, settings: Settings) -> dict[str, Officer]:
    """The officers whose signatures count, with their public keys read from their files."""
    officers = {}
    for key_id, entry in settings.officers.items():
        try:
            public_key = load_public_key((home / entry.public_key_file).read_bytes())
        except (OSError, ValueError) as error:
            raise Misconfigured(
                f"The public key of officer {entry.name!r} can't be read from {home / entry.public_key_file}; "
                "put the PEM file there or correct nightlight.toml"
            ) from error
        officers[key_id] = Officer(entry.name, public_key)
    return officers
