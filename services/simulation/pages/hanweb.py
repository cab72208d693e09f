"""The manner of Hanweb: a body between RSS comments, paragraphs parted by `<br>` alone, a pinned item, no ETag, and a
plain link to the next page."""

from datetime import datetime
from html import escape

from services.simulation.pages.facts import DetailFacts, ListingFacts, PublisherFacts, cut, file_links
from services.simulation.vocabulary import NAVIGATION


def notice_path(column_path: str, number: int, published_at: datetime) -> str:
    """`/art/2025/10/16/art_1201_500012.html` under the publisher's prefix, away from the column's own folder."""
    prefix = column_path.split("/xxgk/")[0]
    return f"{prefix}/art/{published_at:%Y}/{published_at.month}/{published_at.day}/art_1201_{500000 + number}.html"


def page_name(page: int) -> str:
    """`index.html`, `index_p2.html`, `index_p3.html` …"""
    return f"index_p{page + 1}.html" if page else "index.html"


def detail(facts: DetailFacts) -> str:
    """A notice's page."""
    who = facts.publisher
    body = "<br />\n".join(f"　　{escape(line)}" for line in facts.paragraphs)
    return f"""{_head(f"{who.site_name} {facts.column_name} {facts.title}")}
<meta name='Maketime' content='{facts.generated_at:%Y-%m-%d %H:%M:%S}'>
<meta name="SiteName" content="{who.site_name}">
<meta name="ColumnName" content="{facts.column_name}">
<meta name="ArticleTitle" content="{escape(facts.title)}">
<meta name="PubDate" content="{facts.published_at:%Y-%m-%d %H:%M}">
<meta name="ContentSource" content="{escape(facts.source)}">
</head>
<body>
{_top(who)}
<table width="1000" align="center"><tr><td>当前位置：<a href="{who.prefix}/">首页</a> &gt;&gt; \
<a href="{facts.column_path}index.html">{facts.column_name}</a></td></tr></table>
<div id="c" class="main">
<table id="article" width="100%"><tr><td class="title" align="center">
<!--<$[标题名称(html)]>begin-->{escape(facts.title)}<!--<$[标题名称(html)]>end--></td></tr>
<tr><td align="center">日期：{facts.published_at:%Y-%m-%d}　来源：{escape(facts.source)}　浏览次数：{facts.views}　\
字号：[ <a href="javascript:doZoom(16)">大</a> <a href="javascript:doZoom(14)">中</a> \
<a href="javascript:doZoom(12)">小</a> ]</td></tr>
<tr><td class="bt_content"><div id="zoom"><!--ZJEG_RSS.content.begin-->
{body}
<!--ZJEG_RSS.content.end--></div>{file_links(facts)}</td></tr>
<tr><td align="right"><a href="javascript:window.print()">[打印本页]</a> \
<a href="javascript:window.close()">[关闭窗口]</a></td></tr></table>
<div class="bdsharebuttonbox">分享到： <a title="分享到微信"></a></div>
</div>
{_foot(who)}"""


def listing(facts: ListingFacts) -> str:
    """One page of a column."""
    who = facts.publisher
    rows = "\n".join(
        f'<li{_pin_class(item.pinned)}>{"<em>[置顶]</em>" if item.pinned else ""}<a href="{item.path}" '
        f'title="{escape(item.title)}" target="_blank">{escape(cut(item.title, 24))}</a>'
        f"<span>{item.published_at.year}年{item.published_at.month}月{item.published_at.day}日</span></li>"
        for item in facts.items
    )
    previous_page = f'<a href="{page_name(facts.page - 1)}">上一页</a> ' if facts.page else ""
    next_page = f'<a href="{page_name(facts.page + 1)}">下一页</a>' if facts.page + 1 < facts.pages else "下一页"
    return f"""{_head(f"{who.site_name} {facts.column_name}")}
<meta name="SiteName" content="{who.site_name}">
<meta name="ColumnName" content="{facts.column_name}">
</head>
<body>
{_top(who)}
<div class="wz">当前位置：<a href="{who.prefix}/">首页</a> &gt;&gt; {facts.column_name}</div>
<div class="default_pgContainer"><ul>
{rows}
</ul></div>
<div class="fy">第{facts.page + 1}页/共{facts.pages}页 {previous_page}{next_page}</div>
{_foot(who)}"""


def _pin_class(pinned: bool) -> str:
    return ' class="top"' if pinned else ""


def _head(title: str) -> str:
    return f"""<!DOCTYPE html>
<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="renderer" content="webkit" />
<title>{escape(title)}</title>
<script type="text/javascript" src="/script/jquery.js"></script>"""


def _top(who: PublisherFacts) -> str:
    cells = "".join(f'<td><a href="{who.prefix}/">{name}</a></td>' for name in NAVIGATION)
    return f"""<table class="banner" width="1000" align="center"><tr><td>{who.site_name}</td></tr></table>
<table class="dh" width="1000" align="center"><tr>{cells}</tr></table>"""


def _foot(who: PublisherFacts) -> str:
    return f"""<table class="bottom" width="1000" align="center">
<tr><td align="center">版权所有：{who.name}　主办：{who.name}　运维：清源技术公司</td></tr>
<tr><td align="center">{who.record_number}{who.police_number}　网站标识码：{who.site_code}</td></tr>
<tr><td align="center">地址：{who.city}梧桐街21号　邮编：998003　网站地图　联系我们</td></tr>
</table>
<div id="leave" style="display:none">您访问的链接即将离开本网站，是否继续？</div>
</body>
</html>
"""
