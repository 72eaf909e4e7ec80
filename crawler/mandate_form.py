"""The form of a mandate document: every field there, none unknown, each of its kind."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawler.errors import MandateRefused

FORM_VERSION = 1

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_OURS = {"host", "cookie", "user-agent", "content-length", "content-type", "connection", "accept", "accept-encoding"}
"""Headers the crawler sets itself; a mandate can't."""


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _time(value: object) -> bool:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return at is not None and at.utcoffset() == timedelta(0)


def _header_value(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _headers(value: object) -> bool:
    return isinstance(value, dict) and all(
        bool(_HEADER.fullmatch(name)) and name.lower() not in _OURS and _header_value(word)
        for name, word in value.items()
    )


def _number(least: float, most: float) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _path(value: object) -> bool:
    return isinstance(value, str) and value.startswith("/") and not any(c in value for c in "?#\\ ")


def _paths(value: object) -> bool:
    return isinstance(value, list) and all(_path(path) for path in value)


def _origin(value: object) -> bool:
    """scheme://host[:port], lower case, and nothing else: so that origins compare as strings."""
    if not isinstance(value, str) or not value.isascii() or value != value.lower():
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    plain = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and value == plain


def _origins(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_origin(origin) for origin in value)


Check = tuple[Callable[[object], bool], str]
_WORDS: Check = (_text, "must say something")
_UTC: Check = (_time, "must be a UTC time such as 2026-11-01T00:00:00+00:00")

MANDATE: Mapping[str, Check] = {
    "version": (lambda v: v == FORM_VERSION and not isinstance(v, bool), f"must be {FORM_VERSION}"),
    "id": (
        lambda v: isinstance(v, str) and bool(_ID.fullmatch(v)),
        "must be letters, digits, dots and dashes, up to 40",
    ),
    "title": _WORDS,
    "legal_basis": _WORDS,
    "grounds": _WORDS,
    "necessity": _WORDS,
    "proportionality": _WORDS,
    "applicant": _WORDS,
    "officer": _WORDS,
    "valid_from": _UTC,
    "valid_until": _UTC,
    "review_by": _UTC,
    "user_agent": (lambda v: _text(v) and _header_value(v), "must be declared, in printable characters"),
    "headers": (_headers, "must be an object of header names and printable values, none that the crawler sets itself"),
    "delay_s": (_number(0, 3_600), "must be a number of seconds from 0 to 3600"),
    "pages_per_day": (
        lambda v: isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= 1_000_000,
        "must be a whole number from 1 to 1000000",
    ),
    "robots": (lambda v: v in ("obey", "ignore"), 'must be "obey" or "ignore"'),
    "sources": (lambda v: isinstance(v, list) and bool(v), "must name at least one source"),
}
SCOPE: Mapping[str, Check] = {
    "source_id": (lambda v: isinstance(v, str) and bool(_SLUG.fullmatch(v)), "must be a-z, 0-9 and dashes, up to 40"),
    "origins": (_origins, "must list origins such as http://name.onion, lower case, without a path"),
    "paths": (_paths, "must list path prefixes that begin with /; an empty list covers nothing"),
    "exclude": (_paths, "must list path prefixes that begin with /"),
    "route": (lambda v: v in ("tor", "direct"), 'must be "tor" or "direct"'),
    "private_network": (lambda v: isinstance(v, bool), "must be true or false"),
    "login_path": (lambda v: v == "" or _path(v), "must be empty or a path that begins with /"),
    "account": (lambda v: isinstance(v, str), "must be empty or the name of the declared account"),
}


def check_form(document: Mapping[str, Any]) -> None:
    """Raises: MandateRefused naming the first field that is missing, unknown or wrong."""
    _check(document, MANDATE, "")
    for number, scope in enumerate(document["sources"], 1):
        if not isinstance(scope, dict):
            raise MandateRefused(f"Source {number} of the mandate must be an object; see: nightlight mandate draft")
        _check(scope, SCOPE, f"sources[{number}].")
        onion = any((urlsplit(origin).hostname or "").endswith(".onion") for origin in scope["origins"])
        if onion and scope["route"] != "tor":
            raise MandateRefused(
                f"Field 'sources[{number}].route' must be \"tor\": an onion address is reached no other way"
            )
    _check_people_and_dates(document)


def _check(data: Mapping[str, Any], form: Mapping[str, Check], where: str) -> None:
    for name, (holds, rule) in form.items():
        if name not in data:
            raise MandateRefused(f"Field '{where}{name}' is missing from the mandate; it {rule}")
        if not holds(data[name]):
            raise MandateRefused(f"Field '{where}{name}' of the mandate {rule}")
    unknown = sorted(set(data) - set(form))
    if unknown:
        raise MandateRefused(f"Field '{where}{unknown[0]}' of the mandate is unknown; remove it")


def _check_people_and_dates(data: Mapping[str, Any]) -> None:
    if data["applicant"].strip().casefold() == data["officer"].strip().casefold():
        raise MandateRefused("Applicant and officer of the mandate are the same person; another officer must sign it")
    begins, ends, review = (datetime.fromisoformat(data[n]) for n in ("valid_from", "valid_until", "review_by"))
    if not begins < ends or not begins < review:
        raise MandateRefused("The mandate's dates are in the wrong order: valid_from must come before the other two")
