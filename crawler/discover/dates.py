"""Publication dates as listings write them, and as addresses carry them."""

import re
from dataclasses import dataclass
from datetime import date

_YEAR = r"((?:19|20)\d\d)"
# Every form ends where no further digit or separator follows, so that a number or a period is not taken for a day.
_WHOLE = re.compile(rf"(?<!\d){_YEAR}\s?[-./年]\s?(\d{{1,2}})\s?[-./月]\s?(\d{{1,2}})(?!\d)\s?日?")
_COMPACT = re.compile(rf"(?<!\d){_YEAR}([01]\d)([0-3]\d)(?!\d)")
_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})\s+{_YEAR}\s?[-./年]\s?(\d{{1,2}})月?(?![-./\d])")
_YEAR_LAST = re.compile(rf"(?<![-./\d])(\d{{1,2}})\s?[-./月]\s?(\d{{1,2}})日?\s+{_YEAR}年?(?![-./\d])")
_SHORT = re.compile(r"(?<![-./\d年])(?:(\d\d)[-/](\d\d)(?![-./\d:：])|(\d{1,2})\s?月\s?(\d{1,2})\s?日)")

_IN_URL = (
    re.compile(rf"/{_YEAR}[-/_]?(\d\d)[-/_](\d\d)(?=[/_.-])"),
    re.compile(rf"/{_YEAR}/(\d{{1,2}})/(\d{{1,2}})/"),
    re.compile(rf"(?:/|[/_-]t){_YEAR}([01]\d)([0-3]\d)(?=[/_.-])"),
    # A time stamp of at least minutes, as one long number.
    re.compile(rf"/{_YEAR}([01]\d)([0-3]\d)[0-2]\d[0-5]\d\d*(?=[/_.-])"),
)
_MONTH_IN_URL = re.compile(rf"/{_YEAR}[-/_]?([01]\d)(?=[/_.-])")


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
    for form, order in ((_WHOLE, (1, 2, 3)), (_DAY_FIRST, (2, 3, 1)), (_YEAR_LAST, (3, 1, 2)), (_COMPACT, (1, 2, 3))):
        found = [_whole(match, order) for match in form.finditer(text)]
        valid = [each for each in found if each is not None]
        if valid:
            return valid[-1]
    short = [Found(None, int(m[1] or m[3]), int(m[2] or m[4]), m.start(), m.end()) for m in _SHORT.finditer(text)]
    valid = [each for each in short if _day(2000, each.month, each.day) is not None]
    return valid[-1] if valid else None


def settle(found: Found | None, url: str, today: date | None) -> date | None:
    """Return the date that a row and its address tell together.

    A missing year is the address's where its month agrees, else the latest that is not after `today`.
    """
    if found is None:
        return in_url(url)
    if found.year is not None:
        return _day(found.year, found.month, found.day)
    month = _MONTH_IN_URL.search(url)
    whole = in_url(url)
    if whole is not None and whole.month == found.month:
        return _day(whole.year, found.month, found.day)
    if month is not None and int(month[2]) == found.month:
        return _day(int(month[1]), found.month, found.day)
    if today is None:
        return None
    this_year = _day(today.year, found.month, found.day)
    return this_year if this_year is not None and this_year <= today else _day(today.year - 1, found.month, found.day)


def in_url(url: str) -> date | None:
    """Return the whole date in an address, if it carries one."""
    for form in _IN_URL:
        for match in form.finditer(url):
            day = _day(int(match[1]), int(match[2]), int(match[3]))
            if day is not None:
                return day
    return None


def _whole(match: re.Match[str], order: tuple[int, int, int]) -> Found | None:
    year, month, day = (int(match[number]) for number in order)
    return Found(year, month, day, match.start(), match.end()) if _day(year, month, day) else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
