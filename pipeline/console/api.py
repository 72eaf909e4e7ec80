"""The JSON API under /api/v1: the same desk, the same session cookie, the token in the header X-CSRF-Token."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from pipeline.console import api_shapes as shapes
from pipeline.console.access import (
    Anyone,
    DeliveryReader,
    EndpointKeeper,
    GuardedRoute,
    MandateKeeper,
    Reader,
    Reopener,
    Replayer,
    Reviewer,
    Searcher,
    SourceKeeper,
    SourceReader,
    address_of,
    anybody,
    desk_of,
)
from pipeline.console.api_document import PROBLEMS, document
from pipeline.desk import endpoints, labelling, mandates, reading, review, searching, sources
from pipeline.desk.sessions import sign_in, sign_out
from pipeline.domain.alert import Status
from pipeline.domain.delivery import DeliveryState

router = APIRouter(prefix="/api/v1", route_class=GuardedRoute, responses=PROBLEMS)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, who: Anyone) -> dict[str, Any]:
    """The OpenAPI 3.1 document of this API."""
    return document(router.routes, desk_of(request).options.cookie)


@router.post("/session", dependencies=anybody())
def open_session(request: Request, response: Response, credentials: shapes.Credentials) -> shapes.SessionOut:
    """Sign in: sets the session cookie."""
    desk = desk_of(request)
    old = request.cookies.get(desk.options.cookie, "")
    now = desk.clock.now()
    token, who = sign_in(desk.record, credentials.name, credentials.password, address_of(request), now, old)
    secure = desk.options.secure_cookies
    response.set_cookie(desk.options.cookie, token, path="/", secure=secure, httponly=True, samesite="lax")
    return shapes.SessionOut.of(who)


@router.get("/session")
def show_session(who: Anyone) -> shapes.SessionOut:
    """Who is signed in."""
    return shapes.SessionOut.of(who)


@router.delete("/session", status_code=204)
def close_session(request: Request, who: Anyone) -> None:
    """Sign out."""
    desk = desk_of(request)
    sign_out(desk.record, who, desk.clock.now())


@router.get("/alerts")
def list_alerts(
    request: Request,
    who: Reader,
    status: Annotated[list[Status], Query()] = [*reading.OPEN],  # noqa: B006 - FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=searching.DEEPEST)] = 0,
) -> list[shapes.AlertOut]:
    """Alerts of these statuses, highest severity first, then oldest."""
    desk = desk_of(request)
    found = reading.list_alerts(desk.record, who.actor, status, desk.clock.now(), limit, offset)
    return [shapes.AlertOut.of(alert) for alert in found]


@router.post("/alerts/next")
def take_next(request: Request, who: Reviewer) -> shapes.AlertOut | None:
    """Claim the next alert for 15 minutes; null when none is free."""
    desk = desk_of(request)
    alert = review.next_alert(desk.record, who.actor, desk.clock.now())
    return shapes.AlertOut.of(alert) if alert else None


@router.get("/alerts/{alert_id}")
def get_alert(
    request: Request,
    who: Reader,
    alert_id: str,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> shapes.CaseOut:
    """An alert with a page of its thread, oldest post first; claims it when it is free."""
    desk = desk_of(request)
    case = reading.open_alert(desk.record, who.actor, alert_id, desk.clock.now())
    return shapes.CaseOut.of(case, limit, offset)


@router.post("/alerts/{alert_id}/decision")
def decide(request: Request, who: Reviewer, alert_id: str, decision: shapes.DecisionIn) -> shapes.AlertOut:
    """Decide; 409 when the alert is no longer at that revision."""
    desk = desk_of(request)
    alert = review.decide(
        desk.record,
        who.actor,
        alert_id,
        decision.revision,
        decision.status,
        decision.reason,
        decision.note,
        desk.clock.now(),
        desk.options.base_url,
    )
    return shapes.AlertOut.of(alert)


@router.post("/alerts/{alert_id}/extend")
def extend(request: Request, who: Reviewer, alert_id: str) -> shapes.AlertOut:
    """Keep the alert 15 minutes more."""
    desk = desk_of(request)
    return shapes.AlertOut.of(review.extend(desk.record, who.actor, alert_id, desk.clock.now()))


@router.post("/alerts/{alert_id}/give-back")
def give_back(request: Request, who: Reviewer, alert_id: str, why: shapes.ReasonIn) -> shapes.AlertOut:
    """Put the alert back for others."""
    desk = desk_of(request)
    return shapes.AlertOut.of(review.give_back(desk.record, who.actor, alert_id, why.reason, desk.clock.now()))


@router.get("/labels")
def list_asked(
    request: Request, who: Reviewer, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> list[shapes.AskedOut]:
    """Posts this person is asked about, begun ones first, without what another said of them."""
    desk = desk_of(request)
    return [shapes.AskedOut.of(item) for item in labelling.asked(desk.record, who.actor, desk.clock.now(), limit)]


@router.post("/labels/{revision_id}", status_code=204)
def label(request: Request, who: Reviewer, revision_id: str, what: shapes.ReasonIn) -> None:
    """Say what a post is; 409 when this person isn't asked about it."""
    desk = desk_of(request)
    labelling.label(desk.record, who.actor, revision_id, what.reason, desk.clock.now())


@router.post("/alerts/{alert_id}/reopen")
def reopen(request: Request, who: Reopener, alert_id: str, why: shapes.ReasonIn) -> shapes.AlertOut:
    """Take a decision back."""
    desk = desk_of(request)
    now, url = desk.clock.now(), desk.options.base_url
    return shapes.AlertOut.of(review.reopen(desk.record, who.actor, alert_id, why.reason, now, url))


@router.post("/alerts/{alert_id}/notes", status_code=201)
def add_note(request: Request, who: Reviewer, alert_id: str, note: shapes.NoteIn) -> shapes.NoteOut:
    """Write a note."""
    desk = desk_of(request)
    kept = review.add_note(desk.record, who.actor, alert_id, note.text, desk.clock.now())
    return shapes.NoteOut(author=kept.author, at=kept.at, text=kept.text)


@router.post("/search")
def search(request: Request, who: Searcher, ask: shapes.SearchIn) -> shapes.SearchOut:
    """Search; the words travel in the body, never in an address."""
    desk = desk_of(request)
    asked = searching.Ask(ask.query, sort=ask.sort, offset=ask.offset)
    salt = secrets.token_urlsafe(24)
    found = searching.search(desk.record, desk.index, who.actor, asked, desk.clock.now(), salt=salt, limit=ask.limit)
    return shapes.SearchOut.of(found)


@router.get("/deliveries")
def list_deliveries(
    request: Request,
    who: DeliveryReader,
    state: DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> list[shapes.DeliveryOut]:
    """The latest deliveries."""
    desk = desk_of(request)
    found = endpoints.list_deliveries(desk.record, who.actor, state, limit)
    return [shapes.DeliveryOut.of(delivery) for delivery in found]


@router.post("/deliveries/{delivery_id}/replay")
def replay(
    request: Request,
    who: Replayer,
    delivery_id: str,
) -> shapes.DeliveryOut:
    """Send a delivery again with the same id."""
    desk = desk_of(request)
    return shapes.DeliveryOut.of(endpoints.replay(desk.record, who.actor, delivery_id, desk.clock.now()))


@router.get("/endpoints")
def list_endpoints(request: Request, who: DeliveryReader) -> list[shapes.EndpointOut]:
    """Receivers of webhooks; their secrets are shown nowhere."""
    found = endpoints.list_endpoints(desk_of(request).record, who.actor)
    return [shapes.EndpointOut.of(endpoint) for endpoint in found]


@router.post("/endpoints/{endpoint_id}/test", status_code=201)
def send_test(request: Request, who: EndpointKeeper, endpoint_id: str) -> shapes.DeliveryOut:
    """Owe an endpoint a test event."""
    desk = desk_of(request)
    return shapes.DeliveryOut.of(endpoints.send_test(desk.record, who.actor, endpoint_id, desk.clock.now()))


@router.get("/sources")
def list_sources(request: Request, who: SourceReader) -> list[shapes.SourceOut]:
    """Sources with their health."""
    desk = desk_of(request)
    views = sources.list_sources(desk.record, who.actor, desk.options.officers, desk.clock.now())
    return [shapes.SourceOut.of(view) for view in views]


@router.post("/sources/{source_id}/pause", status_code=204)
def pause(request: Request, who: SourceKeeper, source_id: str) -> None:
    """Stop crawling a source."""
    desk = desk_of(request)
    sources.set_paused(desk.record, who.actor, source_id, True, desk.clock.now())


@router.post("/sources/{source_id}/resume", status_code=204)
def resume(request: Request, who: SourceKeeper, source_id: str) -> None:
    """Let a source go on."""
    desk = desk_of(request)
    sources.set_paused(desk.record, who.actor, source_id, False, desk.clock.now())


@router.post("/sources/{source_id}/crawl", status_code=204)
def crawl(request: Request, who: SourceKeeper, source_id: str) -> None:
    """Queue a crawl."""
    desk = desk_of(request)
    sources.crawl_now(desk.record, who.actor, source_id, desk.options.officers, desk.clock.now())


@router.get("/mandates")
def list_mandates(request: Request, who: SourceReader) -> list[shapes.MandateOut]:
    """Mandates and what they are worth now."""
    desk = desk_of(request)
    views = mandates.list_mandates(desk.record, who.actor, desk.options.officers, desk.clock.now())
    return [shapes.MandateOut.of(view) for view in views]


@router.post("/mandates/{mandate_id}/revoke", status_code=204)
def revoke(request: Request, who: MandateKeeper, mandate_id: str, why: shapes.ReasonIn) -> None:
    """Revoke a mandate; running crawls under it stop within seconds."""
    desk = desk_of(request)
    mandates.revoke_mandate(desk.record, who.actor, mandate_id, why.reason, desk.clock.now())
