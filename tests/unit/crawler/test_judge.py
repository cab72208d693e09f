"""What an exchange means, rule by rule (the pages themselves are in tests/pages/errors), whatever it holds."""

import gzip
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.exhibit import Evidence
from crawler.judge import Judgment, judge, judge_error
from shared.domain.states import Outcome, TargetKind
from shared.errors import Misled, NotFound, Refused, TimedOut, TooLarge, Unreachable

HTML = {"content-type": "text/html; charset=utf-8"}
PROSE = "镇政府办公室说明各村整改工作的安排与进度。" * 60


def page(body: str, title: str = "整改进展公告", extra: str = "") -> bytes:
    return f"<html><head><title>{title}</title>{extra}</head><body>{body}</body></html>".encode()


NOTICE = page(f"<h1>公告</h1><p>{PROSE}</p>")


def evidence(
    body: bytes = NOTICE,
    status: int = 200,
    headers: dict[str, str] | None = None,
    last: tuple[str, Outcome] | None = None,
) -> Evidence:
    digest = hashlib.sha256(body).hexdigest()
    known = HTML if headers is None else headers
    return Evidence(status, known, body, digest, last[0] if last else None, last[1] if last else None)


SAME = hashlib.sha256(NOTICE).hexdigest()
COOKIE_TRICK = page("", "", "<script>document.cookie='k='+f(1);location.href=location.pathname</script>")
FIXTURES: list[tuple[str, Outcome, Evidence]] = [
    ("not-modified-after-gone", Outcome.FAILED, evidence(b"", 304, last=("d", Outcome.GONE))),
    ("not-modified-unasked", Outcome.FAILED, evidence(b"", 304)),
    ("not-modified", Outcome.UNCHANGED, evidence(b"", 304, last=("d", Outcome.CAPTURED))),
    ("redirect-unfollowed", Outcome.FAILED, evidence(b"", 302)),
    ("same-bytes", Outcome.UNCHANGED, evidence(last=(SAME, Outcome.CAPTURED))),
    ("same-bytes", Outcome.UNCHANGED, evidence(last=(SAME, Outcome.UNCHANGED))),
    ("captured", Outcome.CAPTURED, evidence(last=(SAME, Outcome.GONE))),
    ("captured", Outcome.CAPTURED, evidence(last=("other", Outcome.CAPTURED))),
    ("gone-404", Outcome.GONE, evidence(page("没有了"), 404)),
    ("gone-410", Outcome.GONE, evidence(b"", 410)),
    ("challenge-js", Outcome.BLOCKED, evidence(COOKIE_TRICK)),
    ("challenge-js", Outcome.BLOCKED, evidence(COOKIE_TRICK, 503)),
    ("challenge-js", Outcome.BLOCKED, evidence(page("请开启JavaScript并刷新该页", ""))),
    ("challenge-captcha", Outcome.BLOCKED, evidence(page("为了您的正常访问，请拖动滑块完成验证", "安全验证"))),
    ("challenge-captcha", Outcome.BLOCKED, evidence(page("Verify you are human to go on", "Just a moment"), 403)),
    ("blocked-401", Outcome.BLOCKED, evidence(b"", 401)),
    ("blocked-403", Outcome.BLOCKED, evidence(page("no"), 403)),
    ("blocked-412", Outcome.BLOCKED, evidence(b"", 412)),
    ("blocked-451", Outcome.BLOCKED, evidence(b"", 451)),
    ("blocked-521", Outcome.BLOCKED, evidence(b"", 521)),
    ("rate-limited", Outcome.FAILED, evidence(b"", 429)),
    ("rate-limited", Outcome.FAILED, evidence(b"", 503, {"retry-after": "60"})),
    ("server-error", Outcome.FAILED, evidence(b"", 503)),
    ("server-error", Outcome.FAILED, evidence(page("出错"), 500)),
    ("client-error", Outcome.FAILED, evidence(b"", 400)),
    ("partial-content", Outcome.FAILED, evidence(NOTICE[:200], 206)),
    ("interim-status", Outcome.FAILED, evidence(b"", 101)),
    ("empty-body", Outcome.FAILED, evidence(b"\xef\xbb\xbf \r\n")),
    ("empty-body", Outcome.FAILED, evidence(b"", 204)),
    ("wrong-type", Outcome.FAILED, evidence(b"%PDF-1.4 ...", headers=HTML)),
    ("wrong-type", Outcome.FAILED, evidence(gzip.compress(b"x"), headers={})),
    ("wrong-type", Outcome.FAILED, evidence(b'{"a": 1}', headers={"content-type": "application/json"})),
    ("captured", Outcome.CAPTURED, evidence(headers={"content-type": "application/octet-stream"})),
    ("captured", Outcome.CAPTURED, evidence(headers={"content-type": "image/png"})),
    ("captured", Outcome.CAPTURED, evidence(b"<rss/>", headers={"content-type": "application/rss+xml"})),
    ("captured", Outcome.CAPTURED, evidence(PROSE.encode(), headers={"content-type": "text/plain"})),
    ("login-wall", Outcome.BLOCKED, evidence(page("用户名 密码 <input type='password'>", "统一身份认证 - 登录"))),
    ("block-page", Outcome.BLOCKED, evidence(page("您的请求疑似攻击，已被拦截。编号 7", "提示"))),
    ("soft-404-title", Outcome.GONE, evidence(page("三秒之后返回", "您访问的页面不存在"))),
    ("soft-404-title", Outcome.GONE, evidence(page("导航" * 300, "404 - 某某市门户网站"))),
    ("soft-404", Outcome.GONE, evidence(page("抱歉，您查找的文章已经被删除。", "某某市门户网站"))),
    (
        "soft-404",
        Outcome.GONE,
        evidence(page("抱歉，没有找到您要的页面", "网站").decode().encode("gb18030"), headers={}),
    ),
    ("maintenance", Outcome.FAILED, evidence(page("网站正在升级维护，请稍后再来", "公告"))),
    ("truncated", Outcome.FAILED, evidence((NOTICE[:-14] * 40)[:65_536])),
    ("captured", Outcome.CAPTURED, evidence()),
]


@pytest.mark.parametrize(("rule", "outcome", "shown"), FIXTURES)
def test_each_rule_has_its_fixture(rule: str, outcome: Outcome, shown: Evidence) -> None:
    assert judge(shown) == Judgment(outcome, rule)


QUOTING = ["页面不存在", "安全验证", "请输入验证码", "网站正在升级维护", "您的访问已被拦截", "404 Not Found", "请登录"]


@pytest.mark.parametrize("phrase", QUOTING)
def test_a_long_notice_may_quote_any_phrase(phrase: str) -> None:
    assert judge(evidence(page(f"<p>{PROSE}问题：群众反映{phrase}。{PROSE}</p>"))).rule == "captured"


@pytest.mark.parametrize(
    "phrase", ["关于网站系统升级项目的采购公告", "关于登录系统用户的通知", "关于文件管理办法的说明"]
)
def test_a_short_notice_on_such_matters_is_still_a_notice(phrase: str) -> None:
    assert judge(evidence(page(f"<h1>{phrase}</h1><p>现予公告。</p>", phrase))).outcome is Outcome.CAPTURED


def test_a_page_after_an_early_end_is_still_read() -> None:
    early = page("页眉").decode() + f"<p>{PROSE}</p><p>登记时请输入验证码</p>"
    assert judge(evidence(early.encode())).rule == "captured"


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        (TooLarge("x"), "too-large"),
        (TimedOut("x"), "timed-out"),
        (Unreachable("x"), "unreachable"),
        (Refused("x"), "refused"),
        (Misled("x"), "refused"),
        (NotFound("x"), "error"),
    ],
)
def test_an_error_is_a_failure_with_a_name(error: NotFound, rule: str) -> None:
    assert judge_error(error) == Judgment(Outcome.FAILED, rule)


def test_a_redirect_to_a_forbidden_place_is_named() -> None:
    assert judge_error(Refused("x"), redirected=True).rule == "redirect-refused"
    assert judge_error(Misled("x"), redirected=True).rule == "redirect-refused"
    assert judge_error(TimedOut("x"), redirected=True).rule == "timed-out"


@given(st.binary(max_size=300), st.integers(100, 599), st.text(max_size=30))
def test_any_bytes_get_a_judgment(body: bytes, status: int, content_type: str) -> None:
    assert judge(Evidence(status, {"content-type": content_type}, body, "d")).outcome in Outcome


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"%PDF-1.4 ...", "captured"),
        (b"PK\x03\x04 <html>", "captured"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 <script>", "captured"),
        ("清单".encode("gb18030"), "captured"),
        (page("<p>请选择要预览的文件</p>"), "wrong-type"),
        (b"", "empty-body"),
    ],
)
def test_in_the_place_of_a_file_a_page_is_of_the_wrong_type(body: bytes, rule: str) -> None:
    seen = evidence(body, headers={"content-type": "application/octet-stream"})
    assert judge(replace(seen, kind=TargetKind.ATTACHMENT)).rule == rule


@pytest.mark.parametrize("start", [b"%PDF-1.7", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_file_in_the_place_of_a_notices_page_is_the_notice_and_of_a_listing_it_is_none(start: bytes) -> None:
    shown = evidence(start + "您访问的页面不存在".encode(), headers={"content-type": "application/octet-stream"})
    assert judge(replace(shown, kind=TargetKind.DETAIL)) == Judgment(Outcome.CAPTURED, "captured")
    assert judge(replace(shown, kind=TargetKind.LISTING)).rule == "wrong-type"
