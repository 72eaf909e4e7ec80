"""Accounts: who may sign in, and as what."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission, Role, User
from pipeline.errors import BadInput, Conflict, NotFound
from pipeline.ports import Record

MIN_PASSWORD = 15
MAX_PASSWORD = 256
"""Long enough for any pass phrase, short enough that hashing one can't be made costly."""

HASHER = PasswordHasher()
"""argon2id with the library's parameters (RFC 9106, low-memory profile)."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def add_user(
    record: Record, actor: Actor, name: str, display_name: str, role: Role, password: str, now: datetime
) -> User:
    """Make an account. Raises: Refused, BadInput (name or password), Conflict (the name is taken)."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    if not _NAME.fullmatch(name):
        raise BadInput("A user name is 1 to 40 of a-z, 0-9 and . - _ and begins with a letter or digit")
    user = User(name, display_name.strip() or name, role, hash_password(password), now)
    with record.write() as tx:
        if tx.user(name):
            raise Conflict(f"There is a user called {name} already; choose another name")
        tx.save_user(user)
        keep_event(tx, actor, "user.add", name, now, role=str(role))
    return user


def list_users(record: Record, actor: Actor) -> Sequence[User]:
    """Every account, disabled ones too. Raises: Refused."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    with record.read() as tx:
        return tx.users()


def disable_user(record: Record, actor: Actor, name: str, now: datetime) -> None:
    """Take an account out of use; its sessions end. Raises: Refused, NotFound."""
    _change(record, actor, name, "user.disable", now, disabled=True)


def enable_user(record: Record, actor: Actor, name: str, now: datetime) -> None:
    """Take an account into use again, with the password it had. Raises: Refused, NotFound."""
    _change(record, actor, name, "user.enable", now, disabled=False)


def set_password(record: Record, actor: Actor, name: str, password: str, now: datetime) -> None:
    """Give an account another password; its sessions end. Raises: Refused, BadInput (password), NotFound."""
    require(actor, Permission.MANAGE_ACCOUNTS)
    _change(record, actor, name, "user.password", now, password_hash=hash_password(password))


def _change(
    record: Record,
    actor: Actor,
    name: str,
    action: str,
    now: datetime,
    **changes: Any,  # noqa: ANN401 - `replace`'s
) -> None:
    require(actor, Permission.MANAGE_ACCOUNTS)
    with record.write() as tx:
        user = tx.user(name)
        if user is None:
            raise NotFound(f"No user is called {name}; see: nightlight user list")
        tx.save_user(replace(user, **changes))
        tx.end_sessions(name)
        keep_event(tx, actor, action, name, now)


def hash_password(password: str) -> str:
    """The argon2id hash to keep. Raises: BadInput for one that is too short or absurdly long."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise BadInput(f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; several words make a good one")
    return HASHER.hash(password)
