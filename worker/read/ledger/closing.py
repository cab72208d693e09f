"""Where a notice stops telling and turns to its reader: the lines that invite a word, and what follows them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from worker.clean.lines import Line
from worker.clean.text import narrow


class Turn(NamedTuple):
    """A row of the table of what turns to the reader: its words, and whether they count inside a line, too."""

    name: str
    words: str
    inside: bool = False
    leaves: bool = True  # nothing of the account follows; what only ends a problem may be followed by another


TURNS = (
    Turn("welcome", "欢迎[^。]{0,30}(?:监督|反映|意见|来电|来信|干部|群众|党员|社会)", inside=True),
    Turn("objection", "如有[^。]{0,12}(?:意见|建议|异议|问题)", inside=True),
    Turn("address", "(?:向我|向本)[^。]{0,12}(?:反映|反馈)", inside=True),
    Turn("way", r"联\s?系\s?方\s?式|受理[^。]{0,8}(?:时间|电话|方式)|值班电话", inside=True),
    Turn("contact", "(?:监督|联系|举报|反馈|投诉|咨询)(?:方式|电话|渠道|人(?=:)|地址)"),
    Turn("window", "公开期限|公示期|征求意见", inside=True),
    Turn("period", "公[开示](?:期|时间)"),
    Turn("formula", "欢迎|如有|特此|(?:以上|上述)(?:通报|公告|情况)", leaves=False),
    Turn("signer", "中共.{2,40}(?:委员会|党组|党委|工作委员会|总支部|支部|委)$", leaves=False),
    Turn("day", "[12一二][0-9〇○零一二三四五六七八九]{3}年.{1,3}月.{1,3}日$", leaves=False),
    Turn(
        "outlook",
        "(?:下一?步|今后|接下来|此外),.{0,60}(?:巡[视察]|整改(?:工作|永远|成果|成效|质量)|问题的?整改|管党治党|从严治党)",
        leaves=False,
    ),
    Turn("outlook's heading", "(?:下一?步|今后|接下来|下一?阶段)[^。;,:、]{0,20}$", leaves=False),
)
_INVITES = re.compile("|".join(turn.words for turn in TURNS if turn.inside))
_LEAVES = re.compile("|".join(turn.words for turn in TURNS if turn.leaves))
_ENDS = re.compile("|".join(turn.words for turn in TURNS))
# What was done about a problem is no invitation, whatever telephone it mentions.
_ACCOUNT = re.compile("[一二三四五六]是|整改(?:措施|情况|过程|进展|落实)[:：为]")
_ANNEX = re.compile(r"附\s{0,4}件\s{0,4}[0-9０-９一二三四五六七八九十]{0,2}[:：]?$")
_INVITED_LINES = 20
_CLOSING_LINES = 12
_LONGEST_LABEL = 12
_LONGEST = 2000


class Said(NamedTuple):
    """A line as it is read here: narrow, and no longer than its last two thousand characters."""

    place: int  # which of the lines
    text: str


def closing_of(lines: Sequence[Line]) -> list[Said]:
    """Return the closing lines: from the first invitation among the last twenty (of the notice, or of what stands
    before its annexes), or the last twelve, less accounts.
    """
    for part in (lines, before_annexes(lines)):
        first = max(0, len(part) - _INVITED_LINES)
        for place, line in enumerate(part[first:], first):
            if _invites(line.text[-_LONGEST:]):
                return list(_with_values(part, place))
    last = _with_values(lines, max(0, len(lines) - _CLOSING_LINES))
    return [one for one in last if not _ACCOUNT.search(one.text)]


def before_annexes(lines: Sequence[Line]) -> Sequence[Line]:
    """Return the lines before the first that only says 附件: what follows it is another text."""
    places = (place for place, line in enumerate(lines) if line.text.startswith("附") and _ANNEX.match(line.text))
    return lines[: next(places, None)]


def takes_leave(plain: str) -> bool:
    """Tell whether a narrowed paragraph opens by turning to the reader: no problem is told behind it."""
    return _LEAVES.match(plain) is not None


def ends_account(plain: str) -> bool:
    """Tell whether a narrowed paragraph is no part of the account above it: leave, signature, day or outlook."""
    return _ENDS.match(plain) is not None


def _invites(text: str) -> bool:
    return _INVITES.search(text) is not None and not _ACCOUNT.search(text)


def said(line: Line) -> str:
    """Return the text of a line as it is read here; where a whole notice stands in one line, its end counts."""
    return narrow(line.text[-_LONGEST:])


def _with_values(lines: Sequence[Line], first: int) -> Iterator[Said]:
    """Yield the lines from the first on, a label and its value put together where they stand on two lines."""
    label = ""
    for place, line in enumerate(lines[first:], first):
        text = said(line)
        if text.endswith(":") and len(text) < _LONGEST_LABEL:
            label += text
        else:
            yield Said(place, label + text)
            label = ""
