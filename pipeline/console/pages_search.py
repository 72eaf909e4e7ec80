"""Search: a form posts the words, the results stand at `/s/<id>`."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.console import narrowing
from pipeline.console.access import GuardedRoute, Searcher, desk_of
from pipeline.console.narrowing import FACETS, State
from pipeline.console.render import page
from pipeline.desk import searching
from pipeline.desk.searching import PAGE, Results
from pipeline.errors import BadInput, Unavailable

router = APIRouter(route_class=GuardedRoute)


@router.get("/search")
def form(request: Request, who: Searcher) -> Response:
    """An empty search."""
    return page(request, "search.html", who, **_no_results(""))


@router.post("/search")
def keep(request: Request, who: Searcher, q: Annotated[str, Form()] = "") -> Response:
    """Keep the words and go to the results; a search that can't be read is shown again with the place."""
    desk = desk_of(request)
    try:
        search_id = searching.save_search(desk.record, who.actor, q, desk.clock.now())
    except BadInput as error:
        return page(request, "search.html", who, 422, **_no_results(q, str(error)))
    return RedirectResponse(f"/s/{search_id}", 303)


@router.get("/s/{search_id}")
def results(
    request: Request,
    who: Searcher,
    search_id: str,
    day: str = "",
    sort: str = "relevance",
    number: Annotated[int, Query(alias="page", ge=1, le=1_000)] = 1,
) -> Response:
    """Results of a kept search; an index that can't answer is an error, never fewer results."""
    desk = desk_of(request)
    chosen = tuple((field, value) for field, value in request.query_params.multi_items() if field in FACETS)
    state = State(chosen[:20], day, sort, number)
    text = searching.saved_text(desk.record, who.actor, search_id)
    try:
        found = searching.search(
            desk.record, desk.index, who.actor, state.asked(text), desk.clock.now(), salt=search_id
        )
    except (BadInput, Unavailable) as error:
        status = 422 if isinstance(error, BadInput) else 503
        return page(request, "search.html", who, status, **_no_results(text, str(error)))
    return page(request, "search.html", who, **_shown(found, state, f"/s/{search_id}"))


def _no_results(query: str, problem: str = "") -> dict[str, Any]:
    return {"query": query, "problem": problem.rstrip("."), "results": None, "chips": [], "clear": "/search"}


def _shown(found: Results, state: State, base: str) -> dict[str, Any]:
    bars = narrowing.bars(found, state, base)
    total, start = found.page.total, found.ask.offset
    turned = {step: State(state.chosen, state.day, state.sort, state.number + step).href(base) for step in (-1, 1)}
    return {
        "query": found.ask.text,
        "problem": "",
        "results": found,
        "chips": narrowing.chips(found, state, base),
        "clear": State(sort=state.sort).href(base),
        "facets": narrowing.facets(found, state, base),
        "bars": bars,
        "highest": max(bars, key=lambda bar: bar.posts, default=None),
        "on_alerts": sum(hits for _, hits in found.page.days.values()),
        "undated": total - sum(posts for posts, _ in found.page.days.values()),
        "sorts": [
            narrowing.Link(label, State(state.chosen, state.day, sort).href(base), chosen=sort == state.sort)
            for sort, label in narrowing.SORTS.items()
        ],
        "first": start + 1,
        "last": start + len(found.page.hits),
        "previous": turned[-1] if state.number > 1 else "",
        "next": turned[1] if start + PAGE < total else "",
    }
