"""`nightlight user`: accounts of the console."""

from typing import Annotated

import typer

from pipeline.cli.frame import AsJson, me, opened, read_new_password, say, show
from pipeline.desk import accounts
from pipeline.domain.accounts import Role

user = typer.Typer(help="Accounts of the console.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(user, name="user")


@user.command("add")
def add(
    context: typer.Context,
    name: str,
    role: Annotated[Role, typer.Option(help="What the person is here for.")],
    display_name: Annotated[str, typer.Option(help="The name others see; the account's name if left out.")] = "",
) -> None:
    """Make an account; the password is typed, or read from standard input."""
    password = read_new_password()
    with opened(context) as app:
        accounts.add_user(app.record, me(), name, display_name or name, role, password, app.clock.now())
    say(f"{name} can sign in as {role}.")


@user.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every account."""
    with opened(context) as app:
        found = accounts.list_users(app.record, me())
    rows = [
        {"name": u.name, "shown as": u.display_name, "role": u.role, "since": u.created_at, "disabled": u.disabled}
        for u in found
    ]
    show(rows, as_json, "No accounts yet; make one with: nightlight user add NAME --role reviewer")


@user.command("disable")
def disable(context: typer.Context, name: str) -> None:
    """Take an account out of use; its sessions end at once."""
    with opened(context) as app:
        accounts.disable_user(app.record, me(), name, app.clock.now())
    say(f"{name} can no longer sign in.")


@user.command("enable")
def enable(context: typer.Context, name: str) -> None:
    """Take a disabled account into use again, with the password it had."""
    with opened(context) as app:
        accounts.enable_user(app.record, me(), name, app.clock.now())
    say(f"{name} can sign in again.")


@user.command("password")
def password(context: typer.Context, name: str) -> None:
    """Give an account another password, typed or read from standard input; its sessions end at once."""
    new = read_new_password()
    with opened(context) as app:
        accounts.set_password(app.record, me(), name, new, app.clock.now())
    say(f"{name} has another password.")
