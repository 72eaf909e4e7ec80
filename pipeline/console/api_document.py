"""The OpenAPI document: what FastAPI finds out by itself, and what it can't know: sessions, tokens, problems."""

from collections.abc import Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import BaseRoute

from pipeline.console.access import CSRF_HEADER, public

DESCRIPTION = (
    "Open a session with POST /api/v1/session and keep its cookie. Every change carries the session's csrf value "
    "in the header X-CSRF-Token. Errors are problems (RFC 9457) whose detail says what to do."
)


class Problem(BaseModel):
    """A failure (RFC 9457). detail: one sentence that says what to do."""

    type: str
    title: str
    status: int
    detail: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Nothing was done; detail says why and what to do.",
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
}
"""For `responses=` of the router."""


def document(routes: Sequence[BaseRoute], cookie: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these routes; cookie: name of the session cookie."""
    found = get_openapi(title="Nightlight", version="1", description=DESCRIPTION, routes=routes)
    found["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
        "token": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
    }
    for route in routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                found["paths"][route.path][method.lower()]["security"] = _needed(route, method)
    return found


def _needed(route: APIRoute, method: str) -> list[dict[str, list[str]]]:
    if any(dependency.call is public for dependency in route.dependant.dependencies):
        return []
    return [{"session": []}] if method == "GET" else [{"session": [], "token": []}]
