"""`nightlight search` and `nightlight index`."""

from typing import Annotated

import typer

from pipeline.cli.frame import AsJson, emit, home_of, me, opened, say, show
from pipeline.compose import index_setup
from pipeline.desk.searching import Ask
from pipeline.desk.searching import search as ask_index
from pipeline.line.indexing import rebuild
from pipeline.settings import load_settings

index = typer.Typer(help="The search index.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("search")(search)
    app.add_typer(index, name="index")


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help='As in the console: words, "a phrase", -without, status:new …')],
    as_json: AsJson = False,
) -> None:
    """Search alerts and the threads around them; the search is audited."""
    with opened(context) as app:
        results = ask_index(app.record, app.index, me(), Ask(query), app.clock.now(), salt=app.salt)
    rows = [
        {
            "alert": f"A-{hit.document.alert_number}" if hit.document.alert_id else "",
            "band": hit.document.severity,
            "status": hit.document.status,
            "source": hit.document.source_id,
            "author": hit.document.author,
            "at": hit.document.published_at,
            "text": hit.document.text if as_json else hit.document.text[:160],
        }
        for hit in results.page.hits
    ]
    say(f"{results.reads_as}: {results.page.total} found")
    show(rows, as_json, "Nothing matches.")


@index.command("rebuild")
def rebuild_(context: typer.Context) -> None:
    """Make the index again from the record; searches go on meanwhile, and the audit log says who did it."""
    with opened(context) as app:
        count = rebuild(app.record, app.index, app.clock, me().name)
    say(f"{count} documents indexed.")


@index.command("setup")
def setup(context: typer.Context) -> None:
    """Print what an administrator PUTs into Elasticsearch, one JSON {"put", "body"} a line: the template, the roles."""
    for path, body in index_setup(load_settings(home_of(context))).items():
        emit({"put": path, "body": body})
