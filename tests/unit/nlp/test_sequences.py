"""Sequences of tokens are found where they stand, each of them, and nowhere else."""

from hypothesis import given
from hypothesis import strategies as st

from nlp.sequences import Sequences
from nlp.tokens import tokens

WORDS = st.sampled_from(["a", "b", "ab", "ba", "é", "越", "x1", "?"])
PHRASES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), max_size=6)


def found(sequences: list[str], text: str) -> list[tuple[int, int, int]]:
    return sorted(zip(*Sequences(sequences).find(tokens([text])).tolist(), strict=True))


@given(PHRASES, st.lists(WORDS, max_size=20).map(" ".join))
def test_what_is_found_is_what_comparing_token_by_token_finds(sequences: list[str], text: str) -> None:
    written = text.split()
    expected = [
        (number, first, first + len(parts) - 1)
        for number, parts in enumerate(sequence.split() for sequence in sequences)
        for first in range(len(written))
        if written[first : first + len(parts)] == parts
    ]
    assert found(sequences, text) == sorted(expected)


def test_equal_sequences_keep_their_numbers_and_none_finds_none() -> None:
    assert found(["b", "a b", "b"], "a b") == [(0, 1, 1), (1, 0, 1), (2, 1, 1)]
    assert found([], "a b") == []
    assert found(["a"], "") == []
