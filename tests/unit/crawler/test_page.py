"""A page as text and as a tree: the same text on both sides of the ledger, and bounded work."""

import pytest

from crawler.page import decode, title_of, tree_of, visible_text
from worker.clean.decode import decode as worker_decode

TEXT = "关于调整窗口时间的通知：请各单位知悉，并转告服务对象。"
PAGE = f"<html><head><meta charset='gb2312'><title>通知</title></head><body><p>{TEXT}</p></body></html>"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("content_type", [None, "text/html; charset=GBK", "text/html; charset=iso-8859-1"])
def test_the_crawler_sees_the_text_that_the_worker_reads(codec: str, content_type: str | None) -> None:
    body = PAGE.encode(codec)
    assert decode(body, content_type) == worker_decode(body, content_type).text
    assert TEXT in decode(body, content_type)


@pytest.mark.parametrize("body", [b"\x80\x81\xff" * 500, bytes(range(256)), b"<meta charset=utf-7>+ADw-", b""])
def test_what_the_worker_would_refuse_is_still_some_text(body: bytes) -> None:
    assert "\x00" not in decode(body)


def test_a_page_goes_on_after_an_early_end() -> None:
    tree = tree_of(f"<html><title>通知</title></html><p>{TEXT}</p></body>")
    assert (title_of(tree), visible_text(tree)) == ("通知", TEXT)


def test_scripts_and_comments_are_not_visible() -> None:
    assert visible_text(tree_of(f"<p>{TEXT}</p><!-- a --><script>b</script><select><option>c</select>")) == TEXT


@pytest.mark.timeout(60)
@pytest.mark.parametrize("attributes", [" ".join(f"a{n}" for n in range(100_000)), "title='" + "x" * 1_000_000 + "'"])
def test_a_long_tag_is_read_in_bounded_time(attributes: str) -> None:
    tree = tree_of(f"<p {attributes}>{TEXT}</p>")
    assert visible_text(tree) == TEXT
