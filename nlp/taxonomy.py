"""What Nightlight means by talk about bypassing AI safeguards: kinds, their definitions, reasons shown to people.

Frozen by a test: a changed kind is a new VERSION, and artifacts trained for another version don't load.
"""

from typing import Final

VERSION: Final = "2"

INTENTS: Final = {
    "seeking": "The author asks for a way round an AI system's safeguards.",
    "sharing": "The author gives such a way, or offers it for nothing.",
    "trading": "The author offers, asks for or praises such a way in exchange for money or goods.",
    "boasting": "The author tells of having got round the safeguards of an AI system.",
    "defensive": "The author wants to stop, detect or report such ways.",
    "news": "The author reports what others did or found, as news or research.",
    "opinion": "The author judges safeguards, censorship or models without them, and asks for or gives no way round.",
    "complaint": (
        "The author complains of refusals, filters or bans that hindered something, and asks for no way round."
    ),
}
ALERTING: Final = frozenset({"seeking", "sharing", "trading", "boasting"})

METHODS: Final = {
    "jailbreak-prompting": "A text given to an AI system is meant to make it ignore its rules.",
    "filter-removal": "A safety checker or content filter around an AI system is switched off or taken out.",
    "model-uncensoring": "A model is changed, or was changed, so that it no longer refuses.",
    "access-abuse": "Accounts, keys or proxies are used to reach an AI system against its terms.",
    "moderation-evasion": "Wording or disguise is used so that moderation does not notice.",
}

CONTEXTS: Final = {
    "child-safety-escalation": "Clinical, legal or agency terms of child protection are present; a hint for a person.",
}

TARGETS: Final = {
    "text-model": "A system that writes or talks.",
    "image-model": "A system that makes or changes pictures or video.",
    "voice-model": "A system that makes or changes voices or sound.",
    "agent": "A system that acts by itself: it browses, runs code or uses tools.",
    "moderation": "The moderation of a platform where people post.",
}

KINDS: Final = {**INTENTS, **METHODS, **CONTEXTS}

REASONS: Final = {
    "asks-for-bypass": "Asks for a bypass",
    "offers-bypass": "Offers a bypass",
    "trades-bypass": "Offers a bypass in trade",
    "boasts-of-bypass": "Tells of a bypass that worked",
    "evades-safeguard": "Names a safeguard together with a way round it",
    "names-bypass": "Names a bypass or a model without safeguards",
    "abuses-access": "Speaks of accounts, keys or proxies for an AI system",
    "wording": "The wording resembles known talk about bypasses",
    "child-safety-term": "Uses a clinical, legal or agency term of child protection",
}

_SEALED: Final = "sealed-term"


def sealed_reason(name: str, line: int) -> str:
    """The reason id of the term in this line of an agency's sealed list."""
    return f"{_SEALED}:{name}:{line}"


def is_sealed(reason: str) -> bool:
    """Whether the reason is a term of a sealed list."""
    return reason.startswith(f"{_SEALED}:")


def in_words(reason: str) -> str:
    """A reason id as people read it; the term of a sealed list by its line alone."""
    if not is_sealed(reason):
        return REASONS.get(reason, reason)
    name, _, line = reason.removeprefix(f"{_SEALED}:").rpartition(":")
    return f"Sealed term {line} of the list {name}"
