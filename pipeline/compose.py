"""The one place where ports meet adapters."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crawler.keys import load_public_key
from crawler.mandate import Officer
from pipeline.adapters.crawl_process import ProcessRunner, Watcher
from pipeline.adapters.fts_index import FtsIndex
from pipeline.adapters.http_sender import HttpSender
from pipeline.adapters.record.record import SqlRecord
from pipeline.domain.retention import Retention
from pipeline.errors import Misconfigured
from pipeline.keys import instance_key, read_secret
from pipeline.line.mandate_book import Book
from pipeline.ports import Assessor, Clock, Index, Record, Sender
from pipeline.settings import Settings, load_settings


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """Everything an entry point needs, wired; the model is loaded when first used."""

    home: Path
    settings: Settings
    clock: Clock
    record: Record
    index: Index
    sender: Sender
    officers: dict[str, Officer]
    key: Ed25519PrivateKey

    @cached_property
    def assessor(self) -> Assessor:
        """The classifier. Raises: nlp.errors.Corrupt when its artifact isn't the one that was signed or pinned."""
        from nlp.classifier import Classifier  # heavy to import, and a crawl process never judges

        folder = self.home / "models" / self.settings.model if self.settings.model else None
        return Classifier.load(folder, public_key=self.key.public_key())

    @property
    def book(self) -> Book:
        """Mandates in force, judged afresh from the record."""
        return Book(self.record, self.officers)

    @property
    def salt(self) -> str:
        """What salts commitments to search words in the audit log; derived from the instance key, so never stored."""
        return hashlib.sha256(b"nightlight search salt" + self.key.private_bytes_raw()).hexdigest()

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
    """Wire the embedded back ends of an initialized home folder; the schema is brought up to date.

    Raises: Misconfigured: no home folder, a bad setting, a key that can't be read. Unavailable: the disk says no.
    """
    settings = settings or load_settings(home)
    key = instance_key(home)
    clock = SystemClock()
    record = SqlRecord(f"sqlite:///{home / 'record.db'}", clock=clock)
    record.migrate()
    return App(
        home=home,
        settings=settings,
        clock=clock,
        record=record,
        index=FtsIndex(home / "index.db", new=not _has_alerts(record)),
        sender=HttpSender(lambda name: read_secret(home, name)),
        officers=officers_of(home, settings),
        key=key,
    )


def _has_alerts(record: Record) -> bool:
    with record.read() as tx:
        return any(tx.count_alerts().values())


def crawl_runner(home: Path, watcher: Watcher | None = None) -> ProcessRunner:
    """Starts crawls of this home as processes of their own; watcher: told what each says of its progress."""
    return ProcessRunner(home, watcher)


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
