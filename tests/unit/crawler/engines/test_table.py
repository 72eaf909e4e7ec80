"""docs/engines.md: its table is what its command makes, and every engine meets its targets."""

import pytest

from benchmarks.engines import DOCS, RENDERED, Row, rows, table
from crawler.detect import KNOWN


@pytest.fixture(scope="module")
def measured() -> dict[str, Row]:
    return {row.engine: row for row in rows()}


def test_every_engine_has_pages(measured: dict[str, Row]) -> None:
    assert set(measured) == {engine.NAME for engine in KNOWN}
    assert min(row.posts for row in measured.values()) >= 10


@pytest.mark.parametrize("name", [engine.NAME for engine in KNOWN])
def test_an_engine_reads_its_software_right(measured: dict[str, Row], name: str) -> None:
    own = measured[name].own
    assert min(own.whole, own.authors, own.texts) >= (1.0 if name in RENDERED else 0.99)
    assert min(own.times, own.quotes) >= (1.0 if name in RENDERED else 0.98)


@pytest.mark.parametrize("name", [engine.NAME for engine in KNOWN])
def test_the_fallback_finds_nine_posts_in_ten_of_software_it_doesnt_know(measured: dict[str, Row], name: str) -> None:
    assert measured[name].fallback.whole >= 0.9


def test_the_page_shows_what_is_measured(measured: dict[str, Row]) -> None:
    assert table(list(measured.values())) in DOCS.read_text(encoding="utf-8")
