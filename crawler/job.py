"""One crawl: everything its parts share, handed over through Scrapy's crawler object."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.extract import Extractor
from crawler.ports import CrawlState, MandateBook, PostSink, Progress, ProgressSink
from crawler.post import Source

if TYPE_CHECKING:
    from crawler.transport import TextOnlyHandler

DEADLINE_S = {"direct": 30.0, "tor": 60.0}
"""Seconds for a whole download, whatever drips in meanwhile."""


@dataclass(slots=True)
class Job:
    """Mutable only in what happens during the crawl.

    stopped: why no further request may be made, or "". deadline_s: for one whole download.
    """

    source: Source
    book: MandateBook
    state: CrawlState
    sink: PostSink
    extractor: Extractor
    watcher: ProgressSink
    home: Path
    now: Callable[[], datetime]
    socks_url: str = ""
    deadline_s: float = DEADLINE_S["tor"]
    stopped: str = ""
    progress: Progress = field(default_factory=Progress)
    media_bytes: int = 0
    handler: "TextOnlyHandler | None" = None
