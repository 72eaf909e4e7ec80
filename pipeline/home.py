"""The home folder: made once, with its keys and the first audit event."""

import getpass
from pathlib import Path

from pipeline.compose import SystemClock, compose
from pipeline.errors import Conflict
from pipeline.keys import INSTANCE, make_instance_key
from pipeline.line.auditing import record_event

FOLDERS = ("keys", "secrets", "models")


def init_home(home: Path) -> None:
    """Make keys, folders and an empty record. Raises: Conflict when there is one already; nothing is touched then."""
    if (home / INSTANCE).exists():
        raise Conflict(f"{home} is a Nightlight home already; use it, or name another folder with --home")
    home.mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS:
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    make_instance_key(home)
    app = compose(home)
    try:
        with app.record.write() as tx:
            record_event(tx, f"cli:{getpass.getuser()}", "instance.init", "instance", SystemClock().now())
    finally:
        app.close()
