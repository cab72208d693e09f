"""The bare name of a problem, out of the frame that a notice sets around it (关于“…”的问题整改情况)."""

import re

from worker.read.ledger.labels import PROBLEM_LABEL

# What may close a heading.
TRAILING = " 。:;,、.!?"
_PRINTED_STOPS = "。.．:：;；,，、!！?？ \u3000"
# The tail that frames a problem: 的问题, 问题的整改进展情况, 问题整改落实情况.
DONE = "(?:整改|落实|进展|完成|推进|阶段性|工作|具体|的)*(?:情况|措施|举措|成效|工作|整改|落实|进展)?"
TAIL = re.compile(rf"的?\s?问题(?:的?{DONE})?$")
INTRODUCTION = re.compile(r"(?:关于|有关|针对)(?!方面)\s*|(?:对|就|(?:反馈的?|具体)?问题)(?=[“「『‘\"])")
# 着力解决“…”问题: the last word is what the verb solves, no frame.
_GOVERNED = re.compile(
    r"(?:着力|重点|切实|集中|坚决|全力|有效|推动)(?:解决|破解|整治|纠治|纠正|治理)[^,。;]{2,80}问题$"
)
FRAMED_REPORT = re.compile(r"的?整改(?:落实|进展|完成|工作|的)*(?:情况)?$")
LABEL = re.compile(rf"{PROBLEM_LABEL}\s*:\s*")
_BARE_TAIL = re.compile(rf"\s*(?:(?:整改(?:不到位|不彻底))?\s*(?:的|等)*\s*问题)?(?:的?{DONE})?")
_QUOTES = {"“": "”", "「": "」", "『": "』", '"': '"', "‘": "’"}


def name_in(text: str, plain: str) -> str:
    """Return the bare name of a problem from its heading, printed as `text`, narrowed as `plain`.

    Taken away: 关于, 针对 and their like; a frame of quotation marks where the quotation is the name; and the tail
    (的问题, 问题整改情况, 整改不到位 outside the quotation).
    """
    label = LABEL.match(plain)
    start, end = label.end() if label else 0, len(plain.rstrip(TRAILING))
    introduction = INTRODUCTION.match(plain, start)
    report = FRAMED_REPORT.search(plain, start, end)
    if introduction:
        start = introduction.end()
    elif report and plain.startswith("对", start):
        start += 1
    quotation = quotation_in(plain[start:end])
    if quotation:
        start, end = start + quotation[0], start + quotation[1]
    elif _GOVERNED.search(plain, start, end):
        pass
    elif tail := TAIL.search(plain, start, end) or (introduction and report):
        end = max(tail.start(), start)
    return text[start:end].strip(_PRINTED_STOPS) or text.strip()


def quotation_in(plain: str) -> tuple[int, int] | None:
    """Find the quotation that is the whole name: it opens the heading, and nothing but the tail follows it."""
    opening = plain[:1]
    if opening not in _QUOTES:
        return None
    last = plain.rfind(_QUOTES[opening], 1)
    if last < 0:
        # Closed with the wrong mark, or never: then the name ends where the tail begins.
        last = plain.rfind(opening, 1)
    if last < 0:
        tail = TAIL.search(plain)
        return (1, tail.start() if tail and tail.start() > 1 else len(plain))
    if not _BARE_TAIL.fullmatch(plain, last + 1) or _several(plain[:last], opening):
        return None
    return (1, last)


def _several(plain: str, opening: str) -> bool:
    """Tell whether several quotations stand side by side rather than one around others."""
    closing = _QUOTES[opening]
    if opening == closing:
        return plain.count(opening) > 1
    depth = 0
    for sign in plain:
        depth += (sign == opening) - (sign == closing)
        if depth <= 0:
            return True
    return False
