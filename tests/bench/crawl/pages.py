"""What the simulated hosts serve: a listing of a hundred notices, and notices of about the usual size."""

from functools import cache
from random import Random

NOTICES = 100
LISTING = "/gggs/index.html"
SHORT_LISTING = "/short/"
_SENTENCE = "（{n}）{what}的问题。办公室建立台账，逐项核对，由专人每周检查一次，{then}。"
_CHARACTERS = "会议记录规范整改责任落实制度完善机制监督检查办结反映线索台账专题研究方案逐项销号明确时限结果说明"


def notice_path(number: int) -> str:
    """Return where the n-th notice of a host is."""
    return f"/gggs/{2026}{1 + number % 9:02d}/t2026{1 + number % 9:02d}{1 + number % 28:02d}_{4000 + number}.html"


@cache
def page(host: str, path: str) -> bytes | None:
    """Return the page of `host` at `path`; None where there is none. A notice has about 16 KB.

    Whatever begins with `SHORT_LISTING` lists two notices only.
    """
    if path == LISTING:
        return _listing(host, NOTICES)
    if path.startswith(SHORT_LISTING):
        return _listing(host, 2)
    number = int(path.rpartition("_")[2].removesuffix(".html") or 0) - 4000 if "_" in path else -1
    return _notice(host, number) if 0 <= number < NOTICES and path == notice_path(number) else None


def _listing(host: str, notices: int) -> bytes:
    rows = "".join(
        f'<li><a href="{notice_path(n)}" title="{_title(n)}">{_title(n)}</a><span>2026-{1 + n % 9:02d}-{1 + n % 28:02d}'
        "</span></li>"
        for n in range(notices)
    )
    return _html(f"{host} 公告公示", f'<div class="list"><ul>{rows}</ul></div>')


def _notice(host: str, number: int) -> bytes:
    chance = Random(f"{host}/{number}")  # no two tell the same: republications are another benchmark's
    words = ("".join(chance.choices(_CHARACTERS, k=10)) for _ in range(198))
    paragraphs = "".join(f"<p>{_SENTENCE.format(n=n, what=next(words), then=next(words))}</p>" for n in range(1, 100))
    return _html(_title(number), f'<h1>{_title(number)}</h1><div class="TRS_Editor">{paragraphs}<p>{host}</p></div>')


def _title(number: int) -> str:
    return f"关于第{number + 1}号事项整改情况的公告"


def _html(title: str, body: str) -> bytes:
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return f"<!DOCTYPE html><html>{head}<body>{body}</body></html>".encode()
