"""Accounts and what their roles allow."""

from typing import Any

import pytest

from pipeline.desk.accounts import add_user, disable_user, enable_user, list_users, set_password
from pipeline.desk.sessions import sign_in, signed_in
from pipeline.domain.accounts import GRANTS, Permission, Role
from pipeline.errors import BadInput, Conflict, NotFound, Refused
from tests.browser.seeding import NOW, PASSWORD, World

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


def test_a_new_password_ends_the_sessions_of_that_account_and_the_old_password(world: World, people: Any) -> None:
    mine, _ = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    other, _ = sign_in(world.record, "okafor", PASSWORD, "192.0.2.1", NOW)
    set_password(world.record, people.adm, "ines", LONG, NOW)
    assert signed_in(world.record, mine, NOW) is None
    assert signed_in(world.record, other, NOW) is not None
    with pytest.raises(Refused):
        sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    sign_in(world.record, "ines", LONG, "192.0.2.1", NOW)
    with world.record.read() as tx:
        events = [(event.actor, event.action, event.details) for event in tx.audit_of("ines", 20)]
    assert (people.adm.name, "user.password", {}) in events
    for name, password, error in [("ines", "x" * 14, BadInput), ("nobody", LONG, NotFound)]:
        with pytest.raises(error):
            set_password(world.record, people.adm, name, password, NOW)


def test_an_enabled_account_signs_in_afresh(world: World, people: Any) -> None:
    before, _ = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    disable_user(world.record, people.adm, "ines", NOW)
    enable_user(world.record, people.adm, "ines", NOW)
    assert signed_in(world.record, before, NOW) is None, "a session from before doesn't come back"
    sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    with world.record.read() as tx:
        assert {"user.disable", "user.enable"} <= {event.action for event in tx.audit_of("ines", 20)}


def test_only_administrators_keep_accounts(world: World, people: Any) -> None:
    for actor in (people.sten, people.ines, people.audrey):
        with pytest.raises(Refused):
            add_user(world.record, actor, "new", "", Role.VIEWER, LONG, NOW)
        with pytest.raises(Refused):
            set_password(world.record, actor, "ines", LONG, NOW)
        with pytest.raises(Refused):
            enable_user(world.record, actor, "ines", NOW)


def test_administrators_and_auditors_see_no_content() -> None:
    for role in (Role.ADMIN, Role.AUDITOR, Role.OFFICER):
        assert not GRANTS[role] & {Permission.READ_CONTENT, Permission.SEARCH, Permission.REVIEW, Permission.EXPORT}
    assert Permission.READ_CONTENT in GRANTS[Role.VIEWER]
