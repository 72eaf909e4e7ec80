"""`nightlight endpoint` and `nightlight deliveries`: the case systems."""

from typing import Annotated

import typer

from pipeline.cli.frame import AsJson, home_of, me, opened, say, show
from pipeline.desk import endpoints as desk
from pipeline.domain.delivery import DeliveryState, Endpoint
from pipeline.domain.signing import new_secret
from pipeline.keys import write_secret

endpoint = typer.Typer(help="Receivers of signed webhooks.", no_args_is_help=True)
deliveries = typer.Typer(help="What was sent, and what is still owed.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(endpoint, name="endpoint")
    app.add_typer(deliveries, name="deliveries")


@endpoint.command("add")
def add(
    context: typer.Context,
    endpoint_id: str,
    url: Annotated[str, typer.Option(help="Where events are sent: https://…")],
    name: Annotated[str, typer.Option(help="The name people see.")] = "",
    machine_events: Annotated[
        bool, typer.Option("--machine-events", help="Also send unreviewed alert.created events.")
    ] = False,
    private_network: Annotated[
        bool, typer.Option("--private-network", help="The receiver stands on a private network.")
    ] = False,
) -> None:
    """Name a receiver and make its secret, which is printed once for the other side."""
    secret_file = f"secrets/{endpoint_id}.whsec"
    new = Endpoint(endpoint_id, name or endpoint_id, url, secret_file, machine_events, private_network=private_network)
    with opened(context) as app:
        desk.add_endpoint(app.record, me(), new, app.clock.now(), own_machine=app.settings.local_endpoints)
    _give_secret(context, new)


@endpoint.command("rotate")
def rotate(context: typer.Context, endpoint_id: str) -> None:
    """Make a receiver another secret, which is printed once; from then on the one before signs nothing."""
    with opened(context) as app:
        known = desk.rotate(app.record, me(), endpoint_id, app.clock.now())
    _give_secret(context, known)


def _give_secret(context: typer.Context, receiver: Endpoint) -> None:
    secret = new_secret()
    path = write_secret(home_of(context), receiver.secret_file, secret)
    say(f"Give this secret to the receiver; it is kept in {path}:")
    typer.echo(secret)


@endpoint.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every receiver."""
    with opened(context) as app:
        found = desk.list_endpoints(app.record, me())
    rows = [
        {"id": e.id, "name": e.name, "url": e.url, "machine events": e.machine_events, "disabled": e.disabled}
        for e in found
    ]
    show(rows, as_json, "No receivers yet; add one with: nightlight endpoint add ID --url URL")


@endpoint.command("disable")
def disable(context: typer.Context, endpoint_id: str) -> None:
    """Stop sending to a receiver."""
    with opened(context) as app:
        desk.set_disabled(app.record, me(), endpoint_id, True, app.clock.now())
    say(f"Nothing more is sent to {endpoint_id}.")


@endpoint.command("enable")
def enable(context: typer.Context, endpoint_id: str) -> None:
    """Send to a disabled receiver again."""
    with opened(context) as app:
        desk.set_disabled(app.record, me(), endpoint_id, False, app.clock.now())
    say(f"Events are sent to {endpoint_id} again.")


@endpoint.command("test")
def test(context: typer.Context, endpoint_id: str) -> None:
    """Owe a receiver a test event; `nightlight serve` sends it like every other."""
    with opened(context) as app:
        delivery = desk.send_test(app.record, me(), endpoint_id, app.clock.now())
    say(f"Test event {delivery.id} is queued; see: nightlight deliveries list")


@deliveries.command("list")
def list_deliveries(
    context: typer.Context,
    state: Annotated[DeliveryState | None, typer.Option(help="Only these.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the latest deliveries."""
    with opened(context) as app:
        found = desk.list_deliveries(app.record, me(), state)
    rows = [
        {
            "id": d.id,
            "endpoint": d.endpoint_id,
            "event": d.event,
            "state": d.state,
            "tries": d.attempts,
            "next": d.next_at,
            "last error": d.last_error,
        }
        for d in found
    ]
    show(rows, as_json, "Nothing was owed to anybody so far.")


@deliveries.command("replay")
def replay(context: typer.Context, delivery_id: str) -> None:
    """Send a delivery again, with the same id so that the receiver can tell."""
    with opened(context) as app:
        desk.replay(app.record, me(), delivery_id, app.clock.now())
    say(f"Delivery {delivery_id} is queued again.")
