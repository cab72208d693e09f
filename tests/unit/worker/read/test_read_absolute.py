"""Addresses on a page that are none: reading goes on without them."""

import pytest

from worker.read import read
from worker.read.absolute import absolute


@pytest.mark.parametrize(
    "hostile",
    [
        '<base href="http://[x">',
        '<meta name="Url" content="http://[x/t1.html">',
        '<a href="http://[x/a.pdf">附件1.pdf</a>',
        '<a href="http://[x_2.html">2</a><a href="http://[x_3.html">3</a>',
        '<a href="//[">2</a>',
    ],
)
@pytest.mark.parametrize("url", [None, "http://gov.example/x/t1.html", "http://["])
def test_a_bracketed_host_that_is_none_is_passed_over(hostile: str, url: str | None) -> None:
    page = (
        f"<html><head>{hostile}</head><body><div id=zoom><p>各村已建立台账，逐项整改。{hostile}</p></div></body></html>"
    )
    document = read(page.encode(), url=url)
    assert "各村已建立台账" in document.body
    assert document.parts == ()


def test_a_reference_is_resolved_against_the_page_it_stands_on() -> None:
    assert absolute("http://gov.example/a/b.html", "../c.pdf") == "http://gov.example/c.pdf"
    assert absolute(None, "c.pdf") == "c.pdf"
    assert absolute("http://gov.example/", "http://[x") is None
