"""What may be collected, by whose authority, until when. No mandate in force, no request; an empty scope is nothing.

A mandate is a document in canonical JSON (RFC 8785) with an ed25519 signature (RFC 8032) of an authorizing officer.
It is verified whenever it is loaded, so an edited row is no mandate.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crawler.errors import MandateRefused
from crawler.mandate_form import FORM_VERSION, check_form

__all__ = [
    "Mandate",
    "Officer",
    "Purpose",
    "Route",
    "SignedMandate",
    "SourceScope",
    "draft",
    "from_json",
    "load",
    "read",
    "sign",
    "to_json",
]


class Route(StrEnum):
    """The way to a source."""

    TOR = "tor"
    DIRECT = "direct"


class Purpose(StrEnum):
    """Why a request is made."""

    PAGE = "page"
    REDIRECT = "redirect"
    ROBOTS = "robots"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Officer:
    """An authorizing officer known to the settings; their signature makes a mandate."""

    name: str
    public_key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class SourceScope:
    """What may be read of one source.

    origins: scheme://host[:port] of the source and its mirrors. paths: allowed path prefixes; none means nothing.
    exclude: path prefixes that are never read. private_network: loopback and private addresses may be reached.
    login_path: the one path that may be POSTed to, or "". account: name of the declared account, or "".
    """

    source_id: str
    origins: tuple[str, ...]
    paths: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    route: Route = Route.TOR
    private_network: bool = False
    login_path: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Mandate:
    """A verified authorization. Times are aware UTC; delay_s is the least wait between two requests of a source.

    robots: "obey", or "ignore" as a recorded decision of the officer.
    """

    id: str
    title: str
    legal_basis: str
    grounds: str
    necessity: str
    proportionality: str
    applicant: str
    officer: str
    valid_from: datetime
    valid_until: datetime
    review_by: datetime
    sources: tuple[SourceScope, ...]
    user_agent: str
    headers: tuple[tuple[str, str], ...]
    delay_s: float
    pages_per_day: int
    robots: str

    def scope(self, source_id: str) -> SourceScope:
        """The scope of a source. Raises: MandateRefused when the mandate doesn't name it."""
        for scope in self.sources:
            if scope.source_id == source_id:
                return scope
        raise MandateRefused(f"Mandate {self.id} doesn't cover source {source_id!r}; record one that names it")

    def check_time(self, now: datetime) -> None:
        """Raises: MandateRefused outside its dates, or when its review is overdue."""
        if now < self.valid_from:
            raise MandateRefused(
                f"Mandate {self.id} is in force from {self.valid_from:%Y-%m-%d %H:%M} UTC; wait for it"
            )
        if now >= self.valid_until:
            raise MandateRefused(f"Mandate {self.id} ended {self.valid_until:%Y-%m-%d %H:%M} UTC; a new one is needed")
        if now >= self.review_by:
            raise MandateRefused(
                f"Mandate {self.id} was due for review {self.review_by:%Y-%m-%d %H:%M} UTC; have the officer renew it"
            )


@dataclass(frozen=True, slots=True)
class SignedMandate:
    """document: canonical JSON bytes, exactly as signed. signature: 64 bytes."""

    document: bytes
    key_id: str
    signature: bytes


def draft(now: datetime) -> dict[str, Any]:
    """A document with every field, to be filled in by the applicant; as it stands it covers nothing."""
    return {
        "version": FORM_VERSION,
        "id": "M-YYYY-NNN",
        "title": "",
        "legal_basis": "",
        "grounds": "",
        "necessity": "",
        "proportionality": "",
        "applicant": "",
        "officer": "",
        "valid_from": _stamp(now),
        "valid_until": _stamp(now + timedelta(days=90)),
        "review_by": _stamp(now + timedelta(days=28)),
        "user_agent": "",
        "headers": {"Accept-Language": "en"},
        "delay_s": 3,
        "pages_per_day": 600,
        "robots": "obey",
        "sources": [
            {
                "source_id": "",
                "origins": [],
                "paths": [],
                "exclude": [],
                "route": "tor",
                "private_network": False,
                "login_path": "",
                "account": "",
            }
        ],
    }


def sign(document: Mapping[str, Any], key: Ed25519PrivateKey, key_id: str) -> SignedMandate:
    """Sign a filled-in document. Raises: MandateRefused naming the first field that is missing or wrong."""
    check_form(document)
    canonical = rfc8785.dumps(dict(document))
    return SignedMandate(canonical, key_id, key.sign(canonical))


def to_json(signed: SignedMandate) -> bytes:
    """The envelope {"mandate": …, "signature": {"alg", "key_id", "value"}} as canonical JSON."""
    value = base64.b64encode(signed.signature).decode()
    signature = {"alg": "ed25519", "key_id": signed.key_id, "value": value}
    return rfc8785.dumps({"mandate": json.loads(signed.document), "signature": signature})


def from_json(envelope: bytes) -> SignedMandate:
    """The signed mandate in an envelope, not verified yet. Raises: MandateRefused for any other shape."""
    try:
        data = json.loads(envelope)
        signature = data["signature"]
        if signature["alg"] != "ed25519":
            raise MandateRefused("The mandate isn't signed with ed25519; sign it with: nightlight mandate sign")
        value = base64.b64decode(signature["value"], validate=True)
        return SignedMandate(rfc8785.dumps(data["mandate"]), str(signature["key_id"]), value)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error, rfc8785.CanonicalizationError) as error:
        raise MandateRefused("This is no signed mandate; make one with: nightlight mandate sign FILE") from error


def load(signed: SignedMandate, officers: Mapping[str, Officer], now: datetime) -> Mandate:
    """The mandate, verified and in force now.

    Raises: MandateRefused with one sentence: unknown key, bad signature, a field missing or wrong, applicant and
        officer the same person, not in force, review overdue.
    """
    mandate = read(signed, officers)
    mandate.check_time(now)
    return mandate


def read(signed: SignedMandate, officers: Mapping[str, Officer]) -> Mandate:
    """The mandate, verified, whatever the date. Raises: MandateRefused."""
    officer = officers.get(signed.key_id)
    if officer is None:
        raise MandateRefused(
            f"No officer in nightlight.toml has the key {signed.key_id!r}; list it there or have it signed anew"
        )
    try:
        officer.public_key.verify(signed.signature, signed.document)
    except InvalidSignature:
        raise MandateRefused(
            "The mandate's signature doesn't hold: it was edited after signing; get the original"
        ) from None
    document = _parsed(signed.document)
    check_form(document)
    mandate = _mandate(document)
    if mandate.officer != officer.name:
        raise MandateRefused(
            f"Mandate {mandate.id} names officer {mandate.officer!r}, but the key belongs to {officer.name!r}"
        )
    return mandate


def _parsed(document: bytes) -> dict[str, Any]:
    try:
        data = json.loads(document)
        canonical = rfc8785.dumps(data) == document
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        canonical = False
    if not canonical or not isinstance(data, dict):
        raise MandateRefused("The mandate isn't in canonical form; sign it with: nightlight mandate sign FILE")
    return data


def _mandate(data: Mapping[str, Any]) -> Mandate:
    times: dict[str, Any] = {
        name: datetime.fromisoformat(data[name]) for name in ("valid_from", "valid_until", "review_by")
    }
    texts = ("id", "title", "legal_basis", "grounds", "necessity", "proportionality", "applicant", "officer")
    return Mandate(
        **{name: data[name] for name in texts},
        **times,
        sources=tuple(_scope(scope) for scope in data["sources"]),
        user_agent=data["user_agent"],
        headers=tuple(sorted(data["headers"].items())),
        delay_s=float(data["delay_s"]),
        pages_per_day=data["pages_per_day"],
        robots=data["robots"],
    )


def _scope(data: Mapping[str, Any]) -> SourceScope:
    lists: dict[str, Any] = {name: tuple(data[name]) for name in ("origins", "paths", "exclude")}
    rest: dict[str, Any] = {name: data[name] for name in ("source_id", "private_network", "login_path", "account")}
    return SourceScope(**lists, **rest, route=Route(data["route"]))


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
