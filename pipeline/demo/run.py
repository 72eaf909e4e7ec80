"""The whole job on one machine, end to end, through the real parts: nothing here is a shortcut past them."""

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from crawler.keys import new_private_key, public_pem
from crawler.mandate import sign, to_json
from crawler.post import Source
from pipeline.compose import App, compose, crawl_runner
from pipeline.demo.answers import precision_recall
from pipeline.demo.forum import DemoForum
from pipeline.demo.mandate import OFFICER, demo_document
from pipeline.demo.receiver import Receiver
from pipeline.demo.scan import media_at_rest
from pipeline.desk.accounts import add_user
from pipeline.desk.endpoints import add_endpoint
from pipeline.desk.mandates import record_mandate
from pipeline.desk.sources import add_source, set_schedule
from pipeline.domain.accounts import Role, operator
from pipeline.domain.alert import Status
from pipeline.domain.delivery import Endpoint
from pipeline.domain.signing import new_secret
from pipeline.domain.work import WorkKind
from pipeline.errors import Unavailable
from pipeline.home import init_home
from pipeline.line.assess import assess
from pipeline.line.crawling import Crawls
from pipeline.line.dispatch import dispatch
from pipeline.line.indexing import index_pending
from pipeline.line.schedule import tick
from pipeline.line.sequence import sequence
from pipeline.serve import at, console_beside, listening
from pipeline.settings import FILE, variables
from pipeline.worker import Worker, owner_name

SOURCE = "demo"
USER, PASSWORD = "ines", "night-light-demo-only"
ENDPOINT = "demo-cases"
TOML = f"""
console_port = 0
local_endpoints = true
log_level = "WARNING"

[officers.demo-officer]
name = "{OFFICER}"
public_key_file = "keys/officer.pub"
"""
Say = Callable[[str], None]


@dataclass(slots=True)
class Stopwatch:
    """Seconds spent in each part of the job."""

    seconds: dict[str, float] = field(default_factory=dict)

    def time(self, name: str, part: Callable[[], None]) -> None:
        """Run a part and keep how long it took."""
        began = time.monotonic()
        part()
        self.seconds[name] = round(time.monotonic() - began, 2)


def run_demo(say: Say, once: bool) -> dict[str, Any]:
    """Do the whole job in a folder of its own; returns the summary. Unless `once`, serve the console until Ctrl-C.

    Raises: Unavailable when a part of it fails; the message names the part.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the folder is deleted then too
    for name in variables(os.environ):  # else an agency's own record and index would get the demo's posts
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="nightlight-demo-"))
    secret = new_secret()
    forum, receiver = DemoForum(), Receiver(secret)
    try:
        app = furnish(home, forum.start(), receiver.start(), secret)
        try:
            with listening(app) as bound:
                app = at(app, bound)
                summary = _whole_job(app, forum, receiver, say)
                if not once:
                    _open_console(app, bound, summary, say)
        finally:
            app.close()
    finally:
        forum.stop()
        receiver.stop()
        shutil.rmtree(home, ignore_errors=True)
    return summary


def furnish(home: Path, forum_url: str, receiver_url: str, secret: str) -> App:
    """A home with the demo's officer, mandate, source, receiver and reviewer, set up as an agency would; opened."""
    init_home(home)
    officer_key = new_private_key()
    (home / "keys/officer.pub").write_bytes(public_pem(officer_key.public_key()))
    (home / f"secrets/{ENDPOINT}.whsec").write_text(secret + "\n")
    (home / FILE).write_text(TOML)
    app = compose(home)
    actor, now = operator("demo"), app.clock.now()
    document = demo_document(forum_url, SOURCE, now)
    signed = sign(document, officer_key, "demo-officer")
    record_mandate(app.record, actor, to_json(signed), app.officers, now)
    source = Source(SOURCE, "Demo forum", forum_url.rstrip("/") + "/index.php", document["id"])
    add_source(app.record, actor, source, now)
    set_schedule(app.record, actor, SOURCE, timedelta(hours=1), now)
    endpoint = Endpoint(ENDPOINT, "Demo case system", receiver_url, f"secrets/{ENDPOINT}.whsec", machine_events=True)
    add_endpoint(app.record, actor, endpoint, now, own_machine=app.settings.local_endpoints)
    add_user(app.record, actor, USER, "Ines Varga", Role.SUPERVISOR, PASSWORD, now)
    return app


def _whole_job(app: App, forum: DemoForum, receiver: Receiver, say: Say) -> dict[str, Any]:
    watch, began = Stopwatch(), time.monotonic()
    say("Crawling a demo forum on this machine under a demo mandate …")
    watch.time("crawl", lambda: _crawl(app, say))
    say("Assessing the posts …")
    watch.time(
        "assess", lambda: _drain(lambda: assess(app.record, app.assessor, app.clock, owner_name(), app.console_url))
    )
    watch.time("index", lambda: _drain(lambda: index_pending(app.record, app.index, app.clock, owner_name())))
    watch.time("deliver", lambda: _drain(lambda: dispatch(app.record, app.sender, app.clock, owner_name())))
    sequence(app.record, app.clock, app.key, app.home)
    watch.seconds["total"] = round(time.monotonic() - began, 2)
    return _summary(app, forum, receiver, watch.seconds)


def _crawl(app: App, say: Say) -> None:
    """Through the schedule and a crawl process, as `serve` does it."""
    shown = time.monotonic()
    outcome: dict[str, Any] = {}

    def watcher(_: str, line: dict[str, Any]) -> None:
        nonlocal shown
        outcome.update(line.get("outcome", {}))
        if "pages" in line and time.monotonic() - shown > 2:
            shown = time.monotonic()
            say(f"  {line['pages']} pages, {line['posts']} posts")

    tick(app.record, app.clock)
    crawls = Crawls(app.record, crawl_runner(app.home, watcher), app.clock, owner_name())
    try:
        while _crawl_is_owed(app):
            crawls.step()
            time.sleep(0.1)
    finally:
        crawls.stop()
    if not outcome.get("pages") or outcome["stopped"]:
        raise Unavailable("The demo crawl did not come to its end; what stopped it is said above")


def _crawl_is_owed(app: App) -> bool:
    with app.record.read() as tx:
        return bool(tx.pending()[WorkKind.CRAWL])


def _drain(step: Callable[[], int]) -> None:
    while step():
        pass


def _summary(app: App, forum: DemoForum, receiver: Receiver, seconds: dict[str, float]) -> dict[str, Any]:
    with app.record.read() as tx:
        health = tx.source_health(SOURCE, app.clock.now())
        alerts = tx.alerts(Status, 10_000)
        flagged = {stored.post.post_id for alert in alerts for stored in tx.alert_posts(alert.id)}
        sent = [d for d in tx.deliveries(limit=10_000) if d.state == "sent"]
    precision, recall = precision_recall(flagged)
    return {
        "posts": health.posts,
        "threads": health.threads,
        "alerts": len(alerts),
        "precision": None if precision is None else round(precision, 3),
        "recall": None if recall is None else round(recall, 3),
        "media_bytes": forum.counts().media_bytes_sent + sum(media_at_rest(app.home).values()),
        "deliveries": {"sent": len(sent), "verified": sum(event.verified for event in receiver.events())},
        "seconds": seconds,
    }


def _open_console(app: App, bound: socket.socket, summary: dict[str, Any], say: Say) -> None:
    """Serve the console with the loops running, until Ctrl-C."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    worker = Worker(app, crawl_runner(app.home))
    worker.start()
    try:
        with console_beside(app, bound):
            say(f"\n{summary['posts']} posts in {summary['threads']} threads, {summary['alerts']} alerts.")
            say(f"Open {app.console_url}  and sign in as {USER} with the password {PASSWORD}")
            say("Ctrl-C ends the demo and deletes it.")
            stop.wait()
    finally:
        worker.stop()
