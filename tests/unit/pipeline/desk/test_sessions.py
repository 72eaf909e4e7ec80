"""Signing in: one answer for every failure, throttled, and nothing in the record that opens a session."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.desk import sessions
from pipeline.desk.accounts import HASHER, disable_user
from pipeline.desk.sessions import WRONG, TooManySignIns, sign_in, sign_out, signed_in
from pipeline.domain.accounts import ABSOLUTE, IDLE
from pipeline.errors import Refused, Unavailable
from tests.browser.seeding import NOW, PASSWORD, World


def test_the_right_password_opens_a_session_with_the_rights_of_the_role(world: World) -> None:
    token, who = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    assert len(token) >= 43  # 256 bits in base64url
    found = signed_in(world.record, token, NOW)
    assert found is not None
    assert found.user.name == "ines"
    assert found.actor == who.actor
    assert signed_in(world.record, token + "x", NOW) is None


@pytest.mark.parametrize(("name", "password"), [("ines", "not the right words"), ("nobody", PASSWORD), ("", "")])
def test_every_failure_reads_the_same(world: World, name: str, password: str) -> None:
    with pytest.raises(Refused) as failure:
        sign_in(world.record, name, password, "192.0.2.1", NOW)
    assert str(failure.value) == WRONG


def test_an_unknown_name_costs_the_same_work(world: World) -> None:
    def shortest(name: str) -> float:
        times = []
        for _ in range(3):
            began = time.perf_counter()
            with pytest.raises(Refused):
                sign_in(world.record, name, "not the right words", "192.0.2.1", NOW)
            times.append(time.perf_counter() - began)
        return min(times)

    shortest("warm-up")
    assert shortest("nobody") > shortest("ines") / 2


def test_a_disabled_account_is_out_at_once(world: World, people: Any) -> None:
    token, _ = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    disable_user(world.record, people.adm, "ines", NOW)
    assert signed_in(world.record, token, NOW) is None
    with pytest.raises(Refused, match="wrong"):
        sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)


def throttled(world: World, subject: str) -> list[object]:
    with world.record.read() as tx:
        return [event.details for event in tx.audit_of(subject, 100) if event.action == "session.throttled"]


def test_the_eleventh_try_for_a_name_waits_even_with_the_right_password(world: World) -> None:
    for _ in range(10):
        with pytest.raises(Refused, match="wrong"):
            sign_in(world.record, "ines", "x", "192.0.2.1", NOW)
    assert throttled(world, "ines") == []
    for _ in range(2):
        with pytest.raises(TooManySignIns):
            sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    assert throttled(world, "ines") == [{"limit": "name and address"}], "once in a window"
    sign_in(world.record, "okafor", PASSWORD, "192.0.2.1", NOW)
    sign_in(world.record, "ines", PASSWORD, "198.51.100.7", NOW)
    sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW + timedelta(minutes=16))


@pytest.mark.parametrize("limit", ["name", "address"])
def test_many_names_or_many_addresses_are_counted_too(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(sessions, "PER_USER" if limit == "name" else "PER_ADDRESS", 3)
    for n in range(4):
        name, address = ("ines", f"192.0.2.{n}") if limit == "name" else (f"nobody-{n}", "192.0.2.1")
        with pytest.raises(TooManySignIns if n == 3 else Refused, match="Too many" if n == 3 else "wrong"):
            sign_in(world.record, name, "x", address, NOW)
    assert throttled(world, "ines" if limit == "name" else "unknown") == [{"limit": limit}]
    sign_in(world.record, "okafor", PASSWORD, "198.51.100.7", NOW)


def test_an_address_of_a_whole_house_has_room_for_many(world: World) -> None:
    with world.record.write() as tx:
        for _ in range(60):
            tx.count_sign_in(f"address:{hashlib.sha256(b'192.0.2.1').hexdigest()[:32]}", NOW)
    sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)


class Crowded:
    """The real hasher, with how many used it at once at most."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()

    def verify(self, password_hash: str, password: str) -> bool:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return HASHER.verify(password_hash, password)
        finally:
            with self.lock:
                self.now -= 1


def test_only_so_many_passwords_are_checked_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def most(slots: int, at: datetime) -> int:
        crowd = Crowded()
        monkeypatch.setattr(sessions, "HASHER", crowd)
        monkeypatch.setattr(sessions, "HASHING", threading.BoundedSemaphore(slots))
        monkeypatch.setattr(sessions, "WAIT_S", 60)
        with ThreadPoolExecutor(8) as pool:
            tried = [pool.submit(sign_in, world.record, "ines", PASSWORD, f"192.0.2.{n}", at) for n in range(8)]
        assert all(one.result()[1].user.name == "ines" for one in tried), "the others wait for their turn"
        return crowd.most

    assert most(1, NOW) == 1
    assert most(8, NOW + ABSOLUTE) > 1, "the positive control"


def test_who_waits_too_long_for_a_turn_is_told_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "HASHING", threading.BoundedSemaphore(1))
    monkeypatch.setattr(sessions, "WAIT_S", 0.01)
    with sessions.HASHING, pytest.raises(Unavailable, match="try again in a few seconds"):
        sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)


def test_a_session_ends_when_idle_and_after_ten_hours(world: World) -> None:
    token, _ = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    now = NOW
    while now + timedelta(minutes=10) < NOW + ABSOLUTE:
        now += timedelta(minutes=10)
        assert signed_in(world.record, token, now) is not None
    assert signed_in(world.record, token, NOW + ABSOLUTE) is None
    token, _ = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    assert signed_in(world.record, token, NOW + IDLE - timedelta(seconds=1)) is not None
    token, _ = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    assert signed_in(world.record, token, NOW + IDLE) is None


def test_signing_in_again_replaces_the_session_of_this_browser(world: World) -> None:
    old, _ = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    new, who = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW, old)
    assert old != new
    assert signed_in(world.record, old, NOW) is None
    sign_out(world.record, who, NOW)
    assert signed_in(world.record, new, NOW) is None


def test_neither_token_nor_typed_name_is_written_anywhere(world: World, tmp_path: Path) -> None:
    token, who = sign_in(world.record, "ines", PASSWORD, "192.0.2.1", NOW)
    with pytest.raises(Refused):
        sign_in(world.record, "typed-my-password-here", "x", "192.0.2.1", NOW)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").iterdir() if path.is_file())
    assert who.session.token_hash.encode() in stored
    assert token.encode() not in stored
    assert b"typed-my-password-here" not in stored
