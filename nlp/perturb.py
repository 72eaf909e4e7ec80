"""Disguises for words, to test that the detector sees through them.

KNOWN forms are those that normalization undoes on purpose. UNSEEN forms were written before it and stand for all that
people think of later: nothing in `nlp.normalize` is made for one of them, and they serve for testing only.
Pure: the same text, form, words and seed give the same disguise.
"""

import codecs
import html
import random
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from nlp.lexicon import plain
from nlp.normalize import fold

Form = Callable[[str, random.Random], str]

# The concepts whose words people disguise, and the shortest word that is worth it.
_TRIGGERS = frozenset({"jailbreak", "uncensored", "safeguard", "evade"})
_MIN_CHARS = 5
_WORD = re.compile(r"[^\W\d_]+")

_LEET = {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1|", "o": "0", "s": "5$", "t": "7+", "z": "2"}
_TWINS = {
    "a": "аɑα", "b": "Ьᖯ", "c": "сϲ", "d": "ԁ", "e": "еҽ", "g": "ɡց", "h": "һհ", "i": "іι", "j": "јϳ", "k": "кκ",
    "l": "ӏⅼ", "m": "мⅿ", "n": "ոռ", "o": "оοօ", "p": "рρ", "q": "ԛ", "r": "гⲅ", "s": "ѕ", "t": "тτ", "u": "υս",
    "v": "νѵ", "w": "ԝѡ", "x": "хⅹ", "y": "уү", "z": "ᴢ",
}  # fmt: skip
_SOUNDS = (("ck", "k"), ("ph", "f"), ("x", "ks"), ("ce", "se"), ("ci", "si"), ("c", "k"), ("ea", "ay"), ("y", "ee"))
_MARKS = ("\u0301", "\u0308", "\u0302", "\u0327", "\u0336")
_INVISIBLE = ("\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad")
_EMOJI = ("\U0001f525", "\U0001f480", "\u2b50", "\U0001f31d", "\U0001f680")
_DIGITS = ("\u0660", "\u06f0", "\u0966", "\u09e6", "\u0e50", "\uff10")
_PAIRS = {"a": "/\\", "d": "cl", "k": "|<", "m": "rn", "n": "|\\|", "o": "()", "w": "vv"}
_VOWELS = "aeiou"
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
)  # fmt: skip
_NEIGHBOURS = {
    **dict(zip("йцукенгшщзхъфывапролджэячсмитьбю", "цукенгшщзхъхывапролджэжчсмитьбюб", strict=True)),
    **dict(zip("ضصثقفغعهخحجشسيبلاتنمكطئءؤرىةوزظ", "صثقفغعهخحجحسيبلاتنمكطكءؤرىةوزظز", strict=True)),
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip


def disguise(text: str, form: str, words: Collection[str] | None = None, seed: int = 0) -> str:
    """The text with every one of the words written in this form; all else stays.

    form: a key of FORMS. words: casefolded; None takes the lexicon's words for bypass, safeguard and evasion.
    """
    rng = random.Random(f"{seed}:{form}:{text}".encode(errors="surrogatepass"))

    def written(match: re.Match[str]) -> str:
        word = match.group()
        chosen = _is_trigger(word) if words is None else word.casefold() in words
        return FORMS[form](word, rng) if chosen else word

    return _WORD.sub(written, text)


@lru_cache(maxsize=65536)
def _is_trigger(word: str) -> bool:
    folded = fold(word)
    return len(folded) >= _MIN_CHARS and any(
        hit.concept in _TRIGGERS and hit.end - hit.start == len(folded) for hit in plain().find(folded)
    )


def _leet(word: str, rng: random.Random) -> str:
    return "".join(
        rng.choice(_LEET[c]) if (c := char.lower()) in _LEET and rng.random() < 0.8 else char for char in word
    )


def _homoglyph(word: str, rng: random.Random) -> str:
    places = set(_some(rng, [n for n, char in enumerate(word) if char.lower() in _TWINS], 0.6))
    return "".join(rng.choice(_TWINS[char.lower()]) if n in places else char for n, char in enumerate(word))


def _zero_width(word: str, rng: random.Random) -> str:
    return "".join(char + rng.choice(_INVISIBLE) if rng.random() < 0.5 else char for char in word)


def _spaced(word: str, _: random.Random) -> str:
    return " ".join(word)


def _dotted(word: str, _: random.Random) -> str:
    return ".".join(word)


def _starred(word: str, rng: random.Random) -> str:
    hidden = set(_some(rng, range(1, len(word)), 0.2))
    return "".join("*" if n in hidden else char for n, char in enumerate(word))


def _hyphenated(word: str, rng: random.Random) -> str:
    return "-".join(word) if rng.random() < 0.5 else "-".join(_chunks(word, rng))


def _repeated(word: str, rng: random.Random) -> str:
    long = set(_some(rng, range(len(word)), 0.25))
    return "".join(char * rng.randint(2, 4) if n in long else char for n, char in enumerate(word))


def _accented(word: str, rng: random.Random) -> str:
    return "".join(char + rng.choice(_MARKS) if rng.random() < 0.4 else char for char in word)


def _dropped_letter(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def _added_letter(word: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(word))
    letters = next((letters for letters in _ALPHABETS if word[place].lower() in letters), _ALPHABETS[0])
    return word[:place] + rng.choice(letters) + word[place:]


def _swapped_letters(word: str, rng: random.Random) -> str:
    place = rng.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _wrong_letter(word: str, rng: random.Random) -> str:
    place = rng.choice([n for n, char in enumerate(word) if char.lower() in _NEIGHBOURS] or [0])
    return word[:place] + rng.choice(_NEIGHBOURS.get(word[place].lower(), "x")) + word[place + 1 :]


def _reversed(word: str, _: random.Random) -> str:
    return word[::-1]


def _rot13(word: str, _: random.Random) -> str:
    return codecs.encode(word, "rot13")


def _styled(word: str, rng: random.Random) -> str:
    base = rng.choice((0x1D41A, 0x1D4EA, 0x1D5BA, 0xFF41, 0x24D0))  # bold, script, sans-serif, fullwidth, circled
    return "".join(chr(base + ord(c) - ord("a")) if "a" <= (c := char.lower()) <= "z" else char for char in word)


def _bracketed(word: str, rng: random.Random) -> str:
    place, pair = rng.randrange(len(word)), rng.choice(("()", "[]", "{}", "<>"))
    return word[:place] + pair[0] + word[place] + pair[1] + word[place + 1 :]


def _emoji(word: str, rng: random.Random) -> str:
    mark = rng.choice(_EMOJI)
    return mark.join(word) if rng.random() < 0.5 else mark.join(_chunks(word, rng))


def _broken(word: str, rng: random.Random) -> str:
    return "\n".join(_chunks(word, rng))


def _without_vowels(word: str, _: random.Random) -> str:
    return word[0] + "".join(char for char in word[1:] if char.lower() not in _VOWELS)


def _as_it_sounds(word: str, _: random.Random) -> str:
    for spelling, sound in _SOUNDS:
        word = re.sub(spelling, sound, word, flags=re.IGNORECASE)
    return word


def _in_chunks(word: str, rng: random.Random) -> str:
    return rng.choice((" ", "_", " . ", "/")).join(_chunks(word, rng))


def _doubly_parted(word: str, rng: random.Random) -> str:
    return rng.choice(("--", " - ", "..", "~~", "__", ". ")).join(word)


def _foreign_digits(word: str, rng: random.Random) -> str:
    zero = ord(rng.choice(_DIGITS))
    digits = str.maketrans({str(value): chr(zero + value) for value in range(10)})
    return "".join(next((d for d in _LEET.get(c.lower(), "") if d.isdigit()), c) for c in word).translate(digits)


def _scrambled(word: str, rng: random.Random) -> str:
    inner = list(word[1:-1])
    rng.shuffle(inner)
    return word[0] + "".join(inner) + word[-1]


def _marked_up(word: str, rng: random.Random) -> str:
    first, last = rng.choice((("**", "**"), ("<b>", "</b>"), ("[b]", "[/b]"), ("`", "`")))
    place = rng.randrange(1, len(word) - 1)
    return word[:place] + first + word[place] + last + word[place + 1 :]


def _escaped(word: str, rng: random.Random) -> str:
    return "".join(f"&#{ord(char)};" if rng.random() < 0.3 else html.escape(char) for char in word)


def _interleaved(word: str, rng: random.Random) -> str:
    return rng.choice("xq17").join(word)


def _stuttered(word: str, rng: random.Random) -> str:
    return word[:1] + rng.choice(("-", "...", " ")) + word if rng.random() < 0.5 else word[: len(word) // 2] + word


def _in_pairs(word: str, _: random.Random) -> str:
    return "".join(_PAIRS.get(char.lower(), char) for char in word)


def _mixed(word: str, rng: random.Random) -> str:
    first, second = rng.sample((_leet, _homoglyph, _repeated, _accented, _zero_width), 2)
    return rng.choice((_dotted, _hyphenated, _spaced, _bracketed))(first(second(word, rng), rng), rng)


def _chunks(word: str, rng: random.Random) -> list[str]:
    """The word in two or three pieces of at least two letters, where it is long enough."""
    cuts = sorted(rng.sample(range(2, len(word) - 1), min(rng.choice((1, 2)), max(len(word) - 4, 1))))
    return [word[one:two] for one, two in zip((0, *cuts), (*cuts, len(word)), strict=True)]


def _some(rng: random.Random, places: Sequence[int], share: float) -> list[int]:
    """About this share of the places, at least one if there is any."""
    return rng.sample(places, min(len(places), max(1, round(len(places) * share))))


FORMS: dict[str, Form] = {
    "leet": _leet,
    "homoglyph": _homoglyph,
    "zero-width": _zero_width,
    "spaced": _spaced,
    "dotted": _dotted,
    "starred": _starred,
    "hyphenated": _hyphenated,
    "repeated": _repeated,
    "accented": _accented,
    "dropped-letter": _dropped_letter,
    "added-letter": _added_letter,
    "swapped-letters": _swapped_letters,
    "wrong-letter": _wrong_letter,
    "reversed": _reversed,
    "rot13": _rot13,
    "styled": _styled,
    "in-pairs": _in_pairs,
    "marked-up": _marked_up,
    "escaped": _escaped,
    "bracketed": _bracketed,
    "emoji": _emoji,
    "line-break": _broken,
    "no-vowels": _without_vowels,
    "as-it-sounds": _as_it_sounds,
    "in-chunks": _in_chunks,
    "doubly-parted": _doubly_parted,
    "foreign-digits": _foreign_digits,
    "scrambled": _scrambled,
    "interleaved": _interleaved,
    "stuttered": _stuttered,
    "mixed": _mixed,
}
KNOWN = tuple(FORMS)[:19]
UNSEEN = tuple(FORMS)[19:]
