"""One search over one generation: matches, exact counts, a page of hits with the places of the words."""

import sqlite3

from pipeline.adapters.fts_query import condition, sought
from pipeline.adapters.fts_tables import at, document
from pipeline.domain.documents import Hit, SearchPage
from pipeline.domain.query import And, Query

EVERYTHING = And(())
ORDERS = {
    "relevance": "coalesce(r.rank, 0), m.moment DESC, m.n",
    "newest": "m.moment DESC, m.n",
    "score": "m.score DESC, m.moment DESC, m.n",
}
_MATCHED = """
    CREATE TEMP TABLE matched AS
    SELECT d.n, d.source_id, d.severity, d.status, d.language, d.day, d.moment, d.score, d.alert_id != '' AS alerted
    FROM doc_{g} d WHERE {where}
"""
_RANKED = """
    CREATE TEMP TABLE ranked AS
    SELECT rowid AS n, bm25(fts_{g}, 2.0, 1.0) AS rank FROM fts_{g} WHERE fts_{g} MATCH ?
"""
_PAGE = """
    SELECT d.* FROM matched m JOIN doc_{g} d ON d.n = m.n LEFT JOIN ranked r ON r.n = m.n
    ORDER BY {order} LIMIT ? OFFSET ?
"""
_HIGHLIGHT = "SELECT highlight(fts_{g}, 1, ?, ?) FROM fts_{g} WHERE fts_{g} MATCH ? AND rowid = ?"
_FACETS = {"source": "source_id", "band": "severity", "status": "status", "language": "language"}
_FACET = "SELECT {column}, count(*) FROM matched WHERE {column} != '' GROUP BY 1 ORDER BY 2 DESC, 1"
_KINDS = """
    SELECT k.kind, count(*) FROM matched m JOIN kind_{g} k ON k.doc = m.n GROUP BY 1 ORDER BY 2 DESC, 1
"""
_DAYS = "SELECT day, count(*), sum(alerted) FROM matched GROUP BY 1 ORDER BY 1"
_MARKERS = [chr(code) for code in range(0xFDD0, 0xFDF0)]
"""Noncharacters: Unicode keeps them for uses like this one, so texts hardly ever hold them."""


def search(db: sqlite3.Connection, generation: int, query: Query, limit: int, offset: int, sort: str) -> SearchPage:
    """Inside a transaction of a connection that nobody uses afterwards."""
    where, wanted = condition(query), sought(query)
    db.execute(at(_MATCHED.replace("{where}", where.sql), generation), where.parameters)
    db.execute(at(_RANKED, generation), ((sort == "relevance" and wanted) or '""',))
    rows = db.execute(at(_PAGE.replace("{order}", ORDERS[sort]), generation), (limit, offset)).fetchall()
    return SearchPage(
        hits=tuple(Hit(document(row), _marks(db, generation, wanted, row)) for row in rows),
        total=db.execute("SELECT count(*) FROM matched").fetchone()[0],
        facets=_facets(db, generation),
        days={day: (posts, alerted) for day, posts, alerted in db.execute(_DAYS)},
    )


def _facets(db: sqlite3.Connection, generation: int) -> dict[str, dict[str, int]]:
    found = {name: dict(db.execute(_FACET.replace("{column}", column)).fetchall()) for name, column in _FACETS.items()}
    return found | {"kind": dict(db.execute(at(_KINDS, generation)).fetchall())}


def _marks(db: sqlite3.Connection, generation: int, wanted: str, row: sqlite3.Row) -> tuple[tuple[int, int], ...]:
    """Code-point offsets of the wanted words in the text."""
    free = [marker for marker in _MARKERS if marker not in row["text"]]
    if not wanted or len(free) < 2:
        return ()
    opening, closing = free[:2]
    found = db.execute(at(_HIGHLIGHT, generation), (opening, closing, wanted, row["n"])).fetchone()
    before, *parts = found[0].split(opening) if found else [""]
    marks, position = [], len(before)
    for part in parts:
        marks.append((position, position + part.index(closing)))
        position += len(part) - 1
    return tuple(marks)
