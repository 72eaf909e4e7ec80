"""The command line as a newcomer and a script meet it: one sentence that says what to do, and an exit code."""

import io
import json
import sqlite3
import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.mandate import draft
from pipeline.cli.frame import say, show
from pipeline.cli.main import run_command

ONION = "http://" + "a" * 56 + ".onion"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert run_command(["--home", str(tmp_path), "init"]) == 0
    return tmp_path


def run(home: Path, *arguments: str, stdin: str = "") -> int:
    kept, sys.stdin = sys.stdin, io.StringIO(stdin)
    try:
        return run_command(["--home", str(home), *arguments])
    finally:
        sys.stdin = kept


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on stderr, as one line; nothing may stand on stdout, and no traceback anywhere."""
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return " ".join(err.split())


def filled(now: datetime, **changes: Any) -> dict[str, Any]:
    scope = {
        "source_id": "tallow", "origins": ["http://127.0.0.1:9"], "paths": ["/"], "exclude": [], "route": "direct",
        "private_network": True, "login_path": "", "account": "",
    }  # fmt: skip
    words = dict.fromkeys(("title", "legal_basis", "grounds", "necessity", "proportionality"), "as the law says")
    people = {"applicant": "A. Applicant", "officer": "O. Officer"}
    return draft(now) | words | people | {"id": "M-1", "user_agent": "Mozilla/5.0", "sources": [scope]} | changes


def authorize(home: Path, document: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Path:
    """Key, settings, signature: as an officer and an engineer do it; returns the signed mandate's file."""
    assert run(home, "mandate", "key", str(home / "officer.pem")) == 0
    (home / "nightlight.toml").write_text('[officers.o1]\nname = "O. Officer"\npublic_key_file = "officer.pub"\n')
    (home / "draft.json").write_text(json.dumps(document))
    capsys.readouterr()
    assert (
        run(home, "mandate", "sign", str(home / "draft.json"), "--key", str(home / "officer.pem"), "--key-id", "o1")
        == 0
    )
    signed = home / "signed.json"
    signed.write_text(capsys.readouterr().out)
    return signed


def test_a_folder_without_a_home_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "source", "list") == 1
    assert "make it one with: nightlight init" in one_sentence(capsys)


def test_a_second_init_touches_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = (home / "keys/instance.pem").read_bytes()
    assert run(home, "init") == 1
    assert "is a Nightlight home already" in one_sentence(capsys)
    assert (home / "keys/instance.pem").read_bytes() == key


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("cosole_port = 1", "no setting called 'cosole_port'"),
        ("console_port = 'x'", "Setting 'console_port' can't be used"),
        ("console_port = ", "isn't valid TOML"),
        ("[officers.o]\nname='O'\npublic_key_file='nowhere.pub'", "public key of officer 'O' can't be read"),
    ],
)
def test_a_bad_settings_file_is_named_and_nothing_starts(
    home: Path, capsys: pytest.CaptureFixture[str], toml: str, said: str
) -> None:
    (home / "nightlight.toml").write_text(toml)
    assert run(home, "source", "list") == 1
    assert said in one_sentence(capsys)


def test_unknown_environment_settings_are_refused(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTLIGHT_CONSOLE_PROT", "1")
    assert run(home, "source", "list") == 1
    assert "no setting called 'console_prot'" in one_sentence(capsys)


def test_wrong_use_is_exit_code_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "user", "add", "ines") == 2
    assert run(home, "nonsense") == 2
    assert run(home, "user", "add", "ines", "--role", "reviewer", stdin="short\n") == 2
    assert "15 to 256 characters" in one_sentence(capsys)


@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", "MISSING"),
        ("lexicon", "seal", "MISSING", "--key-file", "KEY"),
        ("train", "--add", "MISSING"),
        ("mandate", "sign", "MISSING", "--key", "KEY", "--key-id", "o1"),
        ("mandate", "record", "MISSING"),
    ],
)
def test_a_file_that_is_not_there_is_wrong_use(
    home: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    named = {"MISSING": str(home / "missing"), "KEY": str(home / "key")}
    capsys.readouterr()
    assert run(home, *(named.get(word, word) for word in command)) == 2
    assert "missing can't be read (No such file or directory); check the path" in one_sentence(capsys)
    assert not (home / "key").exists()


def test_an_account_gets_another_password_and_comes_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "seven quiet herons\n"
    assert run(home, "user", "add", "ines", "--role", "reviewer", stdin=long) == 0
    assert run(home, "user", "disable", "ines") == 0
    assert run(home, "user", "enable", "ines") == 0
    assert run(home, "user", "password", "ines", stdin="short\n") == 2
    assert run(home, "user", "password", "nobody", stdin=long) == 1
    capsys.readouterr()
    assert run(home, "user", "password", "ines", stdin=long) == 0
    assert one_sentence(capsys) == "ines has another password."


def test_a_mandate_is_signed_recorded_shown_and_revoked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signed = authorize(home, filled(datetime.now(UTC) - timedelta(hours=1)), capsys)
    assert run(home, "mandate", "record", str(signed)) == 0
    assert run(home, "mandate", "show", "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "live"
    assert run(home, "mandate", "revoke", "M-1", "--why", "the operation ended") == 0
    capsys.readouterr()
    assert run(home, "mandate", "show", "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "revoked"


def test_an_edited_mandate_is_refused_with_exit_code_3(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signed = authorize(home, filled(datetime.now(UTC) - timedelta(hours=1)), capsys)
    edited = json.loads(signed.read_text())
    edited["mandate"]["pages_per_day"] = 999_999
    signed.write_text(json.dumps(edited))
    assert run(home, "mandate", "record", str(signed)) == 3
    assert "edited after signing" in one_sentence(capsys)


def test_an_expired_mandate_is_refused_with_exit_code_3(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signed = authorize(home, filled(datetime.now(UTC) - timedelta(days=400)), capsys)
    assert run(home, "mandate", "record", str(signed)) == 3
    assert "Mandate M-1 ended" in one_sentence(capsys)


def test_a_crawl_without_a_mandate_is_refused_with_exit_code_3(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "source", "add", "tallow", "--start-url", ONION + "/", "--mandate", "M-9") == 0
    assert run(home, "crawl", "tallow") == 3
    assert "has no mandate" in one_sentence(capsys)
    assert run(home, "crawl", "nowhere") == 3
    assert "No source is called 'nowhere'" in one_sentence(capsys)


def test_an_unreachable_source_is_exit_code_1_and_says_that_it_is_tried_again(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    capsys = capfd
    signed = authorize(home, filled(datetime.now(UTC) - timedelta(hours=1), delay_s=0), capsys)
    assert run(home, "mandate", "record", str(signed)) == 0
    assert run(home, "source", "add", "tallow", "--start-url", "http://127.0.0.1:9/", "--mandate", "M-1") == 0
    capfd.readouterr()
    assert run(home, "crawl", "tallow") == 1
    assert "can't be reached" in one_sentence(capfd)


@pytest.mark.parametrize("bad", ["not json at all", "[" * 100_000])
def test_assess_names_the_bad_line_and_never_repeats_it(
    home: Path, capsys: pytest.CaptureFixture[str], bad: str
) -> None:
    good = json.dumps({"id": 1, "text": "who sells lamp oil here?"})
    assert run(home, "assess", stdin=f"{good}\n{bad}\n") == 2
    said = one_sentence(capsys)
    assert "Line 2 isn't JSON" in said
    assert bad not in said


def test_assess_prints_one_json_line_a_text(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": "a", "text": "which chain lube is best?"}, {"id": "b", "text": "", "title": "t"}]
    assert run(home, "assess", stdin="\n".join(map(json.dumps, rows))) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in found] == ["a", "b"]
    expected = {"id", "score", "flagged", "kinds", "spans", "language", "child_safety_context", "model"}
    assert all(set(row) == expected for row in found)


def test_an_unknown_engine_is_refused_by_name(home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><p>hello</p></html>")
    assert run(home, "extract", str(page), "--url", "http://forum.test/t1", "--engine", "nosuch") == 2
    assert "No engine is called 'nosuch'; use auto or one of" in one_sentence(capsys)
    assert run(home, "extract", str(page), "--url", "http://forum.test/t1", "--timezone", "Mars/Olympus") == 2
    assert "IANA name" in one_sentence(capsys)
    named = ("source", "add", "tallow", "--start-url", ONION + "/", "--mandate", "M-1")
    assert run(home, *named, "--engine", "nosuch") == 2
    assert "No engine is called 'nosuch'" in one_sentence(capsys)
    assert run(home, *named, "--engine", "phpbb") == 0


@pytest.mark.parametrize(
    "arguments",
    [("mandate", "draft", "{}"), ("mandate", "key", "{}"), ("train", "--into", "{}"), ("--home", "{}", "init")],
)
def test_a_file_that_cannot_be_written_is_one_sentence_that_names_it(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    blocked = home / "nightlight.toml"
    blocked.touch()
    assert run(home, *(argument.format(blocked / "below") for argument in arguments)) == 1
    said = one_sentence(capsys)
    assert str(blocked) in said
    assert "check its folder, its permissions and the free space" in said


STEERING = "a\x1b]0;owned\x07\x9b31m\u202e\u200b\U000e0041z"


def test_hostile_text_cannot_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        show([{"text": STEERING}], as_json, "")
    say(STEERING)
    out, err = capsys.readouterr()
    assert not [char for char in out + err if char != "\n" and unicodedata.category(char) in ("Cc", "Cf")]
    assert "⟨U+001B⟩" in out
    assert "⟨U+202E⟩" in err
    assert json.loads(out.splitlines()[-1]) == {"text": STEERING}


def test_json_lines_survive_half_a_surrogate_pair(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "assess", stdin='{"id": "\\ud800", "text": "\\ud800 which lamp oil?"}') == 0
    assert json.loads(capsys.readouterr().out)["id"] == "\ud800"


def test_the_audit_log_of_a_new_home_verifies_and_a_cut_one_does_not(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, "audit", "verify") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["size"] == 1
    with sqlite3.connect(home / "record.db") as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        table = next(name for name in names if name.startswith("audit"))
        connection.execute(f"DELETE FROM {table}")
    assert run(home, "audit", "verify") == 1
    assert "does not verify" in one_sentence(capsys)


def test_a_receivers_secret_can_be_made_anew(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "endpoint", "add", "cases", "--url", "https://cases.example/hook") == 0
    first = capsys.readouterr().out.strip()
    path = home / "secrets/cases.whsec"
    path.unlink()
    assert run(home, "endpoint", "rotate", "cases") == 0
    second = capsys.readouterr().out.strip()
    assert second.startswith("whsec_")
    assert second != first
    assert path.read_text().strip() == second
    assert path.stat().st_mode & 0o777 == 0o600
    assert run(home, "endpoint", "rotate", "nobody") == 1
    assert "nightlight endpoint list" in one_sentence(capsys)
