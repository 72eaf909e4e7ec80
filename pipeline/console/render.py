"""Pages: templates that escape everything, fail on what is missing, and show what is invisible."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nlp.corpus.dataset import example
from nlp.taxonomy import in_words
from pipeline.console import text, words
from pipeline.console.access import desk_of
from pipeline.desk.review import GIVE_BACK
from pipeline.desk.sessions import SignedIn
from pipeline.domain.accounts import Permission
from pipeline.domain.alert import REASONS, Severity

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Tab:
    """An entry of the main menu; shown to those who may open it."""

    label: str
    href: str
    needs: Permission


TABS = (
    Tab("Queue", "/queue", Permission.READ_CONTENT),
    Tab("Search", "/search", Permission.SEARCH),
    Tab("Deliveries", "/deliveries", Permission.SEE_DELIVERIES),
    Tab("Sources", "/sources", Permission.SEE_SOURCES),
)


def tabs_for(who: SignedIn) -> list[Tab]:
    """The entries this person may open."""
    return [tab for tab in TABS if tab.needs in who.actor.permissions]


def page(request: Request, template: str, who: SignedIn | None, status: int = 200, **values: object) -> HTMLResponse:
    """A page of the console. values: what this template needs beyond the frame."""
    theme = request.cookies.get("theme", "auto")
    frame: dict[str, object] = {
        "now": desk_of(request).clock.now(),
        "who": who,
        "csrf": who.session.csrf if who else "",
        "may": frozenset(str(p.name) for p in who.actor.permissions) if who else frozenset(),
        "tabs": tabs_for(who) if who else [],
        "path": request.url.path,
        "back": request.url.path if request.method == "GET" else "/",
        "theme": theme if theme in THEMES else "auto",
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(frame | values), status)


def _seen(value: object) -> object:
    """What every `{{ … }}` goes through before it is escaped; only `text.marked` and macros hand over markup."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return text.visible(value)
    return "" if value is None else value


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes").replace("+00:00", "Z")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.console"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "BANDS": words.BANDS,
        "BAND_ORDER": list(Severity),
        "CHOICES": words.CHOICES,
        "GIVE_BACK": GIVE_BACK,
        "REASONS": REASONS,
        "STATUSES": words.STATUSES,
        "count": words.count,
        "delivery_state": words.delivery_state,
        "event_words": words.event,
        "example": example,
        "excerpt": text.excerpt,
        "leading_sentence": words.leading_sentence,
        "marked": text.marked,
        "odds": words.odds,
        "of_hundred": words.of_hundred,
        "reason_of": words.reason_of,
        "stamp": words.stamp,
        "tags": words.tags,
    }
    environment.filters |= {
        "date": words.date,
        "defanged": text.defanged,
        "html_lang": words.html_lang,
        "in_words": in_words,
        "iso": _iso,
        "language": words.language,
        "sentence": words.sentence,
        "span": words.span,
    }
    return environment


_TEMPLATES = _environment()
