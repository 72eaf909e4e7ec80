"""The alert page: read in context, decided with a reason, never overwritten unseen."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from pipeline.console.access import GuardedRoute, Reader, Reopener, Reviewer, desk_of
from pipeline.console.pages_queue import just_decided, to_next
from pipeline.console.render import page
from pipeline.console.thread import WHOLE, around, loudest_of, posts_of, reasons_in, targets_in
from pipeline.console.words import CHOICES, leading_sentence
from pipeline.desk import reading, review
from pipeline.desk.sessions import SignedIn
from pipeline.domain.accounts import Permission
from pipeline.domain.alert import Status
from pipeline.errors import BadInput, Conflict, NightlightError

router = APIRouter(route_class=GuardedRoute)


class DecisionForm(BaseModel):
    """The decision bar as sent: which reason counts is settled by the decision."""

    revision: int = 0
    decision: str = ""
    note: str = ""
    reason_relevant: str = ""
    reason_escalated: str = ""
    reason_not_relevant: str = ""
    reason_duplicate: str = ""
    reason_second_look: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has filled in but not yet saved. status: None when nothing is chosen."""

    status: Status | None = None
    reason: str = ""
    note: str = ""
    revision: int = 0


@router.get("/alerts/{alert_id}")
def show(
    request: Request,
    who: Reader,
    alert_id: str,
    whole: Annotated[bool, Query(alias="all")] = False,
    post: str = "",
    decided: str = "",
) -> Response:
    """The alert with the thread around it. post: revision id of one more post to show."""
    return _alert_page(request, alert_id, who, Draft(), whole=whole, post=post, decided=decided)


@router.post("/alerts/{alert_id}/decide")
def decide(
    request: Request,
    who: Reviewer,
    alert_id: str,
    form: Annotated[DecisionForm, Form()],
) -> Response:
    """Decide and go on to the next; a decision made on an older revision is answered with both versions."""
    desk = desk_of(request)
    draft = _draft(form)
    if draft.status is None:
        return _alert_page(request, alert_id, who, draft, 422, problem="Choose a decision, then its reason")
    try:
        review.decide(
            desk.record,
            who.actor,
            alert_id,
            draft.revision,
            draft.status,
            draft.reason,
            draft.note,
            desk.clock.now(),
            desk.options.base_url,
        )
    except (Conflict, BadInput) as error:
        return _alert_page(request, alert_id, who, draft, 409 if isinstance(error, Conflict) else 422, error)
    return to_next(desk, who, alert_id)


@router.post("/alerts/{alert_id}/extend")
def extend(
    request: Request,
    who: Reviewer,
    alert_id: str,
    form: Annotated[DecisionForm, Form()],
    back: Annotated[str, Query()] = "",
) -> Response:
    """Keep the alert 15 minutes more; what was filled in so far stays in the form."""
    desk = desk_of(request)
    try:
        review.extend(desk.record, who.actor, alert_id, desk.clock.now())
    except Conflict as error:
        return _alert_page(request, alert_id, who, _draft(form), 409, error)
    if back == "queue":
        return RedirectResponse("/queue", 303)
    return _alert_page(request, alert_id, who, _draft(form))


@router.post("/alerts/{alert_id}/notes")
def add_note(request: Request, who: Reviewer, alert_id: str, text: Annotated[str, Form()] = "") -> Response:
    """Write a note."""
    desk = desk_of(request)
    review.add_note(desk.record, who.actor, alert_id, text, desk.clock.now())
    return RedirectResponse(f"/alerts/{alert_id}#notes", 303)


@router.post("/alerts/{alert_id}/reopen")
def reopen(request: Request, who: Reopener, alert_id: str, why: Annotated[str, Form()] = "") -> Response:
    """Take a decision back."""
    desk = desk_of(request)
    review.reopen(desk.record, who.actor, alert_id, why, desk.clock.now(), desk.options.base_url)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


def _draft(form: DecisionForm) -> Draft:
    status = next((choice for choice in CHOICES if choice == form.decision), None)
    reason = str(getattr(form, f"reason_{status}")) if status else ""
    return Draft(status, reason, form.note, form.revision)


def _alert_page(
    request: Request,
    alert_id: str,
    who: SignedIn,
    draft: Draft,
    status: int = 200,
    problem: NightlightError | str = "",
    *,
    whole: bool = False,
    post: str = "",
    decided: str = "",
) -> Response:
    desk = desk_of(request)
    now = desk.clock.now()
    case = reading.open_alert(desk.record, who.actor, alert_id, now)
    posts = posts_of(case)
    lit = [part for part in posts if part.flagged]
    parts = around(posts, whole, post)
    reasons = reasons_in(parts)
    mine = case.holder == who.user.name
    may = who.actor.permissions
    return page(
        request,
        "alert.html",
        who,
        status,
        case=case,
        draft=draft,
        problem=str(problem).rstrip("."),
        decided=just_decided(desk, decided),
        thread=parts,
        thread_length=len(posts),
        hidden=any(part.gap for part in parts) and not whole,
        most=WHOLE,
        first_flagged=lit[0].anchor if lit else "",
        shown=lit[0].stored if lit else None,
        loudest=loudest_of(lit),
        targets=targets_in(lit),
        reasons=reasons,
        numbers={reason: number for number, reason in enumerate(reasons, 1)},
        models=sorted({p.stored.assessment.model for p in lit if p.stored and p.stored.assessment}),
        leading=leading_sentence(case.alert),
        share=reading.confirmed_shares(desk.record, now).of(case.alert.severity),
        mine=mine,
        can_decide=Permission.REVIEW in may and case.alert.status.is_open and (mine or not case.holder),
        can_replay=bool(may & {Permission.REVIEW, Permission.MANAGE_ENDPOINTS}),
    )
