"""`nightlight audit`, `work`, `retention`: what an engineer and an auditor look after."""

from typing import Annotated

import typer

from pipeline.cli.frame import AsJson, emit, me, opened, say, show
from pipeline.desk import operations
from pipeline.domain.work import WorkKind
from pipeline.line.retention import expire
from pipeline.line.sequence import sequence, verify_log

audit = typer.Typer(help="The audit log.", no_args_is_help=True)
work = typer.Typer(help="Pending work and what was set aside.", no_args_is_help=True)
retention = typer.Typer(help="What nobody may keep any longer.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(audit, name="audit")
    app.add_typer(work, name="work")
    app.add_typer(retention, name="retention")


@audit.command("verify")
def verify(context: typer.Context) -> None:
    """Verify every event, the tree and every checkpoint; prints the report as JSON, exits 1 on the first fault."""
    with opened(context) as app:
        sequence(app.record, app.clock, app.key, app.home)
        report = verify_log(app.record, app.key.public_key(), app.home)
    emit(report.as_dict())
    if not report.ok:
        say(f"The audit log does not verify: {report.reason}.")
        raise typer.Exit(1)
    say(f"{report.size} events verify against {report.checkpoints} checkpoints.")


@work.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how much waits, and each item that was set aside with its reason."""
    with opened(context) as app:
        pending, aside = operations.list_work(app.record, me())
    say("Waiting: " + (", ".join(f"{count} {kind}" for kind, count in pending.items() if count) or "nothing"))
    rows = [{"kind": i.kind, "key": i.key, "failures": i.failures, "reason": i.reason} for i in aside]
    show(rows, as_json, "Nothing was set aside.")


@work.command("requeue")
def requeue(context: typer.Context, kind: WorkKind, key: str) -> None:
    """Try an item that was set aside again."""
    with opened(context) as app:
        operations.requeue(app.record, me(), kind, key, app.clock.now())
    say(f"{kind} {key} is tried again.")


@retention.command("run")
def run(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
) -> None:
    """Erase unflagged posts past their time from index and record."""
    with opened(context) as app:
        count = expire(app.record, app.index, app.clock, app.retention, actor=me().name, dry_run=dry_run)
    say(f"{count} posts {'would be' if dry_run else 'were'} erased.")
