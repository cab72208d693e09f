"""Dates and times as they are printed on Chinese pages, and in their addresses."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from shared.domain.zones import CHINA
from worker.clean.text import narrow

_DAY = (
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?(?:年|[-/.])\s?(?P<month>1[0-2]|0?[1-9])\s?(?:月|[-/.])\s?"
    r"(?P<day>3[01]|[12]\d|0?[1-9])(?!\d{2}(?!:))\s?日?"
)
_CLOCK = (
    r"(?:[\sT,-]{0,3}(?P<hour>2[0-3]|[01]?\d)\s?(?::|时)\s?(?P<minute>[0-5]\d)(?:\s?(?::|分)\s?(?P<second>[0-5]\d)?)?"
    r"(?:\.\d{1,9})?(?:\s?(?P<zone>Z|(?:GMT)?[+-](?:0\d|1[0-4]):?[0-5]\d))?)?"
)
PRINTED = re.compile(_DAY + _CLOCK)
_COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")

_IN_ADDRESS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern)
    for pattern in (
        r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?:/|_|$)",  # /art/2024/10/14/
        r"/t(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)_\d",  # TRS: t20241017_19107548.shtml
        r"/(?P<year>(?:19|20)\d\d)/?(?P<month>\d\d)(?P<day>\d\d)/",  # /20241017/, /2024/1017/
    )
)


@dataclass(frozen=True)
class When:
    """A day, and the time of day in China where one is given."""

    day: date
    clock: time | None = None

    def iso(self) -> str:
        """Write ISO 8601: a date, or a date and time at +08:00."""
        if self.clock is None:
            return self.day.isoformat()
        return datetime.combine(self.day, self.clock, CHINA).isoformat()


def first_date(text: str) -> When | None:
    """Return the first valid date printed in the text."""
    plain = narrow(text)
    for found in PRINTED.finditer(plain):
        if when := when_of(found):
            return when
    return None


def stamped(value: str) -> When | None:
    """Return the date of a metadata value; this may also be written `20241014`."""
    when = first_date(value)
    if when is None and (found := _COMPACT.search(narrow(value))):
        day = _day(found)
        when = When(day) if day else None
    return when


def date_in_address(url: str) -> When | None:
    """Return the day that the address of a notice tells, as most families of systems write it."""
    for pattern in _IN_ADDRESS:
        found = pattern.search(url)
        if found and (day := _day(found)):
            return When(day)
    return None


def when_of(found: re.Match[str]) -> When | None:
    """Turn a match of `PRINTED` into a value; None for the 30th of February."""
    day = _day(found)
    if day is None or not found["hour"]:
        return None if day is None else When(day)
    clock = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    if found["zone"]:
        offset = "+00:00" if found["zone"] == "Z" else found["zone"].removeprefix("GMT")
        moment = datetime.fromisoformat(f"{day.isoformat()}T{clock.isoformat()}{offset}").astimezone(CHINA)
        return When(moment.date(), moment.time())
    return When(day, clock)


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
