"""People and what they may do. Permissions belong to actions in desk/, never to routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a person is here for; admin configures and sees no content, auditor sees the log only."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    OFFICER = "officer"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """Everything that can be asked of the desk."""

    READ_CONTENT = "read content"
    SEARCH = "search"
    REVIEW = "review alerts"
    REOPEN = "reopen alerts"
    EXPORT = "export alerts"
    SEE_SOURCES = "see sources and mandates"
    MANAGE_SOURCES = "manage sources"
    MANAGE_MANDATES = "record and revoke mandates"
    SEE_DELIVERIES = "see deliveries"
    MANAGE_ENDPOINTS = "manage endpoints"
    MANAGE_ACCOUNTS = "manage accounts"
    MANAGE_MODELS = "train and promote models"
    SEE_AUDIT = "see the audit log"
    RUN_OPERATIONS = "run operations"


_READ = frozenset({Permission.READ_CONTENT, Permission.SEARCH, Permission.SEE_SOURCES, Permission.SEE_DELIVERIES})
_REVIEW = _READ | {Permission.REVIEW}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _READ,
    Role.REVIEWER: _REVIEW,
    Role.SUPERVISOR: _REVIEW
    | {
        Permission.REOPEN,
        Permission.EXPORT,
        Permission.MANAGE_SOURCES,
        Permission.MANAGE_MODELS,
        Permission.SEE_AUDIT,
    },
    Role.OFFICER: frozenset({Permission.SEE_SOURCES, Permission.MANAGE_MANDATES, Permission.SEE_AUDIT}),
    Role.ADMIN: frozenset(
        {
            Permission.SEE_SOURCES,
            Permission.MANAGE_SOURCES,
            Permission.SEE_DELIVERIES,
            Permission.MANAGE_ENDPOINTS,
            Permission.MANAGE_ACCOUNTS,
            Permission.MANAGE_MODELS,
            Permission.RUN_OPERATIONS,
        }
    ),
    Role.AUDITOR: frozenset({Permission.SEE_AUDIT}),
}


@dataclass(frozen=True, slots=True)
class User:
    """An account. password_hash: argon2id encoded string."""

    name: str
    display_name: str
    role: Role
    password_hash: str
    created_at: datetime
    disabled: bool = False


IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=10)
"""A session is over when it wasn't used for so long, or is so old (OWASP ASVS 5.0, 7.3)."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; token_hash is hex SHA-256 of the cookie, csrf a token of its own."""

    token_hash: str
    user: str
    csrf: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in person, or somebody at the command line, or the line itself."""

    name: str
    permissions: frozenset[Permission]


def actor_of(user: User) -> Actor:
    """The actor a user is while the account is enabled."""
    return Actor(user.name, frozenset() if user.disabled else GRANTS[user.role])


LINE = Actor("line", frozenset(Permission))
"""The steps that run by themselves."""


def operator(name: str) -> Actor:
    """Somebody with shell access on the machine that holds the record: every permission, under their own name."""
    return Actor(f"cli:{name}", frozenset(Permission))
