"""Reading `Retry-After`: how many seconds a server, or a receiver of ours, asks us to stay away."""

import re
from datetime import UTC, datetime

DAY_SECONDS = 86_400.0

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
# RFC 9110 section 5.6.7: the form to send, and the two obsolete ones that must still be understood.
_DATE_FORMS = (
    re.compile(rf"[a-z]{{3}}, (?P<day>\d\d) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) {_TIME} gmt"),
    re.compile(rf"[a-z]{{6,9}}, (?P<day>\d\d)-(?P<month>[a-z]{{3}})-(?P<year>\d\d) {_TIME} gmt"),
    re.compile(rf"[a-z]{{3}} (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})"),
)
_SECONDS = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?", re.ASCII)


def parse(value: str | None, now: datetime, cap_seconds: float = DAY_SECONDS) -> float | None:
    """Return the seconds to wait, between 0 and `cap_seconds`, or None if there is no value or it is garbage.

    `value` is the field as received (RFC 9110 section 10.2.3): seconds, or a date in one of three forms. `now` is
    aware. A negative number or a date in the past asks for no wait.
    """
    if value is None:
        return None
    text = value.strip().lower()
    if _SECONDS.fullmatch(text):
        wait = float(text)
    elif re.fullmatch(r"\d+", text, re.ASCII):
        wait = cap_seconds
    else:
        moment = _date(text, now)
        if moment is None:
            return None
        wait = (moment - now).total_seconds()
    return min(max(wait, 0.0), cap_seconds)


def _date(text: str, now: datetime) -> datetime | None:
    for form in _DATE_FORMS:
        found = form.fullmatch(text)
        if found and found["month"] in _MONTHS:
            return _moment(found, now)
    return None


def _moment(found: re.Match[str], now: datetime) -> datetime | None:
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += now.year - now.year % 100
        # More than 50 years ahead means the most recent past year with those digits.
        if year > now.year + 50:
            year -= 100
    second = min(int(found["second"]), 59)  # 60 is a leap second, which datetime cannot hold
    day, hour, minute = int(found["day"]), int(found["hour"]), int(found["minute"])
    try:
        return datetime(year, _MONTHS.index(found["month"]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
