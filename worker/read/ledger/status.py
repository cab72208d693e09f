"""How far a problem has come, by the words of its status line, its brackets, or its closing sentence."""

import re
from collections.abc import Sequence
from typing import NamedTuple

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
_CLAUSES = re.compile("[,。;]")
# What closes a problem stands at the end of its last paragraph.
_TAIL_LENGTH = 400

_NAMES = "状态|进度|程度|进展情况|进展|落实情况|完成情况|情况|成效|结果|效果|现状"
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
_BLANKS = re.compile(" *")
_GAP = re.compile("[ 。:;,]{0,3}")
_OPENERS = "(【[〔—–-"
_BRACKETED = re.compile(
    r"[(【\[〔]\s*([^()【】\[\]〔〕]{2,40}?)\s*[)】\]〕]|[—–-]{1,2}\s?([^—–。,-]{2,20})(?=[。\s]|$)"
)
_LEADING = re.compile(r"[【\[(]\s?([^【】\[\]()]{2,20})[】\])]\s{0,3}")
# How far behind a heading its brackets may stand.
_NEAR = 44
_SUBJECT = re.compile(
    r"(?:(?:截[至止][^,。;]{0,14}|目前|现|现阶段|当前|至此|综上|总体上?),?\s*)?(?:该|此|本|上述|以上|这[一个项])(?:项|个|类|条|些)?"
    r"(?:反馈|巡[视察]|具体)?(?:问题|整改任务|整改事项|任务|事项|整改)(?!线索|的|中|所|涉)(?:的?整改(?:工作|任务)?(?=[已正未尚取基]))?\s*,?"
)
_NOW = re.compile(
    "(?P<now>截[至止]目前|目前|现阶段|当前|至此)|(?:该项?|此项?|相关|有关|上述|以上)?(?:问题|整改(?:任务|事项))(?=[已均全现正尚持基])"
)
_CLOSERS = {")": "(", "】": "【", "]": "["}
_MEASURE = re.compile(r"[一二三四五六七八九十]{1,2}是|\d{1,2}[.、]|\(\d{1,2}\)|[①-⑳]")
_OF_A_PROBLEM = re.compile("整改|完成|办结|销号|解决|到位|启动|条件")
_SENTENCE = re.compile("[^。!?]+")


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
            return _told(plain, strong.end(), value_end, opening=opening, pure=False)
    label = strong or _LABEL.match(plain, start)
    if not label:
        return _last_labelled(plain)
    opening = 0 if label.start() == start else label.start()
    whole = _told(plain, label.end(), _value_end(plain, label.end()), opening=opening)
    if whole:
        return whole
    sentence = plain.find("。", label.end(), label.end() + _LONGEST)
    told = _told(plain, label.end(), sentence, opening=opening) if sentence > 0 else None
    return told or _last_labelled(plain)


def _last_labelled(plain: str) -> Told | None:
    """Read a paragraph that closes with a label and a status, behind a full stop."""
    at = max(plain.rfind(":", -_LONGEST), plain.rfind("】", -_LONGEST, -1)) + 1
    label = _LAST_LABEL.search(plain, max(0, at - _LONGEST_LABEL), at) if at > 1 else None
    if not label or plain[: label.start()].rstrip()[-1:] not in _STOPS:
        return None
    return _told(plain, at, len(plain), opening=label.start())


def _value_end(plain: str, start: int) -> int:
    following = _NEXT_LABEL.search(plain, start, start + 2 * _LONGEST)
    end = following.start() if following else len(plain)
    value = _VALUE.match(plain, start, min(end, start + 4 * _LONGEST))
    return value.end() if value and plain[value.end() : value.end() + 1] in (")", "】") else end


def _told(plain: str, start: int, end: int, *, opening: int | None = None, pure: bool = True) -> Told | None:
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
    return _told(plain, start, end, opening=0)


def leading_status(plain: str) -> Told | None:
    """Read a status in brackets that stands before the mark of a paragraph: 【已完成】1.关于…."""
    found = _LEADING.match(plain) if plain[:1] in _OPENERS[:3] else None
    return _told(plain, *found.span(1), opening=0) if found and mark_of(plain[found.end() :]) else None


def trailing_status(plain: str, start: int, end: int) -> Told | None:
    """Read a status in brackets, or behind a dash, at the end of the heading [start:end] or right behind it."""
    behind = end_of(_GAP, plain, end)
    if plain[behind : behind + 1] and plain[behind] in _OPENERS:
        found = _BRACKETED.match(plain, behind, behind + _NEAR)
    else:
        found = next(iter(_BRACKETED.finditer(plain, max(start, end - _NEAR), end)), None)
        found = found if found and found.end() == end else None
    if found is None:
        return None
    first, last = found.span(1) if found[1] else found.span(2)
    label = _LABEL.match(plain, first, last)
    told = _told(plain, label.end() if label else first, last, opening=found.start())
    return told._replace(end=last) if told else None


def closing_status(plain: str, *, bare: bool, begin: int = 0) -> Told | None:
    """Read the sentence that closes a problem as a whole, in its last paragraph, whose heading ends at `begin`.

    It names the problem (该问题…, 目前此问题…), or says how things stand now (目前已完成整改). One that does neither
    (已整改到位。) counts only where `bare`: in a paragraph of measures it would be the last measure's.
    """
    bare = bare and not _MEASURE.match(plain, begin)
    if bare and (told := _closing_brackets(plain)):
        return told
    sentences = list(_SENTENCE.finditer(plain[-_TAIL_LENGTH:]))
    offset = max(0, len(plain) - _TAIL_LENGTH)
    for sentence in reversed(sentences[-3:]):
        start, end = offset + sentence.start(), offset + sentence.end()
        subject = _SUBJECT.match(plain, end_of(_BLANKS, plain, start), end)
        if subject and (told := _predicate(plain, subject.end(), end, start)):
            return told
    if not sentences:
        return None
    start, end = offset + sentences[-1].start(), offset + sentences[-1].end()
    first = end_of(_BLANKS, plain, start)
    alone = plain[first] in "(【" or (bare and _OF_A_PROBLEM.search(plain, first, end))
    told = _standing(plain, start, end) or (_told(plain, first, end) if alone else None)
    return told or (_last_clause(plain, start, end) if bare else None)


def _last_clause(plain: str, start: int, end: int) -> Told | None:
    """Read the end of an account that is one sentence: 补齐材料12份,已全部整改到位."""
    at = plain.rfind(",", start, end) + 1
    return _told(plain, at, end) if at and "整改" in plain[at:end] else None


def _closing_brackets(plain: str) -> Told | None:
    """Read a status in the brackets that close an account without measures: 制定计划12项(已完成)。"""
    end = len(plain.rstrip("。; "))
    if plain[end - 1 : end] not in _CLOSERS:
        return None
    start = plain.rfind(_CLOSERS[plain[end - 1]], max(0, end - _NEAR), end)
    return _told(plain, start, end) if start > 0 else None


def _standing(plain: str, start: int, end: int) -> Told | None:
    """Read 目前已完成整改 or 问题已整改到位, a sentence or the last clauses of one."""
    for found in _NOW.finditer(plain, start, end):
        at = found.end() + (plain[found.end() : found.end() + 1] == ",")
        opens = plain[start : found.start()].strip()[-1:] in ("", ",", ";", ":")
        named = found["now"] is None or "整改" in plain[at:end]
        if opens and named and (told := _told(plain, at, end, opening=found.start())):
            return told
    return None


def _predicate(plain: str, start: int, end: int, opening: int) -> Told | None:
    clauses = _CLAUSES.split(plain[start:end])
    if end - start > 2 * _LONGEST or not any(is_pure(clause) and status_of(clause) for clause in clauses):
        return None
    return _told(plain, start, end, opening=opening, pure=False)


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
            found = _told(plain, label.end, len(plain), opening=0)
        told.append(found)
    return told
