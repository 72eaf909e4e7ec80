"""What works on this machine, what is missing, and how to get it."""

import socket
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from nlp.errors import NlpError
from pipeline.compose import broker, index_health, model_health, officers_of, record_health, sealed_terms
from pipeline.errors import NightlightError, Unavailable
from pipeline.keys import instance_key
from pipeline.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined. say: what it is, or what to do."""

    what: str
    well: bool
    say: str


def examine(home: Path) -> list[Finding]:
    """Examine the home folder; the settings first, since the rest hangs on them."""
    findings = [_finding("home", lambda: _home(home)), _finding("settings", lambda: _settings(home))]
    try:
        settings = load_settings(home)
    except NightlightError:
        return findings
    return [
        *findings,
        _finding("officers", lambda: _officers(home, settings)),
        _finding("model", lambda: model_health(home, settings)),
        _finding("sealed lists", lambda: _sealed(home, settings)),
        _finding("record", lambda: record_health(home, settings)),
        _finding("search", lambda: index_health(home, settings) if settings.index_url else _fts5()),
        _finding("broker", lambda: _broker(home, settings)),
        _finding("tor", lambda: _tor(settings)),
    ]


def _finding(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except (NightlightError, NlpError) as error:
        return Finding(what, False, str(error))


def _home(home: Path) -> str:
    instance_key(home)
    return str(home)


def _settings(home: Path) -> str:
    load_settings(home)
    return "every setting can be used"


def _officers(home: Path, settings: Settings) -> str:
    officers = officers_of(home, settings)
    return (
        f"{len(officers)} known" if officers else "none known; list one in nightlight.toml before mandates are recorded"
    )


def _sealed(home: Path, settings: Settings) -> str:
    terms = len(sealed_terms(home, settings))
    return f"{len(settings.sealed_lists)} with {terms} terms" if settings.sealed_lists else "none"


def _fts5() -> str:
    with sqlite3.connect(":memory:") as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
        except sqlite3.OperationalError as error:
            raise Unavailable("This Python's SQLite has no FTS5; use a Python whose SQLite has it") from error
    return f"SQLite {sqlite3.sqlite_version} with FTS5"


def _broker(home: Path, settings: Settings) -> str:
    return broker(home, settings).check() if settings.broker_url else "not set; nightlight serve does all the work"


def _tor(settings: Settings) -> str:
    if not settings.socks_url:
        return "not set; onion sources need socks_url, such as socks5h://127.0.0.1:9050"
    place = urlsplit(settings.socks_url)
    try:
        socket.create_connection((place.hostname or "", place.port or 0), 5).close()
    except (OSError, ValueError) as error:
        raise Unavailable(f"Nothing answers at {settings.socks_url}; start Tor or correct socks_url") from error
    return f"something answers at {settings.socks_url}"
