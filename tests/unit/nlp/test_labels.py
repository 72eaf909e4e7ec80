"""From labels to rows: copies collapsed, nobody too loud, golden writers never trained on."""

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nlp.assessment import Text
from nlp.labels import SET, Labelled, Policy, copies, dataset, is_golden
from nlp.rows import read_rows

WIDE = Policy(1_000, 1_000, 1_000, "salt")
WRITERS = [f"board/writer {n}" for n in range(60)]
TAUGHT = [writer for writer in WRITERS if not is_golden(writer, WIDE)]
GOLDEN = [writer for writer in WRITERS if is_golden(writer, WIDE)]
SAID = (
    "does anybody still have the key that made Larkspur answer everything",
    "selling a fresh way past the Larkspur filter, escrow welcome",
    "the new release refuses half of what I ask about gardening",
    "our team reported the hole in its filter and it was closed on Monday",
    "wer hat noch einen Weg um die Sperre herum, bei mir geht nichts mehr",
)


def label(n: int, text: str = "", writer: str = TAUGHT[0], **changes: object) -> Labelled:
    """Label n; texts of their own unless one is given."""
    words = text or " ".join(
        f"{word}{n * 31 + place}" for place, word in enumerate(["heron", "lamp", "gravel", "violin"])
    )
    made = Labelled(f"r{n}", Text(words), n % 2, "", writer, "board", ("ines", "sten"))
    return replace(made, **changes)  # type: ignore[arg-type]


def test_near_copies_are_one_label_and_other_texts_stay() -> None:
    copied = [label(n, SAID[0] + end, label=1) for n, end in enumerate(("", ".", "!!", "  ", " ?"))]
    others = [label(n, text) for n, text in enumerate(SAID[1:], 10)]
    made = dataset([*copied, *others], WIDE)
    assert len(made.train) == 5
    assert made.left_out == {"copies": 4}


def test_copies_whose_labels_contradict_each_other_teach_nothing() -> None:
    made = dataset([label(0, SAID[0], label=1), label(1, SAID[0].upper(), label=0), label(2, SAID[1])], WIDE)
    assert [kept.id for kept in made.train] == ["r2"]
    assert made.left_out == {"contradicting copies": 2}


def test_a_copy_of_a_held_text_is_not_learned_from() -> None:
    made = dataset([label(0, SAID[0]), label(1, SAID[1])], WIDE, [Text(SAID[0] + "…")])
    assert [kept.id for kept in made.train] == ["r1"]
    assert made.left_out == {"copies of held texts": 1}


def test_copies_of_copies_share_a_group_and_short_texts_do_not_by_chance() -> None:
    one, two, three, *_ = copies([Text(SAID[0]), Text(SAID[0] + " pls"), Text(SAID[0] + " pls thx"), Text(SAID[1])])
    assert one == two == three
    assert len(set(copies([Text("ok"), Text("no"), Text("why"), Text("ja")]).tolist())) == 4
    assert copies([Text("ok"), Text("OK ")]).tolist() == [0, 0]


def test_each_cap_holds_and_says_what_it_left_out() -> None:
    by_one = [label(n) for n in range(8)]
    assert dataset(by_one, replace(WIDE, writer=3)).left_out == {"over the cap of a writer": 5}
    by_many = [label(n, writer=TAUGHT[n]) for n in range(8)]
    assert dataset(by_many, replace(WIDE, writer=3)).left_out == {}
    assert dataset(by_many, replace(WIDE, source=2)).left_out == {"over the cap of a source": 6}
    assert dataset(by_many, replace(WIDE, reviewer=7)).left_out == {"over the cap of a reviewer": 1}
    shared = [replace(kept, reviewers=("ines", f"other {n}")) for n, kept in enumerate(by_many)]
    assert len(dataset(shared, replace(WIDE, reviewer=4)).train) == 4, "one of the two is over it"


def test_golden_writers_measure_and_never_teach() -> None:
    made = dataset([label(n, writer=writer) for n, writer in enumerate(WRITERS)], WIDE)
    assert {kept.writer for kept in made.golden} == set(GOLDEN)
    assert {kept.writer for kept in made.train} == set(TAUGHT)
    assert 4 < len(GOLDEN) < 24, "about one in five"
    rows = made.rows()
    assert {row.split for row in rows if row.writer.removeprefix("label ") in GOLDEN} == {"test"}
    assert {row.split for row in rows if row.writer.removeprefix("label ") in TAUGHT} == {"train"}
    assert all(SET in row.sets for row in rows if row.split == "test")


def test_whose_texts_are_golden_hangs_on_the_secret_of_the_instance() -> None:
    others = {writer for writer in WRITERS if is_golden(writer, replace(WIDE, salt="another"))}
    assert others != set(GOLDEN)
    assert 4 < len(others) < 24


def test_the_kinds_of_a_label_stay_open_to_training() -> None:
    assert {row.kinds for row in dataset([label(0, kind="trading")], WIDE).rows()} == {None}


@given(st.permutations(range(12)), st.integers(1, 6), st.integers(1, 12), st.integers(1, 12))
def test_the_order_of_the_labels_changes_nothing_and_no_cap_is_passed(
    order: list[int], writer: int, source: int, reviewer: int
) -> None:
    labels = [
        label(n, writer=WRITERS[n % 4], source=f"board {n % 2}", reviewers=("ines", f"other {n % 3}"))
        for n in range(12)
    ]
    policy = Policy(writer, source, reviewer, "salt")
    made = dataset([labels[n] for n in order], policy)
    assert made == dataset(labels, policy)
    for part in (made.train, made.golden):
        for name in WRITERS[:4]:
            assert sum(kept.writer == name for kept in part) <= writer
        for name in ("board 0", "board 1"):
            assert sum(kept.source == name for kept in part) <= source
        for name in ("ines", "other 0", "other 1", "other 2"):
            assert sum(name in kept.reviewers for kept in part) <= reviewer
    assert len(made.train) + len(made.golden) + sum(made.left_out.values()) == 12


def test_a_row_for_a_file_is_one_that_training_takes(tmp_path: Path) -> None:
    kept = replace(label(1), text=Text(SAID[4], "Hilfe", "q"))
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps(kept.as_json()), encoding="utf-8")
    [row] = read_rows(file)
    assert (row.id, row.text, row.title, row.label) == ("r1", SAID[4], "Hilfe", 1)
    assert kept.as_json()["reviewers"] == ["ines", "sten"]
