"""What a status phrase means: the table of status words, and the phrases that consist of nothing else."""

import re
from itertools import pairwise
from typing import NamedTuple

from worker.read.ledger.values import Status

_S = Status


class Rule(NamedTuple):
    """A row of the table of status words; the first row that is found wins."""

    name: str
    words: re.Pattern[str]
    status: Status


_FINISHED = "完成|解决|办结|销号|完结|清零|结案|[已均]关闭|通过验收|整改结束|完毕|100%|(?<!不)到位"
_DONE = f"(?:{_FINISHED}|(?:[已均]|全部)(?:经|全部|全面)?(?:整改|落实))"
RULES = (
    Rule("conditions", re.compile("不具备|条件.{0,3}不(?:具备|成熟)|无法(?:整改|解决|完成)"), _S.CONDITIONS_LACKING),
    Rule("staged", re.compile("阶段性|(?:基本|部分|初步)(?:已经?)?(?:完成|整改|办结|到位|解决|落实)"), _S.STAGED),
    Rule(
        "under way",
        re.compile("正在|(?:推进|整改|进行|办理|落实|实施|进展|处理|解决)中|正(?:有序|按|抓紧|加快|积极|持续|稳步)"),
        _S.IN_PROGRESS,
    ),
    Rule(
        "not started",
        re.compile(
            "未(?:能)?(?:全部|全面|完全)?(?:启动|开展|开始|整改|完成|解决|办结|销号|关闭|到位|落实)|没有(?:完成|启动|开展)"
        ),
        _S.NOT_STARTED,
    ),
    Rule("awaited", re.compile("待(?:整改|完成|解决|推进|落实|验收)"), _S.IN_PROGRESS),
    Rule("done, kept up", re.compile(f"{_DONE}.*(?:长期|持续|坚持|常态|巩固|长效)"), _S.COMPLETED_SUSTAINED),
    Rule("kept up, done", re.compile(f"(?:长期坚持|持续坚持).*已.{{0,4}}{_DONE}"), _S.COMPLETED_SUSTAINED),
    Rule("going on", re.compile("持续|长期|推进|有序|跟进|坚持|序时"), _S.IN_PROGRESS),
    Rule("done", re.compile(_DONE), _S.COMPLETED),
    Rule("a part", re.compile(r"(?<![\d.])[1-9]\d?(?:\.\d{1,2})?%", re.ASCII), _S.IN_PROGRESS),
)
_ANSWERS = {"是": _S.COMPLETED, "√": _S.COMPLETED, "✓": _S.COMPLETED, "否": _S.NOT_STARTED}
# What a promise adds to a status says nothing of how far things are: 预计…, and a clause that is a day to end by.
_ENDS = "(?:完成|整改|办结|销号|到位|解决|落实|清零|完毕|任务|工作)"
_PROMISE = re.compile(
    "(?:预计|预期|力争|争取|确保|将于|限期|(?:计划|拟)(?:[于在]|(?=\\d)))(?=[^,。;]{0,24}(?:[年月底旬]|完成|到位))"
    r"|^\s*(?:[于在到]|[至最]迟|最晚)?[0-9年月日号第一二三四季度上下半旬中末初底今明本内]{2,16}(?:之?前|以前|以内|内|底|末|旬)?"
    rf"(?:可以?|能|要|须|全部|全面|实现|基本)*{_ENDS}+\s*$"
    r"|^\s*待[^,。;]{2,20}后,?(?:再|继续|及时|立即|予以)?(?:推进|整改|完成|办理|解决|落实|实施|启动)\s*$"
)
# A promise alone says that something is still to be done; 2023年6月完成 alone says that it was.
_AHEAD = re.compile("预计|预期|力争|争取|确保|将于|限期|计划|拟|前|内")
_CLAUSES = re.compile("[,。;]")

# A phrase made of these words alone speaks of the problem as a whole: an account has other words.
_VOCABULARY = re.compile(
    "(?:已经?|目前|当前|现已?|均|都|全部|全面|完全|基本|大?部分|按[期时]|如期|取得|达到|阶段性?|初步|一定|明显|显著|较好|整改|完成|到位|完毕|完结"
    "|办结|销号|解决|落实|清零|结案|关闭|通过|验收|待|正常|并|且|和|需要?|须|将|仍|还|长期|持续|坚持|推进|推动|巩固|提升|深化|常态化?|长效(?:机制)?|执行|正在|正|有序|加快|抓紧|积极|稳步"
    "|进行|实施|办理|处理|中|尚|暂|未能?|没有|启动|开展|开始|不|具备|成熟|条件|无法|任务|目标|工作|反馈|事项|措施|问题|该|此|项|成效|成果|效果|进展|状态"
    "|其中|另有|还有|剩余|其余|的|了|抓好|抓实|跟进|跟踪|立行立改|即知即改|立整立改|按?序时(?:进度)?|按计划|[\\s,。;、()【】\\[\\]:“”]|100%|截至)++"
)
_LONGEST = 60
# 已完成☑ 整改中□: of several answers one is marked, and all of them before it or all behind it.
_CHOSEN, _LEFT = "☑√✓✔■", "□☐"
_CHOICE = re.compile(f"[{_CHOSEN}{_LEFT}]")
# 一、已完成整改的问题(5个): what stands under it has this status.
_GROUP = re.compile(
    r"(?:关于)?((?:已|正|未|尚|基本|阶段|部分|持续|长期|暂|需|全部|取得)[^。:;]{1,16}?)的?(?:反馈|具体)?(?:问题|事项|任务)"
    r"(?:\(?(?:共计?)?\s?\d{1,3}\s?[个项条]\)?)?$"
)


def status_of(phrase: str) -> Status | None:
    """Read a narrowed status phrase by the table of rules; what it promises is left aside."""
    phrase = chosen(phrase.strip())
    if phrase in _ANSWERS:
        return _ANSWERS[phrase]
    told = "".join(clause for clause in _CLAUSES.split(phrase) if not _PROMISE.search(clause))
    if phrase and not told and _AHEAD.search(phrase):
        return Status.IN_PROGRESS
    return next((rule.status for rule in RULES if rule.words.search(told or phrase)), None)


def is_pure(phrase: str) -> bool:
    """Tell whether a narrowed phrase consists of status words and promises alone."""
    if len(phrase) > _LONGEST:
        return False
    clauses = [clause for clause in _CLAUSES.split(chosen(phrase)) if clause.strip() and not _PROMISE.search(clause)]
    return bool(clauses) and all(_VOCABULARY.fullmatch(clause) for clause in clauses)


def chosen(phrase: str) -> str:
    """Return the answer that is marked where a phrase offers several (☑已完成 □整改中), nothing where none or several
    are; any other phrase as it is.
    """
    if not any(sign in phrase for sign in _LEFT):
        return phrase
    signs = list(_CHOICE.finditer(phrase))
    edges = [sign.start() for sign in signs] + [len(phrase)]
    if edges[0]:
        # Each answer stands before its sign.
        edges = [0, *(sign.end() for sign in signs)]
    answers = [phrase[start:end] for start, end in pairwise(edges)]
    marked = [answer for sign, answer in zip(signs, answers, strict=True) if sign[0] in _CHOSEN]
    return marked[0].strip(_CHOSEN + _LEFT + " ()[]") if len(marked) == 1 else ""


def status_of_group(words: str) -> str | None:
    """Return the status that a heading tells of all that stands under it, in its own words."""
    found = _GROUP.fullmatch(words.strip())
    return found[1] if found and is_pure(found[1]) and status_of(found[1]) else None
