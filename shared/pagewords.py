"""What pages say that are no content: not found, challenged, blocked, under maintenance, asking for a login.

A page that was served with status 200 may still be one of these, and says so in its own words. They prove something
only where there are few other words, since a notice may quote any phrase: each row says how many. The crawler judges an
exchange by them, and the worker a page, so the words are here. Lengths count visible characters, white space collapsed.
"""

import re
from dataclasses import dataclass
from enum import Enum


class Where(Enum):
    """Which text of a page a row looks at."""

    TITLE = "title"
    TEXT = "text"  # the title and the visible text
    SOURCE = "source"  # the markup, scripts included


@dataclass(frozen=True)
class Words:
    """One row: phrases, where they count, and the most visible characters of a page on which they do."""

    name: str
    where: Where
    within: int
    phrases: re.Pattern[str]

    def found_in(self, title: str, text: str, source: str) -> bool:
        """Tell whether a page with this title, visible text and markup says so."""
        if len(text) > self.within:
            return False
        said = {Where.TITLE: title, Where.TEXT: f"{title}\n{text}", Where.SOURCE: source}[self.where]
        return self.phrases.search(said) is not None


def _words(name: str, where: Where, within: int, phrases: str) -> Words:
    return Words(name, where, within, re.compile(phrases, re.IGNORECASE))


NOT_FOUND_TITLE = _words(
    "not_found_title",
    Where.TITLE,
    2000,
    r"^\W*404\b|\b404\W*$|404\s*(not found|错误|页面|提示)|(page|file|url|object|resource) not found|^not found$"
    r"|HTTP\s?(错误|状态|status|error)\s*(code)?\W{0,3}404"
    r"|访问出错|(页面|网页|文件|内容|信息|文章|资源)(您访问的)?(不存在|找不到|没找到|未找到|已删除|已被删除|出错)|找不到(页面|网页|文件)",
)
NOT_FOUND = _words(
    "not_found",
    Where.TEXT,
    600,
    r"(访问|查找|请求|浏览|查看|打开)的?(页面|网页|文件|内容|信息|资源|文章|地址|链接|网址)"
    r"[^。！!]{0,10}(不存在|找不到|没有找到|未找到|无法找到|已删除|被删除|已失效|出错|不见了)"
    r"|(没有|无法|未能?|不能)找到.{0,6}(页面|网页|文件|内容|信息|资源|目录)|找不到.{0,4}(页面|网页|文件)|访问不了该?(页面|网页)"
    r"|404 not found|http (error|status) 404|错误代码\W{0,3}404"
    r"|(page|file|url|document) (was |is |could )?not (be )?found"
    r"|whitelabel error page.{0,200}not found",
)
CHALLENGE = _words(
    "challenge_script",
    Where.SOURCE,
    160,
    r"__jsl_clearance|\$_ts\s*[=.\[]|_cf_chl_opt|/cdn-cgi/challenge-platform|acw_sc__v2|yunsuo_session|wzws[-_]"
    r"|__tst_status|_waf_|document\.cookie\s*=[^<]{0,400}location(\.href|\.reload|\.replace|\s*=)"
    r"|(enable|开启|启用|打开|允许)\s*(the )?(javascript|cookie)",
)
CAPTCHA = _words(
    "challenge_captcha",
    Where.TEXT,
    300,
    r"安全验证|人机验证|滑动验证|滑块|拖动.{0,6}验证|完成.{0,8}验证|访问验证|输入.{0,8}验证码|验证(您|你)(是|不是|的身份)"
    r"|captcha|verify (that )?you are (a )?human|are you a robot|checking your browser|just a moment",
)
WALL = _words(
    "block_page",
    Where.TEXT,
    300,
    r"(请求|访问|操作|ip|地址).{0,12}(被|已|遭).{0,4}(拦截|阻断|拒绝|禁止|封禁|屏蔽)|(存在|包含)(安全)?(威胁|攻击)"
    r"|防火墙|access denied|request (was |has been )?(blocked|rejected)|403 forbidden|访问过于频繁|操作过于频繁",
)
LOGIN_TITLE = _words("login_title", Where.TITLE, 500, r"登\s?[录陆]|身份认证|\b(log|sign)\s?[io]n\b")
PASSWORD = _words("password_field", Where.SOURCE, 500, r"<input[^>]{0,300}type\s*=\s*[\"']?password")
MAINTENANCE = _words(
    "maintenance",
    Where.TEXT,
    200,
    r"(系统|网站|站点|平台|服务器?|页面).{0,8}(维护|升级)(中|期间|改造)|正在(进行)?.{0,6}(维护|升级)|维护中|暂停(访问|服务|对外服务)"
    r"|under maintenance|(temporarily|service) unavailable",
)
WITHDRAWN = _words(
    "withdrawn",
    Where.TEXT,
    300,
    r"(文章|稿件|信息|内容|新闻|公告|通知|页面|网页)(已经?|已?被)(发布者|作者|管理员)?"
    r"(删除|撤回|撤销|撤稿|撤下|下线|下架)|\b410 gone\b",
)

# How servers head the body of an error: `404 Not Found`, `HTTP Status 500 – …`, `Error 404--Not Found`, `"status":503`.
_ERROR_CODE = re.compile(
    r"(?:^\W{0,4}|\b(?:http|error|status|code|错误|状态)(?:\s?code|代码|码)?[\W_]{0,4})([45]\d\d)"
    r"(?=\.\d\b|\W{0,4}(?:$|[a-z]|错误|未|找不到|内部|禁止|服务|页面|没有|提示|[\"}]))",
    re.IGNORECASE | re.MULTILINE,
)


def error_code(text: str) -> int | None:
    """Return the status code that the short body of a server's error names."""
    found = _ERROR_CODE.search(text)
    return int(found[1]) if found else None
