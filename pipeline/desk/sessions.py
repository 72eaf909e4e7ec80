"""Signing in and out: server-side sessions, throttled, the same answer whoever asks (OWASP ASVS 5.0, 6.3 and 7)."""

import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from argon2.exceptions import Argon2Error, InvalidHashError

from pipeline.desk.accounts import HASHER, MAX_PASSWORD
from pipeline.desk.acting import keep_event
from pipeline.domain.accounts import ABSOLUTE, IDLE, Actor, Session, User, actor_of
from pipeline.errors import Refused, Unavailable
from pipeline.ports import Record

SEEN_EVERY = timedelta(seconds=30)
"""How often a busy session's last use is written down."""

WINDOW = timedelta(minutes=15)
PER_USER_AND_ADDRESS = 10
PER_USER = 50
PER_ADDRESS = 500
"""Sign-ins in a WINDOW. Whoever guesses at a name locks it for their own address first; an address may be a whole house
behind a proxy, so it has room for many.
"""

HASHING = threading.BoundedSemaphore(4)
"""So many passwords are checked at once: each takes 64 MiB and a processor for a while."""
WAIT_S = 2.0
"""How long a sign-in waits for its turn."""

WRONG = "Name or password is wrong; try again, or ask an administrator for a new password"


class TooManySignIns(Refused):
    """Throttled; never a permanent lock-out."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind a request."""

    user: User
    session: Session
    actor: Actor


def sign_in(
    record: Record, name: str, password: str, address: str, now: datetime, old_token: str = ""
) -> tuple[str, SignedIn]:
    """Open a session; returns the cookie's value, which is kept nowhere, and who it stands for.

    The attempt is counted before anything is checked. An unknown name takes as long as a wrong password.
    old_token: a session of this browser that ends now. Raises: Refused (wrong), TooManySignIns,
    Unavailable (too many at this moment).
    """
    _throttle(record, name, address, now)
    with record.read() as tx:
        user = tx.user(name)
    right = _verify(user, password)
    if user is None or not right or user.disabled:
        with record.write() as tx:
            actor = Actor(name if user else "unknown", frozenset())
            keep_event(tx, actor, "session.refused", actor.name, now)
        raise Refused(WRONG)
    token = secrets.token_urlsafe(32)
    session = Session(_hash(token), user.name, secrets.token_urlsafe(24), now, now)
    with record.write() as tx:
        if old_token:
            tx.end_session(_hash(old_token))
        tx.save_session(session)
        keep_event(tx, actor_of(user), "session.begin", user.name, now)
    return token, SignedIn(user, session, actor_of(user))


def signed_in(record: Record, token: str, now: datetime) -> SignedIn | None:
    """Who the cookie stands for, or None: unknown, idle for 15 minutes, 10 hours old, or the account is disabled."""
    with record.read() as tx:
        session = tx.session(_hash(token))
        user = tx.user(session.user) if session else None
    if session is None or user is None:
        return None
    if user.disabled or now - session.seen_at >= IDLE or now - session.created_at >= ABSOLUTE:
        with record.write() as tx:
            tx.end_session(session.token_hash)
        return None
    if now - session.seen_at >= SEEN_EVERY:
        session = replace(session, seen_at=now)
        with record.write() as tx:
            if tx.session(session.token_hash):
                tx.save_session(session)
    return SignedIn(user, session, actor_of(user))


def sign_out(record: Record, who: SignedIn, now: datetime) -> None:
    """End this session."""
    with record.write() as tx:
        tx.end_session(who.session.token_hash)
        keep_event(tx, who.actor, "session.end", who.user.name, now)


def _throttle(record: Record, name: str, address: str, now: datetime) -> None:
    """Count, then look: whoever asks in parallel can't slip through between the two.

    The first one too many in a window leaves an audit event: which limit, and whose name if there is such an account.
    """
    limits = {
        "name and address": (_key("both", name, address), PER_USER_AND_ADDRESS),
        "name": (_key("user", name), PER_USER),
        "address": (_key("address", address), PER_ADDRESS),
    }
    with record.write() as tx:
        for key, _ in limits.values():
            tx.count_sign_in(key, now)
        over = {what: key for what, (key, limit) in limits.items() if tx.sign_ins_since(key, now - WINDOW) > limit}
        for what, key in over.items():
            if not tx.sign_ins_since(f"told:{key}", now - WINDOW):
                tx.count_sign_in(f"told:{key}", now)
                actor = Actor(name if tx.user(name) else "unknown", frozenset())
                keep_event(tx, actor, "session.throttled", actor.name, now, limit=what)
    if over:
        raise TooManySignIns("Too many sign-ins for this name or from this address; wait 15 minutes, then try again")


def _key(kind: str, *parts: str) -> str:
    """What a sign-in is counted under; the record keeps no typed name."""
    whole = "\n".join(parts)
    return f"{kind}:{_hash(whole)[:32]}"


def _verify(user: User | None, password: str) -> bool:
    if not HASHING.acquire(timeout=WAIT_S):
        raise Unavailable("Many people sign in at this moment; try again in a few seconds")
    try:
        return HASHER.verify(user.password_hash if user else _decoy(), password[: MAX_PASSWORD + 1])
    except (Argon2Error, InvalidHashError):
        return False
    finally:
        HASHING.release()


@cache
def _decoy() -> str:
    """A hash nobody knows the password of, so that an unknown name costs the same work."""
    return HASHER.hash(secrets.token_urlsafe(32))


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
