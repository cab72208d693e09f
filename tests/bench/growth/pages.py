"""Invented notices as a site would show them, and the phrases, places and days of which they are made."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from tests.bench.events.filters import Language

DAY = "2026-09-30"
"""The day that stands on every page, as the reader tells it; those until which something is promised are after it."""
_MEANT = dict.fromkeys(map(ord, "一二三四五六七八九十百千万年月日第号的是关于附件公示"))
"""Characters that the reader takes for more than a part of a word."""
_ORDINALS = "一二三四五六七八九"
_STATUSES = (
    "已完成整改。",
    "已完成整改，长期坚持。",
    "取得阶段性成效，预计2027年{month}月完成。",
    "正在推进整改，预计2027年{month}月完成。",
)


class Paper(NamedTuple):
    """A page, and what may stand in the place of its parts on another one."""

    title: str
    html: bytes
    phrases: Sequence[str]
    place: str
    """Of whom it tells: a few characters that occur nowhere else."""


class Press:
    """Writes notices without end; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        """Learn to speak."""
        self.chance = Random(seed)
        self.language = Language(self.chance)
        self._speech = ""
        self._said = 0

    def phrase(self, length: int = 24) -> str:
        """Return so many characters of invented words."""
        if self._said + length > len(self._speech):
            self._speech, self._said = self.language.text(20_000).translate(_MEANT), 0
        self._said += length
        return self._speech[self._said - length : self._said]

    def place(self) -> str:
        """Return the stem of a town's name."""
        return self.phrase(3)

    def rectification(self, problems: int = 5) -> Paper:
        """Return a report on the rectification of so many problems, of about 1,100 characters."""
        phrases, place = [self.phrase() for _ in range(4 + 5 * problems)], self.place()
        parts = iter(phrases)
        body = f"中共{place}镇委员会"
        title = f"{body}关于巡察整改进展情况的通报"
        lines = [
            f"按照县委统一部署，2026年3月3日至2026年4月20日，县委第二巡察组对{body}进行了常规巡察。{next(parts)}，"
            f"{next(parts)}。现将整改进展情况予以公布。",
            "一、巡察反馈问题整改落实情况",
        ]
        for number in range(problems):
            if number % 3 == 0:
                lines.append(f"（{_ORDINALS[number // 3]}）关于{next(parts)[:10]}方面")
            lines.append(f"{number + 1}．关于{next(parts)}的问题。")
            lines += [f"{ordinal}是{next(parts)}，{next(parts)}。" for ordinal in _ORDINALS[:2]]
            status = _STATUSES[self.chance.randrange(4)].format(month=self.chance.randint(1, 9))
            lines.append(f"整改进度：{status}")
        lines += ["如有意见，可在公开期限内反映。公开期限：2026年9月30日至2027年10月30日。", body, "2026年9月30日"]
        return Paper(title, _page(title, lines), phrases, place)

    def announcement(self) -> Paper:
        """Return a notice of any other kind, of about 700 characters."""
        phrases, place = [self.phrase() for _ in range(29)], self.place()
        title = f"{place}镇人民政府关于{phrases[0]}的公告"
        pairs = zip(phrases[1::2], phrases[2::2], strict=True)
        lines = [f"{one}，{other}。" for one, other in pairs]
        lines += [f"{place}镇人民政府", "2026年9月30日"]
        return Paper(title, _page(title, lines), phrases, place)


def listing(items: Sequence[tuple[str, str]]) -> bytes:
    """Return the page that lists (path, title) of notices."""
    rows = "".join(f'<li><a href="{path}" title="{title}">{title}</a><span>{DAY}</span></li>' for path, title in items)
    head = '<meta charset="utf-8"><title>公告</title>'
    return (
        f'<!DOCTYPE html><html><head>{head}</head><body><div class="list"><ul>{rows}</ul></div></body></html>'.encode()
    )


def _page(title: str, lines: Sequence[str]) -> bytes:
    head = f'<meta charset="utf-8"><title>{title}</title><meta name="PubDate" content="{DAY} 10:00">'
    head += f'<meta name="ArticleTitle" content="{title}"><meta name="ColumnName" content="公告公示">'
    text = "".join(f"<p>　　{line}</p>" for line in lines)
    body = f'<h1>{title}</h1><div class="TRS_Editor">{text}</div>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()
