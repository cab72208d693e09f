"""The labels that part a problem's account: what they are called, and where they end."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Label(NamedTuple):
    """A label at the start of a narrowed paragraph, without its brackets and colon, and where its value begins."""

    name: str
    end: int


# What a notice may call the problem itself, before a colon or a number.
PROBLEM_LABEL = (
    "(?:(?:巡[视察]组?|审计|督察)(?:反馈|指出|发现|提出)的?(?:问题|意见)?|(?:反馈|指出|发现|存在|具体|主要|整改|巡[视察])的?(?:问题|意见|事项)"
    "|问题)(?:描述|表述|表现|内容|名称)?"
)
_COLON = r"\s{0,3}(?:[】\])]\s{0,3}:?|:|$)\s{0,3}"
_LABEL = re.compile(
    r"[【\[(]?((?:整改|完成|落实|工作|办结|办理|处理|责任|牵头|配合|督办|分管|具体|主要|目前|下一步|计划|预计|存在|取得)(?:的)?"
    r"(?:工作|落实|进展|完成|办结)?(?:措施|举措|情况|进展|过程|成效|结果|效果|评估|评价|结论|目标|要求|任务|内容|时限|期限|时间|日期|状态|进度|程度"
    r"|单位|部门|领导|科室|人员|人|主体|打算|做法|计划)"
    r"(?:(?:及|和|与|、)(?:整改)?(?:措施|举措|情况|进展|成效|结果|效果|完成情况|落实情况))?|销号情况|时限)" + _COLON
)
# Whatever a notice prints before a colon time and again is a label, too: 整改:, 结果:, 办理答复:
_ANY = re.compile(r"[【\[]?([\u4e00-\u9fff]{2,8})\s{0,3}(?:[】\]]\s{0,3}:?|:)\s{0,3}")
_TIMES = 2

# fmt: off
_NO_DEEDS = (
    "目标", "要求", "单位", "部门", "领导", "科室", "人员", "人", "主体", "时限", "期限", "日期", "时间",
    "问题", "表现", "描述", "表述",
)
# fmt: on


def label_at(plain: str, start: int = 0) -> Label | None:
    """Return the label that every notice may use, where the narrowed paragraph has one at `start`."""
    found = _LABEL.match(plain, start)
    return Label(found[1], found.end()) if found else None


def labels_of(plains: Sequence[str]) -> list[Label | None]:
    """Return the label that each narrowed paragraph of a notice opens with: a known one, or one of the notice's own."""
    found = [_ANY.match(plain) for plain in plains]
    times = Counter(match[1] for match in found if match)
    return [
        label_at(plain) or (Label(own[1], own.end()) if own and times[own[1]] >= _TIMES else None)
        for plain, own in zip(plains, found, strict=True)
    ]


def names_no_deed(label: str) -> bool:
    """Tell whether what such a label introduces is no account of what was done."""
    return label.endswith(_NO_DEEDS)
