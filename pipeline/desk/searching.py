"""Search: audited by a commitment to the words, never by the words."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.desk.acting import keep_event, require
from pipeline.domain.accounts import Actor, Permission
from pipeline.domain.alert import Alert
from pipeline.domain.documents import Document, SearchPage
from pipeline.domain.query import And, DateRange, Field, Query, describe, parse
from pipeline.errors import BadInput, NotFound
from pipeline.ports import Index, Record, Transaction

PAGE = 20
MAX_QUERY = 1_000
DEEPEST = 10_000
LOGGED = 100
"""Ids of so many documents that were shown stand in the audit event: hits show words of posts."""
SORTS = ("relevance", "newest", "score")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the index. narrowed: (field, value) pairs chosen from facets; day: ISO date or ""."""

    text: str
    narrowed: tuple[tuple[str, str], ...] = ()
    day: str = ""
    sort: str = "relevance"
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results. alerts: by document id, the alert it is on, or else the latest one of its thread, as the
    record has it now; the index may still be catching up.
    """

    ask: Ask
    reads_as: str
    page: SearchPage
    alerts: Mapping[str, Alert]
    source_names: Mapping[str, str]


def save_search(record: Record, actor: Actor, text: str, now: datetime) -> str:
    """Keep a search, so that its words are in no address; returns its id. Raises: Refused, BadInput (where)."""
    require(actor, Permission.SEARCH)
    _parsed(text)
    search_id = secrets.token_urlsafe(24)
    with record.write() as tx:
        tx.save_search(search_id, actor.name, text, now)
    return search_id


def saved_text(record: Record, actor: Actor, search_id: str) -> str:
    """The words of one's own search. Raises: Refused, NotFound."""
    require(actor, Permission.SEARCH)
    with record.read() as tx:
        found = tx.saved_search(search_id)
    if found is None or found[0] != actor.name:
        raise NotFound("There is no such search of yours; write it again")
    return found[1]


def search(
    record: Record, index: Index, actor: Actor, ask: Ask, now: datetime, *, salt: str, limit: int = PAGE
) -> Results:
    """Ask the index and audit that it was asked, and which documents were shown.

    salt: the saved search's id. It stays out of the log, so the log tells nothing of the words; whoever holds the saved
    search can show that they are the ones committed to. Raises: Refused, BadInput, Unavailable.
    """
    require(actor, Permission.SEARCH)
    if ask.sort not in SORTS:
        raise BadInput(f"Results are sorted by {', '.join(SORTS)}")
    if not 0 <= ask.offset <= DEEPEST:
        raise BadInput(f"Results are shown up to the {DEEPEST:,}th; narrow the search down")
    query = _narrowed(ask)
    page = index.search(query, limit, ask.offset, ask.sort)
    with record.write() as tx:
        commitment = hashlib.sha256(f"{salt}\n{ask.text}".encode("utf-8", "surrogatepass")).hexdigest()
        ids = [hit.document.id for hit in page.hits]
        told = {"total": page.total, "offset": ask.offset, "shown": len(ids), "documents": ids[:LOGGED]}
        keep_event(tx, actor, "search.run", commitment, now, **told)
        alerts = {hit.document.id: alert for hit in page.hits if (alert := _alert_of(tx, hit.document))}
        names = {source.id: source.name for source in tx.sources()}
    return Results(ask, describe(query), page, alerts, names)


def _alert_of(tx: Transaction, document: Document) -> Alert | None:
    if document.alert_id:
        return tx.alert(document.alert_id)
    return tx.latest_alert(document.source_id, document.thread_id)


def _parsed(text: str) -> Query:
    if len(text) > MAX_QUERY:
        raise BadInput(f"A search has at most {MAX_QUERY} characters; shorten it")
    return parse(text)


def _narrowed(ask: Ask) -> Query:
    nodes: Sequence[Query] = [Field(name, value) for name, value in ask.narrowed]
    days = [DateRange(ask.day, ask.day)] if ask.day else []
    return And((_parsed(ask.text), *nodes, *days)) if nodes or days else _parsed(ask.text)
