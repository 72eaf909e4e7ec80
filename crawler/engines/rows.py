"""What a thread's row on a board page tells: counts, and a mark that changes when somebody posts."""

import re
from collections.abc import Iterator

from crawler.engines.engine import Context
from crawler.post import Precision
from crawler.times import is_relative

_NUMBER = re.compile(r"\d{1,3}(?:[.,\s]\d{3})+(?!\d)|\d+")


def whole_number(text: str) -> int | None:
    """The first whole number in a text; "1,013", "1.013" and "1 013" are one."""
    return next(_numbers(text), None)


def last_number(text: str) -> int | None:
    """The last whole number in a text: the total in "Results 1 to 10 of 1,026"."""
    return next(reversed(list(_numbers(text))), None)


def _numbers(text: str) -> Iterator[int]:
    return (int(re.sub(r"\D", "", found)) for found in _NUMBER.findall(text[:200]) if len(found) < 13)


def mark(ctx: Context, replies: int | None, last_id: str = "", shown: str = "", exact: str = "") -> str:
    """Reply count and the last post's id, else its exact time; "" where the row tells nothing.

    Words such as "2 hours ago" change by themselves and are left out.
    """
    last = last_id
    if not last and (exact or not is_relative(shown)):
        time = ctx.time(shown, exact)
        if time.at is not None and time.precision in (Precision.SECOND, Precision.MINUTE):
            last = f"{time.at:%Y-%m-%dT%H:%M:%SZ}"
    return f"{'' if replies is None else replies}/{last}" if last or replies is not None else ""
