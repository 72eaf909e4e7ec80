"""What goes wrong, answered in one sentence that never repeats what was sent: a page, or problem+json (RFC 9457)."""

import logging
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from pipeline.console import words
from pipeline.console.access import SignInFirst, desk_of
from pipeline.console.render import page
from pipeline.console.shield import POLICY
from pipeline.desk.sessions import SignedIn, TooManySignIns
from pipeline.errors import BadInput, Conflict, NightlightError, NotFound, Refused, Unavailable
from pipeline.observe import log

_STATUS: tuple[tuple[type[NightlightError], int, str], ...] = (
    (TooManySignIns, 429, "Too many sign-ins"),
    (Refused, 403, "Not allowed"),
    (NotFound, 404, "Not found"),
    (BadInput, 422, "That can’t be used"),
    (Conflict, 409, "It changed meanwhile"),
    (Unavailable, 503, "Not available now"),
    (NightlightError, 500, "Something is wrong here"),
)
_OWN_WORDS = {
    400: (
        "That can’t be used",
        "The request can’t be read; send the page’s own form, or JSON as the API describes",
    ),
    404: ("Not found", "There is no such page"),
    405: ("Not possible", "This address doesn’t take that kind of request"),
}
_ELSE = ("Something is wrong here", "The console could not answer; try again, and if it stays so, look at its log")


def add_failures(app: FastAPI) -> None:
    """Answer every error of the pipeline, of validation and of the framework."""
    app.add_exception_handler(SignInFirst, _sign_in_first)
    app.add_exception_handler(NightlightError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unknown)


def answer(request: Request, status: int, heading: str, sentence: str) -> Response:
    """The failure in the shape this caller reads."""
    sentence = words.sentence(sentence)
    if request.url.path.startswith("/api/"):
        body = {"type": "about:blank", "title": heading, "status": status, "detail": sentence}
        return JSONResponse(body, status, media_type="application/problem+json")
    who = getattr(request.state, "who", None)
    template = "message.html" if isinstance(who, SignedIn) else "stopped.html"
    return page(request, template, who, status, heading=heading, sentence=sentence)


def _sign_in_first(request: Request, error: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        return answer(request, 401, "Sign in first", "Open a session with POST /api/v1/session")
    asked = request.url.path if request.method == "GET" else "/"
    said = {"ended": "1"} if request.cookies.get(desk_of(request).options.cookie) else {}
    query = urlencode(said | ({"to": asked} if asked != "/" else {}))
    return RedirectResponse(f"/login?{query}" if query else "/login", 303)


def _known(request: Request, error: Exception) -> Response:
    status, heading = next((code, title) for kind, code, title in _STATUS if isinstance(error, kind))
    return answer(request, status, heading, str(error))


def _invalid(request: Request, error: Exception) -> Response:
    """Names the fields, never their values."""
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    fields = ", ".join(sorted({_field(found["loc"]) for found in errors if found["type"] != "extra_forbidden"}))
    return answer(request, 422, "That can’t be used", f"Correct these fields: {fields or 'the body'}")


def _field(place: Sequence[str | int]) -> str:
    """The name in a place such as ("query", "status", 0); "the body" when the body itself can't be read."""
    names = [part for part in place[1:] if isinstance(part, str)]
    return names[-1] if names else "the body"


def _framework(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return answer(request, status, *_OWN_WORDS.get(status, _ELSE))


def _unknown(request: Request, error: Exception) -> Response:
    log("console.failed", logging.ERROR, error=type(error).__name__, path=_route_of(request))
    response = answer(request, 500, *_ELSE)
    response.headers.update(POLICY)  # this answer is made outside the shield
    return response


def _route_of(request: Request) -> str:
    """The route's pattern, so that no id or token of an address is logged."""
    route: Callable[..., object] | None = request.scope.get("route")
    return getattr(route, "path", "unknown")
