"""What can't be had is named at the end of a run; in CI that fails it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.servers.redis import RedisServer

TESTS = """
from tests.service.servers.server import NotRun
def test_one(redis_url): pass
def test_two(redis_url): pass
def test_three(): pass
"""
ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A run of pytest over TESTS with our plugin; its programs come from PATH only."""
    (folder / "test_sample.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--rootdir", str(folder), str(folder)]
    clean = {name: value for name, value in os.environ.items() if name != "CI" and "NIGHTLIGHT_TEST" not in name}
    return subprocess.run(command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False)


def test_what_is_missing_is_named_and_fails_the_run_in_ci_only(tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path)}
    line = "not run: tests with Redis, because there is no program redis-server, get it by apt-get install redis-server"
    by_hand, in_ci = run(tmp_path, **nowhere), run(tmp_path, **nowhere, CI="true")
    assert f"{line} (2 tests)" in by_hand.stdout.splitlines()
    assert "1 passed, 2 skipped" in by_hand.stdout
    assert by_hand.returncode == 0
    assert f"{line} (2 tests)" in in_ci.stdout.splitlines()
    assert in_ci.returncode == 1


def test_with_everything_there_nothing_is_named_and_ci_passes(tmp_path: Path) -> None:
    done = run(tmp_path, CI="true")
    assert "3 passed" in done.stdout
    assert "not run" not in done.stdout
    assert done.returncode == 0


def test_a_server_that_runs_already_is_used_and_not_ended(tmp_path: Path, redis_server: RedisServer) -> None:
    done = run(tmp_path, CI="true", PATH=str(tmp_path), NIGHTLIGHT_TEST_REDIS_URL=redis_server.url)
    assert "3 passed" in done.stdout
    assert done.returncode == 0
    assert redis_server.answers()


def test_a_server_that_is_not_ours_is_not_killed(tmp_path: Path, redis_server: RedisServer) -> None:
    external = RedisServer(tmp_path, redis_server.url)
    external.start()
    with pytest.raises(pytest.skip.Exception, match="unset NIGHTLIGHT_TEST_REDIS_URL"):
        external.kill()
    assert external.answers()


def test_a_url_where_nobody_answers_is_an_error_and_no_skip(tmp_path: Path) -> None:
    done = run(tmp_path, NIGHTLIGHT_TEST_REDIS_URL="redis://127.0.0.1:9")
    assert "NIGHTLIGHT_TEST_REDIS_URL names a Redis that doesn't answer" in done.stdout
    assert done.returncode == 1
