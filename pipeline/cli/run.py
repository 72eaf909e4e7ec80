"""`nightlight init`, `serve`, `worker`, `beat`, `doctor`, `demo`."""

from typing import Annotated

import typer

from pipeline.cli.frame import AsJson, emit, home_of, opened, say, show
from pipeline.compose import broker, crawl_runner
from pipeline.demo.run import run_demo
from pipeline.doctor import examine
from pipeline.home import init_home
from pipeline.observe import set_up_logging
from pipeline.serve import serve as serve_app
from pipeline.settings import load_settings
from pipeline.worker import LOOPS, loops_named, work
from pipeline.worker import beat as run_beat


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (init, serve, worker, beat, doctor, demo):
        app.command(command.__name__)(command)


def init(context: typer.Context) -> None:
    """Make the home folder: keys, folders, an empty record, the first audit event."""
    home = home_of(context)
    init_home(home)
    say(f"{home} is ready. Next: nightlight user add NAME --role reviewer, then nightlight serve")


def serve(context: typer.Context) -> None:
    """Run console, scheduler and workers in one process, until Ctrl-C; with broker_url set, the console only."""
    with opened(context) as app:
        serve_app(app, say)


def worker(
    context: typer.Context,
    queues: Annotated[str, typer.Option("--queues", help="What this worker does, comma-separated.")] = ",".join(LOOPS),
) -> None:
    """Do what beat wakes it for, until Ctrl-C; run as many as there is work for. Needs broker_url."""
    loops = loops_named(queues)
    with opened(context) as app:
        work(app, crawl_runner(app.home), broker(app.home, app.settings), loops, say)


def beat(context: typer.Context) -> None:
    """Wake the workers every second, until Ctrl-C; one is enough, two do no harm. Needs broker_url."""
    home = home_of(context)
    settings = load_settings(home)
    set_up_logging(settings.log_level)
    run_beat(broker(home, settings), say)


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what works and what is missing, and how to get it; exits 1 when something is."""
    findings = examine(home_of(context))
    show([{"what": f.what, "well": f.well, "say": f.say} for f in findings], as_json, "Nothing was examined.")
    if not all(f.well for f in findings):
        raise typer.Exit(1)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Do the job once, print a JSON summary and exit.")] = False,
) -> None:
    """The whole job on this machine: crawl a demo forum, classify, index, deliver, open the console."""
    set_up_logging("WARNING")
    emit(run_demo(say, once))
