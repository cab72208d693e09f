"""What a notice is about: by its title, else by its opening lines and headings."""

import re
from collections.abc import Sequence

from worker.clean.lines import Line
from worker.read.ledger.values import Kind

_INSPECTS = "巡[视察]|督察"
_REPORTS = "进展|情况|落实|成效|结果|台账|清单|通报|公告|公示|公开|报告|阶段"

_TITLE_RECTIFIES = re.compile(f"整改[^。]{{0,30}}(?:{_REPORTS})|(?:{_INSPECTS}|审计)[^。]{{0,30}}整改")
# What happens on the way, and what only touches on it: meetings, visits, orders, plans of training.
_TITLE_TELLS_NEWS = re.compile(
    "会议|(?:部署|推进|动员|座谈|交流|专题|工作|调度|反馈|党组|党委|生活)会|调研|督导|学习|培训|召开|通知书|责令|招标|采购|中标|处罚"
)
_TITLE_ENDS_IN_REPORT = re.compile("整改[^会]{0,30}(?:情况|进展)的?(?:通报|公告|公示|报告)")
_TITLE_INSPECTS = re.compile(
    "(?:进驻|入驻)[^。]{0,40}巡[视察]|巡[视察][^。]{0,40}(?:进驻|入驻|启动|开展|动员|反馈|公告|预告|通告|联系方式|受理|信访|见面|展开|全覆盖|指出)"
    "|(?:开展|启动|接受|进行)[^。]{0,20}巡[视察]|反馈[^。]{0,20}巡[视察]|[轮批次](?:常规|专项|提级|交叉)?巡[视察]|巡[视察][^。]{0,4}组"
)
_TITLE_IS_ELSE = re.compile(
    "招聘|选调|遴选|招录|预算|决算|采购|招标|中标|条例|办法|制度|培训|学习|工作要点|任前|任职|林|河|路|供水|电力"
)

# 现将巡察整改进展情况予以公布
_OPENING_RECTIFIES = re.compile(
    f"现(?:将|就|对)[^。]{{0,80}}整改|(?:{_INSPECTS}|反馈)[^。]{{0,60}}整改[^。]{{0,12}}(?:进展|落实|完成)?情况[^。]{{0,12}}(?:如下|公布|公开|公示|通报|公告|报告)"
)
# A rectification answers somebody: who found it himself (现将不合格食品整改情况公告) gives another account.
_ANSWERS = re.compile(f"{_INSPECTS}|审计|反馈|检视|督导|督查|考核|评估|专项(?:检查|治理|整治)|主题教育|民主生活会")
_OPENING_SAYS_WHAT = re.compile("现(?:将|就)(?![^。]{0,30}(?:巡[视察]|联系方式|信访|有关事项|进驻))")
_OPENING_INSPECTS = re.compile(
    "巡[视察][^。]{0,10}组[^。]{0,60}(?:进驻|入驻|(?:开展|进行|实施)[^。]{0,40}巡[视察])|(?:开展|进行|实施)[^。]{0,40}巡[视察]"
    "|巡[视察][^。]{0,10}组?[^。]{0,40}向[^。]{0,60}反馈|反馈[^。]{0,20}巡[视察]|巡[视察][^。]{0,30}(?:动员会|反馈会|见面会)|巡[视察](?:期间|时间)"
)
_HEADING_RECTIFIES = re.compile(
    r"\s{0,4}(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]).{0,40}整改.{0,20}(?:情况|进展|落实|成效|到位|任务|责任)"
)
_STATUS_LINES = (
    "整改情况",
    "整改进展",
    "整改措施",
    "整改状态",
    "整改进度",
    "整改落实",
    "整改完成",
    "整改成效",
    "整改结果",
    "整改过程",
)

_OPENING_LINES = 8
_LONGEST_LINE = 400
_LONGEST_HEADING = 80
_FEW = 2


def kind_of(title: str | None, lines: Sequence[Line]) -> Kind:
    """Tell what the notice is about.

    An account of what was done about findings is a rectification, whoever found them (巡视, 巡察, 督察, 审计);
    inspectors who come, or tell their findings, are an inspection. A notice that mentions either in passing is neither.
    """
    kind = _kind_by_title(title or "")
    return _kind_by_lines(lines) if kind is None else kind


def _kind_by_title(title: str) -> Kind | None:
    """Tell by the title; None where the title says nothing of the kind (公告)."""
    if _TITLE_ENDS_IN_REPORT.search(title):
        return Kind.RECTIFICATION
    if "整改" in title:
        if _TITLE_TELLS_NEWS.search(title):
            return Kind.NOTICE
        return Kind.RECTIFICATION if _TITLE_RECTIFIES.search(title) else None
    if "巡" in title and _TITLE_INSPECTS.search(title):
        return Kind.NOTICE if _TITLE_IS_ELSE.search(title) else Kind.INSPECTION
    return None


def _kind_by_lines(lines: Sequence[Line]) -> Kind:
    opening = "\n".join(line.text[:_LONGEST_LINE] for line in lines[:_OPENING_LINES])
    if (_OPENING_RECTIFIES.search(opening) and _ANSWERS.search(opening)) or _is_account(opening, lines):
        return Kind.RECTIFICATION
    if "巡" in opening and _OPENING_INSPECTS.search(opening) and not _OPENING_SAYS_WHAT.search(opening):
        return Kind.INSPECTION
    return Kind.NOTICE


def _is_account(opening: str, lines: Sequence[Line]) -> bool:
    """Tell whether the headings are those of an account: 巡察整改任务落实情况, or 整改情况: time and again."""
    if sum(line.text.startswith(_STATUS_LINES) for line in lines) >= _FEW:
        return True
    if not re.search(f"{_INSPECTS}|审计", opening):
        return False
    headings = (
        line.text for line in lines if "整改" in line.text[:_LONGEST_HEADING] and len(line.text) <= _LONGEST_HEADING
    )
    return sum(_HEADING_RECTIFIES.match(heading) is not None for heading in headings) >= _FEW
