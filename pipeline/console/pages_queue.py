"""The queue: what waits, what is in hand, and taking the next one."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.console.access import Desk, GuardedRoute, Reader, Reviewer, desk_of
from pipeline.console.render import page
from pipeline.console.thread import spans_of
from pipeline.desk import reading, review
from pipeline.desk.sessions import SignedIn
from pipeline.domain.alert import Alert

router = APIRouter(route_class=GuardedRoute)
PAGE = 20


@router.get("/queue")
def queue(
    request: Request,
    who: Reader,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
    decided: str = "",
    nothing: bool = False,
) -> Response:
    """One page of the queue."""
    desk = desk_of(request)
    now = desk.clock.now()
    shown = reading.queue(desk.record, who.actor, now, PAGE, (number - 1) * PAGE)
    rows = [*shown.rows, *([shown.in_hand] if shown.in_hand else [])]
    spans = {row.alert.id: spans_of(row.loudest) if row.loudest else [] for row in rows}
    return page(
        request,
        "queue.html",
        who,
        queue=shown,
        spans=spans,
        reasons={key: list(dict.fromkeys(reason for _, _, reason in found)) for key, found in spans.items()},
        shares=reading.confirmed_shares(desk.record, now),
        decided=just_decided(desk, decided),
        nothing_free=nothing and not shown.in_hand,
        page_number=number,
        pages=max(1, -(-shown.total // PAGE)),
    )


@router.post("/next")
def take_next(request: Request, who: Reviewer) -> Response:
    """Claim the next alert and open it."""
    return to_next(desk_of(request), who)


@router.post("/alerts/{alert_id}/give-back")
def give_back(request: Request, who: Reviewer, alert_id: str, reason: Annotated[str, Form()]) -> Response:
    """Put the alert back for others."""
    desk = desk_of(request)
    review.give_back(desk.record, who.actor, alert_id, reason, desk.clock.now())
    return RedirectResponse("/queue", 303)


def to_next(desk: Desk, who: SignedIn, decided: str = "") -> Response:
    """On to the next alert, or to the queue when there is none; decided: id of the one just decided."""
    alert = review.next_alert(desk.record, who.actor, desk.clock.now())
    done = f"decided={decided}" if decided else ""
    if alert:
        return RedirectResponse(f"/alerts/{alert.id}" + (f"?{done}" if done else ""), 303)
    return RedirectResponse(f"/queue?{done or 'nothing=1'}", 303)


def just_decided(desk: Desk, alert_id: str) -> Alert | None:
    """The alert a page confirms the decision of, read from the record; None for anything else in the address."""
    if not alert_id:
        return None
    with desk.record.read() as tx:
        alert = tx.alert(alert_id)
    return alert if alert and alert.decided_at else None
