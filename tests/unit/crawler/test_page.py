"""A page as text: the same text on both sides of the ledger."""

import pytest

from crawler.page import decode
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
