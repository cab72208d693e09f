"""Publication dates as listings write them, and as addresses carry them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_YEAR = r"((?:19|20)\d\d)"
# Every form ends where no further digit or separator follows, so that a number or a period is not taken for a day.
_WHOLE = re.compile(rf"(?<!\d){_YEAR}\s?[-./年]\s?(\d{{1,2}})\s?[-./月]\s?(\d{{1,2}})(?!\d)\s?日?")
_COMPACT = re.compile(rf"(?<!\d){_YEAR}([01]\d)([0-3]\d)(?!\d)")
# A day set apart from its month and year, as calendar leaves show it.
_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})日?\s+{_YEAR}\s?[-./年]\s?(\d{{1,2}})月?(?![-./\d])")
_DAY_LAST = re.compile(rf"(?<!\d){_YEAR}\s?[-./年]\s?(\d{{1,2}})月?\s+(\d{{1,2}})日?(?![-./:：\d])")
_YEAR_LAST = re.compile(rf"(?<![-./\d])(\d{{1,2}})\s?[-./月]\s?(\d{{1,2}})日?\s+{_YEAR}年?(?![-./\d])")
_SHORT = re.compile(
    r"(?<![-./\d年])(?:(\d\d)[-/](\d\d)(?![-./\d:：])|(\d{1,2})\s?月\s?(\d{1,2})\s?日|(\d{1,2})月\s+(\d{1,2})(?![-./:：\d]))"
)
_DAY_MONTH = re.compile(r"(?<![-./\d])(\d{1,2})日?\s+(\d{1,2})月(?!\d)")
_WHOLE_FORMS = (
    (_WHOLE, (1, 2, 3)),
    (_DAY_FIRST, (2, 3, 1)),
    (_YEAR_LAST, (3, 1, 2)),
    (_DAY_LAST, (1, 2, 3)),
    (_COMPACT, (1, 2, 3)),
)

_IN_URL = (
    re.compile(rf"/{_YEAR}[-/_]?(\d\d)[-/_](\d\d)(?=[/_.-])"),
    re.compile(rf"/{_YEAR}/(\d{{1,2}})/(\d{{1,2}})/"),
    re.compile(rf"(?:/|[/_-]t){_YEAR}([01]\d)([0-3]\d)(?=[/_.-])"),
    # A time stamp of at least minutes, as one long number.
    re.compile(rf"/{_YEAR}([01]\d)([0-3]\d)[0-2]\d[0-5]\d\d*(?=[/_.-])"),
)
_MONTH_IN_URL = re.compile(rf"/{_YEAR}[-/_]?([01]\d)(?=[/_.-])")
# Rows stand out of order by some days; a year has passed where one seems newer by more.
_DISORDER = timedelta(days=100)
_DIGIT, _ANY_YEAR = re.compile(r"\d"), re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Found:
    """A date and where in the text it stood; `year` None where the text leaves it out."""

    year: int | None
    month: int
    day: int
    start: int
    end: int


def find(text: str) -> Found | None:
    """Return the last date in `text` (a row's date follows its title), whole forms before those without a year."""
    if not _DIGIT.search(text):
        return None
    for form, order in _WHOLE_FORMS if _ANY_YEAR.search(text) else ():
        found = [_whole(match, order) for match in form.finditer(text)]
        valid = [each for each in found if each is not None]
        if valid:
            return valid[-1]
    short = [
        Found(None, int(m[1] or m[3] or m[5]), int(m[2] or m[4] or m[6]), m.start(), m.end())
        for m in _SHORT.finditer(text)
    ]
    short += [Found(None, int(m[2]), int(m[1]), m.start(), m.end()) for m in _DAY_MONTH.finditer(text)]
    valid = [each for each in short if _day(2000, each.month, each.day) is not None]
    return valid[-1] if valid else None


def settle(found: Found | None, url: str, today: date | None) -> date | None:
    """Return the date that a row and its address tell together.

    A missing year is the address's where its month agrees, else the latest that is not after `today`.
    """
    known = _told(found, url)
    return known if known is not None or found is None or today is None else _latest(found, today)


def settle_all(rows: Sequence[tuple[Found | None, str, bool]], today: date | None) -> list[date | None]:
    """Return the dates of a list's rows (date found, address, pinned), which run from the newest to the oldest.

    A date without its year that seems far newer than the row before it belongs to an earlier year; a pinned row moves
    nothing.
    """
    limits, settled = [today], list[date | None]()
    for found, url, pinned in rows:
        known = _told(found, url)
        if known is None and found is not None:
            known = _in_order(found, limits, today)
        settled.append(known)
        if known is not None and not pinned:
            limits.append(known)
    return settled


def _in_order(found: Found, limits: list[date | None], today: date | None) -> date | None:
    """Return the date that keeps the order of the rows before, whose dates are `limits`.

    The first row may be pinned without a mark: where it alone would put this one a year back, it is left out.
    """
    last = limits[-1]
    if last is None:
        return None
    near = _latest(found, min(last + _DISORDER, today or date.max))
    if len(limits) == 2 and today is not None and near is not None:
        recent = _latest(found, today)
        if recent is not None and recent - near > _DISORDER:
            limits.pop()
            return recent
    return near


def in_url(url: str) -> date | None:
    """Return the whole date in an address, if it carries one."""
    for form in _IN_URL if _ANY_YEAR.search(url) else ():
        for match in form.finditer(url):
            day = _day(int(match[1]), int(match[2]), int(match[3]))
            if day is not None:
                return day
    return None


def _told(found: Found | None, url: str) -> date | None:
    if found is None:
        return in_url(url)
    if found.year is not None:
        return _day(found.year, found.month, found.day)
    whole = in_url(url)
    if whole is not None and whole.month == found.month:
        return _day(whole.year, found.month, found.day)
    month = _MONTH_IN_URL.search(url)
    if month is not None and int(month[2]) == found.month:
        return _day(int(month[1]), found.month, found.day)
    return None


def _latest(found: Found, limit: date) -> date | None:
    """Return the day in the latest year that does not put it after `limit`."""
    days = (_day(limit.year - back, found.month, found.day) for back in range(9))  # 29 February: up to eight years
    return next((day for day in days if day is not None and day <= limit), None)


def _whole(match: re.Match[str], order: tuple[int, int, int]) -> Found | None:
    year, month, day = (int(match[number]) for number in order)
    return Found(year, month, day, match.start(), match.end()) if _day(year, month, day) else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
