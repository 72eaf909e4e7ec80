"""Accounts and what their roles allow."""

from typing import Any

import pytest

from pipeline.desk.accounts import add_user, list_users
from pipeline.desk.sessions import sign_in
from pipeline.domain.accounts import GRANTS, Permission, Role
from pipeline.errors import BadInput, Conflict, Refused
from tests.browser.seeding import NOW, World

LONG = "seven quiet herons"


def test_a_new_user_can_sign_in(world: World, people: Any) -> None:
    add_user(world.record, people.adm, "new.one", "New One", Role.VIEWER, LONG, NOW)
    _, who = sign_in(world.record, "new.one", LONG, "192.0.2.1", NOW)
    assert who.actor.permissions == GRANTS[Role.VIEWER]
    assert "new.one" in {user.name for user in list_users(world.record, people.adm)}


def test_names_and_passwords_have_their_bounds(world: World, people: Any) -> None:
    for name, password in [("new", "x" * 14), ("new", "x" * 257), ("New One", LONG), ("", LONG), ("a" * 41, LONG)]:
        with pytest.raises(BadInput):
            add_user(world.record, people.adm, name, "", Role.VIEWER, password, NOW)
    with pytest.raises(Conflict, match="ines"):
        add_user(world.record, people.adm, "ines", "", Role.VIEWER, LONG, NOW)


def test_only_administrators_keep_accounts(world: World, people: Any) -> None:
    for actor in (people.sten, people.ines, people.audrey):
        with pytest.raises(Refused):
            add_user(world.record, actor, "new", "", Role.VIEWER, LONG, NOW)


def test_administrators_and_auditors_see_no_content() -> None:
    for role in (Role.ADMIN, Role.AUDITOR, Role.OFFICER):
        assert not GRANTS[role] & {Permission.READ_CONTENT, Permission.SEARCH, Permission.REVIEW, Permission.EXPORT}
    assert Permission.READ_CONTENT in GRANTS[Role.VIEWER]
