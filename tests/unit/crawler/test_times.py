"""Times as forums write them: moment, precision, zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.post import Precision
from crawler.times import Reader, day_comes_first, is_relative

NOW = datetime(2026, 11, 25, 22, 30, 15, tzinfo=UTC)
HERE = Reader(NOW, UTC)
BERLIN = Reader(NOW, ZoneInfo("Europe/Berlin"))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("shown", "at", "precision"),
    [
        ("Aug. 3, 2026, noon", utc(2026, 8, 3, 12), Precision.MINUTE),
        ("Aug. 3, 2026, midnight", utc(2026, 8, 3), Precision.MINUTE),
        ("Aug. 3, 2026, 12:56 p.m.", utc(2026, 8, 3, 12, 56), Precision.MINUTE),
        ("Aug. 3, 2026, 12:56 a.m.", utc(2026, 8, 3, 0, 56), Precision.MINUTE),
        ("Sept. 2, 2026, 9 a.m.", utc(2026, 9, 2, 9), Precision.MINUTE),
        ("Mon Aug 03, 2026 11:05 pm", utc(2026, 8, 3, 23, 5), Precision.MINUTE),
        ("03.08.26 14:05:09", utc(2026, 8, 3, 14, 5, 9), Precision.SECOND),
        ("08/03/2026, 2:05 PM", utc(2026, 8, 3, 14, 5), Precision.MINUTE),
        ("Today 14:56:12", utc(2026, 11, 25, 14, 56, 12), Precision.SECOND),
        ("Yesterday, 8:01 am", utc(2026, 11, 24, 8, 1), Precision.MINUTE),
        ("2 hours ago", utc(2026, 11, 25, 20, 30, 15), Precision.HOUR),
        ("vor 5 Minuten", utc(2026, 11, 25, 22, 25, 15), Precision.MINUTE),
        ("3 days ago", utc(2026, 11, 22), Precision.DAY),
        ("3 августа 2026, 14:05", utc(2026, 8, 3, 14, 5), Precision.MINUTE),
        ("lun. 3 août 2026 09:41", utc(2026, 8, 3, 9, 41), Precision.MINUTE),
        ("mar. 4 août 2026 00:07", utc(2026, 8, 4, 0, 7), Precision.MINUTE),
        ("Mié Ago 05, 2026 9:41 pm", utc(2026, 8, 5, 21, 41), Precision.MINUTE),
        ("3. März 1999", utc(1999, 3, 3), Precision.DAY),
        ("14:56 Aug 3, 2026", utc(2026, 8, 3, 14, 56), Precision.MINUTE),
        ("3 Aug 14:05", utc(2026, 8, 3, 14, 5), Precision.MINUTE),
        ("3 Mar 99", utc(1999, 3, 3), Precision.DAY),
        ("3 września 2026, 14:05", utc(2026, 9, 3, 14, 5), Precision.MINUTE),
        ("03 maart 2026, 14:05", utc(2026, 3, 3, 14, 5), Precision.MINUTE),
        ("Вчора, 14:05", utc(2026, 11, 24, 14, 5), Precision.MINUTE),
        ("13/08/2026, 09h41", utc(2026, 8, 13, 9, 41), Precision.MINUTE),
        ("2026-08-03T14:05:09+02:00", utc(2026, 8, 3, 12, 5, 9), Precision.SECOND),
    ],
)
def test_a_shown_time_is_read_with_its_precision(shown: str, at: datetime, precision: Precision) -> None:
    found = HERE.read(shown)
    assert (found.at, found.precision, found.shown) == (at, precision, shown)


def test_shown_times_are_the_sources_zone_and_summer_time_counts() -> None:
    assert BERLIN.read("Aug. 3, 2026, noon").at == utc(2026, 8, 3, 10)
    assert BERLIN.read("Dec. 3, 2025, noon").at == utc(2025, 12, 3, 11)
    assert BERLIN.read("2026-08-03T14:05:09Z").at == utc(2026, 8, 3, 14, 5, 9)


def test_today_is_the_day_of_the_capture_where_the_forum_is() -> None:
    late = Reader(datetime(2026, 11, 25, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    assert late.read("Today 00:10").at == utc(2026, 11, 25, 23, 10)


def test_a_machine_readable_time_wins_and_the_words_are_kept() -> None:
    found = HERE.read("2 hours ago", "2026-08-03T14:05:09+00:00")
    assert (found.at, found.shown) == (utc(2026, 8, 3, 14, 5, 9), "2 hours ago")


@pytest.mark.parametrize("words", ["", "some time", "13:77", "Feb 31, 2026", "99/99/2026", "2 weeks ago", "25:00"])
def test_words_that_fix_no_day_give_no_time(words: str) -> None:
    assert HERE.read(words).at is None


@pytest.mark.parametrize(
    ("shown", "language", "first"),
    [
        (["03/08/2026 14:05", "23/08/2026 14:05"], "en", True),
        (["03/08/2026 14:05", "08/23/2026 14:05"], "fr", False),
        (["03/08/2026 14:05"], "fr", True),
        (["03/08/2026 14:05"], "en-gb", True),
        (["03/08/2026 14:05"], "en", False),
        (["03-08-2026 14:05"], "de", False),
        (["03-12-2026 14:05"], "de", False),
        (["12-03-2026 14:05"], "de", True),
        (["2026-08-23", "Today 14:05", ""], "fr", False),
    ],
)
def test_numbers_above_twelve_days_to_come_and_the_language_tell_the_order(
    shown: list[str], language: str, first: bool
) -> None:
    assert day_comes_first(shown, language, NOW.date()) is first


def test_a_day_to_come_is_read_in_the_other_order() -> None:
    assert HERE.read("12-03-2026, 14:05").at == utc(2026, 3, 12, 14, 5)
    assert HERE.read("11-03-2026, 14:05").at == utc(2026, 11, 3, 14, 5)


@pytest.mark.parametrize(
    ("words", "relative"),
    [
        ("2 hours ago", True),
        ("vor 5 Minuten", True),
        ("just now", True),
        ("Today, 14:56", False),
        ("3 Aug 2026", False),
    ],
)
def test_a_distance_in_time_is_told_from_a_day(words: str, relative: bool) -> None:
    assert is_relative(words) is relative


@given(st.text(max_size=120) | st.from_regex(r"[0-9a-z.,:/ -]{0,40}", fullmatch=True))
def test_any_words_are_read_without_an_error(words: str) -> None:
    found = BERLIN.read(words, words)
    assert found.at is None or found.at.utcoffset() is not None
