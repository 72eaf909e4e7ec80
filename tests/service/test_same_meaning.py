"""Whatever is asked, both indexes find the same documents, counts and places of words."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.adapters.fts_index import FtsIndex
from pipeline.domain.documents import Document
from pipeline.domain.query import And, Query, parse
from pipeline.ports import Index
from tests.contract.elastic import empty_index
from tests.contract.test_index import BASE, DAY

WORDS = [
    "lumen",
    "Lumen",
    "LÜMEN",
    "lu\u0308men",
    "filter",
    "фильтр",
    "safe-filter",
    "it's",
    "a_b",
    "漢字",
    "x²",
    "ß",
    "SS",
]
SIGNS = [" ", "-", ".", ", ", "\N{ROBOT FACE}", "\n", "<b>", "&amp;", "\u200b", "\u0336", "«", "…", "'"]
TERMS = [
    *WORDS,
    *("lum*", "LU*", "filt*", "safe-f*", "it's*", "漢*", '"lumen filter"', '"safe filter it"', '"a b"', '"s lumen"'),
    *("author:ann", "author:ÄNNE", "thread:T1", "kind:asking", "band:high", "status:new", "language:EN"),
    *("date:2026-11-18..2026-11-20", "date:2026-11-19"),
]
SEED, DOCUMENTS, SEARCHES = 20261126, 60, 300


def some_text(chance: random.Random) -> str:
    """Words with and without something between them."""
    parts = chance.choices(WORDS + SIGNS + [" "] * 8, k=chance.randrange(25))
    return chance.choice(["", " "]).join(parts)


def some_document(chance: random.Random, number: int) -> Document:
    """One in three on an alert, one in four without a shown time."""
    alerted = {"alert_id": "a", "alert_number": 1, "severity": "high", "status": "new"} if number % 3 == 0 else {}
    return replace(
        BASE,
        id=f"n{number}",
        title=some_text(chance),
        text=some_text(chance),
        author=("Ann", "Änne", "ann")[number % 3],
        published_at=DAY + timedelta(days=number) if number % 4 else None,
        **alerted,
    )


def some_search(chance: random.Random, depth: int = 3) -> str:
    """Terms, joined and nested."""
    if not depth or chance.random() < 0.3:
        return chance.choice(TERMS)
    joint = chance.choice([" ", " OR ", " -"])
    return f"({some_search(chance, depth - 1)}{joint}{some_search(chance, depth - 1)})"


def answer(index: Index, query: Query) -> object:
    """Everything but the order of what is equally relevant."""
    page = index.search(query, limit=DOCUMENTS)
    return {hit.document: hit.marks for hit in page.hits}, page.total, page.facets, page.days


def test_both_indexes_answer_alike(elasticsearch_url: str, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    documents = [some_document(chance, number) for number in range(DOCUMENTS)]
    searches = [some_search(chance) for _ in range(SEARCHES)]
    embedded = FtsIndex(tmp_path / "index.db", new=True)
    with empty_index(elasticsearch_url) as elastic:
        for index in (embedded, elastic):
            index.put(documents)
        totals = [elastic.search(parse(search)).total for search in searches]
        assert sum(0 < total < DOCUMENTS for total in totals) > SEARCHES / 2, "the searches tell documents apart"
        assert elastic.search(And(())).total == DOCUMENTS
        unlike = [each for each in searches if answer(embedded, parse(each)) != answer(elastic, parse(each))]
        assert unlike == []
