"""Who inspected whom, and when: from the title and the sentences of the opening that speak of an inspection."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice, pairwise
from typing import NamedTuple

from worker.clean.lines import Line
from worker.clean.text import narrow
from worker.read.ledger.days import Day, days_in, is_range
from worker.read.ledger.signature import signature_of
from worker.read.ledger.values import Inspection, Precision

_N = "[一二三四五六七八九十0-9]{1,3}"
_BY = "(?:中央|自治区党委|[省市区县旗州盟地]委|(?:新区|园区|开发区|高新区)?党工委|(?:集团|公司|[校院局厅部])?党[组委])"
_SORT = "(?:常规|专项|提级|交叉|机动|联动|联合|集中|政治|综合|生态环境保护|环境保护|环保)"
_INSPECTS = "(?:巡[视察]|督察)"

_ROUND = re.compile(
    rf"(?:(?:第?{_N}届)(?:{_BY}|委员会)?|{_BY})?(?:20[0-9]{{2}}年度?)?(?:第{_N}|首)轮(?:第{_N}批)?(?=[^,。;]{{0,10}}(?:{_INSPECTS}|组))"
)
# 市委第五巡察组, 市委巡察三组, 区委提级巡察第二组; in 第二轮巡察第一组 the word before belongs to the round.
_TEAM = re.compile(
    rf"(?:{_BY}{_SORT}{{0,2}}(?:巡[视察])?|(?<![轮批规项级叉])巡[视察])?第?{_N}(?:、第?{_N}){{0,4}}{_SORT}{{0,2}}{_INSPECTS}?组"
)
_UNNUMBERED_TEAM = re.compile(rf"{_BY}{_SORT}{{0,2}}{_INSPECTS}组")
_AUTHORITY = re.compile(rf"{_BY}(?=[^,。;]{{0,12}}(?:{_INSPECTS}|统一部署))")
_BODY_THAT_SENDS = re.compile(_BY)
_KIND = re.compile("巡[视察]")
_KIND_OR_SUPERVISION = re.compile(_INSPECTS)

_NAME = r"(?P<name>(?:[^。;,:(对]|对外|\((?!以下|下称|简称)[^()]{0,20}\)){2,80}?)(?:\((?:以下|下称|简称)[^()]{0,60}\))?"
_INSPECTED = (
    re.compile(rf"对(?!照|标|口|于){_NAME}(?:开展|进行|实施)了?[^,。;]{{0,40}}{_INSPECTS}"),
    re.compile(rf"(?:被{_INSPECTS}(?:单位|党组织|地区)|{_INSPECTS}(?:对象|单位))[:为]{{1,2}}{_NAME}(?:[,。;]|$)"),
    re.compile(rf"(?:进驻|入驻){_NAME}(?:[,。;]|开展|进行|{_INSPECTS}|动员|工作|并|$)"),
    re.compile(
        rf"{_INSPECTS}了?(?P<name>(?![组办机])[\u4e00-\u9fff]{{2,30}}?)(?:工作)?(?:动员|见面|进驻|情况反馈|反馈会)"
    ),
    re.compile(
        rf"{_INSPECTS}了?(?P<name>(?![组办机])[\u4e00-\u9fff]{{2,30}}(?:党委|党组|工委|总支|支部|委员会))(?=[,。;])"
    ),
    re.compile(rf"向{_NAME}(?:领导班子|主要负责人|班子)?(?:集中|现场|书面|进行|作|通报)?了?反馈"),
)
_NO_NAME = re.compile("[我本该各其]|被巡|巡[视察]")
_NAME_ENDS = re.compile(
    "(?:自?(?:19|20)[0-9]{2}年|贯彻|落实|履行|执行|领导班子).*|(?:分别|同步|联动|统一|集中|正式|再次|全面|依次|陆续)+$"
)
_TITLE_NAME = re.compile("(?P<name>[\u4e00-\u9fff]{3,40}?)(?:关于|落实|(?:[省市区县]委)?(?:巡[视察]|督察))")
_TITLE_BODY = re.compile(
    "(?:委员会|[^省市区县]委|党组|局|厅|院|办公[室厅]|政府|镇|乡|街道|公司|集团|中心|大学|学院|[中小]学|支部|总支)$"
)

_FEEDBACK = re.compile(
    "反馈会|反馈了|[日旬]反馈|向[^。;]{1,60}反馈|作了?反馈|进行了?反馈|收到[^。;]{0,40}反馈|组(?:集中|现场|正式|书面)?反馈(?!意见|的?问题)"
)
_STARTS = re.compile("进驻|入驻|启动|动员|开始|展开|起")
_SPEAKS = re.compile(f"{_INSPECTS}|反馈|进驻")

# A day, a label with its value, or the body inspected.
_TELLS = re.compile("月|[:：]|对|进驻")

_LEADING_LINES = 3
_OPENING_LINES = 12
_LONGEST_LINE = 800
_MOST_SENTENCES = 8
_LATER_LINES = 40
_LONGEST_HEADING = 60
_LONGEST_SENTENCE = 300


_FINE = (Precision.DAY, Precision.TEN_DAYS, Precision.MONTH)


class _Told(NamedTuple):
    """The sentences that speak of the inspection, their days, and the days of the inspection itself."""

    text: str
    days: tuple[Day, ...]
    stay: tuple[Day, ...]  # its first and its last day; the first alone, or none, where no more is told


def inspection_in(title: str | None, lines: Sequence[Line], written_on: str | None) -> Inspection | None:
    """Return who inspected whom, and when; each value as printed, narrow; None where nothing is told.

    The opening counts before the title. A fuzzy last day is the last of what is printed (上旬 is the 10th), a fuzzy
    first day its first. `written_on` gives the year where it is left out.
    """
    heading = narrow((title or _heading_of(lines))[:_LONGEST_LINE])
    told = _told(lines, written_on)
    team = _first(_TEAM, told.text, heading) or _first(_UNNUMBERED_TEAM, told.text, heading)
    round_ = _first(_ROUND, told.text, heading)
    found = Inspection(
        authority=_authority(team, round_, told.text, heading),
        kind=_first(_KIND, team or "", told.text, heading),
        round=round_,
        team=team,
        inspected=_inspected(told.text, heading, lines),
        from_=_first_of(told.stay[0]).isoformat() if told.stay else None,
        to=told.stay[1].on.isoformat() if len(told.stay) > 1 else None,
        feedback_on=_feedback(told) or _later_feedback(told, lines, written_on),
    )
    return None if found == Inspection() else found


def _heading_of(lines: Sequence[Line]) -> str:
    """Return the first line, where a text without a title seems to begin with it."""
    first = lines[0].text if lines else ""
    return first if len(first) <= _LONGEST_HEADING and "。" not in first else ""


def _told(lines: Sequence[Line], written_on: str | None) -> _Told:
    text = narrow("。".join(islice(_speaking(lines), _MOST_SENTENCES)))
    days = tuple(day for day in days_in(text, written_on) if day.precision in _FINE)
    return _Told(text, days, _stay(text, days))


def _speaking(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the sentences of the opening that speak of an inspection; behind the first, those with a day or a label."""
    for place, line in enumerate(lines[:_OPENING_LINES]):
        for sentence in line.text[:_LONGEST_LINE].split("。"):
            if _SPEAKS.search(sentence) and (place < _LEADING_LINES or _TELLS.search(sentence)):
                yield sentence[:_LONGEST_SENTENCE]


def _stay(text: str, days: Sequence[Day]) -> tuple[Day, ...]:
    """Return the days of the inspection: the first range told in a sentence about one, else the day it started."""
    for first, last in pairwise(days):
        if is_range(text, first, last) and _KIND_OR_SUPERVISION.search(_sentence_at(text, first.start)):
            return first, last
    for day in days:
        sentence = _sentence_at(text, day.start)
        if day.precision is Precision.DAY and _STARTS.search(sentence) and "反馈" not in sentence:
            return (day,)
    return ()


def _sentence_at(text: str, place: int) -> str:
    end = text.find("。", place)
    return text[text.rfind("。", 0, place) + 1 : None if end < 0 else end]


def _first_of(day: Day) -> date:
    """Return the first day of what is printed, as a beginning means it."""
    if day.precision is Precision.MONTH:
        return day.on.replace(day=1)
    if day.precision is Precision.TEN_DAYS:
        return day.on.replace(day=min((day.on.day - 1) // 10, 2) * 10 + 1)
    return day.on


def _first(pattern: re.Pattern[str], *texts: str) -> str | None:
    return next((found[0] for text in texts if (found := pattern.search(text))), None)


def _authority(team: str | None, round_: str | None, *texts: str) -> str | None:
    return _first(_BODY_THAT_SENDS, team or "", round_ or "") or _first(_AUTHORITY, *texts)


def _inspected(text: str, heading: str, lines: Sequence[Line]) -> str | None:
    own = False
    for pattern in _INSPECTED:
        for place in (text, heading):
            for found in pattern.finditer(place):
                name = _NAME_ENDS.sub("", found["name"]).strip(" “”")
                if _NO_NAME.match(name):
                    own = True
                elif len(name) > 1:
                    return name
    # 对我局党组: the publisher itself, whom the title names, or the signature.
    return _named_in(heading) or (signature_of(lines).by if own else None)


def _named_in(heading: str) -> str | None:
    found = _TITLE_NAME.match(heading)
    return found["name"] if found and _TITLE_BODY.search(found["name"]) else None


def _feedback(told: _Told) -> str | None:
    for found in _FEEDBACK.finditer(told.text):
        start = told.text.rfind("。", 0, found.start()) + 1
        before = [day for day in told.days if start <= day.start < found.start() and day not in told.stay]
        if before:
            return before[-1].on.isoformat()
    return None


def _later_feedback(told: _Told, lines: Sequence[Line], written_on: str | None) -> str | None:
    """Look for the day in the account behind the opening, where it is told as the first thing done."""
    for line in lines[_OPENING_LINES:_LATER_LINES]:
        if "反馈" not in line.text[:_LONGEST_LINE]:
            continue
        for sentence in narrow(line.text[:_LONGEST_LINE]).split("。"):
            # The opening tells the year that the account leaves out.
            found = _FEEDBACK.search(sentence)
            if found and ("月" in sentence[: found.start()]):
                lead = told.text + "。" + sentence[: found.end()]
                days = [
                    day for day in days_in(lead, written_on) if day.start > len(told.text) and day.precision in _FINE
                ]
                if days:
                    return days[-1].on.isoformat()
    return None
