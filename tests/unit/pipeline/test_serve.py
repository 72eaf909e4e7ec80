"""Who runs the line: serve by itself, unless workers do."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.compose import App, compose
from pipeline.home import init_home
from pipeline.serve import _line
from pipeline.settings import Settings
from pipeline.worker import LOOPS


@pytest.fixture
def home(tmp_path: Path) -> Path:
    init_home(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def app(home: Path, request: pytest.FixtureRequest) -> Iterator[App]:
    app = compose(home, Settings(broker_url=request.param))
    yield app
    app.close()


@pytest.mark.parametrize(("app", "loops"), [("", set(LOOPS)), ("redis://127.0.0.1:9/1", set())], indirect=["app"])
def test_with_a_broker_serve_is_the_console_only(app: App, loops: set[str]) -> None:
    with _line(app):
        assert {thread.name for thread in threading.enumerate()} & set(LOOPS) == loops
    assert not {thread.name for thread in threading.enumerate()} & set(LOOPS)
