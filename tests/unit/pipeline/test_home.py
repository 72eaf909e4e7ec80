"""The home folder: an `init` that died can be repeated, and an index that is gone is never an empty one."""

import getpass
import os
import pwd
from pathlib import Path

import pytest

from pipeline.cli.frame import me
from pipeline.compose import compose
from pipeline.domain.query import parse
from pipeline.errors import Conflict, Misconfigured, Unavailable
from pipeline.home import init_home, login_name
from pipeline.keys import INSTANCE, instance_key, read_secret
from pipeline.line.indexing import rebuild
from tests.contract.making import alert, capture, judged, post


def test_an_init_that_died_while_it_wrote_the_key_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(path: Path, data: bytes) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Path, "write_bytes", die)
        with pytest.raises(KeyboardInterrupt):
            init_home(tmp_path)
    init_home(tmp_path)
    assert instance_key(tmp_path)
    assert (tmp_path / INSTANCE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict):
        init_home(tmp_path)


def test_an_index_that_is_gone_is_an_error_until_it_is_rebuilt_and_no_empty_answer(tmp_path: Path) -> None:
    init_home(tmp_path)
    app = compose(tmp_path)
    assert app.index.search(parse("")).total == 0, "nothing to find yet"
    with app.record.write() as tx:
        (revision,) = tx.save_capture(capture(post(1)), app.clock.now())
        tx.save_assessments({revision: judged(True)}, app.clock.now())
        tx.save_alert(alert())
        tx.add_to_alert(alert().id, [revision])
    app.close()
    for file in tmp_path.glob("index.db*"):
        file.unlink()
    later = compose(tmp_path)
    with pytest.raises(Unavailable, match="nightlight index rebuild"):
        later.index.search(parse(""))
    assert rebuild(later.record, later.index, later.clock, "ines") == 1
    assert later.index.search(parse("")).total == 1
    later.close()


def test_a_secret_file_that_holds_no_text_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Misconfigured, match="put the secret there"):
        read_secret(tmp_path, "s")


def test_who_acts_at_the_command_line_is_the_user_of_the_system_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else one person could train a model and promote it as another."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert getpass.getuser() == "somebody-else"
    assert login_name() == pwd.getpwuid(os.getuid()).pw_name
    assert me().name == f"cli:{login_name()}"
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    assert login_name() == f"uid-{2**31 - 7}"
