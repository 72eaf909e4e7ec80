"""Settings: what the environment may say."""

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
