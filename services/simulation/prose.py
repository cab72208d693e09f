"""Invented rectification reports: the same (seed, notice, changes) gives the same text, for ever."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from services.simulation import vocabulary as words

OPENING_DAY = date(2025, 3, 3)
SHEETS = 2
"""Pages of a long notice."""


@dataclass(frozen=True)
class Problem:
    """One criticised shortcoming: its printed number, heading, measures, and the words of its status line."""

    printed: int
    title: str
    measures: tuple[str, ...]
    status: str

    @property
    def open(self) -> bool:
        """Whether the status leaves something to be done."""
        return not self.status.startswith("已完成")


@dataclass(frozen=True)
class Aspect:
    """A field of criticism (方面) and its problems."""

    title: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class NoticeText:
    """What the publisher says; `opening` and `closing` are paragraphs around the aspects."""

    title: str
    inspected: str
    published_at: datetime
    status_label: str
    opening: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    closing: tuple[str, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in order."""
        return tuple(problem for aspect in self.aspects for problem in aspect.problems)

    def paragraphs(self) -> tuple[str, ...]:
        """The whole body, one paragraph per item: what a perfect reader returns."""
        lines = list(self.opening)
        for ordinal, aspect in zip(words.ORDINALS, self.aspects, strict=False):
            lines.append(f"（{ordinal}）{aspect.title}")
            for problem in aspect.problems:
                lines.append(f"{problem.printed}．{problem.title}。")
                lines.extend(problem.measures)
                lines.append(f"{self.status_label}：{problem.status}")
        return (*lines, *self.closing)

    def sheets(self) -> tuple[tuple[str, ...], ...]:
        """The body as a long notice shows it, page by page; what is edited is all on one of them."""
        at = len(self.opening)
        return self.paragraphs()[:at], self.paragraphs()[at:]


def fingerprint(paragraphs: Iterable[str]) -> str:
    """SHA-256 of a text without white space and without the difference of full and half width (NFKC)."""
    folded = unicodedata.normalize("NFKC", "".join(paragraphs))
    return hashlib.sha256("".join(folded.split()).encode()).hexdigest()


def first_text(seed: int, city: str, number: int, dated: datetime | None = None) -> NoticeText:
    """The text of notice `number` (from 1) of a site, about a town of `city`; `dated` instead of an invented time."""
    rng = _rng(seed, "notice", number)
    town = words.TOWNS[(number * 7) % len(words.TOWNS)]
    body = f"中共{city}{town}{'工作' if town.endswith('街道') else ''}委员会"
    short = f"{town}党{'工' if town.endswith('街道') else ''}委"
    invented = datetime.combine(OPENING_DAY, datetime.min.time()) + timedelta(
        days=number // 3, hours=8 + number % 3 * 3, minutes=rng.randrange(60)
    )
    published = dated or invented
    aspects = _aspects(rng, published.date(), restart=number % 2 == 0)
    term = f"第{words.ORDINALS[(number // len(words.TOWNS)) % 16]}轮"
    return NoticeText(
        title=f"{body}关于{term}巡察反馈意见整改进展情况的通报",
        inspected=body,
        published_at=published,
        status_label=("整改进度", "整改状态")[number % 2],
        opening=_opening(rng, (body, short, term), published.date(), aspects),
        aspects=aspects,
        closing=_closing(rng, body, city, published.date()),
    )


def edited(text: NoticeText, seed: int, revision: tuple[int, int], kind: str) -> NoticeText:
    """`text` with one change of `kind` ("status" or "sentence"); `revision` is (notice number, revision number).

    A status moves one step towards completion; when nothing is open any more, a sentence is added instead.
    """
    rng = _rng(seed, "edit", *revision)
    candidates = [problem for problem in text.problems if problem.open]
    if kind == "status" and candidates:
        chosen = rng.choice(candidates)
        changed = replace(chosen, status=_advanced(chosen.status, text.published_at.date(), rng))
    else:
        chosen = rng.choice(text.problems)
        addition = rng.choice(words.ADDITIONS).format(n=revision[1] * 100 + rng.randrange(2, 99))
        changed = replace(chosen, measures=(*chosen.measures[:-1], chosen.measures[-1] + addition))
    aspects = tuple(
        replace(aspect, problems=tuple(changed if problem is chosen else problem for problem in aspect.problems))
        for aspect in text.aspects
    )
    return replace(text, aspects=aspects)


def _rng(*key: object) -> Random:
    return Random("/".join(map(str, key)))  # noqa: S311 - reproducible, not secret


def _aspects(rng: Random, published: date, restart: bool) -> tuple[Aspect, ...]:
    topics = rng.sample(words.TOPICS, rng.randrange(2, 5))
    aspects: list[Aspect] = []
    running = 0
    for topic in topics:
        titles = rng.sample(topic.problems, rng.randrange(2, 4))
        problems = []
        for place, title in enumerate(titles, start=1):
            running += 1
            status = _advanced("", published, rng) if running <= 2 else rng.choice(_statuses(published, rng))
            problems.append(Problem(place if restart else running, f"关于{title}的问题", _measures(rng), status))
        aspects.append(Aspect(f"关于{topic.title}方面", tuple(problems)))
    return tuple(aspects)


def _measures(rng: Random) -> tuple[str, ...]:
    count = rng.randrange(2, 4)
    leads, actions, results = (rng.sample(pool, count) for pool in (words.LEADS, words.ACTIONS, words.RESULTS))
    return tuple(
        f"{ordinal}是{lead}，{action.format(n=rng.randrange(3, 60))}，{result}。"
        for ordinal, lead, action, result in zip(words.ORDINALS, leads, actions, results, strict=False)
    )


def _statuses(published: date, rng: Random) -> tuple[str, ...]:
    due = _month_after(published, rng.randrange(3, 10))
    return (
        "已完成整改。",
        "已完成整改，长期坚持。",
        f"取得阶段性成效，预计{due}完成。",
        f"正在推进整改，预计{due}完成。",
    )


def _advanced(status: str, published: date, rng: Random) -> str:
    completed, sustained, staged, in_progress = _statuses(published, rng)
    if not status:
        return rng.choice((in_progress, staged))
    return staged if status.startswith("正在推进") else rng.choice((completed, sustained))


def _month_after(day: date, months: int) -> str:
    index = day.year * 12 + day.month - 1 + months
    return f"{index // 12}年{index % 12 + 1}月"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _opening(rng: Random, names: tuple[str, str, str], published: date, aspects: tuple[Aspect, ...]) -> tuple[str, ...]:
    body, short, term = names
    team = f"市委第{rng.choice(words.ORDINALS[:8])}巡察组"
    begin = published - timedelta(days=rng.randrange(240, 300))
    end, feedback = begin + timedelta(days=45), begin + timedelta(days=rng.randrange(70, 90))
    problems = sum(len(aspect.problems) for aspect in aspects)
    duties = [
        f"（{ordinal}）{heading}。{text.format(body=short, n=rng.randrange(4, 40))}"
        for ordinal, (heading, text) in zip(words.ORDINALS, words.DUTIES, strict=False)
    ]
    return (
        f"按照市委{term}巡察安排，{_day(begin)}至{_day(end)}，{team}对{body}（以下简称“{short}”）进行了常规巡察。"
        f"{_day(feedback)}，{team}向{short}反馈巡察情况。按照党务公开的规定，整改进展公布如下。",
        f"巡察反馈指出的{len(aspects)}个方面{problems}个问题，{short}已全部列入整改清单。",
        "一、履行整改主体责任情况",
        *duties,
        "二、巡察反馈问题整改落实情况",
    )


def _closing(rng: Random, body: str, city: str, published: date) -> tuple[str, ...]:
    outlook = [
        f"（{ordinal}）{heading}。{text}"
        for ordinal, (heading, text) in zip(words.ORDINALS, words.OUTLOOK, strict=False)
    ]
    tail = rng.randrange(1000, 9999)
    return (
        "三、下一步工作打算",
        *outlook,
        f"如对上述整改情况有不同意见，可在公开期限内反映。"
        f"公开期限：{_day(published)}至{_day(published + timedelta(days=30))}。",
        f"联系电话：0700-880{tail}；电子邮箱：zhenggai{tail}@town.example；"
        f"邮寄地址：{city}听雨路{tail % 300 + 1}号党政办公室；邮政编码：99{tail}。",
        body,
        _day(published),
    )
