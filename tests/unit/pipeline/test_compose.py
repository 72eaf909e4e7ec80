"""The index that the settings choose."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters.elastic.index import ElasticIndex
from pipeline.adapters.fts_index import FtsIndex
from pipeline.compose import compose
from pipeline.doctor import examine
from pipeline.errors import Misconfigured
from pipeline.keys import make_instance_key
from pipeline.settings import Settings, load_settings

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_instance_key(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("url", "kind"), [("", FtsIndex), (NOBODY, ElasticIndex)])
def test_a_url_chooses_elasticsearch(home: Path, url: str, kind: type) -> None:
    app = compose(home, Settings(index_url=url))
    assert isinstance(app.index, kind)
    app.close()


def test_the_embedded_line_needs_no_client_of_a_server(home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pipeline.cli import main; from pipeline.compose import compose; "
        "compose(Path(sys.argv[1])).close(); print('elasticsearch' in sys.modules, 'sqlite3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, home], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_missing_client_says_how_to_get_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pipeline.adapters.elastic.client", None)
    with pytest.raises(Misconfigured, match="pip install"):
        compose(home, Settings(index_url=NOBODY))


@pytest.mark.parametrize("setting", ["index_api_key_file", "index_ca_file"])
def test_a_file_that_is_not_there_is_named(home: Path, setting: str) -> None:
    with pytest.raises(Misconfigured, match="nowhere"):
        compose(home, Settings(index_url=NOBODY, **{setting: "nowhere"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("INDEX_URL", "http://me:secret@127.0.0.1:9200"), ("INDEX_URL", "127.0.0.1:9200"), ("INDEX_PREFIX", "a-b")],
)
def test_a_secret_in_the_url_or_an_ambiguous_prefix_is_refused(home: Path, name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name.lower()):
        load_settings(home, {f"NIGHTLIGHT_{name}": value})


def test_the_doctor_says_that_nobody_answers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTLIGHT_INDEX_URL", NOBODY)
    [search] = [finding for finding in examine(home) if finding.what == "search"]
    assert not search.well
    assert "correct index_url" in search.say
    monkeypatch.delenv("NIGHTLIGHT_INDEX_URL")
    [search] = [finding for finding in examine(home) if finding.what == "search"]
    assert search.well
