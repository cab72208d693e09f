"""A status that closes a heading without brackets: 档案管理不规范 已完成."""

import re
from typing import NamedTuple

from worker.read.ledger.status_words import is_pure, status_of
from worker.read.ledger.values import Status


class Ending(NamedTuple):
    """Where the words of a status stand in the paragraph, and what they mean."""

    start: int
    end: int
    status: Status


_LONGEST = 80
_LEAST_NAME = 4
_LAST = frozenset("成改中进持决号到位结善行固实闭")
_OPENS = re.compile(
    r"(?<=\s)(?=[已正持基阶部长推整进尚未暂立])|(?:已|基本|部分|阶段性)(?=[完整办销解落关])|正在(?=[推整办])|持续(?=[推整])|长期坚持|尚未完"
)


def ending_of(plain: str, start: int, end: int) -> Ending | None:
    """Find the status that closes the heading [start:end], where nothing follows it in its narrowed paragraph.

    Behind a blank any status counts, without one only those that no problem's name closes with: 未落实 may be one.
    """
    if end - start > _LONGEST or plain[end - 1 : end] not in _LAST:
        return None
    for found in _OPENS.finditer(plain, start + _LEAST_NAME, end):
        at = found.start()
        phrase = plain[at:end]
        if is_pure(phrase) and (status := status_of(phrase)):
            return None if is_pure(plain[start:at]) else Ending(at, end, status)
    return None
