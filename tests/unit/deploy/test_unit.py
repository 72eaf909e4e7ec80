"""The systemd unit is valid, sandboxed, and starts a command that exists."""

import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parents[3] / "deploy" / "nightlight.service"
STARTED = "ExecStart=/opt/nightlight/.venv/bin/nightlight serve"
EXPOSURE = 20
"""Tenths of systemd's exposure level, from 0 (none) to 100."""


def analyzed(folder: Path, unit: str, *args: str) -> subprocess.CompletedProcess[str]:
    path = folder / "nightlight.service"
    path.write_text(unit)
    return subprocess.run(["systemd-analyze", *args, path], capture_output=True, text=True, check=False)


@pytest.fixture
def unit() -> str:
    text = UNIT.read_text()
    assert STARTED in text
    return text.replace(STARTED, f"ExecStart={Path(sys.executable).with_name('nightlight')} serve")


def test_systemd_accepts_every_line_and_finds_the_command(tmp_path: Path, unit: str) -> None:
    found = analyzed(tmp_path, unit, "verify")
    assert (found.returncode, found.stderr) == (0, "")
    assert "Unknown key" in analyzed(tmp_path, unit.replace("RestrictRealtime=", "RestrictRealTime="), "verify").stderr


def test_the_sandbox_leaves_little_open(tmp_path: Path, unit: str) -> None:
    judged = ("security", "--offline=true", f"--threshold={EXPOSURE}")
    assert analyzed(tmp_path, unit, *judged).returncode == 0
    assert analyzed(
        tmp_path, unit.replace("ProtectSystem=strict", "").replace("PrivateDevices=yes", ""), *judged
    ).returncode
