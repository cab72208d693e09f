"""How large events are in earnest: of revisions of long notices 99 in 100 are below 20 kB, and all within 64 KiB."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.api.event_examples import EXAMPLES
from shared.domain.events import EVENT_TYPES, NOTICE_REVISED
from shared.envelope import LARGEST_BYTES, envelope
from tests.unit.shared.test_envelope import row
from worker.difference import difference, shortened
from worker.read import Document, read
from worker.telling import MOST_PARTS

USUAL_BYTES = 20_000
SHARES = (0.0, 0.01, 0.1, 0.5, 1.0)
"""Of a text's lines, how many a revision changes."""
WORDS = ("清源区", "云岭镇", "党支部", "整改", "落实", "责任", "台账", "制度", "问题", "监督", "推进", "Ⅲ", "2025年6月")


def sentence(chance: Random, length: int) -> str:
    """Return invented words of about `length` characters."""
    return "".join(chance.choice(WORDS) for _ in range(max(1, length // 3))) + "。"


def notices(chance: Random) -> Iterator[dict[str, Any]]:
    """Yield invented documents of 15,000 to 60,000 characters: many short lines, paragraphs, or few endless lines."""
    for size in (15_000, 30_000, 60_000):
        for length in (12, 60, 280, 900, 5_000):
            lines = [sentence(chance, length) for _ in range(size // length)]
            files = [
                {
                    "url": f"https://qingyuan.example/2025/06/P0202506{number:012d}.docx",
                    "title": sentence(chance, 40),
                }
                for number in range(chance.choice((0, 1, 8, 30)))
            ]
            yield {"title": sentence(chance, 60), "body": "\n".join(lines), "attachments": files, "kind": "notice"}


def revisions(chance: Random, before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what may become of a document: lines rewritten, added, left out, moved; another title; other files."""
    lines = str(before["body"]).splitlines()
    for share in SHARES:
        changed = [sentence(chance, len(line)) if chance.random() < share else line for line in lines]
        yield {**before, "title": sentence(chance, 60), "body": "\n".join(changed)}
        yield {**before, "body": "\n".join(line for line in lines if chance.random() >= share / 2)}
        yield {**before, "body": "\n".join([*lines, *(sentence(chance, 60) for _ in range(int(share * 200)))])}
    yield {**before, "attachments": [*before["attachments"][:-1], {"url": "https://qingyuan.example/a.pdf"}]}
    yield {**before, "body": "\n".join(reversed(lines)), "attachments": []}


def revised(before: Mapping[str, Any], after: Mapping[str, Any]) -> bytes:
    """Return the envelope of a revision, with all that a notice of several pages and a long name may bring."""
    data = {**EXAMPLES[NOTICE_REVISED], "diff": difference(before, after)}
    parts = {"part_digests": ["0" * 64] * MOST_PARTS}
    data |= {"revision": data["revision"] | parts, "previous": data["previous"] | parts}
    data["notice"] = data["notice"] | {"title": shortened(after["title"])}
    return envelope(row(data, kind=NOTICE_REVISED))


def assert_small(sizes: list[int]) -> None:
    assert sizes
    assert max(sizes) <= LARGEST_BYTES
    assert sorted(sizes)[len(sizes) * 99 // 100] < USUAL_BYTES


def test_of_revisions_of_long_notices_99_in_100_are_below_20_kb() -> None:
    chance = Random(7)
    assert_small([len(revised(before, after)) for before in notices(chance) for after in revisions(chance, before)])


def test_of_revisions_of_real_texts_99_in_100_are_below_20_kb(real_texts: Path) -> None:
    chance = Random(7)
    files = [*sorted((real_texts / "seeds").glob("*.txt")), *sorted((real_texts / "pages/html").glob("*_detail.html"))]
    found = [told.as_json() for file in files if isinstance(told := read(file.read_bytes()), Document)]
    pairs = [(one, after) for one in found for _ in range(3) for after in revisions(chance, one)]
    pairs += [(one, other) for one in found for other in found if one is not other]  # another text at the same address
    assert_small([len(revised(before, after)) for before, after in pairs])


@pytest.mark.parametrize("kind", [kind for kind in EVENT_TYPES if kind != NOTICE_REVISED])
def test_no_event_of_another_type_comes_near_20_kb(kind: str) -> None:
    def lengthened(told: Any, name: str = "") -> Any:
        if isinstance(told, dict):
            return {key: lengthened(value, key) for key, value in told.items()}
        if isinstance(told, list):
            return [lengthened(one) for one in told]
        return shortened("整改" * 500) if name in {"title", "status_text", "text", "name"} else told

    assert len(envelope(row(lengthened(EXAMPLES[kind]), kind=kind))) < USUAL_BYTES / 2
