"""Which known word a disguised one is (pure): exact disguises first, then the nearest word as in a noisy channel.

Few ways of disguise have a rule of their own. What counts is what a reader still sees: letters between any marks, marks
and digits in the place of letters, a word turned round or moved along the alphabet, and else the known word that is
least wrong. A word that is ordinary as it stands is never touched.
"""

import html
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from nlp.normalize.distance import budget, cost, may_cost
from nlp.normalize.folding import as_cyrillic, as_latin, fold
from nlp.normalize.readings import NOT_LETTERS, RUN, deletions, keys, readings, turned, unordered

Edit = tuple[int, int, str]

_MAX_CHARS = 64
_MIN_CHARS = 5
_MIN_GLUED = 9
_MIN_FOREIGN = 6
_MIN_LONG = 9
MAX_ENDING = 8
_MAX_STEM = 32
_MIN_SEEN = 3
_MAX_CLITIC = 3
_DIGITS = "0123456789"
_AROUND = "#.,!?'\"`:;-_~<>()[]{}«»“”…،؟؛。，！？、"
_STARS_AROUND = _AROUND + "*"
# Single letters or digits, four or more, with little between.
SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,6}[^\W_](?![^\W_])){3,}")
_PIECE = re.compile(r"[^\W_]+")
_ASCII_LETTER = re.compile(r"[a-z]")
_LATIN = re.compile(r"[a-z]+")
_VOWELS = frozenset("aeiouy")
_ARABIC = frozenset(map(chr, range(0x0620, 0x064B)))  # written without vowels, so that short words are much alike
_CYRILLIC = re.compile(r"[а-яѐ-ӿ]")
_MARK = re.compile(r"[^\w.,;:'\-/()]|_")
_TAG = re.compile(r"(?<=\w)(?:</?\w{1,6}>|\[/?\w{1,2}\])(?=\w)")
# Parts of a longer token that may each be a disguised word.
_PART = re.compile(r"[^\s/,;:()\[\]{}<>\"“”«»=&'\-]+")
_MAX_WORD = 20
_SHORT = frozenset((
    "a", "i", "an", "any", "and", "are", "as", "at", "be", "but", "by", "can", "do", "for", "get", "go", "got",
    "has", "he", "how", "if", "in", "is", "it", "its", "me", "my", "no", "not", "now", "of", "on", "one", "or",
    "out", "so", "the", "to", "two", "up", "us", "was", "way", "we", "who", "why", "yes", "you",
))  # fmt: skip
# Written with the word: English prefixes, Arabic particles.
_BEFORE = ("anti", "de", "non", "over", "pre", "re", "self", "un", "و", "ف", "ب", "ل", "ك")
_AFTER = frozenset(
    ("able", "d", "e", "ed", "er", "ers", "es", "ing", "in", "ion", "ions", "ish", "ly", "ment", "r", "rs", "s", "ship")
)
_AFTER_FOREIGN = frozenset((
    "a", "ado", "ados", "ar", "as", "e", "ee", "ees", "en", "ent", "er", "es", "i", "n", "o", "os", "s", "t", "te",
    "ten",
))  # fmt: skip


class Vocabulary:
    """The known words, folded, and the ways back to them.

    words: found where their letters are hidden or turned round, long ones also with errors. mistyped: English ones,
    if they are of ASCII letters, which need not be long. ordinary: words that stand for themselves. stems: what
    known words begin with.
    """

    def __init__(
        self, words: Collection[str], mistyped: Collection[str], ordinary: frozenset[str], stems: Collection[str] = ()
    ) -> None:
        self.words = frozenset(words)
        self.mistyped = frozenset(word for word in self.words.intersection(mistyped) if _LATIN.fullmatch(word))
        self.standing = ordinary | self.words | {"a", "i"}
        self._ordinary = ordinary
        self._open = {RUN.sub(r"\1", stem): stem for stem in stems} | {stem: stem for stem in stems}
        begun = {word[:end] for word in self.mistyped for end in range(_MIN_CHARS, len(word) + 1)}
        self._stems = self.words - begun
        self._heads = {word[:_MIN_CHARS] for word in self.words.union(self._open)}
        long = sorted((word for word in self.mistyped if len(word) >= _MIN_GLUED), key=len, reverse=True)
        self._long = re.compile("|".join(long)) if long else None
        self._stems_by_length: dict[int, list[str]] = defaultdict(list)
        for stem in sorted(stems):
            self._stems_by_length[len(stem)].append(stem)
        self._turned: dict[str, str] = {}
        self._near: dict[str, list[str]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._even: dict[str, str] = {}
        # English words come last, so that theirs is the word where two would do.
        for word in sorted(filter(str.isalpha, self.words), key=lambda word: (word in self.mistyped, word)):
            if len(word) < _MIN_CHARS:
                continue
            self._even[RUN.sub(r"\1", word)] = word
            self._by_length[len(word)].insert(0, word)
            self._turned.update(dict.fromkeys(turned(word), word))
            for key in keys(word, 1):
                self._near[key].append(word)

    def repairs(self, token: str, is_english: bool) -> tuple[Edit, ...]:
        """Where known words hide in a folded token without blanks; none if it stands for itself.

        is_english: whether the text is; else letters alone are taken only for the nearest of the long words.
        """
        if (shown := _as_shown(token)) != token:
            clean = replaced(shown, self._repairs(shown, is_english))
            return ((0, len(token), clean),) if self._holds_known(clean) else ()
        return self._repairs(token, is_english)

    def _repairs(self, token: str, is_english: bool) -> tuple[Edit, ...]:
        core = token.strip(_AROUND)
        start = token.find(core)
        if core.strip(_STARS_AROUND) in self.standing or "://" in core:
            return ()
        if len(core) <= _MAX_CHARS:
            if (word := self._plainly(core)) is not None:
                return ((start, start + len(core), word),)
            if self._stands(core):
                return ()
            if (word := self._whole(core, is_english)) is not None:
                return ((start, start + len(core), word),)
        if core.isalpha():
            return self._unglued(core, start)
        return tuple(
            (start + part.start() + first, start + part.start() + last, word)
            for part in _PART.finditer(core)
            if part.group() != core
            for first, last, word in self._repairs(part.group(), is_english)
        )

    def _whole(self, core: str, is_english: bool) -> str | None:
        """What all of it hides; nothing if a part of it is a known word already, so that only others may hide one."""
        if core.isalpha():
            return self.hidden(core, is_english)
        if "*" not in core and not self.mistyped.isdisjoint(_PIECE.findall(core)):
            return None
        return self.spelled(core) or self.hidden(core, is_english)

    def hidden(self, core: str, is_english: bool) -> str | None:
        """The word that these characters hide; None if they hide none."""
        latin = as_latin(core)
        cyrillic = as_cyrillic(core) if latin != core else ""
        if not _is_latin(core, latin) or cyrillic in self.words:
            return self._foreign(core, latin, cyrillic, is_english)
        if latin != core and latin in self.standing:
            return latin
        word = self._exactly(latin) or self._nearest(latin, is_english)
        return word or self._in_one_script(core, latin, cyrillic, is_english)

    def _in_one_script(self, core: str, latin: str, cyrillic: str, is_english: bool) -> str | None:
        """A longer word that mixes scripts in the script of most of its letters, if all can be read so."""
        if latin == core or not core.isalpha() or len(core) < _MIN_CHARS:
            return None
        if 2 * len(_ASCII_LETTER.findall(core)) >= len(core):
            return latin
        if _ASCII_LETTER.search(cyrillic):
            return None
        return self._exactly(cyrillic) or self._nearest(cyrillic, is_english) or cyrillic

    def _unglued(self, core: str, start: int) -> tuple[Edit, ...]:
        """The first of the long known words that stand in one with others, blanks put where they were left out."""
        if self._long is None or (inside := self._long.search(core)) is None:
            return ()
        before, after = " " if inside.start() else "", " " if inside.end() < len(core) else ""
        return ((start + inside.start(), start + inside.end(), before + inside.group() + after),)

    def _foreign(self, core: str, latin: str, cyrillic: str, is_english: bool) -> str | None:
        """The same for words of other scripts, and for Latin ones written in look-alikes throughout."""
        letters = [NOT_LETTERS.sub("", read) for read in (core, latin, cyrillic)]
        if (word := next((word for word in letters if word in self.words), None)) is not None:
            return word
        shown = cyrillic if _CYRILLIC.search(core) else core
        return self._exactly(shown) or self._nearest(shown, is_english)

    def spelled(self, run: str) -> str | None:
        """The fewest ordinary words that single letters spell, blanks between, one of them long; None if they don't."""
        if not SPELLED.fullmatch(run):
            return None
        run = "".join(run.split())
        letters = readings(as_latin(run))[-1]
        words = self._fewest(letters)
        if words and max(map(len, words)) >= _MIN_CHARS:
            return " ".join(words)
        if len(run) > _MAX_CHARS:
            return None
        return self.hidden(run, is_english=True) or self._opened(letters) or self._opened(run)

    def _fewest(self, letters: str) -> list[str]:
        """The fewest pieces that make up the letters, from the left; none if they can't be parted into such."""
        ways: list[tuple[float, int]] = [(0, 0)]  # number of pieces up to here, and where the last one begins
        for end in range(1, len(letters) + 1):
            starts = range(max(0, end - _MAX_WORD), end)
            ways.append(
                min(
                    ((ways[start][0] + 1, start) for start in starts if self._is_piece(letters[start:end])),
                    default=(float("inf"), 0),
                )
            )
        words, end = [], len(letters) if ways[-1][0] < float("inf") else 0
        while end:
            words.append(letters[ways[end][1] : end])
            end = ways[end][1]
        return words[::-1]

    def _is_piece(self, letters: str) -> bool:
        return letters in _SHORT if len(letters) < _MIN_CHARS - 1 else letters in self.standing

    def _exactly(self, latin: str) -> str | None:
        """The word whose letters these are, turned or not, read as they look or with any letter for a mark."""
        for letters in readings(latin):
            if letters in self.words:
                return letters
            if (word := self._turned.get(letters) or self._turned.get(unordered(letters))) is not None:
                return word
            if (word := self._even.get(RUN.sub(r"\1", letters))) is not None:
                return word
            for read in (letters, letters[::-1], RUN.sub(r"\1", letters)):
                if read != latin and (word := self._opened(read)) is not None:
                    return word
        return self._starred(latin) if _MARK.search(latin) else None

    def _opened(self, letters: str) -> str | None:
        """The word that these letters are if it begins with a known stem, doubled letters of the stem put back."""
        if letters[:_MIN_CHARS] in self._heads:
            for end in range(min(len(letters), _MAX_STEM), max(_MIN_CHARS, len(letters) - MAX_ENDING) - 1, -1):
                if (stem := self._open.get(letters[:end])) is not None:
                    return stem + letters[end:]
        return None

    def _plainly(self, core: str) -> str | None:
        """The word that its pieces make, or that stands there once each mark is read as it looks."""
        if core.isalpha():
            return None
        return next((word for word in (_joined(core), *readings(as_latin(core))[1:]) if word in self.mistyped), None)

    def _holds_known(self, core: str) -> bool:
        """Whether a part of it is a known word."""
        return any(piece in self.words or self._opened(piece) == piece for piece in _PIECE.findall(core))

    def _stands(self, core: str) -> bool:
        """Whether to leave it: ordinary, a known word with an ending, too short, or made of such pieces."""
        if len(core) < _MIN_CHARS - 1 or core in self.standing or not any(map(str.isalpha, core)):
            return True
        if core.isalpha():
            return self._is_derived(core)
        if "'" in core:
            return all(
                len(piece) <= _MAX_CLITIC or piece in self.standing or piece[:-1] in self.standing
                for piece in core.split("'")
            )
        if (bare := core.rstrip(_DIGITS)) in self._ordinary and bare not in self.mistyped:
            return True
        pieces = _PIECE.findall(core)
        long = [piece for piece in pieces if len(piece) > 1 and not piece.isdecimal()]
        if "*" in core or not long or any(_joined(part) in self.mistyped for part in _PART.findall(core)):
            return False
        return 2 * sum(map(len, long)) >= len(core) and all(piece in self.standing for piece in long)

    def stand(self, pieces: Sequence[str]) -> bool:
        """Whether words, and letters beside them, stand for themselves, so that they hardly are one word."""
        return max(map(len, pieces)) > 1 and all(
            len(piece) == 1 or piece in self.standing or self._opened(piece) == piece for piece in pieces
        )

    def _is_derived(self, core: str) -> bool:
        """Whether it is a known word with a usual beginning or ending of its language."""
        if core[:_MIN_CHARS] in self._heads:
            if self._opened(core) == core:
                return True
            for end in range(_MIN_CHARS, len(core)):
                stem, ending = core[:end], core[end:]
                if (stem in self.mistyped and ending in _AFTER) or (stem in self._stems and ending in _AFTER_FOREIGN):
                    return True
        return core.startswith(_BEFORE) and any(
            core.startswith(before) and core[len(before) :] in self.words for before in _BEFORE
        )

    def _starred(self, core: str) -> str | None:
        """The word of that length, or with that ending, with a letter for each mark; at least half must be seen."""
        letters = sum(char.isalpha() for char in core)
        if letters * 2 < len(core) or letters < _MIN_SEEN:
            return None
        pattern = "".join(char if char.isalpha() else "." for char in core)
        fits = re.compile(pattern).fullmatch
        if (word := next(filter(fits, self._by_length.get(len(core), ())), None)) is not None:
            return word
        ends = (
            end
            for end in range(len(core) - 1, _MIN_CHARS, -1)
            if core[end:].isalpha() and 3 * sum(map(str.isalpha, core[:end])) >= 2 * end
        )
        stems = ((stem, end) for end in ends for stem in self._stems_by_length.get(end, ()))
        return next((stem + core[end:] for stem, end in stems if re.fullmatch(pattern[:end], stem)), None)

    def _nearest(self, core: str, is_english: bool) -> str | None:
        """The known word that is least wrong, of equals the ordinary, then the longest; None if all are too far.

        Letters alone may be any of the English words in English text, and any of the long ones elsewhere.
        """
        forms, spare = ((core,), 2) if core.isalpha() else ((core, *readings(core)[-2:]), 1)
        found = [
            (needed, word not in self._ordinary, -len(word), word)
            for form in forms
            for word in {word for key in keys(form, spare) for word in self._near.get(key, ())}
            if (limit := self._limit(core, word, is_english))
            and may_cost(form, word) <= limit
            and (needed := cost(form, word, limit)) <= limit
        ]
        return min(found)[-1] if found else None

    def _limit(self, core: str, word: str, is_english: bool) -> float:
        """What may be wrong with it, 0 if it can't be this word.

        Of other languages one letter of a word that isn't short, but not its ending, which makes another form of it,
        or all its vowels.
        """
        if word in self.mistyped and (is_english or not core.isalpha()):
            return budget(word)
        if not core.isalpha() or _is_mixed(core):
            return 1.0
        if (
            (is_english and core.isascii())
            or len(word) < _MIN_FOREIGN + (word[0] in _ARABIC)
            or core[: len(word) - 2] == word[:-2]
        ):
            return 0.0
        if core.isascii() and _VOWELS.isdisjoint(core[1:]):
            return budget(word)
        return 1.0 if len(word) >= _MIN_LONG or not set(deletions(core)).isdisjoint(deletions(word)) else 0.0


def _is_mixed(core: str) -> bool:
    """Whether Latin letters stand among others."""
    return not core.isascii() and _ASCII_LETTER.search(core) is not None


def _joined(core: str) -> str:
    """Its pieces as one word if it has several, all of letters; "" if only an apostrophe parts them."""
    pieces = _PIECE.findall(core)
    return "".join(pieces) if len(pieces) > 1 + ("'" in core) and not any(map(str.isdecimal, pieces)) else ""


def replaced(text: str, edits: Iterable[Edit]) -> str:
    """The text with each span replaced by its word."""
    return "".join(_pieces(text, edits))


def _pieces(text: str, edits: Iterable[Edit]) -> Iterator[str]:
    done = 0
    for start, end, word in edits:
        yield text[done:start]
        yield word
        done = end
    yield text[done:]


def _as_shown(token: str) -> str:
    """Without what a page doesn't show: tags in the word are gone, references are characters."""
    return fold(html.unescape(_TAG.sub("", token))) if "&#" in token or "<" in token or "[" in token else token


def _is_latin(core: str, latin: str) -> bool:
    """Whether it has a Latin letter, and no other letter but such as look Latin."""
    if not latin.isascii() and not all(char.isascii() for char in latin if char.isalpha()):
        return False
    return core.isascii() or _ASCII_LETTER.search(core) is not None
