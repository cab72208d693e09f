"""Furniture that no rule knows, learned per source: what every page of a site prints at the edges of its notices.

`candidates` names the lines of one cleaned body that could be such furniture; whoever keeps the pages of a source
counts them, and hands those that recur to `cut_learned`. Nothing that a notice says of itself is ever a candidate:
its contacts, its date and signature, its headings, its status lines, its attachments.
"""

import re
from collections.abc import Collection, Sequence

from worker.clean.lines import Line
from worker.clean.removed import Removed
from worker.clean.text import key, narrow

_EDGE = 3
_LONGEST = 80
# Patterns see the line in half width.
_OWN = re.compile(
    r"[。;!?]\s*$"
    r"|\d{5,}|@|电\s?话|传\s?真|邮|信\s?箱|地\s?址|联系|举报|热线|网址"
    r"|(?:19|20)\d\d\s?[-/.年]|二[〇○零Oo0][〇○零一二三四五六七八九]{2}年|\d{1,2}\s?月\s?\d{1,2}\s?日"
    r"|^\s*[(\[〔【]?\s?(?:[一二三四五六七八九十百]{1,4}|\d{1,3})\s?[)\]〕】]?\s?[、.,:)]|^\s*第[一二三四五六七八九十百零\d]{1,5}[章节条款项]"
    r"|整改|进展|时限|完成|状态|责任(?:单位|人)|牵头"
    r"|附\s?件|附\s?表|附:|^\s*附\s*$|\.(?:pdf|docx?|xlsx?|wps|et|ofd|zip|rar)\b"
    r"|(?:委员会|党委|党组|党工委|党支部|支部|人民政府|办公室|办公厅|[局厅部院处站所校]|中心|公司|集团|小组|街道|[乡镇村])\s*$"
    r"|:\s*$",
    re.IGNORECASE,
)


def candidates(body: str) -> list[str]:
    """Return the lines, as printed, at the very top and end of a cleaned body that could be furniture of its site.

    At most three at each edge, none longer than 80 characters; compare them by `worker.clean.text.key`.
    """
    lines = body.split("\n") if body else []
    top = _run(lines[:_EDGE])
    end = _run(lines[len(top) :][::-1][:_EDGE])[::-1]
    return [*top, *end]


def cut_learned(lines: Sequence[Line], known: Collection[str]) -> tuple[list[Line], list[Removed]]:
    """Cut what is known from both edges, line by line, up to the first that is not; `known` holds keys."""
    first, last = 0, len(lines)
    if known:
        while first < last and _is_known(lines[first], known):
            first += 1
        while last > first and _is_known(lines[last - 1], known):
            last -= 1
    cut = [*lines[:first], *lines[last:]]
    return list(lines[first:last]), [Removed("learned", line.text) for line in cut]


def _run(lines: Sequence[str]) -> list[str]:
    run: list[str] = []
    for line in lines:
        if len(line) > _LONGEST or _OWN.search(narrow(line)) is not None:
            break
        run.append(line)
    return run


def _is_known(line: Line, known: Collection[str]) -> bool:
    return len(line.text) <= _LONGEST and not line.cells and key(line.text) in known
