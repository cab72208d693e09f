"""How far a problem has come, by the words of its status line or its brackets."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from worker.read.ledger.endings import ending_of
from worker.read.ledger.labels import Label, names_no_deed
from worker.read.ledger.marks import end_of, mark_of
from worker.read.ledger.status_words import is_pure, status_of
from worker.read.ledger.values import Status


class Told(NamedTuple):
    """A status as told: where its words stand in the paragraph, where what introduces them does, what they mean."""

    start: int
    end: int
    status: Status
    opening: int


_LONGEST = 60

_NAMES = (
    "状态|进度|程度|进展情况|进展|落实情况|完成情况|情况|成效|结果|效果|现状|评估(?:结果|意见|结论)?|评价|结论|认定"
)
_LABEL = re.compile(
    rf"[【\[(]?(?:(?:目前|当前|问题)?(?:整改|完成|办理|销号|落实|进展)(?:工作)?(?:{_NAMES})|是否完成(?:整改)?|目前状态|当前状态|状态|进度)"
    r"\s{0,3}[】\])]?\s{0,3}(:|】|\]|(?=\s))\s{0,3}"
)
# Such a label is never that of an account, wherever it stands.
_STRONG = re.compile(
    r"(?:(?:整改|完成|办理|销号|落实|进展|目前|当前)(?:工作)?(?:状态|进度|程度)|是否完成(?:整改)?)[】\])]?\s{0,3}[:】]\s{0,3}"
)
# 一是学习。整改结果:已完成 - the last label of a paragraph, where it tells how things stand.
_LAST_LABEL = re.compile(
    r"[【\[]?(?:整改|完成|办理|办结|落实|销号|处理|目前)?(?:工作)?(?:结果|成效|情况|效果|进展|现状)\s?[】\]]?:?$"
)
_NEXT_LABEL = re.compile(r"\s+[^\s:]{2,8}:|[;。]\s*(?=[^\s:,。]{2,8}:)")
# Up to the bracket that opened before the label.
_VALUE = re.compile(r"[^()【】]*(?:\([^()]*\)[^()【】]*)*")
_ORDINAL = re.compile("一是|①|1[.、]")
_LONGEST_LABEL = 14
_STOPS = tuple("。;!?")
_GAP = re.compile("[ 。:;,]{0,3}")
_OPENERS = "(【[〔—–-"
_BRACKETED = re.compile(
    r"[(【\[〔]\s*([^()【】\[\]〔〕]{2,40}?)\s*[)】\]〕]|[—–-]{1,2}\s?([^—–。,-]{2,20})(?=[。\s]|$)"
)
_LEADING = re.compile(r"[【\[(]\s?([^【】\[\]()]{2,20})[】\])]\s{0,3}")
_CLOSED = re.compile(r"\s?[】\])]\s{0,3}")
# How far behind a heading its brackets may stand.
_NEAR = 44


def labelled_status(plain: str) -> Told | None:
    """Find a status behind its label: 整改状态 wherever it stands, 整改情况 only where no account follows.

    A label may itself be numbered: （2）整改成效：已完成.
    """
    mark = mark_of(plain) if ":" in plain[:_NEAR] else None
    start = mark.end if mark else 0
    hinted = "状态" in plain or "进度" in plain or "程度" in plain or "是否" in plain
    strong = _STRONG.search(plain) if hinted else None
    if strong:
        value_end = _value_end(plain, strong.end())
        if value_end - strong.end() <= _LONGEST and not _ORDINAL.search(plain, strong.end(), value_end):
            opening = 0 if strong.start() == start else strong.start()
            opening -= plain[opening - 1 : opening] in ("(", "【", "[")
            return told_at(plain, strong.end(), value_end, opening=opening, pure=False)
    label = strong or _LABEL.match(plain, start)
    if not label:
        return _last_labelled(plain)
    opening = 0 if label.start() == start else label.start()
    whole = told_at(plain, label.end(), _value_end(plain, label.end()), opening=opening)
    if whole:
        return whole
    sentence = plain.find("。", label.end(), label.end() + _LONGEST)
    told = told_at(plain, label.end(), sentence, opening=opening) if sentence > 0 else None
    return told or _last_labelled(plain)


def _last_labelled(plain: str) -> Told | None:
    """Read a paragraph that closes with a label and a status, behind a full stop."""
    at = max(plain.rfind(":", -_LONGEST), plain.rfind("】", -_LONGEST, -1)) + 1
    label = _LAST_LABEL.search(plain, max(0, at - _LONGEST_LABEL), at) if at > 1 else None
    if not label or plain[: label.start()].rstrip()[-1:] not in _STOPS:
        return None
    return told_at(plain, at, len(plain), opening=label.start())


def _value_end(plain: str, start: int) -> int:
    following = _NEXT_LABEL.search(plain, start, start + 2 * _LONGEST)
    end = following.start() if following else len(plain)
    value = _VALUE.match(plain, start, min(end, start + 4 * _LONGEST))
    return value.end() if value and plain[value.end() : value.end() + 1] in (")", "】") else end


def told_at(plain: str, start: int, end: int, *, opening: int | None = None, pure: bool = True) -> Told | None:
    """Read the status that the words [start:end] tell; `pure` asks that they tell nothing else."""
    opening = start if opening is None else opening
    while plain[start : start + 1] + plain[end - 1 : end] in ("()", "【】"):
        start, end = start + 1, end - 1
    phrase = plain[start:end]
    if pure and not is_pure(phrase):
        return None
    status = status_of(phrase)
    return Told(start, end, status, opening) if status else None


def is_label(plain: str) -> bool:
    """Tell whether the paragraph is a status label alone, its value on the next line."""
    label = _LABEL.match(plain + ":")
    return label is not None and label.end() >= len(plain)


def bare_status(plain: str) -> Told | None:
    """Read a paragraph that is a status and nothing else, in brackets or not."""
    if not 2 < len(plain) <= _LONGEST:
        return None
    bracketed = _BRACKETED.fullmatch(plain.rstrip("。"))
    start, end = bracketed.span(1) if bracketed and bracketed[1] else (0, len(plain))
    return told_at(plain, start, end, opening=0)


def leading_status(plain: str) -> Told | None:
    """Read a status in brackets before the mark of a paragraph, or behind it: 【已完成】1.关于…, 1.【已完成】关于…."""
    told = status_before(plain, 0)
    if told:
        return told if mark_of(plain[past_brackets(plain, told) :]) else None
    mark = mark_of(plain) if "】" in plain[:_NEAR] or ")" in plain[:_NEAR] or "]" in plain[:_NEAR] else None
    return status_before(plain, mark.end) if mark else None


def status_before(plain: str, start: int) -> Told | None:
    """Read a status in brackets that stands at `start`, before the words of a heading."""
    found = _LEADING.match(plain, start) if plain[start : start + 1] in _OPENERS[:3] else None
    return told_at(plain, *found.span(1), opening=start) if found and found.end() < len(plain) else None


def past_brackets(plain: str, told: Told) -> int:
    """Return where the words begin behind a status in brackets."""
    return end_of(_CLOSED, plain, told.end)


def trailing_status(plain: str, start: int, end: int) -> Told | None:
    """Read the status at the end of the heading [start:end], in brackets, behind a dash or bare, or right behind it."""
    behind = end_of(_GAP, plain, end)
    if plain[behind : behind + 1] and plain[behind] in _OPENERS:
        found = _BRACKETED.match(plain, behind, behind + _NEAR)
    else:
        found = next(iter(_BRACKETED.finditer(plain, max(start, end - _NEAR), end)), None)
        found = found if found and found.end() == end else None
    if found is None:
        ending = ending_of(plain, start, len(plain))
        near = ending is not None and end_of(_GAP, plain, end) >= ending.start
        return Told(*ending, opening=ending.start) if ending and near else None
    first, last = found.span(1) if found[1] else found.span(2)
    label = _LABEL.match(plain, first, last)
    told = told_at(plain, label.end() if label else first, last, opening=found.start())
    return told._replace(end=last) if told else None


def words_of(text: str, told: Told) -> str:
    """Return the words of a status as printed: a phrase bare, a sentence of several clauses with its full stop."""
    words = text[told.start : told.end].strip()
    return words if "," in words or "，" in words else words.rstrip("。.．；; \u3000")


def statuses_in(plains: Sequence[str], labels: Sequence[Label | None]) -> list[Told | None]:
    """Read, for each paragraph, the status that it tells by a label or by being one; `labels` are those they open with.

    Behind a label that a notice uses time and again, a status alone is the status: 结果:已办结.
    """
    told: list[Told | None] = []
    for at, (plain, label) in enumerate(zip(plains, labels, strict=True)):
        found = labelled_status(plain) or leading_status(plain)
        if not found and (at and is_label(plains[at - 1])):
            found = bare_status(plain)
        if not found and label and len(plain) - label.end <= _LONGEST and not names_no_deed(label.name):
            found = told_at(plain, label.end, len(plain), opening=0)
        told.append(found)
    return told
