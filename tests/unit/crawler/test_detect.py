"""Several marks make an engine; one alone never does."""

import pytest

from crawler.detect import BY_NAME, KNOWN, detect, named
from crawler.document import parse
from crawler.errors import Misconfigured

LINK = '<a href="./viewtopic.php?t=1">x</a>'
LIST = '<a class="topictitle" href="#">x</a>'
BODY = '<body id="phpbb">'


@pytest.mark.parametrize(
    "html", [BODY, LINK, LIST, LINK + LIST, BODY + LIST, "", "<p>powered by phpBB, machina, Spirit"]
)
def test_fewer_than_three_marks_leave_the_page_to_the_fallback(html: str) -> None:
    assert detect(parse(html)).NAME == "generic"


def test_three_marks_make_an_engine() -> None:
    assert detect(parse(BODY + LINK + LIST)).NAME == "phpbb"


def test_every_engine_is_found_by_its_name_and_an_unknown_name_says_which_exist() -> None:
    assert {engine.NAME for engine in KNOWN} < set(BY_NAME)
    assert all(name == named(name).NAME for name in BY_NAME)
    with pytest.raises(Misconfigured, match=r"phpbb, mybb, .*machina, spirit.*, generic"):
        named("vbb")
