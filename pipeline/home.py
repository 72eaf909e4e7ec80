"""The home folder: made once, with its keys and the first audit event."""

import os
import pwd
from contextlib import closing
from pathlib import Path

from pipeline.compose import App, compose
from pipeline.errors import Conflict
from pipeline.keys import INSTANCE, make_instance_key
from pipeline.line.auditing import record_event

FOLDERS = ("keys", "secrets", "models")


def init_home(home: Path) -> None:
    """Make keys, folders and an empty record; whatever goes wrong, it can be done again.

    Raises: Conflict when there is a home or another home's record already; nothing is touched then. Unavailable,
    Misconfigured: the record that the settings choose can't be used.
    """
    if (home / INSTANCE).exists():
        raise Conflict(f"{home} is a Nightlight home already; use it, or name another folder with --home")
    home.mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS:
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    make_instance_key(home)
    try:
        with closing(compose(home)) as app:
            _begin(app)
    except BaseException:
        (home / INSTANCE).unlink()
        raise


def login_name() -> str:
    """Who runs this process, as the system knows them: what the environment says, anybody can set."""
    user = os.getuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"uid-{user}"


def _begin(app: App) -> None:
    with app.record.write() as tx:
        if tx.audit_of("instance", 1):
            raise Conflict("The record belongs to another home; copy that one's keys folder, or use another record")
        record_event(tx, f"cli:{login_name()}", "instance.init", "instance", app.clock.now())
