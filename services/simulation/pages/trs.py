"""The manner of TRS: `createPageHTML` pagers, label-standard meta tags, a `TRS_UEDITOR` body, UTF-8 all through."""

from datetime import datetime
from html import escape

from services.simulation.pages.facts import DetailFacts, ListingFacts, PublisherFacts, cut, file_links
from services.simulation.vocabulary import NAVIGATION


def notice_path(column_path: str, number: int, published_at: datetime) -> str:
    """`…/202510/t20251016_100012.html`."""
    return f"{column_path}{published_at:%Y%m}/t{published_at:%Y%m%d}_{100000 + number}.html"


def part_path(path: str, page: int) -> str:
    """Page `page` (from 0) of a long notice: `t20251016_100012.html`, `t20251016_100012_1.html` …"""
    stem, dot, ending = path.rpartition(".")
    return f"{stem}_{page}{dot}{ending}" if page else path


def page_name(page: int) -> str:
    """`index.html`, `index_1.html`, `index_2.html` …"""
    return f"index_{page}.html" if page else "index.html"


def detail(facts: DetailFacts) -> str:
    """A notice's page."""
    who = facts.publisher
    body = "\n".join(f'<p style="text-indent: 2em;">　　{escape(line)}</p>' for line in facts.paragraphs)
    return f"""{_head(who, f"{facts.title}_{facts.column_name}_{who.site_name}")}
<meta name="SiteName" content="{who.site_name}">
<meta name="SiteDomain" content="www.qingfeng.example">
<meta name="SiteIDCode" content="{who.site_code}">
<meta name="ColumnName" content="{facts.column_name}">
<meta name="ColumnType" content="政务公开">
<meta name="ArticleTitle" content="{escape(facts.title)}">
<meta name="PubDate" content="{facts.published_at:%Y-%m-%d %H:%M}">
<meta name="ContentSource" content="{escape(facts.source)}">
<meta name="Keywords" content="巡察;整改;通报">
<meta name="Author" content="">
<meta name="Description" content="{escape(facts.paragraphs[0][:60])}">
<meta name="Url" content="{facts.url}">
</head>
<body>
{_top(who)}
<div class="position">当前位置：<a href="{who.prefix}/">首页</a> &gt; <a href="{who.prefix}/">政务公开</a> &gt; \
<a href="{facts.column_path}">{facts.column_name}</a></div>
<div class="main clearfix">
<h1 class="title">{escape(facts.title)}</h1>
<div class="info"><span>发布时间：{facts.published_at:%Y-%m-%d %H:%M}</span><span>来源：{escape(facts.source)}</span>
<span>浏览次数：<em id="hits">{facts.views}</em>次</span>
<span class="size">【字体：<a href="javascript:doZoom(18)">大</a> <a href="javascript:doZoom(16)">中</a> \
<a href="javascript:doZoom(14)">小</a>】</span></div>
<div class="view TRS_UEDITOR trs_paper_default trs_web">
<style type="text/css">.trs_paper_default p {{ line-height: 2; margin: 0 0 12px }}</style>
{body}
</div>{file_links(facts)}{_pager(facts)}
<div class="tools"><span>分享到：</span><a class="wx" title="微信"></a><a class="wb" title="微博"></a>
<a href="javascript:window.print()">【打印本页】</a><a href="javascript:window.close()">【关闭窗口】</a></div>
<div class="ewm"><img src="/images/code.png" alt=""><p>扫一扫在手机打开当前页</p></div>
</div>
{_foot(who)}"""


def _pager(facts: DetailFacts) -> str:
    if facts.pages == 1:
        return ""
    name = facts.url.rpartition("/")[2].rpartition(".")[0]
    return f"""
<div class="fy"><script>createPageHTML({facts.pages}, {facts.page}, "{name}", "html");</script></div>"""


def listing(facts: ListingFacts) -> str:
    """One page of a column."""
    who = facts.publisher
    rows = "\n".join(
        f'<li><a href="{item.path}" target="_blank" title="{escape(item.title)}">{escape(cut(item.title))}</a>'
        f'<span class="date">{item.published_at:%Y-%m-%d}</span></li>'
        for item in facts.items
    )
    return f"""{_head(who, f"{facts.column_name}_{who.site_name}")}
<meta name="SiteName" content="{who.site_name}">
<meta name="SiteIDCode" content="{who.site_code}">
<meta name="ColumnName" content="{facts.column_name}">
<meta name="ColumnDescription" content="{facts.column_name}栏目">
<meta name="ColumnType" content="政务公开">
</head>
<body>
{_top(who)}
<div class="position">当前位置：<a href="{who.prefix}/">首页</a> &gt; {facts.column_name}</div>
<div class="main"><h2>{facts.column_name}</h2>
<ul class="gl-list">
{rows}
</ul>
<div class="page"><script>createPageHTML({facts.pages}, {facts.page}, "index", "html");</script></div>
</div>
{_foot(who)}"""


def _head(who: PublisherFacts, title: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="UTF-8">
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<title>{escape(title)}</title>
<link rel="stylesheet" href="{who.prefix}/images/style.css">"""


def _top(who: PublisherFacts) -> str:
    links = "".join(f'<li><a href="{who.prefix}/">{name}</a></li>' for name in NAVIGATION)
    return f"""<div class="top"><a href="#">无障碍</a><a href="#">适老版</a><span>今天是</span></div>
<div class="logo"><img src="{who.prefix}/images/logo.png" alt="{who.site_name}"></div>
<ul class="nav">{links}</ul>"""


def _foot(who: PublisherFacts) -> str:
    return f"""<div class="footer">
<p><a href="{who.prefix}/">网站地图</a> | <a href="{who.prefix}/">联系我们</a> |
<a href="{who.prefix}/">关于我们</a></p>
<p>主办单位：{who.name}　承办单位：{who.city}党风政风监督信息中心　技术支持：云端科技</p>
<p>版权所有：{who.name}　地址：{who.city}望江路8号　邮编：998001　电话：0700-8811001</p>
<p>{who.record_number}　{who.police_number}　网站标识码：{who.site_code}</p>
</div>
<script src="{who.prefix}/images/page.js"></script>
</body>
</html>
"""
