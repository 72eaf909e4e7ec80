"""Times as forums show them: read relative to the capture, in the source's zone, with their precision (pure)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time

from crawler.post import Precision
from crawler.time_words import AGO_UNITS, DAY_WORDS, MONTHS, NOW_WORDS, WEEKDAYS


@dataclass(frozen=True, slots=True)
class ShownTime:
    """A time on a page.

    shown: the page's words. at: aware UTC, or None where the words don't fix a day.
    """

    shown: str = ""
    at: datetime | None = None
    precision: Precision = Precision.NONE


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads times of one capture.

    now: aware time of the capture. zone: the zone in which the page shows times.
    day_first: whether 03/08/2026 is the third of August; dots (03.08.2026) always are.
    """

    now: datetime
    zone: tzinfo
    day_first: bool = False

    def read(self, text: str, exact: str = "") -> ShownTime:
        """The time in a text; exact is a machine-readable form (an attribute) that wins where it can be read."""
        shown = " ".join(text.split())[:200]
        for candidate in (exact, shown):
            found = self._find(" ".join(candidate.split())[:200]) if candidate else None
            if found:
                return ShownTime(shown or exact, *found)
        return ShownTime(shown)

    def _find(self, text: str) -> tuple[datetime, Precision] | None:
        low = text.lower()
        for form in _FORMS:
            try:
                found = form(self, low)
            except (ValueError, OverflowError):
                continue
            if found:
                return found
        return None

    def at(self, day: date, clock: "Clock | None") -> tuple[datetime, Precision]:
        """The moment of a local day and clock time, in UTC."""
        if clock is None:
            return datetime.combine(day, clock_time(), self.zone).astimezone(UTC), Precision.DAY
        zone = clock.zone or self.zone
        return datetime.combine(day, clock.time, zone).astimezone(UTC), clock.precision

    @property
    def today(self) -> date:
        """The local day of the capture."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day with its precision; zone where the page itself names one."""

    time: clock_time
    precision: Precision
    zone: tzinfo | None = None


Found = tuple[datetime, Precision] | None

_ISO = re.compile(
    r"\b(\d{4})-(\d\d)-(\d\d)(?:[t ,]+(?:at )?(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(z\b|utc\b|[+-]\d\d:?\d\d\b)?)?"
)
_EPOCH = re.compile(r"^(\d{10})(\d{3})?$")
_CLOCK = re.compile(
    r"\b(\d{1,2})[:h](\d\d)(?::(\d\d))?(?:\s?([ap])\.?\s?m\b\.?)?\s?(utc\b|gmt\b|z\b)?"
    r"|\b(\d{1,2})\s?([ap])(\.?)m\b"
    r"|\b(noon|midnight)\b"
)
_NAMED = re.compile(
    r"(?:(?<![\d:])(?P<d1>\d{1,2})(?:st|nd|rd|th|er|º)?[.\s-]*(?:de\s+|of\s+)?)?\b(?P<month>[^\W\d_]{3,12})\b\.?"
    r"(?(d1)|(?:[\s-]*(?P<d2>\d{1,2})(?!\d|:)(?:st|nd|rd|th)?)?)(?:,?[\s'’-]*(?:de\s+)?(?P<year>\d{4}|\d\d)(?![\d:]))?"
)
_NUMERIC = re.compile(r"(?<![\d.:/-])(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d\d)(?![\d./:-])")
_MONTH_FIRST = frozenset({"", "en", "en-us", "en-ca", "en-ph", "fil"})
_AGO = re.compile(r"\b(\d{1,4}|an?|one|einer?|einem|un|une|una)\s?([^\W\d_]+)\b\.?")
_AGO_MARK = re.compile(r"\bago\b|\bvor\b|\bil y a\b|\bhace\b|\bназад\b|^\s*\d{1,3}\s?(?:s|m|min|h|d|days?)\s*$")


def _iso(reader: Reader, text: str) -> Found:
    match = _ISO.search(text)
    if not match:
        return None
    day = date(int(match[1]), int(match[2]), int(match[3]))
    if match[4] is None:
        return reader.at(day, _clock(text[match.end() :]))
    precision = Precision.SECOND if match[6] else Precision.MINUTE
    clock = clock_time(int(match[4]), int(match[5]), int(match[6] or 0))
    return reader.at(day, Clock(clock, precision, _zone(match[7])))


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    parsed = datetime.strptime(text.replace(":", ""), "%z").tzinfo
    assert parsed is not None  # noqa: S101  # %z always sets it
    return parsed


def _epoch(_reader: Reader, text: str) -> Found:
    match = _EPOCH.match(text)
    return (datetime.fromtimestamp(int(match[1]), UTC), Precision.SECOND) if match else None


def _clock(text: str) -> Clock | None:
    match = _CLOCK.search(text)
    if not match:
        return None
    if match[9]:
        return Clock(clock_time(12 if match[9] == "noon" else 0), Precision.MINUTE)
    if match[6]:
        # "1 p.m." is how software that writes dots leaves out ":00"; "1pm" is an hour
        precision = Precision.MINUTE if match[8] else Precision.HOUR
        return Clock(clock_time(_hour(int(match[6]), match[7])), precision)
    precision = Precision.SECOND if match[3] else Precision.MINUTE
    clock = clock_time(_hour(int(match[1]), match[4]), int(match[2]), int(match[3] or 0))
    return Clock(clock, precision, UTC if match[5] else None)


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half == "p" else 0)


def _named_month(reader: Reader, text: str) -> Found:
    match = _NAMED.search(text)
    while match:
        month = MONTHS.get(match["month"])
        number = match["d1"] or match["d2"]
        if month and number and not _is_weekday(match, text):
            year = _year(match["year"], reader) if match["year"] else None
            day = date(year, month, int(number)) if year else _latest(month, int(number), reader.today)
            return reader.at(day, _clock(text[match.end() :]) or _clock(text[: match.start()]))
        # the number after "lun." in "lun. 3 août" is the next word's
        match = _NAMED.search(text, match.end("month"))
    return None


def _is_weekday(match: re.Match[str], text: str) -> bool:
    """Is the word "mar." of "mar. 4 août", whose number belongs to the month after it?"""
    following = _NAMED.search(text, match.end("month"))
    return bool(match["d2"] and following and following["d1"] == match["d2"] and following["month"] in MONTHS)


def _year(digits: str, reader: Reader) -> int:
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if 2000 + year <= reader.today.year + 1 else 1900
    return year


def _latest(month: int, day: int, today: date) -> date:
    """The last such day that isn't in the future (a day of grace for zones)."""
    for year in range(today.year + 1, today.year - 8, -1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today + timedelta(days=1):
            return found
    raise ValueError(day)


def _numeric(reader: Reader, text: str) -> Found:
    match = _NUMERIC.search(text)
    if not match:
        return None
    first, second, last = match[1], match[3], match[4]
    if len(first) == 4:
        day = date(int(first), int(second), int(last))
    elif len(first) > 2:
        return None
    else:
        day = _ordered(int(first), int(second), _year(last, reader), match[2] == "." or reader.day_first, reader.today)
    return reader.at(day, _clock(text[match.end() :]) or _clock(text[: match.start()]))


def _ordered(first: int, second: int, year: int, day_first: bool, today: date) -> date:
    """The day of two numbers in the given order, or in the other one where that is no day or a future one."""
    orders = ((second, first), (first, second)) if day_first else ((first, second), (second, first))
    days = [date(year, month, day) for month, day in orders if month <= 12 and 0 < day <= 31]
    return next(
        (day for day in days if day <= today + timedelta(days=1)), days[0] if days else date(year, first, second)
    )


def day_comes_first(shown: Iterable[str], language: str, today: date) -> bool:
    """Whether a page that shows these times writes the third of August as 03/08.

    A number above 12 decides, and a day that would else be in the future; where neither is shown, dates with slashes
    follow the page's language: Americans write the month first.
    """
    numbers = [(int(found[1]), int(found[3]), found) for text in shown for found in _NUMERIC.finditer(text)]
    numbers = [(first, second, found) for first, second, found in numbers if first <= 31]
    if any(second > 12 for _, second, _ in numbers):
        return False
    if any(first > 12 or _is_future(first, second, found[4], today) for first, second, found in numbers):
        return True
    return language.lower() not in _MONTH_FIRST and any(found[2] == "/" for _, _, found in numbers)


def _is_future(month: int, day: int, year: str, today: date) -> bool:
    try:
        return len(year) == 4 and date(int(year), month, day) > today + timedelta(days=1)
    except ValueError:
        return False


def _day_word(reader: Reader, text: str) -> Found:
    for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text):
        back = DAY_WORDS.get(word.replace("’", "'"))
        if back is not None:
            return reader.at(reader.today - timedelta(days=back), _clock(text))
    return None


def _weekday(reader: Reader, text: str) -> Found:
    """ "Monday at 3:14 PM": within the last week; a weekday alone says too little."""
    clock = _clock(text)
    for word in re.findall(r"[^\W\d_]+", text):
        if word in WEEKDAYS and clock:
            back = (reader.today.weekday() - WEEKDAYS[word]) % 7
            return reader.at(reader.today - timedelta(days=back or 7), clock)
    return None


def _ago(reader: Reader, text: str) -> Found:
    """ "2 hours ago": exact only to the unit. Weeks and more fix no day, so they give nothing."""
    if not _AGO_MARK.search(text):
        return None
    total, finest = timedelta(), None
    for number, word in _AGO.findall(text):
        unit = AGO_UNITS.get(word)
        if unit:
            total += unit[0] * (int(number) if number.isdigit() else 1)
            finest = unit[1]
    if finest is None:
        return None
    at = (reader.now - total).astimezone(UTC)
    if finest is Precision.DAY:
        return reader.at(at.astimezone(reader.zone).date(), None)
    return at.replace(microsecond=0), finest


def _just_now(reader: Reader, text: str) -> Found:
    if any(words in text for words in NOW_WORDS):
        return reader.now.astimezone(UTC).replace(microsecond=0), Precision.MINUTE
    return None


_FORMS: tuple[Callable[[Reader, str], Found], ...] = (
    _epoch,
    _iso,
    _named_month,
    _numeric,
    _day_word,
    _ago,
    _just_now,
    _weekday,
)


_TIMEISH = re.compile(
    r"\b\d{1,2}:\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\bago\b|\b\d{1,2}\s?[ap]\.?m\b"
    r"|\b(?:назад|noon|midnight|" + "|".join(DAY_WORDS) + r")\b"
    r"|\b(?:" + "|".join(MONTHS) + r")\b\.?,?\s+\d|\d\.?\s+(?:" + "|".join(MONTHS) + r")\b",
    re.I,
)


def is_relative(text: str) -> bool:
    """Does the text tell a time by its distance ("2 hours ago"), so that it changes by itself?"""
    low = text.lower()
    return _AGO_MARK.search(low) is not None or any(words in low for words in NOW_WORDS)


def looks_like_time(text: str) -> bool:
    """Does the text hold something in the form of a time? Quick, and may be wrong."""
    return _TIMEISH.search(text) is not None
