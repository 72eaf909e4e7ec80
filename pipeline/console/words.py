"""The words people read for codes: languages, states, kinds, events of the log."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import exp

from nlp.taxonomy import INTENTS, METHODS
from pipeline.domain.alert import REASONS, Alert, Severity, Status, likely
from pipeline.domain.delivery import TRIES, Delivery, DeliveryState

BANDS: Mapping[Severity, str] = {severity: severity.value.capitalize() for severity in Severity}

STATUSES: Mapping[Status, str] = {
    Status.NEW: "new",
    Status.IN_REVIEW: "in review",
    Status.RELEVANT: "relevant",
    Status.ESCALATED: "escalated",
    Status.NOT_RELEVANT: "not relevant",
    Status.DUPLICATE: "duplicate",
    Status.SECOND_LOOK: "second look",
}

CHOICES: Mapping[Status, str] = {
    Status.RELEVANT: "Relevant",
    Status.ESCALATED: "Escalate",
    Status.NOT_RELEVANT: "Not relevant",
    Status.DUPLICATE: "Duplicate",
    Status.SECOND_LOOK: "Second look",
}

LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "und": "language unknown",
    "zh": "Chinese",
}

LEADING: Mapping[str, str] = {
    "seeking": "Looks like somebody asking for a bypass.",
    "sharing": "Looks like an offer to share a bypass.",
    "trading": "Looks like trade in a bypass.",
    "boasting": "Looks like a claim that a bypass worked.",
}
"""One sentence for each intent of the taxonomy that raises alerts."""

_MOST_LOG_ODDS = 10.0

EVENTS: Mapping[str, str] = {
    "alert.raise": "Raised",
    "alert.claim": "Taken",
    "alert.read": "Read",
    "alert.extend": "Kept 15 minutes more",
    "alert.give-back": "Given back",
    "alert.decide": "Decided",
    "alert.reopen": "Reopened",
    "alert.note": "Note written",
    "alert.replay": "Delivery sent again",
}


def language(code: str) -> str:
    """The name of a language, or its code."""
    return LANGUAGES.get(code, code)


def html_lang(code: str) -> str:
    """A value for `lang`; BCP 47 has "und" for the unknown."""
    return code if code.isalpha() and 2 <= len(code) <= 3 else "und"


def event(action: str) -> str:
    """What happened, in words."""
    return EVENTS.get(action, action)


def reason_of(alert: Alert) -> str:
    """The words of an alert's reason code, or ""."""
    return REASONS.get(alert.status, {}).get(alert.reason, "")


def tags(alert: Alert) -> list[tuple[str, str]]:
    """(group, kind) of every kind more likely than not."""
    found = sorted(likely(alert.kinds))
    return [(name, k) for name, group in (("intent", INTENTS), ("method", METHODS)) for k in found if k in group]


def leading_sentence(alert: Alert) -> str:
    """What the author most likely does; "" when no intent stands out."""
    intents = [kind for kind in alert.kinds if kind in LEADING]
    return LEADING[max(intents, key=lambda kind: alert.kinds[kind])] if intents else ""


def of_hundred(score: float) -> str:
    """How sure a calibrated score is, as a natural frequency: `about 80`."""
    share = round(100 * score)
    return {0: "hardly any", 100: "nearly all"}.get(share, f"about {share}")


def odds(weight: float) -> str:
    """What a part of the log-odds does to the odds: `odds × 3.5`, `odds ÷ 2.0`."""
    return f"odds {'×' if weight > 0 else '÷'} {exp(min(abs(weight), _MOST_LOG_ODDS)):,.1f}"


def stamp(moment: datetime, now: datetime) -> str:
    """`18 Nov 19:40`, with the year when it isn't this one; UTC."""
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment.day} {moment:%b}{year} {moment:%H:%M}"


def date(moment: datetime) -> str:
    """`31 Jan 2027`; UTC."""
    return f"{moment.day} {moment:%b %Y}"


def span(length: timedelta) -> str:
    """`46 min`, `3 h 10 min`, `2 days`."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{minutes // 1440} days"


def sentence(words: str) -> str:
    """With its full stop."""
    return words.rstrip(".") + "."


def count(number: int, one: str, many: str = "") -> str:
    """`1 post`, `1,284 posts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def delivery_state(delivery: Delivery) -> tuple[str, str]:
    """(class of the sign, words) for where a delivery stands."""
    if delivery.state is DeliveryState.SENT:
        return "well", "Delivered"
    if delivery.state is DeliveryState.DEAD:
        return "stop", "Not delivered"
    if delivery.attempts:
        return "person", f"Try {delivery.attempts} of {len(TRIES)} failed"
    return "wait", "Waiting to be sent"
