"""The sentence that closes a problem, where it tells how far the problem as a whole has come."""

import re

from worker.read.ledger.marks import end_of
from worker.read.ledger.status import Told, told_at
from worker.read.ledger.status_words import is_pure, status_of

_LONGEST = 60
_NEAR = 44
_CLAUSES = re.compile("[,。;]")
# What closes a problem stands at the end of its last paragraph.
_TAIL_LENGTH = 400
_BLANKS = re.compile(" *")
_CLOSERS = {")": "(", "】": "【", "]": "["}
_MEASURE = re.compile(r"[一二三四五六七八九十]{1,2}是|\d{1,2}[.、]|\(\d{1,2}\)|[①-⑳]")
_OF_A_PROBLEM = re.compile("整改|完成|办结|销号|解决|到位|启动|条件")
_SENTENCE = re.compile("[^。!?]+")
_SUBJECT = re.compile(
    r"(?:(?:截[至止][^,。;]{0,14}|目前|现|现阶段|当前|至此|综上|总体上?),?\s*)?(?:该|此|本|上述|以上|这[一个项])(?:项|个|类|条|些)?"
    r"(?:反馈|巡[视察]|具体)?(?:问题|整改任务|整改事项|任务|事项|整改)(?!线索|的|中|所|涉)(?:的?整改(?:工作|任务)?(?=[已正未尚取基]))?\s*,?"
)
_NOW = re.compile(
    "(?P<now>截[至止]目前|目前|现阶段|当前|至此)|(?:该项?|此项?|相关|有关|上述|以上)?(?:问题|整改(?:任务|事项))(?=[已均全现正尚持基])"
)


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
    told = _standing(plain, start, end) or (told_at(plain, first, end) if alone else None)
    return told or (_last_clause(plain, start, end) if bare else None)


def _last_clause(plain: str, start: int, end: int) -> Told | None:
    """Read the end of an account that is one sentence: 补齐材料12份,已全部整改到位."""
    at = plain.rfind(",", start, end) + 1
    return told_at(plain, at, end) if at and "整改" in plain[at:end] else None


def _closing_brackets(plain: str) -> Told | None:
    """Read a status in the brackets that close an account without measures: 制定计划12项(已完成)。"""
    end = len(plain.rstrip("。; "))
    if plain[end - 1 : end] not in _CLOSERS:
        return None
    start = plain.rfind(_CLOSERS[plain[end - 1]], max(0, end - _NEAR), end)
    return told_at(plain, start, end) if start > 0 else None


def _standing(plain: str, start: int, end: int) -> Told | None:
    """Read 目前已完成整改 or 问题已整改到位, a sentence or the last clauses of one."""
    for found in _NOW.finditer(plain, start, end):
        at = found.end() + (plain[found.end() : found.end() + 1] == ",")
        opens = plain[start : found.start()].strip()[-1:] in ("", ",", ";", ":")
        named = found["now"] is None or "整改" in plain[at:end]
        if opens and named and (told := told_at(plain, at, end, opening=found.start())):
            return told
    return None


def _predicate(plain: str, start: int, end: int, opening: int) -> Told | None:
    clauses = _CLAUSES.split(plain[start:end])
    if end - start > 2 * _LONGEST or not any(is_pure(clause) and status_of(clause) for clause in clauses):
        return None
    return told_at(plain, start, end, opening=opening, pure=False)
