"""An example of each type's data, made of a town that does not exist; the tests hold them against the schemas."""

from collections.abc import Mapping
from typing import Any

from shared.domain import events

_NOTICE = "ntc_01kc5h0000e9s8q2v4x6z8b0d2"
_PROBLEM = "prb_01kc5h0000f1g3j5m7p9r1t3v5"
_SOURCE, _COLUMN = "src_01kc5h000001234567890abcde", "col_01kc5h000001234567890abcde"
_URL = "https://www.qingyuan.example/zwgk/jcgg/202606/t20260601_1024.html"

_ABOUT = {
    "notice": {
        "id": _NOTICE,
        "url": _URL,
        "title": "中共云岭镇委员会关于区委巡察整改进展情况的通报",
        "published_at": "2026-06-01T09:30:00+08:00",
        "state": "live",
        "column_id": _COLUMN,
        "republishes_id": None,
        "href": f"/v1/notices/{_NOTICE}",
    }
}


def _revision(number: int) -> dict[str, Any]:
    return {
        "number": number,
        "digest": f"{number}1" * 32,
        "part_digests": [],
        "fingerprint": f"{number}2" * 32,
        "fetch_id": f"fet_01kc5h00{number:02}3456789abcdefghjk",
        "href": f"/v1/notices/{_NOTICE}/revisions/{number}",
    }


_FETCH = {"id": "fet_01kc5h00093456789abcdefghjk", "status": 404, "rule": "gone-404", "digest": "93" * 32}
_STATUS = {"status": "staged", "status_text": "阶段性完成，预计2026年6月底前全部完成"}
_PROBLEM_TOLD = {
    "id": _PROBLEM,
    "title": "工程项目招投标管理不规范",
    "number": 3,
    "href": f"/v1/problems/{_PROBLEM}",
}
_COMMITMENT = _ABOUT | {
    "revision": _revision(1),
    "problem": _PROBLEM_TOLD | _STATUS,
    "commitment": {"due_by": "2026-06-30", "precision": "month", "text": "预计2026年6月底前全部完成"},
    "late": False,
    "late_seconds": 2,
}
_WINDOW = _ABOUT | {
    "revision": _revision(1),
    "window": {"opens_on": "2026-06-01", "closes_on": "2026-06-30"},
    "late": False,
    "late_seconds": 2,
}


def _place(notice_id: str, host: str) -> dict[str, Any]:
    return {
        "id": notice_id,
        "source_id": _SOURCE,
        "url": _URL.replace("www.qingyuan.example", host),
        "title": _ABOUT["notice"]["title"],
        "published_at": "2026-06-01",
        "href": f"/v1/notices/{notice_id}",
    }


_LASTING = {"ended_at": None, "lasted_seconds": None}
_OVER = {"ended_at": "2026-06-02T01:30:00+00:00", "lasted_seconds": 86_400}
_QUIET = {
    "quiet_days": 12.5,
    "news_at": "2026-05-19T13:30:00+00:00",
    "notices_a_day": 1.2,
    "chance": 3e-07,
    "chance_below": 1e-4,
}
_ODD = {
    "oddity": "no links",
    "looks": 2,
    "usual_links": 20,
    "usual_dated": 1.0,
    "links": 0,
    "dated": 0.0,
}
_SHUT = {"rule": "challenge-js", "status": 412, "visits": 3, "since": "2026-05-31T22:10:00+00:00", "missed": 0.2}


def _ailing(kind: str, rule: str, evidence: dict[str, Any], fetch: dict[str, Any]) -> dict[str, Any]:
    return {
        "rule": rule,
        "source": {
            "id": _SOURCE,
            "name": "清源区人民政府",
            "host": "www.qingyuan.example",
            "href": f"/v1/sources/{_SOURCE}",
        },
        "column": {"id": _COLUMN, "name": "巡察公告", "url": "https://www.qingyuan.example/zwgk/jcgg/"},
        "episode": {"number": 4, "kind": kind, "began_at": "2026-06-01T01:30:00+00:00"} | _LASTING,
        "evidence": evidence,
        "fetch": _FETCH | fetch,
        "late": False,
        "late_seconds": 4,
    }


_BLOCKED = _ailing("blocked", "challenge-js", _SHUT, {"status": 412, "rule": "challenge-js", "digest": None})
_FIRST = _ABOUT | {"rule": "first-text", "revision": _revision(1)}

EXAMPLES: Mapping[str, dict[str, Any]] = {
    events.NOTICE_PUBLISHED: _FIRST,
    events.NOTICE_REVISED: _ABOUT
    | {
        "rule": "other-text",
        "revision": _revision(2),
        "previous": _revision(1),
        "diff": {
            "fields": {"title": ["关于巡察整改情况的通报", _ABOUT["notice"]["title"]]},
            "text": [" 现将整改情况予以公布。", "-已完成整改11个。", "+已完成整改12个。"],
            "truncated": False,
        },
    },
    events.NOTICE_WITHDRAWN: {
        "notice": _ABOUT["notice"] | {"state": "withdrawn"},
        "rule": "gone-confirmed",
        "fetch": _FETCH,
        "revision": _revision(2),
    },
    events.NOTICE_RESTORED: _ABOUT
    | {"rule": "back", "fetch": _FETCH | {"status": 200, "rule": "page"}, "revision": _revision(2)},
    events.NOTICE_REPUBLISHED: _FIRST
    | {
        "rule": "same-text-elsewhere",
        "original": _place("ntc_01kc5h0000a1b2c3d4e5f6g7h8", "www.yunling.example"),
        "republication": _place(_NOTICE, "www.qingyuan.example"),
        "similarity": 1.0,
    },
    events.NOTICE_MOVED: _ABOUT
    | {
        "rule": "redirected-for-good",
        "fetch": _FETCH | {"status": 200, "rule": "page"},
        "revision": _revision(2),
        "from": "http://www.qingyuan.example/old/1024.html",
        "to": _URL,
    },
    events.PROBLEM_STATUS_CHANGED: _ABOUT
    | {
        "rule": "other-status",
        "revision": _revision(2),
        "previous": _revision(1),
        "problem": _PROBLEM_TOLD,
        "from": "staged",
        "to": "completed",
        "status_text": "已完成",
    },
    events.COMMITMENT_DUE: _COMMITMENT | {"rule": "day-arrived"},
    events.COMMITMENT_OVERDUE: _COMMITMENT | {"rule": "day-passed-unfinished", "late": True, "late_seconds": 172_800},
    events.COMMENT_WINDOW_OPENED: _WINDOW | {"rule": "day-arrived"},
    events.COMMENT_WINDOW_CLOSING: _WINDOW | {"rule": "day-near"},
    events.COMMENT_WINDOW_CLOSED: _WINDOW | {"rule": "day-passed"},
    events.SOURCE_SILENT: _ailing(
        "silent", "quiet-beyond-its-habit", _QUIET, {"status": 304, "rule": "not-modified", "digest": None}
    ),
    events.SOURCE_DRIFTED: _ailing("drifted", "listing-reads-otherwise", _ODD, {"status": 200, "rule": "page"}),
    events.SOURCE_BLOCKED: _BLOCKED,
    events.SOURCE_RECOVERED: _BLOCKED
    | {
        "rule": "list-to-be-had-again",
        "episode": _BLOCKED["episode"] | _OVER,
        "fetch": _FETCH | {"status": 200, "rule": "page"},
    },
}
