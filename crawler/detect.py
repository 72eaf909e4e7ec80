"""Which engine made a page: several independent marks, never one string."""

from collections.abc import Iterable
from types import MappingProxyType

from crawler.document import Document
from crawler.engines import (
    discourse,
    fluxbb,
    generic,
    machina,
    mybb,
    phpbb,
    postmill,
    smf,
    spirit,
    vbulletin,
    vichan,
    xenforo,
)
from crawler.engines.engine import Engine
from crawler.errors import Misconfigured

AUTO = "auto"
KNOWN: tuple[Engine, ...] = (phpbb, mybb, smf, fluxbb, vbulletin, xenforo, discourse, vichan, postmill, machina, spirit)
_ALL: tuple[Engine, ...] = (*KNOWN, generic)
BY_NAME = MappingProxyType({engine.NAME: engine for engine in _ALL})
_ENOUGH = 3
"""Marks that make a page an engine's. Two come together by chance: themes are copied between programs."""


def named(name: str) -> Engine:
    """The engine of this name.

    Raises: Misconfigured for a name no engine has.
    """
    if name not in BY_NAME:
        raise Misconfigured(f"No engine is called {name!r}; use {AUTO} or one of {', '.join(BY_NAME)}.")
    return BY_NAME[name]


def detect(doc: Document, engines: Iterable[Engine] = KNOWN) -> Engine:
    """The engine with the most marks on the page if there are enough of them, else the generic fallback."""
    marks = {engine.NAME: len(engine.looks_like(doc)) for engine in engines}
    best = max(marks, key=lambda name: marks[name])
    return named(best if marks[best] >= _ENOUGH else generic.NAME)
