"""The strict parser of event streams, on the standard's own examples: a judge must be right himself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standards.sse import Dispatched, EventSource, Malformed


def parsed(text: str | bytes, source: EventSource | None = None) -> list[tuple[str, str, str]]:
    stream = text if isinstance(text, bytes) else text.encode()
    return [(one.type, one.data, one.last_event_id) for one in (source or EventSource()).feed(stream)]


@pytest.mark.parametrize(
    ("stream", "wanted"),
    [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            [("message", "first event", "1"), ("message", "second event", "")],
        ),
        ("data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
        ("data:test\n\ndata: test\n\n", [("message", "test", "")] * 2),
        ("\ufeffevent: add\r\ndata: 1\r\rdata: 2\n\n", [("add", "1", ""), ("message", "2", "")]),
        ("id: 7\n\ndata: x\n\n", [("message", "x", "7")]),
    ],
)
def test_the_examples_of_the_standard(stream: str, wanted: list[tuple[str, str, str]]) -> None:
    assert parsed(stream) == wanted


@pytest.mark.parametrize("stream", [b"retry: soon\n\n", b"id: a\0b\n\n", b"dato: x\n\n", b"data: \xff\n\n"])
def test_what_a_browser_would_ignore_is_an_error(stream: bytes) -> None:
    with pytest.raises(Malformed):
        parsed(stream)


@given(st.lists(st.integers(1, 9)))
def test_it_does_not_matter_how_a_stream_is_cut_into_pieces(cuts: list[int]) -> None:
    stream = "retry: 3000\nid: 5\n\nid: 6\nevent: 公告\r\ndata: 一\ndata: 二\r\n\r\n: quiet\n\n".encode()
    source, told = EventSource(), list[Dispatched]()
    for cut in [*cuts, len(stream)]:
        told += source.feed(stream[:cut])
        stream = stream[cut:]
    assert [(one.type, one.data, one.last_event_id) for one in told] == [("公告", "一\n二", "6")]
    assert (source.reconnection_time, source.comments) == (3000, [" quiet"])
