"""The root command, and the exit codes: 0 done, 1 failed, 2 wrong use, 3 refused by mandate or policy."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crawler.errors import CrawlerError
from crawler.errors import Refused as CrawlRefused
from nlp.errors import NlpError
from pipeline.cli import audit, collect, judge, models, people, receivers, run, search
from pipeline.cli.frame import Frame, say
from pipeline.errors import BadInput, NightlightError, Refused

app = typer.Typer(
    name="nightlight",
    help="Dark-web forum text monitoring under a mandate: collect text, flag talk about bypassing AI safeguards, "
    "put it before a person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for part in (run, people, collect, judge, models, search, receivers, audit):
    part.add_to(app)


@app.callback()
def root(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option("--home", envvar="NIGHTLIGHT_HOME", help="Folder that holds all state.", file_okay=False)
    ] = Path(),
) -> None:
    """Set the home folder for the command that follows."""
    context.obj = Frame(home.resolve())


def main() -> None:
    """Entry point of the `nightlight` command."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command; every error of ours becomes one sentence on stderr and an exit code."""
    try:
        app(arguments, prog_name="nightlight")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except (NightlightError, CrawlerError, NlpError) as error:
        say(f"{error}.".replace("..", "."))
        return exit_code(error)
    except OSError as error:
        what = error.filename or "A file"
        say(f"{what} can't be used ({error.strerror or error}); check its folder, its permissions and the free space.")
        return 1
    return 0


def exit_code(error: Exception) -> int:
    """What the class of an error means to a script."""
    if isinstance(error, Refused | CrawlRefused):
        return 3
    return 2 if isinstance(error, BadInput) else 1
