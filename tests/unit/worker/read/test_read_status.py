"""What a page is: every row of the table, and the notices that only look like one of its cases."""

import pytest

from worker.read import read
from worker.read.status import ROWS

PROSE = "区委巡察组进驻云岭镇以来，镇党委逐项研究反馈的问题，明确责任，限期整改。"
NAV = "".join(f"<li><a href='/c{n}/'>栏目{n}</a></li>" for n in range(30))
NEWS = "".join(
    f"<li><a href='/xw/{n}.html'>云岭镇召开第{n}次整改工作推进会议</a><span>2024-05-{n:02}</span></li>"
    for n in range(1, 21)
)
FOOT = "<div class='footer'><p>主办：清源区人民政府办公室</p><p>闽ICP备05000001号-1</p></div>"


def _page(body: str, title: str = "清源区人民政府", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def _chrome(body: str, title: str = "清源区人民政府") -> str:
    return _page(
        f"<ul class='nav'>{NAV}</ul><div class='pos'>当前位置：首页 > 提示</div><div>{body}</div>{FOOT}", title
    )


LABELS = "<meta name='ArticleTitle' content='关于办公系统升级维护的公告'><meta name='SiteName' content='清源区'>"
HOME = _page(f"<div>{NAV}</div><div class='a'>{NEWS}</div><div class='b'>{NEWS}</div>{FOOT}")
DATA = "<?xml version='1.0'?><datastore><recordset><record><![CDATA[<li>一</li>]]></record></recordset></datastore>"
JSON = '{"articles": [{"id": 1, "url": "http://a.example/1.html", "title": "关于甲的通知"}], "total": 1}'
SCRIPTED = _page("<h3>要闻</h3><div id='l'></div><script>createPageHTML(5,0,'index','html')</script>")
WHITELABEL = "<h1>Whitelabel Error Page</h1><p>There was an unexpected error (type=Not Found, status=404).</p>"
APACHE = "<h1>Not Found</h1><p>The requested URL /a was not found on this server.</p>"
IIS = "<h2>Bad Request - Invalid URL</h2><p>HTTP Error 400. The request URL is invalid.</p>"

# rule, status, page
EXAMPLES: list[tuple[str, str, str]] = [
    ("list_data", "listing", DATA),
    ("list_data", "listing", "<rss version='2.0'><channel><item><title>甲</title></item></channel></rss>"),
    ("list_json", "listing", JSON),
    ("challenge_script", "blocked", _page("<script>var $_ts=window['$_ts'];$_ts.nsd=1;</script>", "")),
    ("challenge_script", "blocked", _page("请开启JavaScript并刷新该页", "")),
    ("challenge_captcha", "blocked", _page("为了您的正常访问，请拖动滑块完成验证", "安全验证")),
    ("login_wall", "blocked", _page("<form>用户名 <input type='password'></form>", "统一身份认证平台 登录")),
    ("cut_at_full_buffer", "truncated", _page(f"<p>{PROSE}</p>").removesuffix("</body></html>")),
    ("cut_inside_markup", "truncated", f"<html><body><div id='zoom'><p>{PROSE}</p><p>{PROSE}</p><div cla"),
    ("cut_inside_markup", "truncated", f"<html><body><div class='a'><div id='zoom'><p>{PROSE}</p><p>镇党委逐"),
    ("withdrawn", "gone", _chrome("<p>该信息已被删除！</p>")),
    ("error_410", "gone", _page("<h1>410 - Gone</h1>", "410")),
    ("not_found_title", "soft_404", _page("<h1>404 Not Found</h1><hr><p>nginx</p>", "404 Not Found")),
    ("not_found_title", "soft_404", _page(APACHE, "404 Not Found")),
    ("not_found_title", "soft_404", _page("<p>Apache Tomcat</p>", "HTTP Status 404 – Not Found")),
    ("not_found_title", "soft_404", _page("<h1>服务器错误</h1>", "404 - 找不到文件或目录。")),
    ("not_found", "soft_404", _page(WHITELABEL, "")),
    ("not_found", "soft_404", _chrome("<p>对不起，您访问的页面不存在或已被删除！</p><p>五秒后返回首页</p>")),
    ("error_400", "soft_404", '{"timestamp":"2024-05-06T01:02:03","status":404,"error":"Not Found","path":"/a"}'),
    ("error_400", "soft_404", _page(IIS, "Bad Request")),
    ("block_page", "blocked", _page("您的请求疑似攻击，已被拦截。编号 7", "提示")),
    ("error_4xx", "blocked", _page("<h1>405 Not Allowed</h1><hr>nginx", "405 Not Allowed")),
    ("maintenance", "maintenance", _page("网站正在升级维护，请稍后再来", "提示")),
    ("error_5xx", "maintenance", _page("<h1>502 Bad Gateway</h1><hr>nginx", "502 Bad Gateway")),
    ("home_page", "soft_404", HOME),
    ("link_list", "listing", _page(f"<ul>{NAV}</ul><div>当前位置：首页 > 要闻</div><ul class='l'>{NEWS}</ul>{FOOT}")),
    ("list_by_script", "listing", SCRIPTED),
    ("article", "notice", _page(f"<h1>整改公告</h1><p>发布时间：2024-05-06 来源：云岭镇</p><p>{PROSE}</p>")),
    ("plain_text", "notice", f"{PROSE}\n{PROSE}"),
    ("text", "notice", _page(f"<p>{PROSE}</p><p>{PROSE}</p>")),
]
QUOTED = ["页面不存在", "404 Not Found", "请输入验证码", "网站正在升级维护", "您的访问已被拦截", "该信息已被删除"]


def _bytes(rule: str, page: str) -> bytes:
    snapshot = page.encode()
    return snapshot.ljust(16_384) if rule == "cut_at_full_buffer" else snapshot


@pytest.mark.parametrize(("rule", "status", "page"), EXAMPLES)
def test_every_kind_of_page_is_told_by_its_rule(rule: str, status: str, page: str) -> None:
    document = read(_bytes(rule, page))
    assert (document.page.status, document.page.rule) == (status, rule)
    assert (document.ledger.kind is not None) == (status == "notice")


def test_every_rule_has_an_example() -> None:
    assert {row.rule for row in ROWS} - {rule for rule, _, _ in EXAMPLES} == {"site_root"}
    assert {row.status for row in ROWS} == {status for _, status, _ in EXAMPLES}


@pytest.mark.parametrize("url", ["http://a.example", "http://a.example/", "https://a.example/index.html"])
def test_a_home_page_at_the_root_of_its_site_is_a_listing(url: str) -> None:
    assert read(HOME.encode(), url=url).page.status == "listing"


def test_a_home_page_in_place_of_a_notice_is_none() -> None:
    assert read(HOME.encode(), url="http://a.example/xw/t20240506_1.html").page.status == "soft_404"


@pytest.mark.parametrize(
    "phrase", ["页面不存在", "404 Not Found", "请输入验证码", "网站正在升级维护", "您的访问已被拦截", "该信息已被删除"]
)
@pytest.mark.parametrize("plain", [True, False])
def test_a_notice_may_quote_any_phrase(phrase: str, plain: bool) -> None:
    text = [PROSE * 3, f"问题：群众反映打开{phrase}，未及时处理。", PROSE * 3]
    page = "\n".join(text) if plain else _chrome("".join(f"<p>{line}</p>" for line in text))
    assert read(page.encode()).page.status == "notice"


def test_a_short_notice_on_such_a_matter_is_one_where_the_page_says_so() -> None:
    body = "<div id='zoom'><p>网站正在升级维护，期间暂停服务。</p></div>"
    assert read(_page(body, "公告", LABELS).encode()).page.status == "notice"
    dated = f"<h1>关于系统维护的公告</h1><p>发布时间：2024-05-06</p>{body}"
    assert read(_page(dated).encode()).page.status == "notice"


def test_a_notice_that_is_but_a_scan_is_a_notice() -> None:
    head = "<meta name='ArticleTitle' content='关于公布结果的通知'>"
    page = _page(f"<ul>{NAV}</ul><h1>关于公布结果的通知</h1><div id='zoom'><img src='a.jpg'></div>{FOOT}", head=head)
    assert read(page.encode()).page.status == "notice"


def test_a_notice_with_many_attachments_is_no_listing() -> None:
    files = "".join(f"<p><a href='f{n}.pdf'>附件{n}：云岭镇整改台账第{n}部分</a></p>" for n in range(20))
    page = _page(f"<h1>整改台账</h1><p>发布时间：2024-05-06</p><div id='zoom'><p>现将台账公布。</p>{files}</div>")
    assert read(page.encode()).page.status == "notice"


def test_a_page_without_text_is_still_a_challenge() -> None:
    document = read(b"<html><script>document.cookie='a=1';location.reload()</script></html>")
    assert (document.page.status, document.title, document.body) == ("blocked", None, "")
