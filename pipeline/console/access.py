"""Who may call a route: every route names a permission or says that it is public, or the console doesn't start."""

import secrets
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Request
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from pipeline.console.options import ConsoleOptions
from pipeline.desk.acting import require
from pipeline.desk.sessions import SignedIn, signed_in
from pipeline.domain.accounts import Permission
from pipeline.errors import Refused
from pipeline.ports import Clock, Index, Record

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"


class SignInFirst(Exception):
    """Nobody is signed in in this browser."""


class Desk:
    """What routes work with; kept at `app.state.desk`."""

    def __init__(self, record: Record, index: Index, options: ConsoleOptions, clock: Clock) -> None:
        self.record = record
        self.index = index
        self.options = options
        self.clock = clock


def desk_of(request: Request) -> Desk:
    """The desk behind this request."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)  # noqa: S101 - set once by create_app
    return desk


async def public() -> None:
    """A route anybody may call."""


class Allowed:
    """Dependency: somebody is signed in, holds one of these permissions, and a change carries their token.

    No permission at all means: anybody who is signed in.
    """

    def __init__(self, *any_of: Permission) -> None:
        self.any_of = any_of

    async def __call__(self, request: Request) -> SignedIn:
        desk = desk_of(request)
        token = request.cookies.get(desk.options.cookie, "")
        who = await run_in_threadpool(signed_in, desk.record, token, desk.clock.now()) if token else None
        if who is None:
            raise SignInFirst
        request.state.who = who
        if request.method not in ("GET", "HEAD"):
            await _check_token(request, who)
        if self.any_of:
            require(who.actor, *self.any_of)
        return who


class GuardedRoute(APIRoute):
    """A route that can't be made without saying who may call it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 - FastAPI's own
        super().__init__(path, endpoint, **options)
        calls = [dependency.call for dependency in self.dependant.dependencies]
        if not any(call is public or isinstance(call, Allowed) for call in calls):
            raise TypeError(f"{path} names no permission; give it an argument such as `who: Reader`, or anybody()")


def anybody() -> Sequence[Depends]:
    """The `dependencies=` of a public route."""
    return [Depends(public)]


Anyone = Annotated[SignedIn, Depends(Allowed())]
Reader = Annotated[SignedIn, Depends(Allowed(Permission.READ_CONTENT))]
Searcher = Annotated[SignedIn, Depends(Allowed(Permission.SEARCH))]
Reviewer = Annotated[SignedIn, Depends(Allowed(Permission.REVIEW))]
Reopener = Annotated[SignedIn, Depends(Allowed(Permission.REOPEN))]
DeliveryReader = Annotated[SignedIn, Depends(Allowed(Permission.SEE_DELIVERIES))]
EndpointKeeper = Annotated[SignedIn, Depends(Allowed(Permission.MANAGE_ENDPOINTS))]
Replayer = Annotated[SignedIn, Depends(Allowed(Permission.REVIEW, Permission.MANAGE_ENDPOINTS))]
SourceReader = Annotated[SignedIn, Depends(Allowed(Permission.SEE_SOURCES))]
SourceKeeper = Annotated[SignedIn, Depends(Allowed(Permission.MANAGE_SOURCES))]
MandateKeeper = Annotated[SignedIn, Depends(Allowed(Permission.MANAGE_MANDATES))]


def address_of(request: Request) -> str:
    """Whom sign-ins are counted for; behind a proxy the server is told to trust, the proxy's client."""
    return request.client.host if request.client else "unknown"


async def _check_token(request: Request, who: SignedIn) -> None:
    given: object = request.headers.get(CSRF_HEADER)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if given is None and kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        given = (await request.form()).get(CSRF_FIELD)
    if not isinstance(given, str) or not secrets.compare_digest(given.encode(), who.session.csrf.encode()):
        raise Refused("The form is out of date; open the page again and repeat what you did")
