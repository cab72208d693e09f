"""Days as a notice prints them: whole, fuzzy (上旬, 年底), in Chinese numerals, or with the year left out."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from itertools import islice, pairwise
from typing import NamedTuple

from worker.clean.text import narrow
from worker.read.ledger.numerals import number_of
from worker.read.ledger.values import Precision


class Day(NamedTuple):
    """The last day of what is printed at [start:end] of the text, and what it stands for."""

    on: date
    precision: Precision
    start: int
    end: int


_HAN = "[一二三四五六七八九]"
_NUMBERS = "0-9一二三四五六七八九十两几半"
_MONTH = f"(?:1[0-2]|0?[1-9]|十[一二]?|{_HAN})"
_ARABIC_DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
_DAY = f"(?:{_ARABIC_DAY}|三十一?|[二廿]?十{_HAN}?|廿{_HAN}|{_HAN})"
_GAP = "[ \t]{0,3}"
_TO = "(?:[至到~〜]|[-—–─]{1,2})"

# 今年, 同年 and the like, or none before a plain 年底; but 每年底 and 三年内 are no days.
_YEAR = (
    rf"(?P<year>(?<![0-9])(?:19|20)[0-9]{{2}}|[一二][0〇○◯零Oo一二三四五六七八九]{{3}}|[今本当同明次翌去]"
    rf"|(?<![{_NUMBERS}每学往历近多全])(?=年[底末内])){_GAP}年{_GAP}"
)
_DAY_OF_MONTH = rf"(?P<day>{_DAY})(?![0-9])(?:{_GAP}[日号]|(?={_GAP}{_TO}{_GAP}[0-9])|(?={_GAP}(?:[,。;)]|$)))"
_PART_OF_MONTH = "(?P<part>上旬|中旬|下旬|[底末初]|中(?=[,。;)前至到]|$))"
_OF_YEAR = (
    rf"(?:第{_GAP})?(?P<quarter>[一二三四1-4]){_GAP}季度|(?P<half>[上下])半年"
    rf"|(?<![0-9.])(?:{_MONTH}{_TO})?(?P<month>{_MONTH}){_GAP}月份?(?:{_GAP}{_DAY_OF_MONTH}|{_GAP}{_PART_OF_MONTH})?"
)
# A year alone is a day only where something is to end in it: 2023年度, 2023年以来 are none.
_YEAR_ALONE = (
    "年?(?P<edge>[底末内初]|中(?=[,。;)前]|$))|(?P<whole>)(?=(?:全面|全部|基本)?(?:完成|整改|实现|到位|建成)|[。;)]|$)"
)
_DOTTED = (
    rf"(?<![0-9.])(?P<full>(?:19|20)[0-9]{{2}}(?P<dot>[-/.])(?:1[0-2]|0?[1-9])(?P=dot){_ARABIC_DAY})(?!\.?[0-9])日?"
)
_PRINTED = re.compile(
    rf"(?=[{_NUMBERS}今本当同明次翌去年第上下])"
    rf"(?:{_DOTTED}|(?:{_YEAR})?(?:{_OF_YEAR}|(?(year)(?:{_YEAR_ALONE})|(?!))))",
    re.ASCII,
)
# What remains of a day at the end of a range: 5月13日至28日, 2024.5.13-5.28
_TAIL = re.compile(
    rf"{_GAP}{_TO}{_GAP}"
    rf"(?P<printed>(?P<day>{_DAY}){_GAP}[日号]|(?P<m>1[0-2]|0?[1-9])[-/.](?P<d>{_ARABIC_DAY})(?![0-9.年月]))",
    re.ASCII,
)
# The week day and the time of day may stand between the days of a range.
_JOINT = re.compile(rf"(?:\([^()]{{0,8}}\))?[ 0-9:时点分上下午起开始,]{{0,16}}{_TO}{_GAP}", re.ASCII)
_PROMISE = re.compile("(?<!原)(?:预计|力争|争取|计划|确保|拟于|拟在|将于|将在)(?:于|在|到)?$")

_PARTS = {"上旬": 10, "初": 10, "中旬": 20, "中": 20, "下旬": 0, "底": 0, "末": 0}
_EDGES = {"初": (3, Precision.QUARTER), "中": (6, Precision.HALF_YEAR)}
_WHOLE_YEAR = (12, Precision.YEAR)
# A text with more days than this is no notice; nobody reads on.
_MOST_DAYS = 2000
_FIRST_YEAR, _LAST_YEAR = 1900, 2099

# A day this long before the one told last belongs to the year after it: accounts run forward.
_BACK_DAYS = 240
# Nothing is reported that lies further ahead of the writing than this, unless it is promised.
_AHEAD_DAYS = 92


class _Printed(NamedTuple):
    """A day as printed; day 0 is the month's last, a year of None is left out."""

    year: str | None
    month: int
    day: int
    precision: Precision
    start: int
    end: int


def days_in(text: str, written_on: str | None) -> list[Day]:
    """Return all days printed in the text, in order; offsets are the text's.

    A year left out is that of the last day told before it, or the next one where a range crosses New Year or the day
    would lie 240 days back; else the year of writing (`written_on`, ISO 8601), or the one before where the day would
    lie a quarter ahead of the writing. What is promised (预计, 力争 …) lies ahead of the writing. Days that are not in
    the calendar, and days whose year nothing tells, are left out.
    """
    plain = narrow(text)
    written = date.fromisoformat(written_on[:10]) if written_on else None
    story = _Story(plain, written)
    printed = list(islice(_printed(plain), _MOST_DAYS))
    for one, following in pairwise([*printed, None]):
        if one is not None:
            story.tell(one, following)
    return story.days


def is_range(text: str, first: Day, second: Day) -> bool:
    """Tell whether the two days are the ends of one range: 2024年5月13日起至6月28日."""
    return _JOINT.fullmatch(narrow(text[first.end : second.start])) is not None


def _printed(plain: str) -> Iterator[_Printed]:
    for found in _PRINTED.finditer(plain):
        one = _read(found)
        if one is None:
            continue
        yield one
        if one.precision is Precision.DAY and (tail := _TAIL.match(plain, one.end)):
            month = int(tail["m"]) if tail["m"] else one.month
            day = number_of(tail["d"] or tail["day"].replace("廿", "二十")) or 0
            if tail["m"] or day > one.day:
                yield _Printed(None, month, day, Precision.DAY, *tail.span("printed"))


def _read(found: re.Match[str]) -> _Printed | None:
    start, end = found.span()
    year = found["year"]
    if found["full"]:
        year, month, day = re.split(r"[-/.]", found["full"])
        return _Printed(year, int(month), int(day), Precision.DAY, start, end)
    if found["quarter"]:
        return _Printed(year, 3 * (number_of(found["quarter"]) or 0), 0, Precision.QUARTER, start, end)
    if found["half"]:
        return _Printed(year, 6 if found["half"] == "上" else 12, 0, Precision.HALF_YEAR, start, end)
    if not found["month"]:
        last_month, precision = _EDGES.get(found["edge"] or "", _WHOLE_YEAR)
        return _Printed(year, last_month, 0, precision, start, end)
    month = number_of(found["month"]) or 0
    if found["day"]:
        return _Printed(year, month, number_of(found["day"].replace("廿", "二十")) or 0, Precision.DAY, start, end)
    if found["part"]:
        day = _PARTS[found["part"]]
        precision = Precision.MONTH if found["part"] in "底末" else Precision.TEN_DAYS
        return _Printed(year, month, day, precision, start, end)
    # 一月三问 and 三月一轮 count months, they name none.
    if year is None and not found["month"].isascii() and "份" not in found[0]:
        return None
    return _Printed(year, month, 0, Precision.MONTH, start, end)


class _Story:
    """The days told so far, and the one by which a year left out is told."""

    def __init__(self, plain: str, written: date | None) -> None:
        self.days: list[Day] = []
        self._plain = plain
        self._written = written
        self._last: Day | None = None

    def tell(self, one: _Printed, following: _Printed | None) -> None:
        """Add the day, where the calendar has it and its year is known."""
        year = self._year(one, following)
        on = _on(year, one) if year else None
        if on is None:
            return
        day = Day(on, one.precision, one.start, one.end)
        self.days.append(day)
        if one.precision in (Precision.DAY, Precision.TEN_DAYS, Precision.MONTH):
            self._last = day

    def _year(self, one: _Printed, following: _Printed | None) -> int | None:
        if one.year and (year := number_of(one.year)) is not None:
            return year if _FIRST_YEAR <= year <= _LAST_YEAR else None
        told = self._last.on.year if self._last else None
        written = self._written.year if self._written else None
        now, then = written or told, told or written
        if one.year in ("今", "本", "") or one.year in ("去", "明"):
            return now and now + {"去": -1, "明": 1}.get(one.year or "", 0)
        if one.year:
            return then and then + (1 if one.year in "次翌" else 0)
        return self._implied(one, following)

    def _implied(self, one: _Printed, following: _Printed | None) -> int | None:
        if _PROMISE.search(self._plain, max(0, one.start - 8), one.start):
            return self._promised(one)
        if self._last is not None:
            return self._year_after(self._last, one)
        if following is not None and following.year and self._joined(one.end, following.start):
            year = number_of(following.year)
            return year and year - ((one.month, one.day) > (following.month, following.day))
        if self._written is None:
            return None
        on = _on(self._written.year, one)
        far = on is not None and (on - self._written).days > _AHEAD_DAYS
        # What is to be done 6月底前 may well lie ahead.
        return self._written.year - (far and not self._plain.startswith("前", one.end))

    def _year_after(self, last: Day, one: _Printed) -> int:
        year = last.on.year
        on = _on(year, one)
        if on is None or on >= last.on:
            return year
        back = (last.on - on).days > _BACK_DAYS and (self._written is None or _before(year + 1, one, self._written))
        return year + (back or self._joined(last.end, one.start))

    def _promised(self, one: _Printed) -> int | None:
        since = self._written or (self._last and self._last.on)
        if since is None:
            return None
        return since.year + (not _before(since.year, one, since, reverse=True))

    def _joined(self, end: int, start: int) -> bool:
        return _JOINT.fullmatch(self._plain, end, start) is not None


def _before(year: int, one: _Printed, other: date, *, reverse: bool = False) -> bool:
    on = _on(year, one)
    return on is not None and (other <= on if reverse else on <= other)


def _on(year: int, one: _Printed) -> date | None:
    last = monthrange(year, one.month)[1]
    day = one.day or last
    return date(year, one.month, day) if day <= last else None
