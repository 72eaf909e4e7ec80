"""From texts to numbers, many at once: hashed words, hashed letter groups, and which concepts stand together.

The third block is what carries over to talk unlike the corpus: "looking for" beside "uncensored" means the same in any
forum. Training and judging read texts with this code alone.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.assessment import Text
from nlp.lexicon import BYPASS, DISGUISED, Hit, Hits, plain
from nlp.normalize import Normalized, Normalizer
from nlp.normalize.folding import english
from nlp.rules import GATES
from nlp.seen import seen
from nlp.tokens import SPACE, Codes, Places, Tokens, tokens

# Raised when the same text gives other numbers than before: models trained earlier no longer fit.
VERSION = 5
WORD_BITS = 17
CHAR_BITS = 17

Mask = NDArray[np.bool_]


class Block(NamedTuple):
    """Columns of one kind that texts have, one text after the other.

    columns: (found,) their numbers. bounds: (texts + 1,) where each text's begin. places: (found,) where each stands:
    of words twice the token, and 1 more for a pair; of letters three times the place in the codes, and 0 to 2 for the
    size.
    """

    columns: NDArray[np.int32]
    bounds: Places
    places: Places


_CORE = ("jailbreak", "uncensored", "safeguard", "evade", "access", "disguise")
_CONTEXT = ("jailbreak", "uncensored", "safeguard", "ai", "phone", "trade")
_NEAR_CHARS = 40
_ASIDE = np.float32(0.3)
_NEAR_HITS = 8
_MAX_CONTEXT_CHARS = 2000
LETTERS = (3, 4, 5)
# Odd multipliers of the rolling hashes (Knuth's golden ratio and murmur3's).
_ROLL = np.uint32(0x9E3779B1)
_MIX = np.uint32(0x85EBCA6B)


@dataclass(frozen=True)
class Batch:
    """Texts made ready for judging.

    read: each normalized. tokens, hits: of the texts, and after them of their titles and quotes. heads: (texts,) the
    number among `tokens` of each text's title and quotes, -1 where it has none.
    """

    read: list[Normalized]
    tokens: Tokens
    hits: Hits
    heads: Places

    def __len__(self) -> int:
        return len(self.read)

    @cached_property
    def concepts(self) -> Mask:
        """(texts and heads, concepts) which have which."""
        found = np.zeros((len(self.tokens.firsts) - 1, len(plain().concepts)), dtype=np.bool_)
        found[self.hit_texts, self.hits.concepts] = True
        return found

    @cached_property
    def hit_texts(self) -> Places:
        """(hits,) the text of each."""
        return np.searchsorted(self.tokens.firsts, self.hits.starts, side="right") - 1

    @cached_property
    def named(self) -> Mask:
        """(texts,) which name a bypass, or all that makes one."""
        own = self.concepts[: len(self)]
        named: Mask = np.any([own[:, _numbers(needed)].all(axis=1) for needed in GATES], axis=0)
        return named

    def hits_of(self, text: int) -> list[Hit]:
        """The term hits of one text, with offsets into its normalized form."""
        first = int(self.tokens.firsts[text])
        start, stop = np.searchsorted(self.hit_texts, [text, text + 1])
        names = plain().concepts
        rows = zip(
            self.hits.starts[start:stop], self.hits.ends[start:stop], self.hits.concepts[start:stop], strict=True
        )
        return [Hit(int(one) - first, int(two) - first, names[concept]) for one, two, concept in rows]


@lru_cache(maxsize=1)
def normalizer() -> Normalizer:
    """The normalizer that knows the words people disguise."""
    shown, words = seen(), plain().words(DISGUISED)
    return Normalizer(
        words | shown.disguised,
        plain("en").words(DISGUISED),
        plain().parts() | shown.ordinary,
        stems=plain().stems(DISGUISED) - english(),
    )


def prepare(texts: Sequence[Text]) -> Batch:
    """Normalize and match texts; title and quotes count only as concepts around them."""
    normalize = normalizer()
    read = [normalize(text.text) for text in texts]
    around = {place: f"{text.title}\n{text.quoted}" for place, text in enumerate(texts) if text.title or text.quoted}
    heads = np.full(len(texts), -1, dtype=np.int64)
    heads[list(around)] = len(texts) + np.arange(len(around))
    others = [normalize(words[:_MAX_CONTEXT_CHARS]).text for words in around.values()]
    cut = tokens([*(item.text for item in read), *others])
    return Batch(read, cut, plain().find_many(cut), heads)


def matrix(batch: Batch) -> sparse.csr_matrix:
    """One row per text, columns() wide; a column may stand several times in a row, and counts as often."""
    words, letters, concepts = blocks(batch)
    far, after = _far(batch), np.zeros(len(batch.tokens.codes), dtype=np.int64)
    after[batch.tokens.starts[1:] - 1] = 1
    aside = (far[words.places // 2], far[np.cumsum(after)[letters.places // len(LETTERS)]], concepts.columns < 0)
    rows = [_scaled(*block) for block in zip((words, letters, concepts), aside, widths(), strict=True)]
    return sparse.csr_matrix(sparse.hstack(rows, format="csr"))


def blocks(batch: Batch) -> tuple[Block, Block, Block]:
    """Words and pairs of them, groups of letters, and concepts."""
    bounds = np.searchsorted(batch.tokens.texts, np.arange(len(batch) + 1))
    return _words(batch.tokens, bounds), _letters(batch.tokens, bounds), _concepts(batch)


def widths() -> tuple[int, int, int]:
    """How many columns each block has."""
    return 2**WORD_BITS, 2**CHAR_BITS, layout().width


def columns() -> int:
    """How wide `matrix` is."""
    return sum(widths())


def _far(batch: Batch) -> Mask:
    """(tokens,) which stand in a sentence that names no bypass, of a text that names one."""
    read, numbers = batch.tokens, _numbers(BYPASS)
    hits = np.flatnonzero(_flags(numbers, len(plain().concepts))[batch.hits.concepts])
    if not len(hits):
        return np.zeros(len(read.starts), dtype=np.bool_)
    named = batch.concepts[:, numbers].any(axis=1)
    sentences = read.sentences[np.searchsorted(read.places, batch.hits.starts[hits], side="right") - 1]
    near = _flags(sentences, int(read.sentences[-1]) + 1)
    return np.asarray(named)[read.texts] & ~near[read.sentences]


def _flags(numbers: Places | list[int], size: int) -> Mask:
    """(size,) which numbers are among these."""
    found = np.zeros(size, dtype=np.bool_)
    found[numbers] = True
    return found


def _scaled(block: Block, aside: Mask, width: int) -> sparse.csr_matrix:
    """Rows whose squares sum to about 1, so that a long post is no louder than a short one.

    aside: (found,) what counts less, so that what a long post says of other things doesn't drown what it says of this.
    """
    sizes = np.diff(block.bounds)
    lesser = np.diff(np.append(0, np.cumsum(aside))[block.bounds])
    lengths = np.sqrt(np.maximum(sizes - lesser * (1 - _ASIDE**2), 1e-9))
    data = np.repeat((1 / lengths).astype(np.float32), sizes)
    data[aside] *= _ASIDE
    return sparse.csr_matrix((data, block.columns, block.bounds), shape=(len(sizes), width))


def _hashed(codes: Codes, bits: int) -> NDArray[np.int32]:
    return ((codes * _MIX) >> np.uint32(32 - bits)).view(np.int32)


def _words(read: Tokens, bounds: Places) -> Block:
    """Tokens, and pairs of them within a sentence. A token's hash is a polynomial of its code points."""
    power, inverse = _powers(len(read.codes))
    letters = (read.codes ^ np.uint32(SPACE)) * power
    count = int(bounds[-1])
    if not count:
        return Block(np.zeros(0, dtype=np.int32), bounds, bounds[:0])
    one = np.add.reduceat(letters, read.starts, dtype=np.uint32)[:count] * inverse[read.starts[:count]]
    one ^= one >> np.uint32(15)
    two = one[:-1] * _ROLL + one[1:]
    both = np.zeros((count, 2), dtype=np.uint32)
    both[:, 0], both[:-1, 1] = one, two
    kept = np.ones((count, 2), dtype=np.bool_)
    kept[:, 1] = np.append(read.sentences[1:count] == read.sentences[: count - 1], False)
    places = np.flatnonzero(kept)
    return Block(_hashed(both.ravel()[places], WORD_BITS), np.searchsorted(places, 2 * bounds), places)


def _letters(read: Tokens, bounds: Places) -> Block:
    """Groups of 3 to 5 letters of a token and the spaces round it."""
    edges = np.append(read.starts, len(read.codes))[bounds] - 1
    codes = read.codes[: edges[-1] + 1]
    size = len(codes) - min(LETTERS) + 1
    if size <= 0:
        return Block(np.zeros(0, dtype=np.int32), edges * 0, edges[:0])
    groups = np.zeros((size, len(LETTERS)), dtype=np.uint32)
    kept = np.zeros(groups.shape, dtype=np.bool_)
    rolled, inside = codes[:-1] * _ROLL + codes[1:], np.ones(len(codes) - 1, dtype=np.bool_)
    written = codes != SPACE
    for place, letters in enumerate(LETTERS):
        rolled = rolled[:-1] * _ROLL + codes[letters - 1 :]
        inside = inside[:-1] & written[letters - 2 : -1]
        groups[: len(rolled), place], kept[: len(rolled), place] = rolled, inside
    places = np.flatnonzero(kept)
    return Block(_hashed(groups.ravel()[places], CHAR_BITS), np.searchsorted(places, len(LETTERS) * edges), places)


@lru_cache(maxsize=1)
def _power_table(size: int) -> tuple[Codes, Codes]:
    inverse = np.uint32(pow(int(_ROLL), -1, 2**32))
    tables = (np.cumprod(np.full(size, factor, dtype=np.uint32), dtype=np.uint32) for factor in (_ROLL, inverse))
    one, two = tables
    return one, two


def _powers(size: int) -> tuple[Codes, Codes]:
    """(size,) powers of the hash's base modulo 2**32, and their inverses."""
    one, two = _power_table(1 << max(16, (size - 1).bit_length()))
    return one[:size], two


@dataclass(frozen=True)
class Layout:
    """Where in the third block each kind of column begins; `names` tells what a column counts."""

    concepts: tuple[str, ...]

    @cached_property
    def parts(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Kind of column: what its number is made of, first and second."""
        return {
            "has": (("",), self.concepts),
            "near": (_CORE, self.concepts),
            "next": (self.concepts, self.concepts),
            "somewhere": (_CORE, self.concepts),
            "before": (BYPASS, self.concepts),
            "after": (BYPASS, self.concepts),
            "title": (("",), _CONTEXT),
            "title and": (_CONTEXT, self.concepts),
        }

    @cached_property
    def starts(self) -> dict[str, int]:
        """Its first column."""
        sizes = [len(one) * len(two) for one, two in self.parts.values()]
        return dict(zip(self.parts, np.cumsum([0, *sizes]).tolist(), strict=False))

    @cached_property
    def width(self) -> int:
        """How many columns there are."""
        return sum(len(one) * len(two) for one, two in self.parts.values())

    def name(self, column: int) -> tuple[str, str, str]:
        """Kind of column, and the two concepts; the first may be ""."""
        kind = max((kind for kind in self.parts if self.starts[kind] <= column), key=lambda kind: self.starts[kind])
        one, two = self.parts[kind]
        first, second = divmod(column - self.starts[kind], len(two))
        return kind, one[first], two[second]


@lru_cache(maxsize=1)
def layout() -> Layout:
    """The layout for the shipped lexicon."""
    return Layout(plain().concepts)


@lru_cache
def _numbers(concepts: Collection[str]) -> list[int]:
    return [plain().concepts.index(concept) for concept in concepts]


def _concepts(batch: Batch) -> Block:
    width = layout().width
    starts = layout().starts
    keys = np.sort(np.concatenate([texts * width + (starts[kind] + pairs) for kind, texts, pairs in _together(batch)]))
    texts, found = np.divmod(keys[np.diff(keys, prepend=-1) > 0], width)
    return Block(found.astype(np.int32), np.searchsorted(texts, np.arange(len(batch) + 1)), found)


def _together(batch: Batch) -> Iterator[tuple[str, Places, Places]]:
    """Kind of column, (n,) texts, (n,) numbers within the kind.

    Pairs count only with a concept of the subject in them; all others would drown these.
    """
    size, core, own = len(plain().concepts), _numbers(_CORE), batch.concepts[: len(batch)]
    rows, found = own.nonzero()
    yield "has", rows, found
    rows, pairs = _pairs(own[:, core], own)
    yield "somewhere", rows, pairs
    count = np.searchsorted(batch.hit_texts, len(batch))
    texts, concepts = batch.hit_texts[:count], batch.hits.concepts[:count]
    places = np.searchsorted(batch.tokens.places, batch.hits.starts[:count], side="right") - 1
    sentences = batch.tokens.sentences[places]
    first = np.flatnonzero(np.diff(sentences, prepend=-1))
    present = np.zeros((len(first), size), dtype=np.bool_)
    present[np.repeat(np.arange(len(first)), np.diff(first, append=count)), concepts] = True
    rows, pairs = _pairs(present[:, core], present)
    yield "near", texts[first][rows], pairs
    is_core = _flags(core, size)[concepts]
    beside = (sentences[1:] == sentences[:-1]) & (is_core[1:] | is_core[:-1])
    yield "next", texts[1:][beside], (concepts[:-1] * size + concepts[1:])[beside]
    yield from _near(texts, batch.hits.starts[:count], concepts)
    heads = np.flatnonzero(batch.heads >= 0)
    around = batch.concepts[batch.heads[heads]][:, _numbers(_CONTEXT)]
    rows, found = around.nonzero()
    yield "title", heads[rows], found
    rows, pairs = _pairs(around, own[heads])
    yield "title and", heads[rows], pairs


def _pairs(one: Mask, two: Mask) -> tuple[Places, Places]:
    """Rows, and number of the pair, of each pair of what is present in both."""
    rows, pairs = (one[:, :, None] & two[:, None, :]).reshape(len(one), one.shape[1] * two.shape[1]).nonzero()
    return rows, pairs


def _near(texts: Places, starts: Places, concepts: Places) -> Iterator[tuple[str, Places, Places]]:
    """What stands close before and after each name of a bypass."""
    size = len(plain().concepts)
    bypass = np.full(size, -1)
    bypass[_numbers(BYPASS)] = np.arange(len(BYPASS))
    which = bypass[concepts]
    for step in range(1, _NEAR_HITS):
        near = (texts[step:] == texts[:-step]) & (starts[step:] - starts[:-step] < _NEAR_CHARS)
        one, two = np.arange(len(near)), np.arange(len(near)) + step
        for kind, name, beside in (("after", one, two), ("before", two, one)):
            kept = near & (which[name] >= 0)
            yield kind, texts[name][kept], (which[name] * size + concepts[beside])[kept]
