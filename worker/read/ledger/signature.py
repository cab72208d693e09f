"""Who signed a notice, and when (落款)."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from worker.clean.lines import Line
from worker.clean.text import narrow
from worker.read.ledger.closing import before_annexes
from worker.read.ledger.days import days_in
from worker.read.ledger.values import Precision


class Signature(NamedTuple):
    """The signing bodies as printed, and the day in ISO 8601."""

    by: str | None = None
    on: str | None = None


_LAST_LINES = 12
_MOST_SIGNERS = 4
_LONGEST_LINE = 120
# A piece shorter than this names no body by itself: 东莞市委 办公室 is one.
_SHORTEST_NAME = 4

_DATE = re.compile(
    r"(?P<label>(?:成文|签发|落款|发布)?(?:日期|时间):\s?)?(?P<date>[0-9〇○◯零Oo一二三四五六七八九]{4}\s{0,3}年\s{0,3}[0-9一二三四五六七八九十]{1,2}"
    r"\s{0,3}月\s{0,3}[0-9一二三四五六七八九十廿]{1,3}\s{0,3}[日号]|20[0-9]{2}(?P<dot>[-/.])[0-9]{1,2}(?P=dot)[0-9]{1,2})$"
)
_SEAL = re.compile(r"\((?:盖章|公章|代章|印章|印)\)")
_LABEL = re.compile("^(?:发布|公示|公告|公开|落款|通报|签发|发文|被巡[视察])?(?:单位|机构|机关|部门)(?:名称)?:")
_BODY = re.compile(
    "(?:委员会|委|厅|[^结布格全]局|院|[^干全内一大各]部|[^举承主督查经协开]办|办公[厅室]|政府|党组|小组|[视察]组|公司|集团|中心|大学"
    "|[学分党]校|中学|小学|幼儿园|[大支总中]队|署|管理处|办事处|[^网车]站|[究务出养]所|供销社|报社|[协学工商理董常委联合]会|妇联"
    "|工商联|银行|[分支]行|联社|馆|电视台|[^教]室|支部|总支|街道|指挥部|园区|新区|开发区|度假区|镇|乡|村|社区)$"
)
_PARTY = re.compile(r"中共[\u4e00-\u9fff]{2,}$")
_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff()·“”、\s]{3,80}$")
# What stands in the same place and is no body: 附件, 抄送, and sentences (由…负责, 报…委员会).
_OTHER = re.compile("附件|联系|抄送|报送|欢迎|请|由|向|根据|关于|来源|责任|编辑|审核|校对|主送|印送|作者")
_REMARK = re.compile(r"\([^()]{0,40}\)$")
_BRACKETED = re.compile(r"\(([^()]{8,14}日)\)$")


def signature_of(lines: Sequence[Line]) -> Signature:
    """Return the signature at the end (of the notice, or of what stands before its annexes), among the last twelve
    lines: the last date there that has a body before it (on its line or on those above), else the last date by
    itself, else a body by itself on the last line.
    """
    signed = _signature_at_end(lines)
    if signed.by or len(main := before_annexes(lines)) == len(lines):
        return signed
    before = _signature_at_end(main)
    return before if before.by or before.on else signed


def _signature_at_end(lines: Sequence[Line]) -> Signature:
    tail = [text for line in lines[-_LAST_LINES:] if not _REMARK.match(text := _end_of(line))]
    lone = Signature()
    for index in range(len(tail) - 1, -1, -1):
        signed = _signed_at(tail, index)
        if signed.by:
            return signed
        lone = lone if lone.on else signed
    return lone if lone.on else Signature(by=_by_itself(tail))


def _end_of(line: Line) -> str:
    text = line.text[-_LONGEST_LINE:].rstrip()
    # A sentence signs nothing: most lines end here.
    return "。" if text.endswith("。") else _BRACKETED.sub(r"\1", _SEAL.sub("", narrow(text)).strip())


def _signed_at(tail: Sequence[str], index: int) -> Signature:
    """Read a line that ends in a date; only bodies, or nothing, may stand before the date."""
    # Where a page has no paragraphs, the signature follows the last full stop.
    text = tail[index].rpartition("。")[2]
    found = _DATE.search(text)
    days = days_in(found["date"], None) if found else []
    if found is None or not days or days[0].precision is not Precision.DAY:
        return Signature()
    before = text[: found.start()].strip()
    names = _bodies(before) if before else _names_above(tail[max(0, index - _MOST_SIGNERS) : index])
    # A plain 2022-05-20, or a labelled day, is the site's where no body signs it.
    if not names and (before or found["dot"] or found["label"]):
        return Signature()
    return Signature(" ".join(names) or None, days[0].on.isoformat())


def _names_above(above: Sequence[str]) -> list[str]:
    names: list[str] = []
    for text in reversed(above):
        _, stop, last = text.rpartition("。")
        bodies = _bodies(last)
        names = bodies + names
        if stop or not bodies:
            break
    return names


def _by_itself(tail: Sequence[str]) -> str | None:
    """Return the body on the last line, where a sentence ends before it."""
    if len(tail) < 2 or not tail[-2].endswith("。"):
        return None
    return " ".join(_bodies(tail[-1])) or None


def _bodies(text: str) -> list[str]:
    """Return the bodies that a line names, and nothing else; blanks part them, or are typography."""
    text = _LABEL.sub("", text).strip()
    if not _NAME.match(text) or _OTHER.match(text):
        return []
    pieces = text.split()
    if all(len(piece) <= 2 for piece in pieces):
        pieces = ["".join(pieces)]
    bodies = [""]
    for piece in pieces:
        if len(piece) >= _SHORTEST_NAME and _BODY.search(bodies[-1]):
            bodies.append(piece)
        else:
            bodies[-1] += piece
    return bodies if all(_BODY.search(body) or _PARTY.match(body) for body in bodies) else []
