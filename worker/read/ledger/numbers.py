"""Document numbers (文号): the code of the issuing body, the year in brackets, the number."""

import re
from collections.abc import Iterator, Sequence

from worker.clean.lines import Line
from worker.clean.text import key

# 〔2020〕26号, and the other brackets that typists take for them. A court case (2020)粤01民初3号 has its court behind.
_YEAR_AND_NUMBER = re.compile(
    "(?P<open>[〔［[（(【﹝〖]) ?(?:[1１][9９]|[2２][0０])[0-9０-９]{2}年? ?[〕］\\]）)】﹞〗] ?第?"
    " ?[0-9０-９]{1,5}(?: ?[、,，至-] ?[0-9０-９]{1,5}){0,4} ?号"
)
_CODE = re.compile(r"(?:[A-Za-z\u4e00-\u9fff ]|[(（][\u4e00-\u9fff]{1,6}[)）](?=[\u4e00-\u9fff])){1,30}$")
_LONGEST_CODE = 30

# Words that lead to a number and are no part of it; a single sign only where no code is known to begin with it.
_LEADING = re.compile(
    "根据|依据|依照|按照|遵照|参照|关于|印发|下发|转发|发布|出台|制定|修订|文号|文件|编号|字号|执行|落实|贯彻|通过"
    "|收到|发出|报送|报经|业经|已经|废止|替代|详见|参见|其中|以及|分别|下达|人民政府办公[厅室](?=[^ ]{3})"
    "|[的了见是与及以按号]"
)
_JOINS_AFTER_ANOTHER = re.compile("号[〉》”)）]?[和或并]$")
_MAP = ("审图", "图号")


def document_numbers_in(title: str | None, lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the document numbers of the title and the lines, narrow and without blanks, distinct, in order.

    The brackets are as printed. A number without a code before its year, and the approval number of a map, are none.
    """
    found: dict[str, None] = {}
    for text in (title or "", *(line.text for line in lines)):
        if "号" in text:
            found.update(dict.fromkeys(_numbers(text)))
    return tuple(found)


def _numbers(text: str) -> Iterator[str]:
    for printed in _YEAR_AND_NUMBER.finditer(text):
        code = _code(text[max(0, printed.start() - _LONGEST_CODE) : printed.start()])
        # Round brackets also stand around years in plain sentences.
        if len(code) > (printed["open"] in "(（[［"):
            yield key(code + printed[0])


def _code(before: str) -> str:
    found = _CODE.search(before)
    if found is None or any(word in before for word in _MAP):
        return ""
    code = found[0]
    leads = list(_LEADING.finditer(code))
    start = leads[-1].end() if leads else 0
    if _JOINS_AFTER_ANOTHER.search(before[: found.start() + start + 1]):
        start += 1
    words = code[start:].split()
    # A blank within a code is typography, one before it parts it from something else.
    return words[-1] if words and len(words[-1]) > 1 else "".join(words)
