"""Which rules of the table of furniture (`furniture`) match a line of text; most lines of most texts match none."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from worker.clean.furniture import RULES, Cut, Rule
from worker.clean.text import SHORT, narrow

__all__ = ["RULES", "Cut", "Rule", "has_hint", "matches", "plain", "rule_of"]

Found = tuple[Rule, re.Match[str]]

# What is asked of every line of a text, and what only of those at its edges; in the table the first come first.
_ANYWHERE = frozenset([Cut.PIECE, Cut.LINE])


class _Group:
    """The rules of some kinds, by their marks: a line is asked for its marks in one go, then few rules are tried."""

    def __init__(self, cuts: Collection[Cut]) -> None:
        self._rules = [rule for rule in RULES if rule.cut in cuts]
        marks = "".join(frozenset().union(*(rule.marks for rule in self._rules)))
        self._marks = re.compile(f"[{re.escape(marks)}]")
        self._bits = {mark: sum(1 << at for at, rule in enumerate(self._rules) if mark in rule.marks) for mark in marks}
        self._marked = lru_cache(maxsize=4096)(self._rules_of)
        self._in_short = lru_cache(maxsize=8192)(self._found)

    def _rules_of(self, bits: int) -> tuple[Rule, ...]:
        return tuple(rule for at, rule in enumerate(self._rules) if bits >> at & 1)

    def _found(self, text: str) -> tuple[Found, ...]:
        text = plain(text)
        if _HINT.search(text) is None:
            return ()
        bits = 0
        for mark in set(self._marks.findall(text)):
            bits |= self._bits[mark]
        tried = [(rule, rule.pattern.search(text)) for rule in self._marked(bits) if len(text) <= rule.longest]
        return tuple([(rule, found) for rule, found in tried if found])

    def found(self, text: str) -> tuple[Found, ...]:
        """Return the rules that match, in the order of the table; of a short text this is remembered."""
        return self._in_short(text) if len(text) <= SHORT else self._found(text)


# Most lines of most texts hold none of these, and are passed by with one search. Each begins with a character of its
# own, not with a class of them: only so does a search look for the first characters alone, five times as fast.
_HINT = re.compile(
    r"nextpage|a\s?\+|top|▲|↑|字\s?体|字\s?号|打印|关闭|收藏|返回|纠错|分享|推荐|转发|复制链接|下载|保存|扫|编辑|校对|初审|复审|终审|一审|二审|三审|审核"
    r"|位置|浏览|阅读|点击|访问|查看|上一?[篇条页]|下一?[篇条页]|前一?[篇条页]|后一?[篇条页]|尾一?[篇条页]|末一?[篇条页]|链接|即将|找错|您是|首页"
    r"|qq|微博|豆瓣|人人网|朋友圈|微信|党政|事业|二维码|障碍|适老|长者|关怀|老年|播报|全文|朗读|附件|关联文件|相关|标识码|网安备|icp|备案|版权"
    r"|copyright|©|rights|主办|主管|协办|合作|承办|运维|维护|运营|技术支持|运行|建设|开发|制作|管理|设计|网站|地图|我们|本网|本站|声明|帮助|手机版"
    r"|电脑版|移动版|客户端|官方|rss|english|简[体體]|繁[体體]|举报|联系|浏览器|分辨率|ipv6|地\s?址|邮|电\s?话|传\s?真|e-?mail|延伸|热门|喜欢"
    r"|声\s?明|提示|\[\d"
)


def plain(text: str) -> str:
    """Write the text as the rules see it, in half width and lower case; the length never changes."""
    text = narrow(text)
    lower = text.lower()
    # The one letter that is two in lower case.
    return lower if len(lower) == len(text) else text.replace("İ", "i").lower()


def has_hint(text: str) -> bool:
    """Tell whether any rule could match the text."""
    return _HINT.search(plain(text)) is not None


def matches(text: str, *cuts: Cut) -> Iterator[Found]:
    """Yield the rules of these kinds that match the line, in the order of the table."""
    yield from (each for each in _GROUPS[0].found(text) if each[0].cut in cuts)
    if not _ANYWHERE.issuperset(cuts):
        yield from (each for each in _GROUPS[1].found(text) if each[0].cut in cuts)


def rule_of(text: str) -> str | None:
    """Name the first rule that matches a line outside the body; None for any other text."""
    found = _GROUPS[0].found(text) or _GROUPS[1].found(text)
    return found[0][0].name if found else None


_GROUPS = (_Group(_ANYWHERE), _Group(frozenset(Cut) - _ANYWHERE))
