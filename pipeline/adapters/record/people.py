"""Accounts, sessions, attempts to sign in, saved searches."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy import insert as plain_insert

from pipeline.adapters.record.base import Family
from pipeline.adapters.record.statements import upsert
from pipeline.adapters.record.tables import searches, sessions, sign_ins, users
from pipeline.domain.accounts import Role, Session, User

_FORGET = timedelta(days=1)
"""Attempts to sign in are counted over minutes; nobody needs older ones."""


class SqlPeople(Family):
    """ports.People."""

    def save_user(self, user: User) -> None:
        """Insert or replace."""
        upsert(self._connection, users, asdict(user) | {"role": str(user.role)})

    def user(self, name: str) -> User | None:
        """By name."""
        row = self._connection.execute(select(users).where(users.c.name == name)).first()
        return _user(row) if row else None

    def users(self) -> Sequence[User]:
        """By name."""
        return [_user(row) for row in self._connection.execute(select(users).order_by(users.c.name))]

    def save_session(self, session: Session) -> None:
        """Insert or replace."""
        upsert(self._connection, sessions, asdict(session))

    def session(self, token_hash: str) -> Session | None:
        """By the hash of its cookie."""
        row = self._connection.execute(select(sessions).where(sessions.c.token_hash == token_hash)).first()
        return Session(**row._mapping) if row else None

    def end_session(self, token_hash: str) -> None:
        """None is fine too."""
        self._connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))

    def end_sessions(self, user: str) -> None:
        """All of this account."""
        self._connection.execute(delete(sessions).where(sessions.c.user == user))

    def forget_sessions(self, idle_since: datetime, begun_before: datetime) -> int:
        """Sessions that ran out, though nobody came back to find it."""
        over = (sessions.c.seen_at <= idle_since) | (sessions.c.created_at <= begun_before)
        return self._connection.execute(delete(sessions).where(over)).rowcount

    def sign_ins_since(self, key: str, since: datetime) -> int:
        """How many were counted for this key from this moment on."""
        query = select(func.count()).select_from(sign_ins).where(sign_ins.c.key == key, sign_ins.c.at >= since)
        return self._connection.scalar(query) or 0

    def count_sign_in(self, key: str, at: datetime) -> None:
        """Count one; those of days before are forgotten."""
        self._connection.execute(delete(sign_ins).where(sign_ins.c.at < at - _FORGET))
        self._connection.execute(plain_insert(sign_ins).values(key=key, at=at))

    def save_search(self, search_id: str, user: str, query: str, at: datetime) -> None:
        """Insert or replace."""
        upsert(self._connection, searches, {"id": search_id, "user": user, "query": query, "at": at})

    def saved_search(self, search_id: str) -> tuple[str, str] | None:
        """Whose it is, and its words."""
        query = select(searches.c.user, searches.c.query).where(searches.c.id == search_id)
        row = self._connection.execute(query).first()
        return (row.user, row.query) if row else None

    def forget_searches(self, before: datetime) -> int:
        """With the words that were searched for."""
        count = self._connection.execute(delete(searches).where(searches.c.at < before)).rowcount
        self.erased = self.erased or count > 0
        return count


def _user(row: Row[Any]) -> User:
    values = dict(row._mapping)
    return User(**values | {"role": Role(values["role"])})
