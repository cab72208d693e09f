"""What the notice itself says it holds, and where it contradicts itself."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from worker.clean.lines import Line
from worker.clean.text import narrow
from worker.read.ledger.headings import Form, heading_of
from worker.read.ledger.marks import mark_of
from worker.read.ledger.numerals import number_of
from worker.read.ledger.status import labelled_status
from worker.read.ledger.status_words import is_pure, status_of
from worker.read.ledger.values import Aspect, Contradiction, Status

_NUMBER = r"(?:\d{1,4}|[一二三四五六七八九十百两]{1,5})"
_ASPECTS = re.compile(rf"({_NUMBER})\s?(?:个|大|大类|类|项)*\s?方面", re.ASCII)
_KINDS = "(?:具体|突出|主要|反馈|整改|共性|个性|巡[视察]|存在|类|的|细化|重点|[一二三四五六七八九\\d]级)*"
_PROBLEMS = (
    re.compile(rf"({_NUMBER})\s?[个项条类](?:{_KINDS})(?:问题|不足)(?!线索)", re.ASCII),
    re.compile(rf"方面[^,。;0-9一二三四五六七八九十]{{0,6}}({_NUMBER})\s?(?:[个项条]|(?=问题))", re.ASCII),
    re.compile(
        rf"问题(?:清单)?(?:共计|共有|总计|合计|累计|共)?\s?(?:{_NUMBER}\s?大?类\s?)?({_NUMBER})\s?[个项条]", re.ASCII
    ),
)
_MEASURES = (
    re.compile(rf"({_NUMBER})\s?[条项个](?:整改|具体|工作|细化|针对性|的)*(?:措施|举措)", re.ASCII),
    re.compile(rf"(?:措施|举措)(?:共计|共有|合计|累计|共)?\s?({_NUMBER})\s?[条项个]", re.ASCII),
)
# 反馈的6个问题和专项检查反馈的2个问题: two lists, each with whom it is from.
_ANOTHER = re.compile(
    rf"(?:反馈|指出|发现|提出|移交)的?({_NUMBER})\s?[个项条](?:{_KINDS})(?:问题|不足)(?!线索)", re.ASCII
)
# A sentence about what the inspectors brought, not about any problems.
_ANCHOR = re.compile("反馈|指出|提出|梳理|分解|细化|认领|移交|整改清单|问题清单|台账|整改任务|涉及")
_PLANS = re.compile("制定|细化|明确|提出|形成")
_SENTENCE = re.compile("[^。!?]+")
_CLAUSE = re.compile("[^,。;、(]+")
_COUNT = re.compile(rf"({_NUMBER})\s?[个项条](?:{_KINDS})?(?:问题|任务|事项)?", re.ASCII)
_LEAD = re.compile(
    "^(?:其中|截[至止][^,]{0,16}|目前|现|另有|还有|剩余|其余|尚有|仍有|有|和|及|的|已有|共|问题|中|共计|以及|和)+"
)
# A sentence of statuses stands this near behind the one that declares the problems.
_NEAR_SENTENCES = 6
# The opening of a long notice was seen to declare its problems 3,600 characters in.
_OPENING_LENGTH = 8000
_COMPARED: Final = ("aspects", "problems")


def declared_in(lines: Sequence[Line]) -> dict[str, int]:
    """Read the counts that the notice states before it reports: aspects, problems, measures, statuses by their names.

    Only the sentence on what the inspectors brought, and the few behind it, are read: accounts count other things.
    """
    declared: dict[str, int] = {}
    left = 0
    planned: str | None = None
    for sentence in _sentences_before_report(lines):
        if "problems" not in declared:
            declared.update(_sizes(sentence))
            left = _NEAR_SENTENCES if "problems" in declared else 0
            if left and planned and not _first(_MEASURES, sentence):
                declared["measures"] = number_of(planned) or 0
            # 制定整改措施31条。反馈的9个问题…: the plan may stand in the sentence before.
            planned = _first(_MEASURES, sentence) if _PLANS.search(sentence) else None
        if left:
            left -= 1
            measures = _first(_MEASURES, sentence)
            if measures and (number := number_of(measures)):
                declared.setdefault("measures", number)
            for status, count in _statuses(sentence):
                declared.setdefault(status.value, count)
    return declared


def warnings_of(declared: dict[str, int], aspects: Sequence[Aspect]) -> tuple[Contradiction, ...]:
    """Compare the declared numbers of aspects and problems with those that the notice lists."""
    listed = {
        "aspects": sum(1 for aspect in aspects if aspect.title is not None),
        "problems": sum(len(aspect.problems) for aspect in aspects),
    }
    return tuple(
        Contradiction("declared_mismatch", f"declares {declared[name]} {name}, lists {listed[name]}")
        for name in _COMPARED
        if name in declared and listed[name] and declared[name] != listed[name]
    )


def _sentences_before_report(lines: Sequence[Line]) -> Iterator[str]:
    left = _OPENING_LENGTH
    for line in lines:
        if left <= 0:
            return
        left -= len(line.text)
        plain = narrow(line.text[:_OPENING_LENGTH])
        mark = mark_of(plain)
        if line.cells or (mark and heading_of(plain, mark.end).form is Form.PROBLEM) or labelled_status(plain):
            return
        for sentence in _SENTENCE.finditer(plain):
            yield sentence[0]


def _sizes(sentence: str) -> dict[str, int]:
    aspects = next((found for found in _ASPECTS.finditer(sentence) if found[1] != "一"), None)
    if aspects is None and not _ANCHOR.search(sentence):
        return {}
    found = _first(_PROBLEMS, sentence)
    if found is None or not (problems := number_of(found)):
        return {}
    several = [number_of(another[1]) or 0 for another in _ANOTHER.finditer(sentence)]
    sizes = {"problems": sum(several) if len(several) > 1 else problems}
    if aspects and (number := number_of(aspects[1])):
        sizes = {"aspects": number, **sizes}
    return sizes


def _first(patterns: Sequence[re.Pattern[str]], sentence: str) -> str | None:
    """Return the first number that is counted; 问题一个不漏 counts nothing."""
    counts = (found[1] for pattern in patterns for found in pattern.finditer(sentence))
    return next((count for count in counts if count != "一"), None)


def _statuses(sentence: str) -> Iterator[tuple[Status, int]]:
    """Read counts of statuses: 已完成整改11个, 1个暂不具备整改条件."""
    for clause in _CLAUSE.finditer(sentence):
        words = clause[0]
        counts = list(_COUNT.finditer(words))
        if not counts:
            continue
        edges = [0, *(edge for count in counts for edge in count.span()), len(words)]
        gaps = [_status_in(words[edges[at] : edges[at + 1]]) for at in range(0, len(edges), 2)]
        before = gaps[0] is not None or (len(counts) > 1 and gaps[-1] is None)
        for count, status in zip(counts, gaps[:-1] if before else gaps[1:], strict=True):
            number = number_of(count[1])
            if status is not None and number is not None:
                yield status, number


def _status_in(gap: str) -> Status | None:
    words = _LEAD.sub("", gap.strip())
    return status_of(words) if words and is_pure(words) else None
