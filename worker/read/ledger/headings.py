"""What a heading names: a problem, an aspect, the notice's report on rectification, or what stands around it."""

import re
from enum import StrEnum
from typing import NamedTuple

from worker.read.ledger.naming import DONE, FRAMED_REPORT, INTRODUCTION, LABEL, TAIL, TRAILING, quotation_in
from worker.read.ledger.status import past_brackets, status_before, trailing_status
from worker.read.ledger.status_words import status_of_group


class Form(StrEnum):
    """What the words of a heading give away."""

    PROBLEM = "关于…的问题"  # framed as a problem: an introduction or a line of its own, and the tail
    TAILED = "…问题"  # only ends like one
    DEFICIENT = "…不到位"
    SUBJECT = "…方面"
    PLAIN = ""


class Heading(NamedTuple):
    """A heading at [start:end] of its paragraph, without mark and closing punctuation."""

    start: int
    end: int
    alone: bool  # nothing but punctuation or a status in brackets follows it in its paragraph
    form: Form


_OPENING, _CLOSING = "“「『《‘", "”」』》’"
_LONGEST = 400
_LONGEST_NAME = 40
_STOPS = "。!?;"
_MOST_COLONS = 3
_ACCOUNT = re.compile(r"[,:。;\s](?:第?一是|其一[是,]|①|\(1\)|1[.、](?!\d))")

# 针对“…”的问题, the account follows behind a comma.
_FRAMED = re.compile(
    r"(?:关于|有关|针对|对(?=“))(?:[“「『][^”」』]{2,200}[”」』]|[^“,。;:]{2,80}?)\s?(?:的|等)*问题(?=,)"
)
# 巡察反馈问题整改情况 reports on problems, it names none.
_ANY_PROBLEMS = (
    "(?:关于|对|就|巡[视察]|反馈|意见|指出|发现|提出|具体|主要|突出|存在|的|各项|各类|有关|相关|重点|整改|集中|中央|[省市区县]委"
    "|第[一二三四五六七八九十]+|组|有关|和|等)*"
)
_GENERIC = re.compile(_ANY_PROBLEMS)
# 统筹推进问题整改, 抓好反馈问题整改落实: what is done about problems, whichever they are.
_DOES = re.compile(
    "(?<![不未])(?:推[进动]|抓[好实紧细]?|做[好实]|落实|开展|强化|深化|促进|完成|[聚对]焦|对照|统筹|组织)"
    rf"{_ANY_PROBLEMS}(?:的?问题整改(?:{DONE})?)$"
)
_SUBJECT = re.compile(
    rf"方面(?:的|存在|主要|突出|共性|具体|反馈)*(?:问题|不足)?(?:的?{DONE})?$|^(?:聚焦|围绕).{{2,60}}方面"
)
_DEFICIENT = re.compile(
    "不(?:够|到位|严|足|实|力|高|强|深|紧|规范|完善|健全|扎实|彻底|及时|合规|清|明|落实|重视|充分|准|细|当|优|大|多|好|畅|平衡)"
    "|薄弱|缺[失位乏少]|滞后|[弱虚淡]化|软弱|涣散|差距|偏差|短板|漏洞|违规|违反|违纪|未[^来成]|欠缺|有待|隐患|风险"
    "|流于形式|混乱|较[差弱低少]|缓慢|迟缓|走过场|泛滥|频发|突出|宽松软|超标|存在"
)
_ENDS_DEFICIENT = re.compile(
    "(?:不(?:够|到位|严|足|实|力|高|强|深|紧|规范|完善|健全|扎实|彻底|及时|合规|清|明|重视|充分|准|细|当|优)|薄弱|缺[失位乏]|滞后"
    "|[弱虚淡]化|涣散|差距|偏差|短板|漏洞|混乱|缓慢|迟缓|频发|突出|较[差弱低少]|欠缺|有待.{2})[^,。]{0,3}$"
)
_REPORT = re.compile(
    "整改(?:工作|任务|的|具体)*(?:落实|进展|完成|推进|措施)*(?:的?(?:情况|进展|成效|工作|结果|实效)|落实)|逐[条项]|问题导向|真抓实改"
    "|整改.{0,8}(?:落到实处|落实到位|见成效)|精准发力|聚焦.{0,6}问题|通[报告]$|公[告示]$|报告$"
)
_PREAMBLE = re.compile(
    "组织领导|政治站位|政治责任|政治担当|政治自觉|责任担当|履行.{0,12}主体责任|整改(?:主体)?责任|责任感|使命感|工作部署"
    "|(?:基本|总体|组织|推进|开展)(?:整改)?(?:工作)?情况|思想认识|思想自觉|高度重视|统筹(?:部署|推进|谋划)|主要做法|重大政治任务"
)
_OUTLOOK = re.compile(
    "下一?步|今后|接下来|下一?阶段|后续|工作打算|工作计划|工作安排|努力方向|巩固.{0,12}成[果效]|长效|后半篇"
    "|持续(?:深入|深化|巩固|推进|发力|抓好|做好|用力|推动|强化)"
)


def heading_of(plain: str, start: int, *, marked: bool = True) -> Heading:
    """Find the heading of a narrowed paragraph whose mark ends at `start`, and what it gives away."""
    label = LABEL.match(plain, start)
    start = label.end() if label else start
    before = status_before(plain, start)
    start = past_brackets(plain, before) if before else start
    end = _heading_end(plain, start)
    while end > start and plain[end - 1] in TRAILING:
        end -= 1
    status = trailing_status(plain, start, end)
    behind = max(end, status.end) if status else end
    end = min(end, status.opening) if status else end
    alone = not plain[behind : behind + 8].strip(TRAILING + ")】]〕")
    form = _form(plain[start:end].rstrip(TRAILING), alone, marked=marked)
    if form not in (Form.PROBLEM, Form.SUBJECT) and (framed := _FRAMED.match(plain, start, end)):
        return Heading(start, framed.end(), alone=False, form=Form.TAILED)
    return Heading(start, end, alone, form)


def _heading_end(plain: str, start: int) -> int:
    """Return where the heading ends: at the first stop outside quotation marks, or where the account begins."""
    limit = min(len(plain), start + _LONGEST)
    depth = 0
    colons = 0
    stop = limit
    for at in range(start, limit):
        sign = plain[at]
        if sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif sign in _STOPS or (sign == ":" and colons < _MOST_COLONS and _names_problem(plain[start:at])):
            stop = at
            break
        colons += sign == ":"
    account = _ACCOUNT.search(plain, start, stop)
    # Quotation marks out of balance hide every stop; the account's first ordinal does not lie.
    return account.start() if account else stop


def _names_problem(words: str) -> bool:
    return TAIL.search(words) is not None or (len(words) <= _LONGEST_NAME and ends_deficient(words))


def _form(words: str, alone: bool, *, marked: bool) -> Form:
    if _SUBJECT.search(words) or status_of_group(words):
        return Form.SUBJECT
    introduced = INTRODUCTION.match(words) is not None
    tail = TAIL.search(words)
    if tail and (_GENERIC.fullmatch(words, 0, tail.start()) or (not introduced and _DOES.search(words))):
        return Form.PLAIN
    if tail or (introduced and FRAMED_REPORT.search(words)):
        quoted = quotation_in(words) is not None
        return Form.PROBLEM if introduced or (alone and marked) or quoted else Form.TAILED
    if len(words) <= 80 and _DEFICIENT.search(words):
        return Form.DEFICIENT
    return Form.PLAIN


def reports(words: str) -> bool:
    """Tell whether a part's heading says that the part reports on rectification as a whole, and names no subject."""
    return (_REPORT.search(words) or _DOES.search(words)) is not None and not _SUBJECT.search(words)


def ends_deficient(words: str) -> bool:
    """Tell whether a heading closes with what is wrong, as a problem's does: 学习不深入, 管理混乱."""
    return _ENDS_DEFICIENT.search(words) is not None


def is_report(words: str) -> bool:
    """Tell whether a heading can only be that of the part on rectification: it names no subject of problems."""
    return reports(words) or ("整改" in words and not names_subject(words))


def stands_around(words: str) -> bool:
    """Tell whether a part's heading is that of a preamble or of an outlook."""
    return _OUTLOOK.search(words) is not None or _PREAMBLE.search(words) is not None


def is_subject(words: str) -> bool:
    """Tell whether a heading is framed as an aspect: …方面."""
    return _SUBJECT.search(words) is not None


def names_subject(words: str) -> bool:
    """Tell whether a heading names what problems are about."""
    return _SUBJECT.search(words) is not None or TAIL.search(words) is not None or bool(_DEFICIENT.search(words))
