"""What every command shares: the home folder, the wired app, who acts, and how results and errors are shown."""

import getpass
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pipeline.compose import App, compose
from pipeline.console.text import hidden, visible
from pipeline.desk.sessions import sign_in, sign_out
from pipeline.domain.accounts import Actor, operator
from pipeline.errors import BadInput
from pipeline.home import login_name
from pipeline.observe import set_up_logging
from pipeline.settings import load_settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

errors = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the root command hands to the others."""

    home: Path


def home_of(context: typer.Context) -> Path:
    """The home folder this command works on."""
    frame = context.find_object(Frame)
    return frame.home if frame else Path()


@contextmanager
def opened(context: typer.Context) -> Iterator[App]:
    """The wired app of the home folder, closed afterwards."""
    home = home_of(context)
    settings = load_settings(home)
    set_up_logging(settings.log_level)
    app = compose(home, settings)
    try:
        yield app
    finally:
        app.close()


def me() -> Actor:
    """Who acts at this command line; their login name stands in the audit log."""
    return operator(login_name())


@contextmanager
def acting(app: App, name: str) -> Iterator[Actor]:
    """Who acts: the account of this name, whose password is asked for, or without a name whoever is at this machine."""
    if not name:
        yield me()
        return
    _, who = sign_in(app.record, name, read_password(), "command line", app.clock.now())
    try:
        yield who.actor
    finally:
        sign_out(app.record, who, app.clock.now())


def show(rows: Sequence[Mapping[str, Any]], as_json: bool, empty: str) -> None:
    """Print rows as a table for people or as JSON lines; `empty` is said when there are none."""
    if as_json:
        for row in rows:
            emit(row)
        return
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else visible(str(_plain(value))) for value in row.values()))
    Console(highlight=False, markup=False).print(table)


def say(text: str) -> None:
    """Tell a person something; never on stdout, which is for data. Characters that could steer a terminal are named."""
    errors.print(visible(text), markup=False, soft_wrap=True)


def emit(value: object) -> None:
    """Print one line of JSON on stdout; characters that could steer a terminal are written as escapes."""
    line = json.dumps(value, ensure_ascii=False, default=_plain)
    if line.isascii() and line.isprintable():
        typer.echo(line)
        return
    typer.echo("".join(json.dumps(char)[1:-1] if hidden(char) else char for char in line))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return value if isinstance(value, bool | int | float | str | list | dict) else str(value)


def read_password(prompt: str = "Password: ") -> str:
    """A password typed unseen, or one line of standard input when that is no terminal."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def read_new_password() -> str:
    """A password typed twice, or one line of standard input when that is no terminal."""
    first = read_password("Password (15 characters or more): ")
    if not sys.stdin.isatty():
        return first
    if getpass.getpass("Again: ") != first:
        raise BadInput("The two passwords differ; try again")
    return first


def read_file(path: Path) -> bytes:
    """The bytes of a file the caller named. Raises: BadInput."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} can't be read ({error.strerror}); check the path and its permissions") from error
