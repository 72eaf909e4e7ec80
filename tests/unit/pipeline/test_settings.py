"""Settings: what the environment may say."""

import traceback
from pathlib import Path

import pytest

from pipeline.errors import Misconfigured
from pipeline.settings import Settings, load_settings


def test_variables_of_the_tests_are_no_settings_but_any_other_unknown_one_is_refused(tmp_path: Path) -> None:
    ours = {"NIGHTLIGHT_HOME": str(tmp_path), "NIGHTLIGHT_TEST_REDIS_URL": "redis://127.0.0.1:6379"}
    assert load_settings(tmp_path, ours) == Settings()
    for unknown in ("NIGHTLIGHT_HOMES", "NIGHTLIGHT_TESTS"):
        with pytest.raises(Misconfigured, match=unknown.removeprefix("NIGHTLIGHT_").lower()):
            load_settings(tmp_path, {unknown: "1"})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///nightlight",
        "postgresql://night@db.example/nightlight",
        "postgresql://night@db.example:5433/nightlight?sslmode=verify-full&sslrootcert=/etc/ca.pem",
    ],
)
def test_the_record_may_be_on_a_server(tmp_path: Path, url: str) -> None:
    assert load_settings(tmp_path, {"NIGHTLIGHT_RECORD_URL": url}).record_url == url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://night:moth@db.example/nightlight",
        "postgresql://db.example/nightlight?password=moth",
        "postgresql://db.example/nightlight?sslmode=require&password=moth",
        "postgresql://db.example/nightlight?sslpassword=moth",
        "mysql://db.example/moth",
        "sqlite:///moth.db",
        "postgresql://db.example/?sslmode=moth",
    ],
)
def test_no_password_is_taken_from_a_url_nor_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="'record_url' can't be used") as caught:
        load_settings(tmp_path, {"NIGHTLIGHT_RECORD_URL": url})
    assert "moth" not in "".join(traceback.format_exception(caught.value))
