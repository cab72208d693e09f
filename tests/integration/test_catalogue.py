"""Columns in a file: what is written out can be taken in, all of it or nothing, and twice changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from crawler import listed
from crawler.discover import Profile
from crawler.listed import Found, find
from services.desk.catalogue import Taken, read_entries, take_in, write_out
from shared.clock import SystemClock
from shared.db import Ledger, open_ledger
from shared.db.frontier import Link
from shared.db.models import Column, Source, Target
from shared.errors import Invalid
from shared.http import Response
from tests.integration.scene import HOST, column, now, rows
from tests.servers import sqlite

PAGE = f"https://{HOST}/a/"
ENTRIES: list[dict[str, Any]] = [
    {"url": PAGE, "name": "巡察整改", "source_name": "清源区纪委监委", "delay_seconds": 7.5, "verify_tls": False},
    {"url": f"https://{HOST}/b/", "source_name": "清源区纪委监委", "delay_seconds": 7.5, "verify_tls": False},
    {
        "url": "https://yunling.example/tzgg/",
        "paused": True,
        "hosts": ["files.yunling.example"],
        "daily_requests": 500,
        "quiet_hours": "22:00-06:00",
        "time_zone": "Asia/Shanghai",
        "profile": {"family": "trs"},
        "unverified": True,
        "reason": "nobody has asked it yet",
        "confirmed_from": "https://yunling.example/",
    },
]
LISTING = """<html><body><div class="list"><ul>
<li><a href="/a/t20260304_1.html">关于花园改造的公告之一</a><span>2026-03-04</span></li>
<li><a href="/a/t20260303_2.html">关于花园改造的公告之二</a><span>2026-03-03</span></li>
<li><a href="/a/t20260302_3.html">关于花园改造的公告之三</a><span>2026-03-02</span></li>
</ul></div></body></html>""".encode()


def taken(ledger: Ledger, *entries: dict[str, Any]) -> Taken:
    return take_in(ledger, read_entries(json.dumps(entry) for entry in entries))


def test_what_is_written_out_can_be_taken_in_again_and_twice_changes_nothing(ledger: Ledger) -> None:
    assert taken(ledger, *ENTRIES) == Taken(3, 0, 0)
    written = list(write_out(ledger))
    assert {entry["url"] for entry in written} == {entry["url"] for entry in ENTRIES}
    assert taken(ledger, *written) == taken(ledger, *ENTRIES) == Taken(0, 0, 3)
    assert list(write_out(ledger)) == written
    assert len(rows(ledger, Target)) == 3


def test_what_is_written_out_makes_the_same_columns_elsewhere(ledger: Ledger, tmp_path: Path) -> None:
    taken(ledger, *ENTRIES)
    column(ledger, "plain.example")
    other = open_ledger(sqlite.fresh(tmp_path / "elsewhere"), SystemClock())
    written = list(write_out(ledger))
    assert taken(other, *written) == Taken(4, 0, 0)
    assert list(write_out(other)) == written
    other.close()


def test_only_the_named_sources_are_written_out(ledger: Ledger) -> None:
    taken(ledger, *ENTRIES)
    (source,) = rows(ledger, Source, host="yunling.example")
    assert [entry["url"] for entry in write_out(ledger, [source.id])] == [ENTRIES[2]["url"]]


def test_an_edited_entry_changes_its_column(ledger: Ledger) -> None:
    taken(ledger, *ENTRIES)
    edited = ENTRIES[0] | {"name": "通知公告", "delay_seconds": 9.0, "profile": {"family": "vsb"}}
    assert taken(ledger, edited) == Taken(0, 1, 0)
    (after,) = rows(ledger, Column, url=PAGE)
    assert (after.name, after.profile["family"]) == ("通知公告", "vsb")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"name": "x"}, "line 2: url: Field required"),
        ({"url": "ftp://gov.example/"}, "line 2: url: Value error, not an absolute http or https URL"),
        ({"url": "https://c.example/", "delay_seconds": -1}, "line 2: delay_seconds: Input should be greater"),
        ({"url": "https://c.example/", "verify_tls": "no"}, "line 2: verify_tls: Input should be a valid boolean"),
        ({"url": "https://c.example/", "dealy": 1}, "line 2: dealy: Extra inputs"),
        ({"url": "https://c.example/", "profile": {"famly": "trs"}}, "line 2: profile: "),
        ({"url": "http://127.0.0.1/"}, "line 2: http://127.0.0.1/ cannot be asked"),
        ({"url": "https://c.example/", "quiet_hours": "late"}, "line 2: "),
        ({"url": PAGE}, "line 2: url: it stands in line 1 already"),
    ],
)
def test_a_wrong_entry_is_named_by_line_and_field_and_nothing_is_taken_in(
    ledger: Ledger, entry: dict[str, Any], told: str
) -> None:
    with pytest.raises(Invalid) as refused:
        taken(ledger, ENTRIES[0], entry, {"url": "also wrong"})
    assert told in str(refused.value)
    assert "line 3: url: " in str(refused.value)
    assert rows(ledger, Source) == []


@pytest.mark.parametrize("line", ["{", "[1]", '"x"', "[" * 100_000, "nul", b"\xff\xfe"])
def test_a_line_that_is_no_object_is_named(line: str | bytes) -> None:
    with pytest.raises(Invalid, match="line 2: "):
        read_entries(["", line])


def test_a_column_is_verified_by_the_first_listing_that_is_read(ledger: Ledger) -> None:
    taken(ledger, ENTRIES[2])
    (target,) = rows(ledger, Target)
    link = Link("https://yunling.example/tzgg/1.html", "yunling.example", "公告")
    for found, verified in ((Found(), False), (Found(links=(link,)), True)):
        with ledger.begin() as uow:
            listed.record(uow, target, found, uow.now(), 5)
            uow.commit()
        assert (rows(ledger, Column)[0].unverified is None) is verified


def test_how_a_column_reads_is_kept_once_and_detected_again_only_when_it_yields_nothing(ledger: Ledger) -> None:
    column(ledger)
    (target,) = rows(ledger, Target)
    answer = Response(PAGE, 200, {"content-type": "text/html; charset=utf-8"}, LISTING, 0.0, 0.1)
    first = find(target, answer, PAGE, now(ledger))
    assert first.profile is not None
    assert len(first.links) == 3
    again = find(target, answer, PAGE, now(ledger), first.profile)
    assert (again.profile, again.links) == (None, first.links)
    odd = find(target, answer, PAGE, now(ledger), {"of a later release": 1})
    assert odd.links == first.links
    drifted = Profile(link_pattern="/elsewhere/*.html").as_json()
    found = find(target, answer, PAGE, now(ledger), drifted)
    assert found.links == first.links
    with ledger.begin() as uow:
        listed.record(uow, target, first, uow.now(), 5)
        uow.commit()
    assert rows(ledger, Column)[0].profile == first.profile
