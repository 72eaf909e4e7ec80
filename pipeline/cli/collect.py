"""`nightlight mandate`, `source`, `schedule`, `crawl`, `extract`: what is collected, by whose authority."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from crawler.extract import extract_file
from crawler.post import Account, Source
from pipeline.cli import mandates
from pipeline.cli.frame import AsJson, emit, home_of, me, opened, say, show
from pipeline.cli.progress import CrawlProgress
from pipeline.compose import crawl_runner
from pipeline.desk import sources as desk
from pipeline.errors import BadInput
from pipeline.line.crawling import MISCONFIGURED

source = typer.Typer(help="Forums in the registry.", no_args_is_help=True)
schedule = typer.Typer(help="Crawls that start by themselves.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(mandates.mandate, name="mandate")
    app.add_typer(source, name="source")
    app.add_typer(schedule, name="schedule")
    app.command("crawl")(crawl)
    app.command("extract")(extract)


@source.command("add")
def add(
    context: typer.Context,
    source_id: str,
    start_url: Annotated[str, typer.Option(help="Address of the board index.")],
    mandate: Annotated[str, typer.Option(help="Id of the mandate that names this source.")],
    name: Annotated[str, typer.Option(help="The name people see.")] = "",
    engine: Annotated[str, typer.Option(help="Forum software, or auto.")] = "auto",
    timezone: Annotated[str, typer.Option(help="IANA zone in which the forum shows times.")] = "UTC",
    login_url: Annotated[str, typer.Option(help="Login page of a declared account.")] = "",
    user: Annotated[str, typer.Option(help="The declared account's name.")] = "",
    secret_file: Annotated[str, typer.Option(help="File below the home folder with its password.")] = "",
    logged_in_marker: Annotated[str, typer.Option(help="CSS selector only a member's page has.")] = "",
) -> None:
    """Put a forum into the registry; nothing is fetched before a mandate covers it."""
    account_parts = (login_url, user, secret_file, logged_in_marker)
    if any(account_parts) and not all(account_parts):
        raise BadInput("An account needs --login-url, --user, --secret-file and --logged-in-marker; give all four")
    account = Account(user, secret_file, login_url, logged_in_marker) if user else None
    new = Source(source_id, name or source_id, start_url, mandate, engine, timezone, account)
    with opened(context) as app:
        desk.add_source(app.record, me(), new, app.clock.now())
    say(f"Source {source_id} is in the registry.")


@source.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every source, its health, and what stands in the way of crawling it."""
    with opened(context) as app:
        found = desk.list_sources(app.record, me(), app.officers, app.clock.now())
    rows = [
        {
            "id": v.source.id,
            "mandate": v.source.mandate_id,
            "posts": v.health.posts,
            "threads": v.health.threads,
            "last fetch": v.health.last_fetch_at,
            "crawls every s": v.schedule.every_s if v.schedule else None,
            "obstacle": v.obstacle,
        }
        for v in found
    ]
    show(rows, as_json, "No sources yet; add one with: nightlight source add ID --start-url URL --mandate ID")


@source.command("pause")
def pause(context: typer.Context, source_id: str) -> None:
    """Pause a source; a running crawl of it stops within seconds."""
    with opened(context) as app:
        desk.set_paused(app.record, me(), source_id, True, app.clock.now())
    say(f"Source {source_id} is paused.")


@source.command("resume")
def resume(context: typer.Context, source_id: str) -> None:
    """Let a paused source go on."""
    with opened(context) as app:
        desk.set_paused(app.record, me(), source_id, False, app.clock.now())
    say(f"Source {source_id} goes on.")


@schedule.command("set")
def set_(
    context: typer.Context,
    source_id: str,
    every_minutes: Annotated[int, typer.Option(min=1, help="Minutes between two crawls.")],
) -> None:
    """Crawl a source by itself: first now, then so often."""
    with opened(context) as app:
        desk.set_schedule(app.record, me(), source_id, timedelta(minutes=every_minutes), app.clock.now())
    say(f"Source {source_id} is crawled every {every_minutes} minutes while `nightlight serve` or a worker runs.")


@schedule.command("list")
def list_schedules(context: typer.Context, as_json: AsJson = False) -> None:
    """Show which source is crawled when."""
    with opened(context) as app, app.record.read() as tx:
        found = tx.schedules()
    rows = [{"source": s.source_id, "every s": s.every_s, "next": s.next_at} for s in found]
    show(rows, as_json, "Nothing is scheduled; see: nightlight schedule set --help")


def crawl(context: typer.Context, source_id: str) -> None:
    """Crawl a source once now, and show how far it is."""
    with opened(context) as app:
        app.book.live(source_id, app.clock.now())
    with CrawlProgress() as progress:
        code = crawl_runner(home_of(context), progress.show).start(source_id).wait()
    if progress.outcome:
        emit(progress.outcome)
    if code:
        raise typer.Exit(1 if code == MISCONFIGURED else code)


def extract(
    file: Annotated[Path, typer.Argument(help="A saved page.")],
    url: Annotated[str, typer.Option(help="Where the page came from.")],
    at: Annotated[datetime | None, typer.Option(help="When it was saved (UTC); now if left out.")] = None,
    engine: Annotated[str, typer.Option(help="Forum software, auto, or generic.")] = "auto",
    timezone: Annotated[str, typer.Option(help="IANA zone in which the forum shows times.")] = "UTC",
) -> None:
    """Read one saved page and print what it says as JSON; nothing is fetched or stored."""
    captured_at = at.replace(tzinfo=at.tzinfo or UTC) if at else datetime.now(UTC)
    if not file.is_file():
        raise BadInput(f"{file} is no file; name a saved page")
    desk.check_reading(engine, timezone)
    report = extract_file(file, url=url, captured_at=captured_at, engine=engine, timezone=timezone)
    emit(report)
