"""What changes a fingerprint, and what does not."""

from dataclasses import replace

import pytest

from worker.fingerprint import fingerprint
from worker.read import Attachment, Document, Removed, read

PAGE = (
    '<html><head><meta charset="utf-8"><meta name="PubDate" content="2024-05-06 10:00"></head><body>'
    "<h1>关于堤岸修缮的通告</h1><p>发布时间：2024-05-06 来源：水务处 浏览次数：{visits}</p>"
    "<div id='zoom'><p>自五月起修缮（东段）。</p>{more}</div><p>版权所有 {owner}</p></body></html>"
)


def _document(visits: int = 1, more: str = "", owner: str = "某局") -> Document:
    return read(PAGE.format(visits=visits, more=more, owner=owner).encode())


def test_counters_and_furniture_do_not_count() -> None:
    assert fingerprint(_document()) == fingerprint(_document(visits=99, owner="某某局 京ICP备00000007号"))


@pytest.mark.parametrize("more", ["<p>西段另行通知。</p>", "<a href='a.pdf'>图纸</a>"])
def test_a_new_paragraph_or_file_counts(more: str) -> None:
    assert fingerprint(_document()) != fingerprint(_document(more=more))


def test_only_the_meaning_counts() -> None:
    one = _document()
    same = replace(
        one,
        body="自五月起修缮(东段)。\n",
        published_at="2024-05-06",
        published_at_from="listing",
        encoding="gb18030",
        replacement_share=0.01,
        removed=(Removed("icp", "x"),),
        container=None,
        url=None,
        column="别栏",
    )
    assert fingerprint(one) == fingerprint(same)
    for changed in (
        replace(one, title="别的"),
        replace(one, published_at="2024-05-07"),
        replace(one, body="东段改为西段。"),
        replace(one, attachments=(Attachment("a", "b"),)),
    ):
        assert fingerprint(one) != fingerprint(changed)


def test_a_paragraph_cannot_pass_for_a_title() -> None:
    one = _document()
    assert fingerprint(replace(one, title="甲", body="乙")) != fingerprint(replace(one, title="甲乙", body=""))
