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
    ("name", "url"),
    [
        ("record_url", "postgresql://night:moth@db.example/nightlight"),
        ("record_url", "postgresql://db.example/nightlight?password=moth"),
        ("record_url", "postgresql://db.example/nightlight?sslmode=require&password=moth"),
        ("record_url", "postgresql://db.example/nightlight?sslpassword=moth"),
        ("record_url", "mysql://db.example/moth"),
        ("record_url", "sqlite:///moth.db"),
        ("record_url", "postgresql://db.example/?sslmode=moth"),
        ("index_url", "https://night:moth@search.example:9200"),
        ("index_url", "https://search.example:9200?password=moth"),
        ("broker_url", "redis://:moth@queue.example/0"),
        ("broker_url", "redis://night:moth@queue.example/0"),
        ("broker_url", "redis://queue.example/0?password=moth"),
        ("broker_url", "rediss://queue.example/0?ssl_cert_reqs=none&moth=1"),
        ("socks_url", "socks5h://night:moth@127.0.0.1:9050"),
        ("socks_url", "http://moth.example:9050"),
    ],
)
def test_no_password_and_no_other_option_is_taken_from_a_url_nor_repeated(tmp_path: Path, name: str, url: str) -> None:
    with pytest.raises(Misconfigured, match=f"'{name}' can't be used") as caught:
        load_settings(tmp_path, {f"NIGHTLIGHT_{name.upper()}": url})
    assert "moth" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("index_url", "https://search.example:9200"),
        ("broker_url", "rediss://night@queue.example:6380/2"),
        ("socks_url", "socks5h://127.0.0.1:9050"),
        ("socks_url", "socks5h://[::1]:9050"),
    ],
)
def test_servers_are_named_by_bare_urls(tmp_path: Path, name: str, url: str) -> None:
    assert getattr(load_settings(tmp_path, {f"NIGHTLIGHT_{name.upper()}": url}), name) == url
