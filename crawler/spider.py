"""Turns due pages into requests and what comes back into captures, one after the other, until nothing is due."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import scrapy
from protego import Protego
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response

from crawler.document import decode
from crawler.errors import (
    Corrupt,
    CrawlerError,
    MandateRefused,
    Misconfigured,
    Refused,
    TooSlow,
    Unavailable,
    Unreachable,
)
from crawler.frontier import first_pages, plan
from crawler.guard import check_request
from crawler.job import Fetch, Job, job_of
from crawler.mandate import Mandate, Purpose
from crawler.ports import Capture, DuePage, Fetched
from crawler.post import Account, Page, PageKind
from crawler.session import NEEDS_A_PERSON, filled_form, is_captcha, is_logged_in, read_password
from crawler.textonly import NotText

GONE = (404, 410)
FAILURES = 3
"""So many pages in a row that can't be had end the crawl: the source is down, or the member's session is over."""
LOOK_AHEAD = 100
"""Due pages that are counted for those who watch."""
TURN = 10
"""For so many pages lists come before threads, then for as many threads before lists."""
LOGIN_EVERY = timedelta(hours=1)


class ForumSpider(scrapy.Spider):
    """The Scrapy side of a crawl: it only lends its engine."""

    name = "forum"

    async def start(self) -> AsyncIterator[Any]:
        """Walk the source; every request goes through the engine's downloader, no item is ever yielded."""
        await job_of(self.crawler).walk(self.crawler.engine.download_async)
        empty: tuple[Any, ...] = ()
        for nothing in empty:
            yield nothing


class Walk:
    """One crawl of one source."""

    def __init__(self, job: Job, mandate: Mandate, fetch: Fetch) -> None:
        self._job = job
        self._mandate = mandate
        self._fetch = fetch
        self._logged = 0
        self._visited: set[str] = set()
        self._slow: set[str] = set()
        self._failures = 0
        self._login_pages = 0
        self._logged_in_at: datetime | None = None
        midnight = datetime.combine(job.now().date(), time(), job.now().tzinfo)
        self._budget = mandate.pages_per_day - job.state.fetched_since(job.source.id, midnight)

    async def run(self) -> None:
        """Visit what is due.

        Raises: Refused (mandate, captcha, budget), Unavailable (the source can't be reached), Misconfigured.
        """
        job = self._job
        await self._ask_robots()
        if job.source.account is not None:
            await self._log_in(job.source.account)
        job.state.begin(job.source, first_pages(job.source, tuple(job.state.overdue_threads(job.source.id, job.now()))))
        while due := [page for page in job.state.due(job.source.id, LOOK_AHEAD) if page.url not in self._slow]:
            if job.sent >= self._budget:
                raise Refused(f"Today's budget of {self._mandate.pages_per_day} pages is used up; it goes on tomorrow")
            await self._visit(self._next(due))
            job.progress = replace(job.progress, due=len(due) - 1)
            job.watcher.show(job.progress)

    def _next(self, due: Sequence[DuePage]) -> DuePage:
        """Lists come first, but not always: lists without an end would use up every day's budget."""
        lists_first = len(self._visited) // TURN % 2 == 0
        threads = (page for page in due if page.kind is PageKind.THREAD)
        return due[0] if lists_first else next(threads, due[0])

    async def _visit(self, due: DuePage) -> None:
        self._visited.add(due.url)
        try:
            response = await self._get(self._request(due.url, Purpose.PAGE))
        except NotText as error:
            self._set_aside(due, self._cut(due.url, error))
        except Refused as error:
            if self._job.stopped:
                self._log(self._cut(due.url, error))
                raise
            # a mandate that ended says nothing about this page: the crawl ends and the page stays due
            self._job.book.live(self._job.source.id, self._job.now())
            self._set_aside(due, self._cut(due.url, error))
        except Corrupt as error:
            self._failed(due, self._fetched(due.url, "failed", reason=str(error)), retry=False)
        except Unreachable as error:
            raise self._unreachable(due.url, error) from error
        except Unavailable as error:
            self._failed(due, self._fetched(due.url, "failed", reason=str(error)), retry=True)
            self._give_up_after(str(error))
        else:
            await self._read(due, response)

    async def _get(self, request: Request) -> Response:
        """Raises: Refused, Unavailable (it may work later), Corrupt (it won't), Misconfigured."""
        try:
            return await self._fetch(request)
        except Misconfigured as error:
            self._log(self._fetched(request.url, "failed", reason=str(error)))
            raise
        except CrawlerError:
            raise
        except asyncio.CancelledError:
            self._log(self._fetched(request.url, "failed", reason="the crawl was stopped"))
            raise
        except (DownloadFailedError, DownloadTimeoutError) as error:
            raise Unavailable(str(error)) from error
        except (IgnoreRequest, ValueError) as error:  # Scrapy's for redirects in circles or to what is no address
            raise Corrupt(f"the way to this page can't be followed ({type(error).__name__})") from error

    async def _read(self, due: DuePage, response: Response) -> None:
        fetched = self._fetched_page(due.url, response)
        if response.status != 200:
            reason = "the page is gone" if response.status in GONE else f"the source answered {response.status}"
            retry = response.status >= 500 or response.status == 429
            self._failed(due, replace(fetched, outcome="failed", reason=reason), retry)
            if retry:
                self._give_up_after(reason)
            return
        self._failures = 0
        try:
            page = await self._extract(response)
        except Corrupt as error:
            # a first time the machine may have been too busy: the next crawl tries again
            again = isinstance(error, TooSlow) and not due.attempts
            self._slow |= {due.url} if again else set()
            self._failed(due, replace(fetched, outcome="failed", reason=str(error)), retry=again)
            return
        if page.login_required:
            await self._asked_to_log_in(due, fetched)
        elif not (page.posts or page.threads or page.boards) and is_captcha(response.body.decode("latin-1")):
            self._failed(due, replace(fetched, outcome="failed", reason="the page asks for a person"), retry=True)
            raise Refused(f"Source {self._job.source.id!r} shows a captcha; open it by hand, then crawl again")
        else:
            self._accept(due, fetched, page)

    async def _asked_to_log_in(self, due: DuePage, fetched: Fetched) -> None:
        """A session that ended is renewed, at most once an hour; the page is then tried again.

        Raises: Refused when page after page takes the member for a stranger: the rest stays due.
        """
        account, before = self._job.source.account, self._logged_in_at
        again = account is not None and before is not None and self._job.now() - before >= LOGIN_EVERY
        reason = f"the page asks for a login; {NEEDS_A_PERSON}"
        self._failed(due, replace(fetched, outcome="login", reason=reason), retry=again)
        if account is not None and again:
            await self._log_in(account)
            return
        self._login_pages += 1
        if account is not None and self._login_pages >= FAILURES:
            raise Refused(f"The session of source {self._job.source.id!r} ended; {NEEDS_A_PERSON}")

    def _give_up_after(self, reason: str) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            raise Unavailable(f"Source {self._job.source.id!r} fails: {reason}; it is tried again later")

    def _unreachable(self, url: str, error: Unavailable) -> Unavailable:
        """What ends the crawl when nothing of the source can be had; no page is to blame."""
        self._log(self._fetched(url, "failed", reason=str(error)))
        return Unavailable(f"Source {self._job.source.id!r} can't be reached: {error}; it is tried again later")

    async def _extract(self, response: Response) -> Page:
        kind = _content_type(response)
        job = self._job
        return await job.extractor.extract(
            response.body, url=response.url, content_type=kind, source=job.source, captured_at=job.now()
        )

    def _accept(self, due: DuePage, fetched: Fetched, page: Page) -> None:
        self._login_pages = 0
        job, source_id = self._job, self._job.source.id
        ids = [ref.thread_id for ref in page.threads] + [page.thread_id, due.thread_id]
        known = job.state.threads(source_id, ids)
        pages, states = plan(due, page, known, lambda url: job.state.knows_page(source_id, url), job.now())
        wanted = tuple(following for following in pages if self._wants(following.url))
        left = {following.thread_id for following in pages} - {following.thread_id for following in wanted}
        # a mark is kept only with the page that is due for it
        kept = tuple(state for state in states if state.thread_id not in left)
        new = job.sink.accept(Capture(source_id, due, fetched, page, wanted, kept))
        seen = job.progress
        job.progress = replace(
            seen, pages=seen.pages + 1, posts=seen.posts + len(page.posts), new_posts=seen.new_posts + new
        )

    def _wants(self, url: str) -> bool:
        """Is it in scope, and not visited in this crawl already? Boards that name each other would never end."""
        return url not in self._visited and self._covers(url, Purpose.PAGE)

    def _covers(self, url: str, purpose: Purpose) -> bool:
        try:
            check_request(self._mandate, self._job.source.id, url, "GET", purpose, self._job.now())
        except MandateRefused:
            return False
        return True

    def _set_aside(self, due: DuePage, fetched: Fetched) -> None:
        self._job.state.failed(self._job.source.id, due, fetched, retry=False)
        self._job.progress = replace(self._job.progress, refused=self._job.progress.refused + 1)

    def _failed(self, due: DuePage, fetched: Fetched, retry: bool) -> None:
        self._job.state.failed(self._job.source.id, due, fetched, retry)
        self._job.progress = replace(self._job.progress, failed=self._job.progress.failed + 1)

    async def _ask_robots(self) -> None:
        """robots.txt first: it also shows whether the source can be reached at all (RFC 9309)."""
        url = _at_root(self._job.source.start_url, "/robots.txt")
        try:
            response = await self._get(self._request(url, Purpose.ROBOTS))
        except NotText as error:
            self._log(self._cut(url, error))
            return
        except Corrupt as error:
            self._log(self._fetched(url, "failed", reason=str(error)))
            return
        except MandateRefused as error:
            self._job.book.live(self._job.source.id, self._job.now())
            if self._job.stopped or not self._covers(url, Purpose.ROBOTS):
                raise
            # it leads where the mandate doesn't: there is no robots.txt (RFC 9309, 2.3.1.3)
            self._log(self._cut(url, error))
            return
        except Unavailable as error:
            raise self._unreachable(url, error) from error
        self._log(self._fetched_page(url, response))
        if response.status >= 500:
            raise Unavailable(f"Source {self._job.source.id!r} answers {response.status}; it is tried again later")
        if response.status == 200 and self._mandate.robots == "obey":
            self._job.robots = Protego.parse(response.body.decode("utf-8", "replace"))

    async def _log_in(self, account: Account) -> None:
        """Raises: Refused when a person is needed, Unavailable when the source fails."""
        self._logged_in_at = self._job.now()
        if self._mandate.scope(self._job.source.id).account != account.user:
            raise MandateRefused(f"Mandate {self._mandate.id} doesn't name the account of {self._job.source.id!r}")
        password = read_password(self._job.home, account)
        try:
            page = await self._get(self._request(account.login_url, Purpose.LOGIN))
            self._log(self._fetched_page(account.login_url, page))
            form = filled_form(_html(page), page.url, account, password)
            answer = await self._get(self._login_request(form.action, form.body, page.url))
            self._log(replace(self._fetched_page(account.login_url, answer), outcome="login"))
            shown = _html(answer)
        except Refused as error:
            self._log(self._cut(account.login_url, error))
            raise
        except (Unavailable, Corrupt) as error:
            self._log(self._fetched(account.login_url, "failed", reason=str(error)))
            raise Unavailable(
                f"The login of {self._job.source.id!r} failed: {error}; it is tried again later"
            ) from error
        if not is_logged_in(shown, account.logged_in_marker):
            raise Refused(f"The login of source {self._job.source.id!r} was not accepted; {NEEDS_A_PERSON}")

    def _login_request(self, action: str, body: bytes, referer: str) -> Request:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": referer}
        meta = self._meta(Purpose.LOGIN) | {"dont_retry": True}
        return Request(action, method="POST", body=body, headers=headers, meta=meta, dont_filter=True)

    def _request(self, url: str, purpose: Purpose) -> Request:
        return Request(url, meta=self._meta(purpose), dont_filter=True)

    def _meta(self, purpose: Purpose) -> dict[str, Any]:
        return {"purpose": purpose, "cookiejar": self._job.source.id, "verbatim_url": True}

    def _fetched(self, url: str, outcome: str, *, reason: str = "") -> Fetched:
        """The fetch that just ended, with every request sent since the one before."""
        requests, self._logged = self._job.sent - self._logged, self._job.sent
        return Fetched(url, self._job.now(), outcome, reason=reason, requests=requests)

    def _cut(self, url: str, error: Refused) -> Fetched:
        """A fetch that policy ended; bytes of media that came meanwhile are counted."""
        if not isinstance(error, NotText):
            return self._fetched(url, "refused", reason=str(error))
        self._job.media_bytes += error.media_bytes
        fetched = self._fetched(url, "not-text", reason=str(error))
        return replace(fetched, content_type=error.content_type, media_bytes=error.media_bytes)

    def _fetched_page(self, url: str, response: Response) -> Fetched:
        kind = _content_type(response)
        digest = hashlib.sha256(response.body).hexdigest()
        fetched = self._fetched(url, "ok")
        return replace(fetched, status=response.status, content_type=kind, bytes=len(response.body), sha256=digest)

    def _log(self, fetched: Fetched) -> None:
        self._job.state.log(self._job.source.id, fetched)


def _content_type(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"").decode("latin-1")


def _html(response: Response) -> str:
    """A login page's characters. Raises: Unavailable when the source itself is in trouble."""
    if response.status >= 500:
        raise Unavailable(f"the source answered {response.status}")
    return decode(response.body, _content_type(response))


def _at_root(url: str, path: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}{path}"
