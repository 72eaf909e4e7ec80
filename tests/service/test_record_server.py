"""A home whose record is on PostgreSQL, from the command line: made, used, examined; nothing of it in the folder."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.cli.main import run_command
from pipeline.keys import INSTANCE

PASSWORD_FILE = "secrets/record"


@pytest.fixture
def home(tmp_path: Path, postgres_url: str) -> Path:
    """Settings and password are there, the home isn't made yet."""
    place = urlsplit(postgres_url)
    made = tmp_path / "home"
    (made / "secrets").mkdir(parents=True)
    (made / PASSWORD_FILE).write_text(f"{place.password}\n")
    bare = place._replace(netloc=f"{place.username}@{place.hostname}:{place.port}").geturl()
    (made / "nightlight.toml").write_text(f'record_url = "{bare}"\nrecord_password_file = "{PASSWORD_FILE}"\n')
    return made


def run(home: Path, *arguments: str) -> int:
    """The exit code."""
    return run_command(["--home", str(home), *arguments])


def record_line(home: Path, capsys: pytest.CaptureFixture[str]) -> tuple[bool, str]:
    """What the doctor says of the record."""
    capsys.readouterr()
    run(home, "doctor", "--json")
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [line] = [entry for entry in found if entry["what"] == "record"]
    return line["well"], line["say"]


def test_the_record_is_on_the_server_and_nowhere_else(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    well, said = record_line(home, capsys)
    assert not well
    assert said.endswith("has no tables of this version yet; make them with: nightlight init")
    assert run(home, "init") == 0
    assert run(home, "source", "list") == 0
    assert run(home, "audit", "verify") == 0
    well, said = record_line(home, capsys)
    assert well
    assert "PostgreSQL database test_" in said
    assert not list(home.glob("record.db*"))


def test_an_init_that_could_not_reach_the_record_can_be_repeated(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    password = (home / PASSWORD_FILE).read_text()
    (home / PASSWORD_FILE).write_text("quixotic")
    assert run(home, "init") == 1
    said = capsys.readouterr()
    assert "correct the user in record_url or the password in record_password_file" in " ".join(said.err.split())
    assert "quixotic" not in said.err + said.out
    assert not (home / INSTANCE).exists()
    (home / PASSWORD_FILE).write_text(password)
    assert run(home, "init") == 0


def test_a_second_home_does_not_take_over_the_record_of_the_first(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, "init") == 0
    second = tmp_path / "second"
    (second / "secrets").mkdir(parents=True)
    for name in ("nightlight.toml", PASSWORD_FILE):
        (second / name).write_bytes((home / name).read_bytes())
    capsys.readouterr()
    assert run(second, "init") == 1
    assert "The record belongs to another home; copy that one's keys folder" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not (second / INSTANCE).exists()
    assert run(home, "audit", "verify") == 0


def test_without_the_driver_one_sentence_says_how_to_get_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    well, said = record_line(home, capsys)
    assert not well
    assert said == "record_url needs the extra `servers`: pip install 'nightlight[servers]'"
