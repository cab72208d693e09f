"""Hostile pages: bounded work whatever the bytes say. Limits are loose; the point is that nothing is quadratic."""

import pytest

from worker.read import Unreadable, read

TEXT = "这里的文字不能丢失，再深也要读到。"

HOSTILE = {
    "deep blocks": "<div>" * 100_000 + TEXT + "</div>" * 100_000,
    "unclosed inline tags": "<div id='zoom'>" + "<font><b>" * 20_000 + TEXT + "</div>",
    "nested tables": "<table><tr><td>" * 3_000 + TEXT,
    "a tag of many attributes": "<div id='zoom'><p "
    + " ".join(f"a{n}=1" for n in range(100_000))
    + f">{TEXT}</p></div>",
    "a huge attribute": "<p title='" + "x" * 5_000_000 + f"'>{TEXT}</p>",
    "brackets": f"<p>{TEXT}</p>" + "<" * 500_000,
    "unclosed comments": f"<p>{TEXT}</p>" + "<!--" * 300_000,
    "unclosed scripts": f"<p>{TEXT}</p>" + "<script>" * 100_000,
    "unclosed quotes": f"<p>{TEXT}</p>" + '<p a="' * 200_000,
    "spaces": f"<p>{TEXT}" + " " * 3_000_000 + "</p>",
    "one long line": TEXT * 100_000,
    "markers": TEXT + "[NextPage][/NextPage]" * 50_000,
    "buttons": TEXT + "【打印】" * 100_000,
    "labels": TEXT + "\n" + ("来源：" * 60 + "\n") * 2_000,
    "menus": TEXT + "\n" + ("首页 " * 60 + "x\n") * 2_000,
    "digits": TEXT + "1" * 1_000_000,
    "a title without end": "<title>" + "标题_" * 200_000 + f"</title><p>{TEXT}</p>",
    "many tags": f"<p>{TEXT}" + "<p>x" * 250_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_in_bounded_time(name: str) -> None:
    document = read(HOSTILE[name].encode())
    assert TEXT in document.body


@pytest.mark.parametrize(
    "snapshot", [b'<p a="' * 100_000, b"<meta " * 100_000, b"<!--" * 100_000, b"a\n" * 600_000, b"<p>a\n" * 600_000]
)
def test_a_hostile_page_without_text_is_unreadable(snapshot: bytes) -> None:
    with pytest.raises(Unreadable):
        read(snapshot)


def test_attributes_that_reading_needs_survive_the_taming_of_long_tags() -> None:
    tag = "<div data-x='" + "y" * 400 + "' ID=\"zoom\" class='a'>"
    assert read(f"{tag}<p>{TEXT}</p></div><p>页脚，不是正文。</p>".encode()).container == "hanweb_zoom"
