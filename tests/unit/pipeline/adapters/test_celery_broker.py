"""What Celery may and may not do here; what it does with a real Redis is in tests/service/test_celery.py."""

import subprocess
import sys
from pathlib import Path

import pytest
from celery.beat import PersistentScheduler

from pipeline import compose
from pipeline.adapters.celery_broker import CeleryBroker, _Pulse, _with_password
from pipeline.doctor import examine
from pipeline.errors import Misconfigured
from pipeline.home import init_home
from pipeline.settings import Settings, load_settings

URL = "redis://127.0.0.1:9/1"


def test_only_json_is_read_and_nothing_is_kept_in_redis() -> None:
    conf = CeleryBroker(URL)._app.conf
    assert (conf.accept_content, conf.task_serializer) == (["json"], "json")
    assert conf.task_ignore_result
    assert conf.result_backend is None
    assert not conf.worker_enable_remote_control
    assert not conf.worker_send_task_events
    assert conf.broker_transport_options["visibility_timeout"] <= 60
    assert not issubclass(_Pulse, PersistentScheduler)


def test_a_rediss_address_means_a_verified_certificate(tmp_path: Path) -> None:
    assert not CeleryBroker(URL)._app.conf.broker_use_ssl
    tls = CeleryBroker("rediss://redis.example:6380/1", ca_file=tmp_path / "ca.pem")._app.conf.broker_use_ssl
    assert tls["ssl_check_hostname"]
    assert tls["ssl_cert_reqs"].name == "CERT_REQUIRED"
    assert tls["ssl_ca_certs"] == str(tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("url", "password", "whole"),
    [
        (URL, "", URL),
        (URL, "a/b@c", "redis://:a%2Fb%40c@127.0.0.1:9/1"),
        ("redis://line@127.0.0.1:9/1", "pw", "redis://line:pw@127.0.0.1:9/1"),
    ],
)
def test_the_password_is_put_into_the_address(url: str, password: str, whole: str) -> None:
    assert _with_password(url, password) == whole


@pytest.mark.parametrize("url", ["redis://line:pw@127.0.0.1/1", "amqp://127.0.0.1", "redis://"])
def test_an_address_with_a_password_or_of_another_kind_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="broker_url"):
        load_settings(tmp_path, {"NIGHTLIGHT_BROKER_URL": url})


def test_without_an_address_the_sentence_names_what_needs_none(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="set broker_url, or run nightlight serve"):
        compose.broker(tmp_path, Settings())


def test_without_its_client_the_sentence_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pipeline.adapters.celery_broker", None)
    with pytest.raises(Misconfigured, match=r"nightlight\[servers\]"):
        compose.broker(tmp_path, Settings(broker_url=URL))


def test_the_command_line_loads_celery_only_when_it_is_needed() -> None:
    look = "import sys, pipeline.cli.main; print('celery' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], capture_output=True, text=True).stdout == "False\n"


def test_doctor_says_that_redis_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init_home(tmp_path / "home")
    [well] = [finding for finding in examine(tmp_path / "home") if finding.what == "broker"]
    assert (well.well, well.say) == (True, "not set; nightlight serve does all the work")
    monkeypatch.setenv("NIGHTLIGHT_BROKER_URL", URL)
    [ill] = [finding for finding in examine(tmp_path / "home") if finding.what == "broker"]
    assert not ill.well
    assert ill.say.startswith(f"Redis at {URL} can't be used (ConnectionError); start it, or correct broker_url")
