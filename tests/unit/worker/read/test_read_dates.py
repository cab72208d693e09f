"""Dates as printed, in addresses, in labels, and which evidence wins."""

import pytest

from worker.read import Hints, read
from worker.read.dateline import author_in, is_dateline, published_in, source_in
from worker.read.dates import date_in_address, first_date, stamped


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-10-14 10:17", "2024-10-14T10:17:00+08:00"),
        ("2024年3月7日", "2024-03-07"),
        ("2020年07月10日15:30:20", "2020-07-10T15:30:20+08:00"),
        ("2021/09/06", "2021-09-06"),
        ("2024.09.30 09:24:36 GMT+08:00", "2024-09-30T09:24:36+08:00"),
        ("2024-09-30T16:24:36Z", "2024-10-01T00:24:36+08:00"),
        ("２０２２－０５－２０　１６：１９", "2022-05-20T16:19:00+08:00"),
        ("2022-05-20 10∶08", "2022-05-20T10:08:00+08:00"),
        ("2023年5月6日 9时05分", "2023-05-06T09:05:00+08:00"),
        ("2022-02-30，后改为2022-03-01", "2022-03-01"),
        ("电话12024-10-14", None),
        ("2024年13月1日", None),
    ],
)
def test_a_printed_date_is_read(text: str, iso: str | None) -> None:
    when = first_date(text)
    assert (when.iso() if when else None) == iso


def test_a_stamp_may_be_written_without_separators() -> None:
    when = stamped("20241014")
    assert when is not None
    assert when.iso() == "2024-10-14"


@pytest.mark.parametrize(
    ("url", "iso"),
    [
        ("http://a.example/art/2024/10/14/art_1_2.html", "2024-10-14"),
        ("http://a.example/x/202410/t20241017_19107548.shtml", "2024-10-17"),
        ("http://a.example/gongbao/2023-03/29/content_5748954.htm", "2023-03-29"),
        ("http://a.example/20230405/12.html", "2023-04-05"),
        ("http://a.example/2023/0405/c1.html", "2023-04-05"),
        ("http://a.example/113469/2025092212083/index.html", None),
        ("http://a.example/2024/13/14/x.html", None),
    ],
)
def test_the_address_tells_the_day(url: str, iso: str | None) -> None:
    when = date_in_address(url)
    assert (when.iso() if when else None) == iso


@pytest.mark.parametrize(
    ("line", "source", "author", "iso"),
    [
        ("来源：莞城报 发布日期： 2022-05-20 16:19 【字体大小：", "莞城报", None, "2022-05-20T16:19:00+08:00"),
        ("来源：某某日报发布时间：2022-05-20", "某某日报", None, "2022-05-20"),
        ("发布时间：2025-06-03来源：某某监管局文章类型：原创", "某某监管局", None, "2025-06-03"),
        ("来 源：甲处 乙窗 作 者：林一 浏览次数：3", "甲处 乙窗", "林一", None),
        ("来源: | 发布时间: 2018-05-17 | 浏览次数: 2168", None, None, "2018-05-17"),
        ("信息来源：市府办", "市府办", None, None),
        ("成文日期 2023-10-16 发布日期 2023-10-23", None, None, "2023-10-23"),
        ("成文日期：2023-10-16", None, None, None),
        ("信息时间待定 来源：乙处", "乙处", None, None),
        ("报名时间：2024年3月7日", None, None, None),
    ],
)
def test_a_dateline_is_taken_apart(line: str, source: str | None, author: str | None, iso: str | None) -> None:
    dated = published_in(line)
    assert (source_in(line), author_in(line), dated.when.iso() if dated else None) == (source, author, iso)


@pytest.mark.parametrize(
    "line",
    ["时间：2024年3月7日 9:00", "来源：省统计年鉴", "2024年3月7日", "发布时间由局长决定。来源：2024年3月7日文件"],
)
def test_a_line_of_the_text_is_no_dateline(line: str) -> None:
    assert not is_dateline(line)


def _page(meta: str = "", visible: str = "") -> bytes:
    head = f"<html><head><title>关于修缮堤岸的公告</title>{meta}</head><body><h1>关于修缮堤岸的公告</h1>"
    body = "<div id='zoom'><p>堤岸自下月起修缮，工期一月。</p><p>2001年1月1日</p></div></body></html>"
    return f"{head}<p>{visible}</p>{body}".encode()


PUB_DATE = '<meta name="pubdate" content="2023-11-10 15:33:34">'
URL = "http://a.example/art/2023/11/8/art_1.html"


@pytest.mark.parametrize(
    ("meta", "visible", "url", "listed", "expected"),
    [
        (PUB_DATE, "日期：2021/09/06", URL, "2020-01-01", ("2021-09-06", "visible_line")),
        (PUB_DATE, "日期：2023/11/10", None, None, ("2023-11-10T15:33:34+08:00", "visible_line")),
        (PUB_DATE, "2021-09-06 10:00", URL, None, ("2021-09-06T10:00:00+08:00", "visible_line")),
        (PUB_DATE, "", URL, "2020-01-01", ("2023-11-08", "url")),
        (PUB_DATE, "", None, "2020-01-01", ("2023-11-10T15:33:34+08:00", "meta_pub_date")),
        (
            '<meta name="PubDate" content="2023-11-10 00:00:00">',
            "日期：2023-11-10",
            None,
            None,
            ("2023-11-10", "visible_line"),
        ),
        (
            '<meta property="article:published_time" content="2022-01-02">',
            "",
            None,
            "2020-01-01",
            ("2022-01-02", "meta_other"),
        ),
        ("", "", None, "2020-01-01", ("2020-01-01", "listing")),
        ("", "成文日期：2020-02-02", None, None, (None, None)),
    ],
)
def test_the_best_evidence_wins(
    meta: str, visible: str, url: str | None, listed: str | None, expected: tuple[str | None, str | None]
) -> None:
    document = read(_page(meta, visible), url=url, hints=Hints(date=listed))
    assert (document.published_at, document.published_at_from) == expected


def test_a_label_whose_value_is_on_the_next_line_is_read() -> None:
    document = read(_page(visible="来源：</p><p>堤防处</p><p>发布时间：2021-02-03"))
    assert (document.source, document.published_at) == ("堤防处", "2021-02-03")
