"""Deliveries, sources and mandates: how the line itself is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.console.access import (
    DeliveryReader,
    EndpointKeeper,
    GuardedRoute,
    MandateKeeper,
    Replayer,
    SourceKeeper,
    SourceReader,
    desk_of,
)
from pipeline.console.render import page
from pipeline.console.words import span
from pipeline.desk import endpoints, mandates, sources
from pipeline.desk.mandates import MandateState, MandateView
from pipeline.desk.sources import SourceView
from pipeline.domain.accounts import Permission
from pipeline.domain.delivery import DeliveryState, EventType

router = APIRouter(route_class=GuardedRoute)

SOON = timedelta(days=21)
EVENT_NAMES = {
    EventType.ALERT_CREATED: "Alert raised",
    EventType.ALERT_STATUS_CHANGED: "Alert decided",
    EventType.TEST: "Test",
}


@router.get("/deliveries")
def deliveries(request: Request, who: DeliveryReader, state: str = "") -> Response:
    """The latest deliveries and where they go."""
    desk = desk_of(request)
    wanted = DeliveryState(state) if state in set(DeliveryState) else None
    return page(
        request,
        "deliveries.html",
        who,
        deliveries=endpoints.list_deliveries(desk.record, who.actor, wanted),
        endpoints={endpoint.id: endpoint for endpoint in endpoints.list_endpoints(desk.record, who.actor)},
        event_names=EVENT_NAMES,
        state=str(wanted or ""),
        can_replay=bool(who.actor.permissions & {Permission.REVIEW, Permission.MANAGE_ENDPOINTS}),
    )


@router.post("/deliveries/{delivery_id}/replay")
def replay(
    request: Request,
    who: Replayer,
    delivery_id: str,
    back: Annotated[str, Form()] = "",
) -> Response:
    """Send a delivery again with the same id."""
    desk = desk_of(request)
    again = endpoints.replay(desk.record, who.actor, delivery_id, desk.clock.now())
    to_alert = back == "alert" and again.alert_id
    return RedirectResponse(f"/alerts/{again.alert_id}#hand" if to_alert else "/deliveries", 303)


@router.post("/endpoints/{endpoint_id}/test")
def send_test(request: Request, who: EndpointKeeper, endpoint_id: str) -> Response:
    """Send a test event."""
    desk = desk_of(request)
    endpoints.send_test(desk.record, who.actor, endpoint_id, desk.clock.now())
    return RedirectResponse("/deliveries", 303)


@dataclass(frozen=True, slots=True)
class MandateCard:
    """A mandate as a card: sign and words of its state, days of its whole time and days left."""

    view: MandateView
    sign: str
    words: str
    days: int
    left: int
    low: int
    asks: bool


@dataclass(frozen=True, slots=True)
class SourceCard:
    """A source as a card."""

    view: SourceView
    sign: str
    words: str
    sentence: str
    every: str


@router.get("/sources")
def show_sources(request: Request, who: SourceReader) -> Response:
    """Mandates with the time they have left, sources with their health."""
    desk = desk_of(request)
    now, officers = desk.clock.now(), desk.options.officers
    views = sources.list_sources(desk.record, who.actor, officers, now)
    cards = [mandate_card(view, now) for view in mandates.list_mandates(desk.record, who.actor, officers, now)]
    return page(
        request,
        "sources.html",
        who,
        mandates=sorted(cards, key=lambda card: (not card.asks, card.view.state != MandateState.LIVE)),
        sources=[source_card(view) for view in views],
        refused=sum(view.health.refused_today for view in views),
        degraded=sum(view.health.degraded_today for view in views),
    )


@router.post("/sources/{source_id}/pause")
def pause(request: Request, who: SourceKeeper, source_id: str) -> Response:
    """Stop crawling a source until somebody resumes it."""
    desk = desk_of(request)
    sources.set_paused(desk.record, who.actor, source_id, True, desk.clock.now())
    return RedirectResponse("/sources", 303)


@router.post("/sources/{source_id}/resume")
def resume(request: Request, who: SourceKeeper, source_id: str) -> Response:
    """Let a paused source go on."""
    desk = desk_of(request)
    sources.set_paused(desk.record, who.actor, source_id, False, desk.clock.now())
    return RedirectResponse("/sources", 303)


@router.post("/sources/{source_id}/crawl")
def crawl(request: Request, who: SourceKeeper, source_id: str) -> Response:
    """Queue a crawl."""
    desk = desk_of(request)
    sources.crawl_now(desk.record, who.actor, source_id, desk.options.officers, desk.clock.now())
    return RedirectResponse("/sources", 303)


@router.post("/mandates/{mandate_id}/revoke")
def revoke(
    request: Request,
    who: MandateKeeper,
    mandate_id: str,
    why: Annotated[str, Form()] = "",
) -> Response:
    """Revoke a mandate."""
    desk = desk_of(request)
    mandates.revoke_mandate(desk.record, who.actor, mandate_id, why, desk.clock.now())
    return RedirectResponse("/sources", 303)


def mandate_card(view: MandateView, now: datetime) -> MandateCard:
    """The card of a mandate: lit when it is live and ends within SOON, or when its review is overdue."""
    if view.mandate is None:
        return MandateCard(view, "stop", "Not valid", 0, 0, 0, False)
    days = max(1, (view.mandate.valid_until - view.mandate.valid_from).days)
    in_force = view.state in (MandateState.LIVE, MandateState.REVIEW_DUE)
    left = min(days, max(0, (view.mandate.valid_until - now).days)) if in_force else 0
    soon = view.state is MandateState.LIVE and view.mandate.valid_until - now < SOON
    asks = soon or view.state is MandateState.REVIEW_DUE
    sign = "person" if asks else {MandateState.LIVE: "well", MandateState.WAITING: "wait"}.get(view.state, "stop")
    words = f"Ends in {left} days" if soon else view.state.value.capitalize()
    return MandateCard(view, sign, words, days, left, min(SOON.days, days), asks)


def source_card(view: SourceView) -> SourceCard:
    """The card of a source, with the one sentence that matters most."""
    every = span(timedelta(seconds=view.schedule.every_s)) if view.schedule else ""
    if view.source.paused:
        return SourceCard(view, "wait", "Paused", view.obstacle, every)
    if view.obstacle:
        return SourceCard(view, "stop", "Stopped", view.obstacle, every)
    if view.pages_per_day and view.health.requests_today >= view.pages_per_day:
        return SourceCard(view, "wait", "Resting", "Today’s page budget is used up. Goes on at 00:00.", every)
    if view.health.failed_pages:
        sentence = "Some pages could not be had and were set aside."
        return SourceCard(view, "person", "Needs a person", sentence, every)
    if view.health.last_fetch_at is None:
        return SourceCard(view, "wait", "Not visited yet", "Its mandate is live; a crawl can begin.", every)
    if view.health.due_pages:
        return SourceCard(view, "well", "Collecting", "Pages of this source are waiting to be read.", every)
    return SourceCard(view, "well", "Up to date", "Every page that was due has been read.", every)
