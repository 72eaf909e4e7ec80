"""Labels: after the queue, a post at a time for the next model, without what another person said of it."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.console.access import GuardedRoute, Reviewer, desk_of
from pipeline.console.render import page
from pipeline.desk import labelling
from pipeline.domain.learning import CHOICES

router = APIRouter(route_class=GuardedRoute)

Skip = Annotated[int, Query(ge=0, le=10_000)]
"""Posts this person leaves to others: who can't read one, or is involved, must not have to guess."""


@router.get("/labels")
def next_post(request: Request, who: Reviewer, skip: Skip = 0) -> Response:
    """The next post this person is asked about."""
    desk = desk_of(request)
    found = labelling.asked(desk.record, who.actor, desk.clock.now(), 1, skip)
    return page(request, "label.html", who, item=found[0] if found else None, choices=CHOICES, skip=skip)


@router.post("/labels/{revision_id}")
def label(
    request: Request, who: Reviewer, revision_id: str, reason: Annotated[str, Form()], skip: Skip = 0
) -> Response:
    """Keep what this person says of it, and on to the next."""
    desk = desk_of(request)
    labelling.label(desk.record, who.actor, revision_id, reason, desk.clock.now())
    return RedirectResponse(f"/labels?skip={skip}" if skip else "/labels", 303)
