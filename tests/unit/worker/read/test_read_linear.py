"""No rule is quadratic: each is run over long repetitions of its own words, where a bad pattern would not come back."""

import re
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from types import ModuleType

import pytest

from shared import charsets, glance, legible, markup, pagewords, sitenames
from worker.clean import boilerplate, learned, mend, survey, text, trim
from worker.clean import markup as clean_markup
from worker.clean.boilerplate import RULES, Cut, matches, rule_of
from worker.read import (
    attachments,
    body,
    breadcrumb,
    dateline,
    dates,
    language,
    meta,
    parts,
    published,
    status,
    teaching,
    template,
    title,
)

MODULES = [
    charsets, glance, legible, markup, pagewords, sitenames,
    boilerplate, clean_markup, learned, mend, survey, text, trim,
    attachments, body, breadcrumb, dateline, dates, language, meta, parts, published, status, teaching, template, title,
]  # fmt: skip
LENGTHS = (10_000, 20_000)
_WORD = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z]{2,}|[^\w\s\\]|\d")


def _words(pattern: str) -> list[str]:
    found = dict.fromkeys(_WORD.findall(pattern))
    return [*islice(found, 80), "1", " ", "2024", "\n", "a"]


def _repetitions(pattern: str, length: int) -> Iterator[str]:
    words = _words(pattern)
    for word in words:
        yield word * (length // len(word))
    for one, other in pairwise(words):
        yield one + other * (length // len(other)) + "\x01"


def _patterns(module: ModuleType) -> Iterator[re.Pattern[str]]:
    for value in vars(module).values():
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            yield value
        elif isinstance(value, pagewords.Words):
            yield value.phrases
        elif isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, re.Pattern) and isinstance(each.pattern, str))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_pattern_comes_back_from_its_own_words(module: ModuleType) -> None:
    for pattern in _patterns(module):
        for length in LENGTHS:
            for repetition in _repetitions(pattern.pattern, length):
                if pattern.match(""):
                    pattern.match(repetition)  # as it is asked: from a beginning alone
                    continue
                for _ in pattern.finditer(repetition):
                    pass


@pytest.mark.timeout(120)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.cut.value}")
def test_every_rule_comes_back_from_its_own_words(rule: boilerplate.Rule) -> None:
    for length in (200, *LENGTHS):
        for repetition in _repetitions(rule.pattern.pattern, length):
            if len(repetition) <= rule.longest:
                for _ in rule.pattern.finditer(repetition):
                    pass
            list(matches(repetition, *Cut))


READERS: list[Callable[[str], object]] = [
    rule_of, boilerplate.has_hint, dateline.published_in, dateline.source_in, dateline.author_in, dateline.is_dateline,
    dateline.wants_value, dates.first_date, dates.stamped, dates.date_in_address, learned.candidates,
    sitenames.is_site_name, sitenames.is_house_name, meta.without_markup, markup.tamed, markup.without_raw,
    text.squeeze, legible.legible, pagewords.error_code,
]  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_every_reader_comes_back_from_the_words_of_all(reader: Callable[[str], object]) -> None:
    source = "来源：发布时间：2024-05-06 10:08 作者：编辑 字体：大 中 小【打印】"
    source += "<p a='\">附件：1.（一）首页 > 版权所有 404 not found。\n"
    for length in LENGTHS:
        for repetition in _repetitions(source, length):
            reader(repetition)
