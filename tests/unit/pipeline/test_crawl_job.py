"""What a crawl that ends badly tells whoever started it."""

import pytest

from crawler.errors import MandateRefused, Unreachable
from crawler.errors import Misconfigured as WrongSource
from pipeline.crawl_job import exit_code
from pipeline.errors import Misconfigured, Unavailable
from pipeline.line.crawling import MISCONFIGURED, REFUSED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongSource("correct the source"), MISCONFIGURED),
        (Misconfigured("correct the settings"), MISCONFIGURED),
        (MandateRefused("no mandate"), REFUSED),
        (Unreachable("Tor is down"), 1),
        (Unavailable("the record is down"), 1),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(error: Exception, code: int) -> None:
    assert exit_code(error) == code
