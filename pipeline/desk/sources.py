"""Sources: forums in the registry, paused and resumed by people, never crawled without a live mandate."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.detect import AUTO, named
from crawler.errors import Misconfigured
from crawler.mandate import Officer
from crawler.post import Source
from pipeline.desk.acting import keep_event, require
from pipeline.desk.mandates import MandateState, MandateView, judge
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.work import WorkKind
from pipeline.errors import BadInput, Conflict, NotFound, Refused
from pipeline.ports import Record, Schedule, SourceHealth, Transaction

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MIN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with its health. obstacle: why it can't be crawled now, one sentence, or ""."""

    source: Source
    health: SourceHealth
    obstacle: str
    schedule: Schedule | None
    pages_per_day: int


def add_source(record: Record, actor: Actor, source: Source, now: datetime) -> None:
    """Put a forum into the registry. Raises: Refused, BadInput, Conflict (the id is taken)."""
    require(actor, Permission.MANAGE_SOURCES)
    if not _ID.fullmatch(source.id):
        raise BadInput("A source id is 1 to 40 of a-z, 0-9 and hyphen, and begins with a letter or digit")
    _check_source(source)
    with record.write() as tx:
        if tx.source(source.id):
            raise Conflict(f"There is a source called {source.id} already; choose another id")
        tx.save_source(source)
        keep_event(tx, actor, "source.add", source.id, now, mandate=source.mandate_id)


def set_paused(record: Record, actor: Actor, source_id: str, paused: bool, now: datetime) -> None:
    """Pause a source, which stops its running crawl, or let it go on. Raises: Refused, NotFound."""
    require(actor, Permission.MANAGE_SOURCES)
    with record.write() as tx:
        tx.save_source(replace(_known(tx, source_id), paused=paused))
        keep_event(tx, actor, "source.pause" if paused else "source.resume", source_id, now)


def crawl_now(record: Record, actor: Actor, source_id: str, officers: Mapping[str, Officer], now: datetime) -> None:
    """Queue a crawl at once. Raises: Refused (no permission, or what stands in its way), NotFound."""
    require(actor, Permission.MANAGE_SOURCES)
    with record.write() as tx:
        source = _known(tx, source_id)
        obstacle = _obstacle(source, _mandate_of(tx, source, officers, now))
        if obstacle:
            raise Refused(obstacle)
        tx.add_work(WorkKind.CRAWL, [source_id], now)
        keep_event(tx, actor, "source.crawl", source_id, now)


def set_schedule(record: Record, actor: Actor, source_id: str, every: timedelta, now: datetime) -> None:
    """Crawl a source by itself, first now, then so often. Raises: Refused, BadInput, NotFound."""
    require(actor, Permission.MANAGE_SOURCES)
    if every < MIN_EVERY:
        raise BadInput("A schedule's interval is at least one minute")
    with record.write() as tx:
        _known(tx, source_id)
        tx.save_schedule(Schedule(source_id, int(every.total_seconds()), now))
        keep_event(tx, actor, "schedule.set", source_id, now, every_s=int(every.total_seconds()))


def list_sources(record: Record, actor: Actor, officers: Mapping[str, Officer], now: datetime) -> Sequence[SourceView]:
    """Every source with health and what stands in its way. Raises: Refused."""
    require(actor, Permission.SEE_SOURCES)
    with record.read() as tx:
        schedules = {schedule.source_id: schedule for schedule in tx.schedules()}
        views = []
        for source in tx.sources():
            under = _mandate_of(tx, source, officers, now)
            views.append(
                SourceView(
                    source=source,
                    health=tx.source_health(source.id, now),
                    obstacle=_obstacle(source, under),
                    schedule=schedules.get(source.id),
                    pages_per_day=under.mandate.pages_per_day if under and under.mandate else 0,
                )
            )
    return views


def _mandate_of(tx: Transaction, source: Source, officers: Mapping[str, Officer], now: datetime) -> MandateView | None:
    row = tx.mandate(source.mandate_id)
    return judge(row, officers, now) if row else None


def _obstacle(source: Source, under: MandateView | None) -> str:
    """Why this source can't be crawled, for people; the crawler judges for itself with every request."""
    if source.paused:
        return "Paused by a person; resume it to go on."
    if under is None:
        return f"Mandate {source.mandate_id} is not recorded; an officer must sign and record it."
    if under.state is not MandateState.LIVE:
        return under.reason
    if under.mandate and source.id not in {scope.source_id for scope in under.mandate.sources}:
        return f"Mandate {under.row.id} doesn't cover this source; record one that names it."
    return ""


def _known(tx: Transaction, source_id: str) -> Source:
    source = tx.source(source_id)
    if source is None:
        raise NotFound("There is no such source; see: nightlight source list")
    return source


def _check_source(source: Source) -> None:
    try:
        parts = urlsplit(source.start_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        usable = False
    if not usable:
        raise BadInput("A source's address is the http:// or https:// address of its board index")
    check_reading(source.engine, source.timezone)


def check_reading(engine: str, timezone: str) -> None:
    """How pages are to be read. Raises: BadInput for an engine or a time zone that doesn't exist."""
    try:
        if engine != AUTO:
            named(engine)
    except Misconfigured as error:
        raise BadInput(str(error).rstrip(".")) from error
    try:
        ZoneInfo(timezone)
    except (ValueError, OSError, KeyError) as error:
        raise BadInput("A time zone is an IANA name such as Europe/Berlin") from error
