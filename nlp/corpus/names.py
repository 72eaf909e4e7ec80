"""Invented names, made from syllables, so that no name in the corpus can become a cue for the classifier.

A name that happens to exist is chance: nothing is looked up.
"""

import random
from collections.abc import Callable


def _words(text: str) -> list[str]:
    return text.split()


_STARTS = _words(
    "Ba Bri Cal Cor Da Del Dru El Fa Fen Gal Gre Har Il Ka Kel Li Lor Ma Mer Nor Ol Or Pel Qui Ra Ru Sa Sel Ta Ti "
    "Tor Ul Va Ven Wil Xa Yo Zan Zu"
)
_MIDDLES = _words("ba da de ka la li lo ma mi na ne ni ra re ri ro sa ta te ti va vi")
_ENDS = _words("c d k l m n n r r s th x a o a i on en ar us is or eth ix um yn")
_TAILS = [*[""] * 4, " 2", " 3", "-7b", "-13b", " 70b", " mini", " v2", " Pro", " instruct", " base", "-XL", " chat"]
_WORDS = _words(
    "ash barn cedar cobalt copper crow delta dusk ember fern flint frost gravel harbor heron iron juniper kite "
    "lantern marble moss mute nettle oak onyx orbit otter pine quartz raven reed rust salt slate spruce tallow "
    "tin umber vapor willow"
)
_PLACES = _words(
    "alley annex attic barn bay board cellar corner court den dock gate hall hollow lane loft market mill pier "
    "row shed square yard"
)


def name(rng: random.Random) -> str:
    """A word of two or three syllables, such as "Velmarix"."""
    middles = "".join(rng.choices(_MIDDLES, k=rng.choice((0, 1, 1))))
    return rng.choice(_STARTS) + middles + rng.choice(_ENDS)


def model(rng: random.Random) -> str:
    """An AI model as people write it: a name with or without a size, sometimes only a size."""
    if rng.random() < 0.25:
        return rng.choice(("the 7b", "the 13b", "the 34b", "the 70b", "the small one", "the big model", "that chatbot"))
    return _informal(name(rng) + rng.choice(_TAILS), rng)


def tool(rng: random.Random) -> str:
    """A program or frontend: a compound, or a name."""
    if rng.random() < 0.5:
        return _informal(rng.choice(_WORDS).capitalize() + rng.choice(_WORDS), rng)
    return _informal(name(rng) + rng.choice(("UI", " Studio", "Lab", "", "Desk", "Run")), rng)


def company(rng: random.Random) -> str:
    """An organisation."""
    return name(rng) + rng.choice(("", "", " Labs", " AI", " Systems", " Research"))


def site(rng: random.Random) -> str:
    """A board, market or chat room."""
    return _informal(f"{rng.choice(_WORDS).capitalize()} {rng.choice(_PLACES).capitalize()}", rng)


def handle(rng: random.Random) -> str:
    """A user name."""
    joint = rng.choice(("", "_", "."))
    return rng.choice(_WORDS) + joint + rng.choice((*_WORDS, str(rng.randrange(10, 999))))


def number(rng: random.Random) -> str:
    """A number from 2 to 90."""
    return str(rng.randrange(2, 91))


def price(rng: random.Random) -> str:
    """A price as people write it."""
    amount = rng.choice((5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 120, 150, 200))
    return rng.choice((f"${amount}", f"{amount} usd", f"{amount}$", f"{amount} eur", f"{amount} bucks"))


def _informal(word: str, rng: random.Random) -> str:
    return word.lower() if rng.random() < 0.4 else word


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "name": name,
    "model": model,
    "tool": tool,
    "company": company,
    "site": site,
    "handle": handle,
    "number": number,
    "price": price,
}
