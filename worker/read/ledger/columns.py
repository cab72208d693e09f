"""What the columns of a table of problems hold, told by their headers."""

import re
from collections.abc import Mapping, Sequence, Set
from enum import StrEnum
from typing import NamedTuple

from worker.clean.lines import Cell
from worker.clean.text import narrow
from worker.read.ledger.status_words import is_pure, status_of


class Column(StrEnum):
    """What a column of a table of problems holds."""

    NUMBER = "number"
    ASPECT = "aspect"
    PROBLEM = "problem"
    MEASURES = "measures"
    ACCOUNT = "account"
    LIMIT = "limit"
    STATUS = "status"
    REMARK = "remark"
    OTHER = "other"


class Header(NamedTuple):
    """A column as its header names it; a column for one status alone (已完成) says which, and is ticked."""

    column: Column
    status: str | None = None


# The first pattern that is found names the column. A cell longer than this is no header.
_LONGEST = 18
_NAMES = (
    (Column.NUMBER, re.compile("序号|编号|^问题编号|^号$")),
    (Column.REMARK, re.compile("备注|说明")),
    (Column.OTHER, re.compile("责任|单位|部门|领导|牵头|配合|目标|联系|来源|依据|原因")),
    (Column.LIMIT, re.compile("时限|期限|时间|日期")),
    (Column.STATUS, re.compile("状态|进度|是否|程度|销号|评估|验收|结论|办结")),
    (Column.MEASURES, re.compile("措施|举措|做法")),
    (
        Column.ACCOUNT,
        re.compile("整改.*(?:情况|进展|成效|结果|效果)|(?:落实|完成|进展|推进)(?:情况|结果)|成效|进展$|结果$|现状"),
    ),
    (Column.ASPECT, re.compile("方面|类别|类型|分类|领域|板块|一级")),
    (Column.PROBLEM, re.compile("问题|反馈意见|整改事项|整改内容|整改任务|具体表现|内容")),
)
# Columns that any table may have.
_TELLS_NOTHING = (Column.OTHER, Column.REMARK)
_LEAST = 2
_NO_TICK = frozenset(["", "×", "✗", "✘", "□", "☐", "○", "否", "无", "/", "—", "——", "-", "–", "0"])

Headers = Mapping[int, Header]


def column_named(words: str) -> Column | None:
    """Return what a column holds whose header says so in these narrowed words without blanks."""
    return next((column for column, pattern in _NAMES if pattern.search(words)), None)


def bare(text: str) -> str:
    """Return the text of a cell as headers are compared: narrow, without blanks."""
    return "".join(narrow(text).split())


def headers_in(cells: Sequence[Cell], above: Headers) -> Headers:
    """Read a row of headers, or a second one that parts columns of the one above; any other row gives none."""
    words = {cell.column: bare(cell.text) for cell in cells}
    if any(len(name) > _LONGEST or "。" in name for name in words.values()):
        return {}
    ticked = {at: Header(Column.STATUS, cell.text.strip()) for cell in cells if is_status(words[at := cell.column])}
    # One status among other cells is a datum, several are columns.
    ticked = ticked if len(ticked) >= _LEAST else {}
    if above and len(ticked) == len(cells):
        return {**above, **ticked}
    named = {at: column_named(name) for at, name in words.items() if at not in ticked}
    known = {column for column in named.values() if column and column not in _TELLS_NOTHING}
    unknown = sum(column is None for column in named.values())
    if len(known) + bool(ticked) < _LEAST or unknown * 3 > len(words):
        return {}
    return _completed({**_with_status(named), **ticked}, known, above)


def is_ticked(text: str) -> bool:
    """Tell whether a cell under a status says that it is this one."""
    return bare(text) not in _NO_TICK


def is_status(words: str) -> bool:
    """Tell whether the narrowed words of a cell are a status and nothing else."""
    return is_pure(words) and status_of(words) is not None


def _with_status(named: Mapping[int, Column | None]) -> dict[int, Header]:
    """Take the second of two accounts for the status."""
    headers: dict[int, Header] = {}
    told = False
    for at, column in named.items():
        again = column is Column.ACCOUNT and told
        told = told or column is Column.ACCOUNT
        headers[at] = Header(Column.STATUS if again else column or Column.OTHER)
    return headers


def _completed(headers: dict[int, Header], known: Set[Column], above: Headers) -> Headers:
    if Column.PROBLEM in known:
        return headers
    if above:
        return {**above, **headers}
    # 反馈意见方面 may be all that names the problem.
    aspect = [at for at, header in headers.items() if header.column is Column.ASPECT]
    return {**headers, aspect[-1]: Header(Column.PROBLEM)} if aspect else {}
