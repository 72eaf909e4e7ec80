"""What the settings choose: the index, and the sealed lists."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from nlp.assessment import Text
from nlp.classifier import Classifier
from nlp.errors import Corrupt
from nlp.sealed import seal_file
from pipeline.adapters.elastic.index import ElasticIndex
from pipeline.adapters.fts_index import FtsIndex
from pipeline.compose import compose
from pipeline.doctor import Finding, examine
from pipeline.domain.work import WorkKind
from pipeline.errors import Misconfigured, Unavailable
from pipeline.keys import make_instance_key
from pipeline.settings import Settings, load_settings
from tests.contract.making import NOON, alert

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


def test_an_index_is_made_while_every_alert_waits_for_it_and_missed_once_one_was_indexed(home: Path) -> None:
    app = compose(home, Settings())
    with app.record.write() as tx:
        tx.save_alert(alert())
        tx.add_work(WorkKind.INDEX_ALERT, [alert().id], NOON)
    app.close()
    (home / "index.db").unlink()
    app = compose(home, Settings())
    assert app.index.versions() == {}
    with app.record.write() as tx:
        tx.done(tx.claim(WorkKind.INDEX_ALERT, "w1", 1, NOON))
    app.close()
    (home / "index.db").unlink()
    app = compose(home, Settings())
    with pytest.raises(Unavailable, match="index rebuild"):
        app.index.versions()
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


def sealed_home(home: Path) -> Settings:
    """Settings with one sealed list of two terms below this home."""
    (home / "north.txt").write_text("quorvex\n\ntallow lane\n")
    seal_file(home / "north.txt", home / "keys/north.key")
    written = '[sealed_lists.north]\nfile = "north.sealed"\nkey_file = "keys/north.key"\n'
    (home / "nightlight.toml").write_text(written)
    return load_settings(home)


def found_by_doctor(home: Path, what: str) -> Finding:
    [finding] = [finding for finding in examine(home) if finding.what == what]
    return finding


def test_sealed_lists_of_the_settings_are_opened(home: Path) -> None:
    assert found_by_doctor(home, "sealed lists") == Finding("sealed lists", True, "none")
    app = compose(home, sealed_home(home))
    assert [span.reason for span in app.assessor.assess([Text("quorvex")])[0].spans] == ["sealed-term:north:1"]
    app.close()
    assert found_by_doctor(home, "sealed lists") == Finding("sealed lists", True, "1 with 2 terms")


@pytest.mark.parametrize("damage", ["missing list", "missing key", "other key"])
def test_nothing_is_judged_without_a_sealed_list_that_is_set(home: Path, damage: str) -> None:
    settings = sealed_home(home)
    if damage == "other key":
        (home / "keys/north.key").write_bytes(Fernet.generate_key())
    else:
        (home / ("north.sealed" if damage == "missing list" else "keys/north.key")).unlink()
    app = compose(home, settings)
    with pytest.raises(Corrupt, match="north") as caught:
        _ = app.assessor
    app.close()
    finding = found_by_doctor(home, "sealed lists")
    assert (finding.well, finding.say) == (False, str(caught.value))
    assert "quorvex" not in finding.say


@pytest.mark.parametrize("name", ["a:b", "", "North", "a b"])
def test_a_sealed_list_has_a_name_that_a_reason_can_hold(home: Path, name: str) -> None:
    (home / "nightlight.toml").write_text(f'[sealed_lists."{name}"]\nfile = "f"\nkey_file = "k"\n')
    with pytest.raises(Misconfigured, match="sealed_lists"):
        load_settings(home)


@pytest.mark.parametrize(("flag_from", "least"), [(0.0, 0.0), (0.01, 0.0), (0.99, 0.99)])
def test_the_threshold_of_the_settings_raises_that_of_the_model_and_never_lowers_it(
    home: Path, flag_from: float, least: float
) -> None:
    app = compose(home, Settings(flag_from=flag_from))
    assert app.assessor.threshold == max(Classifier.load().threshold, least)
    app.close()
