"""The embedded index: SQLite FTS5 in a file of its own, a projection of the record that can be dropped any time.

Every call opens the file afresh, so a rebuilt or replaced file is seen at once by every process.
"""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from pipeline.adapters import fts_search, fts_tables
from pipeline.domain.documents import Document, SearchPage, left_out, sift
from pipeline.domain.query import Query
from pipeline.errors import BadInput, Unavailable

BUSY_S = 15
BATCH = 500
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY")
_DAMAGED = ("malformed", "not a database", "no such table", "vtable constructor", "fts5: corrupt")
_CURE = "rebuild it with: nightlight index rebuild"


class FtsIndex:
    """ports.Index. A file that is missing, vanishes or breaks is Unavailable until a rebuild: never fewer results."""

    def __init__(self, path: Path, *, new: bool) -> None:
        """new: there is nothing to find yet, so a missing file is made, empty."""
        self._path = path
        if new and (not path.exists() or not path.stat().st_size):
            self._create()

    def put(self, documents: Sequence[Document]) -> Mapping[str, str]:
        """Into the live generation, and into the one that a rebuild fills."""
        fit, refused = sift(documents)
        with self._writing() as db:
            db.executemany("DELETE FROM gone WHERE id = ?", [(document.id,) for document in fit])
            for generation in fts_tables.aliases(db).values():
                for document in fit:
                    fts_tables.put(db, generation, document)
        return refused

    def delete(self, ids: Sequence[str]) -> None:
        """From every generation; a rebuild that read one of them earlier doesn't bring it back."""
        with self._writing() as db:
            aliases = fts_tables.aliases(db)
            if "next" in aliases:
                db.executemany("INSERT OR IGNORE INTO gone VALUES (?)", [(document_id,) for document_id in ids])
            for generation in aliases.values():
                fts_tables.delete(db, generation, ids)
        self._shrink()

    def search(self, query: Query, limit: int = 20, offset: int = 0, sort: str = "relevance") -> SearchPage:
        """One page, everything counted over one snapshot."""
        if sort not in fts_search.ORDERS:
            raise BadInput(f"Results are sorted by {', '.join(fts_search.ORDERS)}")
        with self._reading() as db:
            return fts_search.search(db, fts_tables.aliases(db)["live"], query, limit, offset, sort)

    def versions(self) -> Mapping[str, int]:
        """Of the live generation."""
        with self._reading() as db:
            live = fts_tables.aliases(db)["live"]
            return dict(db.execute(fts_tables.at("SELECT id, version FROM doc_{g}", live)).fetchall())

    def rebuild(self, documents: Iterable[Document]) -> int:
        """A damaged file is replaced by an empty one first. While another rebuild runs, it is Unavailable."""
        with self._only_rebuild():
            if self._is_damaged():
                self._remove()
            self._create()
            generation = self._begin_next()
            rest = iter(documents)
            refused: dict[str, str] = {}
            while batch := list(islice(rest, BATCH)):
                refused |= self._fill(generation, batch)
            count = self._swap(generation)
        if refused:
            raise left_out(refused)
        return count

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _fill(self, generation: int, batch: Sequence[Document]) -> dict[str, str]:
        """What was put meanwhile is never older than what is read here, so an equal version of it stays."""
        fit, refused = sift(batch)
        with self._writing() as db:
            for document in fit:
                if not fts_tables.is_settled(db, generation, document):
                    fts_tables.put(db, generation, document)
        return refused

    def _begin_next(self) -> int:
        """An empty generation beside the live one; what an interrupted rebuild left goes away."""
        with self._writing() as db:
            aliases = fts_tables.aliases(db)
            generation = max(aliases.values()) + 1
            if "next" in aliases:
                fts_tables.drop_generation(db, aliases["next"])
            db.execute("DELETE FROM gone")
            fts_tables.create_generation(db, generation)
            db.execute("INSERT OR REPLACE INTO alias VALUES ('next', ?)", (generation,))
        return generation

    def _swap(self, generation: int) -> int:
        """Searches see the new generation from this commit on."""
        with self._writing() as db:
            fts_tables.drop_generation(db, fts_tables.aliases(db)["live"])
            db.execute("DELETE FROM gone")
            db.execute("DELETE FROM alias WHERE name = 'next'")
            db.execute("UPDATE alias SET generation = ? WHERE name = 'live'", (generation,))
            count = db.execute(fts_tables.at("SELECT count(*) FROM doc_{g}", generation)).fetchone()[0]
        self._shrink()
        return int(count)

    def _is_damaged(self) -> bool:
        try:
            with self._reading() as db:
                live = fts_tables.aliases(db)["live"]
                fts_search.search(db, live, fts_search.EVERYTHING, 1, 0, "newest")
                return bool(db.execute("PRAGMA quick_check").fetchone()[0] != "ok")
        except Unavailable as error:
            return _CURE in str(error)

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _create(self) -> None:
        with self._translated(), closing(self._connect("rwc")) as db:
            db.execute("BEGIN IMMEDIATE")
            fts_tables.create(db)
            db.execute("COMMIT")

    def _shrink(self) -> None:
        """Leave no erased words in the write-ahead log; a reader in its way makes it wait for the next time."""
        with self._translated(), closing(self._connect("rw")) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._translated(), closing(self._connect("rw")) as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._translated(), closing(self._connect("rw")) as db:
            db.execute("BEGIN")
            yield db

    def _connect(self, mode: str) -> sqlite3.Connection:
        if mode != "rwc" and not self._path.exists():
            raise Unavailable(f"The search index {self._path} is gone; {_CURE}")
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        db = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
        db.row_factory = sqlite3.Row
        try:
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            db.close()
            raise
        return db

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's own words may repeat the search, so they go nowhere."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise Unavailable(self._sentence(str(error))) from None

    def _sentence(self, said: str) -> str:
        if any(words in said for words in _DAMAGED):
            return f"The search index {self._path} is damaged; {_CURE}"
        if "full" in said:
            return f"The disk that holds {self._path} is full; free some space, the index catches up by itself"
        return f"The search index {self._path} can't be used now; check its disk and permissions, then try again"

    @contextmanager
    def _only_rebuild(self) -> Iterator[None]:
        """One rebuild at a time; the lock ends with the process that holds it."""
        try:
            file = self._path.with_name(self._path.name + ".rebuild").open("w")
        except OSError as error:
            raise Unavailable(f"The folder of {self._path} can't be written; check its permissions") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable("Another rebuild of the search index is running; wait for it to end") from error
            yield
