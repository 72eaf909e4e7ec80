"""Tables of the embedded index: one generation of documents is live, another may grow beside it."""

import json
import sqlite3
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pipeline.domain.documents import Document

VERSION = 1
_ALIASES = """
CREATE TABLE alias (name TEXT PRIMARY KEY, generation INTEGER NOT NULL);
CREATE TABLE gone (id TEXT PRIMARY KEY);
"""
_GENERATION = (
    # the long columns last: counting reads the short ones and never leaves the first page of a row
    """
    CREATE TABLE doc_{g} (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, source_id TEXT NOT NULL,
        thread_id TEXT NOT NULL, language TEXT NOT NULL, alert_id TEXT NOT NULL, alert_number INTEGER NOT NULL,
        severity TEXT NOT NULL, status TEXT NOT NULL, score REAL NOT NULL, day TEXT NOT NULL, moment TEXT NOT NULL,
        author_folded TEXT NOT NULL, author TEXT NOT NULL, post_id TEXT NOT NULL, published_at TEXT,
        captured_at TEXT NOT NULL, kinds TEXT NOT NULL, spans TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL
    )
    """,
    "CREATE TABLE kind_{g} (doc INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (doc, kind)) WITHOUT ROWID",
    """
    CREATE VIRTUAL TABLE fts_{g} USING fts5(
        title, text, content='doc_{g}', content_rowid='n',
        tokenize="unicode61 remove_diacritics 2 separators '{separators}'"
    )
    """,
)
# SQLite knows the signs of Unicode 6.1 and takes later ones, such as most emoji, for letters
_SEPARATORS = "".join(char for char in map(chr, range(0x80, 0x20000)) if unicodedata.category(char)[0] in "PS")
_PUT = """
    INSERT OR REPLACE INTO doc_{g} (
        n, id, version, source_id, thread_id, post_id, title, author, author_folded, text, language, published_at,
        captured_at, moment, day, score, kinds, alert_id, alert_number, severity, status, spans
    ) VALUES (
        :n, :id, :version, :source_id, :thread_id, :post_id, :title, :author, :author_folded, :text, :language,
        :published_at, :captured_at, :moment, :day, :score, :kinds, :alert_id, :alert_number, :severity, :status, :spans
    )
"""
_UNINDEX = "INSERT INTO fts_{g} (fts_{g}, rowid, title, text) VALUES ('delete', ?, ?, ?)"


def at(sql: str, generation: int) -> str:
    """The statement for one generation."""
    return sql.replace("{g}", str(generation))


def create(db: sqlite3.Connection) -> None:
    """Make an empty index unless there is one; inside a transaction."""
    if db.execute("PRAGMA user_version").fetchone()[0]:
        return
    for statement in filter(None, map(str.strip, _ALIASES.split(";"))):
        db.execute(statement)
    create_generation(db, 1)
    db.execute("INSERT INTO alias VALUES ('live', 1)")
    db.execute(f"PRAGMA user_version = {VERSION}")


def create_generation(db: sqlite3.Connection, generation: int) -> None:
    """Empty tables beside the others."""
    for statement in _GENERATION:
        db.execute(at(statement, generation).replace("{separators}", _SEPARATORS))


def drop_generation(db: sqlite3.Connection, generation: int) -> None:
    """Take a generation away."""
    for table in ("fts_{g}", "kind_{g}", "doc_{g}"):
        db.execute(at("DROP TABLE IF EXISTS " + table, generation))


def aliases(db: sqlite3.Connection) -> dict[str, int]:
    """Generation by name: "live", and "next" during a rebuild."""
    return dict(db.execute("SELECT name, generation FROM alias").fetchall())


def put(db: sqlite3.Connection, generation: int, document: Document) -> None:
    """Insert or replace, unless a greater version is there; text that stayed the same isn't indexed again."""
    before = db.execute(
        at("SELECT n, version, title, text FROM doc_{g} WHERE id = ?", generation), (document.id,)
    ).fetchone()
    if before and before[1] > document.version:
        return
    same = before and (before[2], before[3]) == (document.title, document.text)
    if before and not same:
        db.execute(at(_UNINDEX, generation), (before[0], before[2], before[3]))
    n = db.execute(at(_PUT, generation), {"n": before[0] if before else None} | _values(document)).lastrowid
    if not same:
        db.execute(
            at("INSERT INTO fts_{g} (rowid, title, text) VALUES (?, ?, ?)", generation),
            (n, document.title, document.text),
        )
    db.execute(at("DELETE FROM kind_{g} WHERE doc = ?", generation), (n,))
    kinds = [(n, kind) for kind in dict.fromkeys(document.kinds)]
    db.executemany(at("INSERT INTO kind_{g} VALUES (?, ?)", generation), kinds)


def is_settled(db: sqlite3.Connection, generation: int, document: Document) -> bool:
    """Was it deleted during this rebuild, or is this version or a later one there?"""
    gone = db.execute("SELECT 1 FROM gone WHERE id = ?", (document.id,))
    there = at("SELECT 1 FROM doc_{g} WHERE id = ? AND version >= ?", generation)
    return bool(gone.fetchone() or db.execute(there, (document.id, document.version)).fetchone())


def delete(db: sqlite3.Connection, generation: int, ids: Iterable[str]) -> None:
    """Take documents away and merge the full-text segments, so that no trace of their words is left in them."""
    for document_id in ids:
        row = db.execute(at("SELECT n, title, text FROM doc_{g} WHERE id = ?", generation), (document_id,)).fetchone()
        if row:
            db.execute(at(_UNINDEX, generation), row)
            db.execute(at("DELETE FROM kind_{g} WHERE doc = ?", generation), row[:1])
            db.execute(at("DELETE FROM doc_{g} WHERE n = ?", generation), row[:1])
    db.execute(at("INSERT INTO fts_{g} (fts_{g}) VALUES ('optimize')", generation))


def document(row: sqlite3.Row) -> Document:
    """A stored row as it was put."""
    return Document(
        **{name: row[name] for name in _PLAIN},
        published_at=datetime.fromisoformat(row["published_at"]) if row["published_at"] else None,
        captured_at=datetime.fromisoformat(row["captured_at"]),
        kinds=tuple(json.loads(row["kinds"])),
        spans=tuple((start, end, reason) for start, end, reason in json.loads(row["spans"])),
    )


_PLAIN = (
    *("id", "version", "source_id", "thread_id", "post_id", "title", "author", "text", "language", "score"),
    *("alert_id", "alert_number", "severity", "status"),
)


def _values(document: Document) -> dict[str, Any]:
    published = _iso(document.published_at) if document.published_at else None
    captured = _iso(document.captured_at)
    moment = published or captured
    return {name: getattr(document, name) for name in _PLAIN} | {
        "author_folded": document.author.casefold(),
        "published_at": published,
        "captured_at": captured,
        "moment": moment,
        "day": moment[:10],
        "kinds": json.dumps(document.kinds),
        "spans": json.dumps(document.spans),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
