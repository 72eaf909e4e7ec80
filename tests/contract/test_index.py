"""ports.Index: what every search back end promises."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.documents import Document
from pipeline.domain.query import MAX_DEPTH, MAX_TERMS, parse
from pipeline.errors import BadInput, Corrupt
from pipeline.ports import Index

DAY = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
BASE = Document(
    id="d0",
    version=1,
    source_id="tallow-lane",
    thread_id="t1",
    post_id="p0",
    title="Questions about Lumen",
    author="Ann",
    text="Has anyone talked Lumen out of its filters?",
    language="en",
    published_at=DAY,
    captured_at=DAY + timedelta(days=1),
    score=0.5,
    kinds=("asking",),
)


def found(index: Index, text: str, **options: str) -> list[str]:
    """Ids in the order of the results."""
    return [hit.document.id for hit in index.search(parse(text), **options).hits]


@pytest.fixture
def filled(index: Index) -> Index:
    """Five posts of two sources."""
    index.put(
        [
            BASE,
            replace(BASE, id="d1", post_id="p1", author="Борис", text="Обход фильтра Lumen продаю", language="ru"),
            replace(
                BASE,
                id="d2",
                source_id="other-place",
                thread_id="t2",
                title="Rumours",
                text="The word filter was broken again, the safety filter too",
                score=0.9,
                kinds=("offering", "asking"),
                alert_id="a1",
                alert_number=7,
                severity="high",
                status="new",
                published_at=DAY + timedelta(days=3),
                spans=((4, 8, "offers-bypass"),),
            ),
            replace(BASE, id="d3", title="Rumours", text="Nothing to see in Übersicht", published_at=None, score=0.1),
            replace(BASE, id="d4", title="Cats", text="a unrelated safety first filter", score=0.2),
        ]
    )
    return index


def test_a_document_comes_back_as_it_was_put(filled: Index) -> None:
    hit = filled.search(parse("broken")).hits[0]
    assert hit.document.spans == ((4, 8, "offers-bypass"),)
    assert hit.document.kinds == ("offering", "asking")
    assert hit.document.published_at == DAY + timedelta(days=3)
    assert (hit.document.alert_id, hit.document.alert_number, hit.document.status) == ("a1", 7, "new")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"d0", "d1", "d2", "d3", "d4"}),
        ("lumen", {"d0", "d1"}),
        ("LUMEN broken", set()),
        ("lumen OR broken", {"d0", "d1", "d2"}),
        ('"safety filter"', {"d2"}),
        ("safety filter", {"d2", "d4"}),
        ("filt*", {"d0", "d2", "d4"}),
        ("filter -broken", {"d4"}),
        ("-lumen", {"d2", "d3", "d4"}),
        ("NOT (lumen OR broken)", {"d3", "d4"}),
        ("обход", {"d1"}),
        ("ubersicht", {"d3"}),
        ("author:борис", {"d1"}),
        ("source:OTHER-place", {"d2"}),
        ("kind:offering", {"d2"}),
        ("kind:asking -kind:offering", {"d0", "d1", "d3", "d4"}),
        ("band:high status:new", {"d2"}),
        ("language:ru OR broken", {"d1", "d2"}),
        ("thread:t2", {"d2"}),
        ("date:2026-11-18", {"d0", "d1", "d4"}),
        ("date:2026-11-19..", {"d2", "d3"}),
        ("(lumen OR rumours) -language:ru", {"d0", "d2", "d3"}),
        ('"NEAR(a b)" OR "col:x"', set()),
        ("it's", set()),
        ("lumen*", {"d0", "d1"}),
        ("LUM* -language:ru", {"d0"}),
        ("(lumen broken) OR (rumours -broken)", {"d3"}),
        ("-(-lumen)", {"d0", "d1"}),
        ("author:ann author:Борис", set()),
        ("thread:T2 OR kind:OFFERING", {"d2"}),
        ("date:0001..9999", {"d0", "d1", "d2", "d3", "d4"}),
        ("date:..2026-11-18", {"d0", "d1", "d4"}),
    ],
)
def test_a_search_finds_exactly_what_it_says(filled: Index, text: str, expected: set[str]) -> None:
    page = filled.search(parse(text))
    assert {hit.document.id for hit in page.hits} == expected
    assert page.total == len(expected)


@pytest.mark.parametrize(
    ("text", "searches", "not_searches"),
    [
        ("Ὀδυσσεύς ΟΔΟΣ", ["Ὀδυσσεύσ", "οδος", "ΟΔΟσ"], ["Οδυσσευς"]),
        ("Straße, STRAẞE", ["straße", "STRAẞE", "stra*"], ["strasse"]),
        ("naïve İstanbul Łódź Ångström", ["naive", "istanbul", "Łodz", "angstrom", "NAI*"], ["lodz"]),
        ("e\u0301clair cre\u0300me", ["éclair", "eclair", "ECL*", "crème"], ["clair", "me"]),
        ("стёкла Йод", ["Стёкла", "йод", "ЙО*"], ["стекла", "иод"]),
        ("lumen_filter 3.14 foo.example a-b", ["lumen", "filter", '"3 14"', "foo.example", "foo.ex*", "b"], ["b-a"]),
        ("it's don’t", ["it's", "s", "it's*", "don't", "don’t*"], ["its", "dont"]),
        ("漢字かな交じり文", ["漢字かな交じり文", "漢字*"], ["漢字", "かな"]),
        ("ﬁlter ② x² H₂O", ["ﬁlter", "②", "x²", "h₂o"], ["filter", "2", "x2", "h2o"]),
        ("l\u0336u\u0336men lu\u200bmen", ["l", "lu"], ["lumen"]),
        ("<b>bold</b> a&amp;b %41 \\u0041", ["b", "amp", "41", "u0041", "bold"], ["a41"]),
        ("𝔘𝔫𝔦 😀😀 ab", ["𝔘𝔫𝔦", "ab"], ["uni"]),
        ("lumen🫠 🤖filter🦾 ₿coin", ["lumen", "filter", "coin"], ["lumen🫠x"]),
    ],
)
def test_words_are_runs_of_letters_and_digits_without_case_or_latin_diacritics(
    index: Index, text: str, searches: list[str], not_searches: list[str]
) -> None:
    index.put([replace(BASE, title="", text=text)])
    assert [search for search in searches if found(index, search) != ["d0"]] == []
    assert [search for search in not_searches if found(index, search)] == []


def test_a_beginning_finds_every_word_however_many(index: Index) -> None:
    index.put([replace(BASE, id=f"d{i}", text=f"wort{i:04} and can't{i}") for i in range(1_200)])
    assert index.search(parse("WORT*")).total == 1_200
    assert index.search(parse("wort00*")).total == 100
    assert index.search(parse("can't11*")).total == 111


def test_a_search_as_long_and_as_deep_as_can_be_is_run(filled: Index) -> None:
    deep = "broken"
    for _ in range(MAX_DEPTH):
        deep = f"filter (zebra OR {deep} safety)"
    assert found(filled, f"zebra OR rumours {deep}") == ["d2"]
    assert found(filled, "-" * MAX_DEPTH + "broken") == ["d2"]
    assert filled.search(parse(" OR ".join(f'w{i}* "broken x{i}" ' for i in range(MAX_TERMS // 2)))).total == 0
    assert found(filled, " ".join(["brok*"] * MAX_TERMS)) == ["d2"]


def test_counts_cover_all_matches_not_only_the_page(filled: Index) -> None:
    page = filled.search(parse(""), limit=1)
    assert len(page.hits) == 1
    assert page.total == 5
    assert page.facets["source"] == {"tallow-lane": 4, "other-place": 1}
    assert page.facets["kind"] == {"asking": 5, "offering": 1}
    assert page.facets["band"] == {"high": 1}
    assert page.facets["status"] == {"new": 1}
    assert page.facets["language"] == {"en": 4, "ru": 1}
    assert page.days == {"2026-11-18": (3, 0), "2026-11-19": (1, 0), "2026-11-21": (1, 1)}


def test_pages_follow_one_another_without_gaps_or_repeats(filled: Index) -> None:
    for sort in ("relevance", "newest", "score"):
        pages = [filled.search(parse(""), 2, offset, sort).hits for offset in (0, 2, 4, 6)]
        assert [len(page) for page in pages] == [2, 2, 1, 0]
        assert {hit.document.id for page in pages for hit in page} == {"d0", "d1", "d2", "d3", "d4"}


def test_pages_go_as_deep_as_anybody_may_ask(index: Index) -> None:
    """Ten thousand results and more, with nothing missing from the answer or from the list of versions."""
    index.put([replace(BASE, id=f"n{i:05}", published_at=DAY + timedelta(seconds=i)) for i in range(10_030)])
    near = [index.search(parse("lumen"), 20, offset, "newest") for offset in (9_970, 9_990, 10_000, 10_040)]
    assert [page.total for page in near] == [10_030] * 4
    assert [hit.document.id for hit in near[0].hits] == [f"n{i:05}" for i in range(59, 39, -1)]
    assert [hit.document.id for hit in near[2].hits] == [f"n{i:05}" for i in range(29, 9, -1)]
    assert [len(page.hits) for page in near] == [20, 20, 20, 0]
    assert near[2].hits[0].marks == ((18, 23),)
    assert near[3].facets == near[0].facets
    assert len(index.versions()) == 10_030


def test_results_are_sorted_as_asked(filled: Index) -> None:
    assert found(filled, "", sort="newest")[:2] == ["d2", "d3"]
    assert found(filled, "", sort="score") == ["d2", "d0", "d1", "d4", "d3"]
    filled.put(
        [replace(BASE, id="d5", title="", text="broken " * 5), replace(BASE, id="d6", text="broken " + "x " * 90)]
    )
    assert found(filled, "broken", sort="relevance")[0] == "d5"
    assert found(filled, "broken", sort="relevance")[-1] == "d6"
    with pytest.raises(BadInput, match="sorted by"):
        filled.search(parse(""), sort="loudest")


def test_marks_are_code_point_offsets_into_the_text(index: Index) -> None:
    text = "𝔘𝔫 😀 Überblick: LUMEN, lumens and «Lumen» … safety filter"
    index.put([replace(BASE, text=text)])
    hit = index.search(parse('uberblick lumen "safety filter" -absent')).hits[0]
    assert [text[start:end] for start, end in hit.marks] == ["Überblick", "LUMEN", "Lumen", "safety filter"]
    assert [text[s:e] for s, e in index.search(parse("lumen*")).hits[0].marks] == ["LUMEN", "lumens", "Lumen"]
    assert index.search(parse("questions")).hits[0].marks == ()


def test_no_text_can_forge_marks(index: Index) -> None:
    text = "<em>lumen</em> \ufdd0 lumen \ufdd1 \x01lumen\x02 <mark>not</mark> &lt;b&gt; lumen\u202e"
    index.put([replace(BASE, text=text)])
    hit = index.search(parse("lumen")).hits[0]
    assert hit.document.text == text
    assert [text[start:end] for start, end in hit.marks] == ["lumen"] * 4


def test_a_text_of_any_length_is_found_and_fails_no_search(index: Index) -> None:
    long = "lumen " + "and so on " * 130_000
    index.put([replace(BASE, text=long + "epilogue"), replace(BASE, id="word", text="x" * 1_000_000 + " lumen")])
    hits = {hit.document.id: hit for hit in index.search(parse("lumen OR epilogue")).hits}
    assert hits["d0"].document.text == long + "epilogue"
    assert hits["d0"].marks[0] == (0, 5)
    assert hits["word"].marks in (((1_000_001, 1_000_006),), ())
    assert set(found(index, "epilogue")) == {"d0"}
    assert found(index, "xxx*") == ["word"]


def test_times_long_ago_and_names_without_end_come_back_as_they_were(index: Index) -> None:
    early = datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    late = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    name = "Ann" * 20_000
    index.put([replace(BASE, author=name, published_at=early), replace(BASE, id="late", published_at=late)])
    page = index.search(parse(""), sort="newest")
    assert [hit.document.published_at for hit in page.hits] == [late, early]
    assert page.hits[1].document.author == name
    assert page.days == {"0001-01-01": (1, 0), "9999-12-31": (1, 0)}
    assert found(index, "date:0001-01-01") == found(index, f"author:{name.lower()}") == ["d0"]
    assert found(index, "date:9999-12-31..") == ["late"]


def test_a_document_that_cannot_be_held_keeps_no_other_away(index: Index) -> None:
    bad = [
        replace(BASE, id="half", text="half a letter: \ud83d"),
        replace(BASE, id="nan", score=float("nan")),
        replace(BASE, id="huge", version=2**63),
    ]
    refused = {"half": "lone_surrogate", "nan": "score_not_finite", "huge": "version_out_of_range"}
    assert index.put([BASE, *bad, replace(BASE, id="d1")]) == refused
    assert set(index.versions()) == {"d0", "d1"}
    with pytest.raises(Corrupt, match=r"3 of its documents can't be in it.*half \(lone_surrogate\)"):
        index.rebuild([replace(BASE, id="d2"), *bad])
    assert set(index.versions()) == {"d2"}


def test_an_old_version_never_wins(index: Index) -> None:
    index.put([replace(BASE, version=5, text="newest words")])
    index.put([replace(BASE, version=4, text="stale words")])
    assert index.versions() == {"d0": 5}
    assert (found(index, "newest"), found(index, "stale")) == (["d0"], [])
    index.put([replace(BASE, version=6, text="later words", kinds=("boasting",))])
    assert (found(index, "newest"), found(index, "later"), found(index, "kind:asking")) == ([], ["d0"], [])


def test_the_same_version_with_other_words_replaces(index: Index) -> None:
    """A post without an alert keeps its version when another model judges it or its thread gets a new title."""
    index.put([BASE])
    index.put([replace(BASE, title="Another title", score=0.25)])
    assert (found(index, "questions"), found(index, "another")) == ([], ["d0"])
    assert index.search(parse("")).hits[0].document.score == 0.25


def test_putting_the_same_again_changes_nothing(filled: Index) -> None:
    before = filled.search(parse("filter"))
    filled.put([hit.document for hit in before.hits])
    assert filled.search(parse("filter")) == before


def test_a_deleted_document_is_found_no_more(filled: Index) -> None:
    assert found(filled, "broken") == ["d2"]
    filled.delete(["d2", "never-there"])
    assert found(filled, "broken") == []
    assert "d2" not in filled.versions()
    assert filled.search(parse("")).facets["kind"] == {"asking": 4}
    filled.put([replace(BASE, id="d2", text="wanted again")])
    assert (found(filled, "broken"), found(filled, "wanted")) == ([], ["d2"])


def test_a_rebuild_replaces_everything_and_counts(filled: Index) -> None:
    assert filled.rebuild(replace(BASE, id=f"n{i}") for i in range(1_203)) == 1_203
    assert set(filled.versions()) == {f"n{i}" for i in range(1_203)}
    assert filled.search(parse("lumen"), limit=3).total == 1_203


def test_searches_see_the_old_index_until_the_new_one_is_whole(filled: Index) -> None:
    seen: list[int] = []

    def slowly() -> Iterator[Document]:
        for i in range(1_200):
            if i % 400 == 0:
                seen.append(filled.search(parse("")).total)
            yield replace(BASE, id=f"n{i}")

    filled.rebuild(slowly())
    assert seen == [5, 5, 5]
    assert filled.search(parse("")).total == 1_200


def test_writes_during_a_rebuild_are_not_lost(filled: Index) -> None:
    """The rebuild reads a copy of the record that is older than what is put and deleted meanwhile."""

    def meanwhile() -> Iterator[Document]:
        yield from (replace(BASE, id=f"n{i}") for i in range(600))
        filled.put([replace(BASE, id="fresh"), replace(BASE, id="n1", version=9, text="decided meanwhile")])
        filled.delete(["d0", "n2", "unread"])
        filled.put([replace(BASE, id="d0", version=3, text="came back")])
        filled.delete(["d4"])
        filled.put([replace(BASE, id="n3", text="judged again meanwhile")])
        filled.delete(["d5"])
        yield from (replace(BASE, id=i) for i in ("d0", "d4", "n1", "n3", "d5", "unread"))

    filled.put([replace(BASE, id="d5")])
    filled.rebuild(meanwhile())
    assert found(filled, "judged") == ["n3"]
    assert found(filled, "decided") == ["n1"]
    assert found(filled, '"came back"') == ["d0"]
    assert "fresh" in filled.versions()
    assert not {"d4", "d5", "n2", "unread"} & set(filled.versions())


def test_searches_and_writes_go_on_while_rebuild_follows_rebuild(index: Index) -> None:
    """A search finds all that was put before it began, and after the last rebuild all that was ever put is there."""
    put, failures, done = ["p0"], list[object](), threading.Event()
    index.put([replace(BASE, id="p0")])

    def reading() -> None:
        try:
            while not done.is_set():
                least = len(put)
                total = index.search(parse("lumen"), limit=1).total
                if total < least:
                    failures.append((total, least))
        except Exception as error:
            failures.append(error)

    def writing() -> None:
        try:
            while not done.is_set():
                # the record knows it first, then the index
                known.append(f"p{len(known)}")
                index.put([replace(BASE, id=known[-1])])
                put.append(known[-1])
        except Exception as error:
            failures.append(error)

    def everything() -> Iterator[Document]:
        yield from (replace(BASE, id=each) for each in list(known))

    known = ["p0"]
    threads = [threading.Thread(target=each) for each in (reading, reading, writing)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    rebuilds = 0
    # a busy machine may give the writer few turns
    while (rebuilds < 8 or len(put) <= 8) and time.monotonic() < deadline:
        index.rebuild(everything())
        rebuilds += 1
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(put) > 8, "writes went on"
    assert set(index.versions()) == set(put)


def test_a_rebuild_that_breaks_leaves_the_old_index_and_can_be_repeated(filled: Index) -> None:
    def breaking() -> Iterator[Document]:
        yield from (replace(BASE, id=f"n{i}") for i in range(700))
        raise OSError("the record went away")

    with pytest.raises(OSError, match="went away"):
        filled.rebuild(breaking())
    assert set(filled.versions()) == {"d0", "d1", "d2", "d3", "d4"}
    assert filled.rebuild([replace(BASE, id="again")]) == 1
    assert set(filled.versions()) == {"again"}


def test_readers_and_writers_get_on_in_threads(index: Index) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for i in range(5):
                index.put([replace(BASE, id=f"{number}-{i}")])
                index.search(parse("lumen"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert index.search(parse("lumen")).total == 20
