"""The console as one ASGI application."""

from fastapi import FastAPI

from pipeline.console import api, pages_alert, pages_gate, pages_label, pages_line, pages_queue, pages_search
from pipeline.console.access import Desk, GuardedRoute
from pipeline.console.failures import add_failures
from pipeline.console.options import ConsoleOptions
from pipeline.console.shield import Shield
from pipeline.ports import Clock, Index, Record


def create_app(record: Record, index: Index, options: ConsoleOptions, clock: Clock) -> FastAPI:
    """The console on this record and index. FastAPI's own documentation pages stay off: they load foreign scripts."""
    app = FastAPI(title="Nightlight", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(record, index, options, clock)
    app.router.route_class = GuardedRoute
    for part in (pages_gate, pages_queue, pages_alert, pages_label, pages_search, pages_line, api):
        app.include_router(part.router)
    add_failures(app)
    app.add_middleware(Shield, options=options)
    return app
