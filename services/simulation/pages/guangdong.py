"""The manner of Guangdong's shared platform: `post_….html`, real GB18030 bytes that call themselves gb2312, a `PubDate`
that is the time of generation, numbered pages with links to each."""

from datetime import datetime
from html import escape

from services.simulation.pages.facts import DetailFacts, ListingFacts, PublisherFacts, cut
from services.simulation.vocabulary import NAVIGATION


def notice_path(column_path: str, number: int, published_at: datetime) -> str:
    """`…/content/post_9000012.html`: no date in it."""
    return f"{column_path}content/post_{9_000_000 + published_at.year % 10 * 10_000 + number}.html"


def page_name(page: int) -> str:
    """`index.html`, `index_2.html`, `index_3.html` …"""
    return f"index_{page + 1}.html" if page else "index.html"


def detail(facts: DetailFacts) -> str:
    """A notice's page."""
    who = facts.publisher
    body = "".join(f"<p>　　{escape(line)}</p>\r\n" for line in facts.paragraphs)
    made = f"{facts.generated_at:%Y-%m-%d %H:%M:%S}"
    return f"""{_head(who, who.site_name)}
<META NAME="SiteName" CONTENT="{who.site_name}"/>
<META NAME="SiteIDCode" CONTENT="{who.site_code}"/>
<META NAME="ColumnName" CONTENT="{facts.column_name}"/>
<META NAME="ArticleTitle" CONTENT="{escape(facts.title)}"/>
<META NAME="PubDate" CONTENT="{made}"/>
<META NAME="ContentSource" CONTENT=""/>
<meta name="others" content="页面生成时间 {made}"/>
</head>
<body>
{_top(who)}
<div class="crumb"><span>您现在的位置：</span><a href="{who.prefix}/">首页</a> &gt;
<a href="{facts.column_path}">{facts.column_name}</a> &gt; 正文</div>
<div class="article">
<h1 class="content_title">{escape(facts.title)}</h1>
<div class="date_row"><span>时间：{facts.published_at:%Y-%m-%d %H:%M:%S}</span>
<span>来源：{escape(facts.source)}</span>
<span class="fontsize">【字号：<i>大</i> <i>中</i> <i>小</i>】</span><span>分享到：</span></div>
<div class="article-content" id="zoomcon">
{body}</div>{_files(facts)}
<div class="article-tools"><a href="javascript:void(0)" onclick="window.print()">打印</a>
<a href="javascript:void(0)" onclick="window.close()">关闭</a></div>
<div class="article-nav"><p>上一篇：没有了</p><p>下一篇：没有了</p></div>
<div class="visits">您是第 {facts.views} 位访问者</div>
</div>
{_foot(who)}"""


def _files(facts: DetailFacts) -> str:
    if not facts.files:
        return ""
    links = "".join(f'<p><a href="{path}">{escape(name)}</a></p>' for path, name in facts.files)
    return f'\r\n<div class="article-files"><p>相关附件：</p>{links}</div>'


def listing(facts: ListingFacts) -> str:
    """One page of a column."""
    who = facts.publisher
    rows = "\r\n".join(
        f'<li><i class="dot"></i><a href="{who.base_url}{item.path}" title="{escape(item.title)}">'
        f"{escape(cut(item.title, 26))}</a><span>[{item.published_at:%m-%d}]</span></li>"
        for item in facts.items
    )
    numbers = "".join(
        f"<b>{page + 1}</b>" if page == facts.page else f'<a href="{page_name(page)}">{page + 1}</a>'
        for page in range(facts.pages)
    )
    return f"""{_head(who, f"{facts.column_name} - {who.site_name}")}
</head>
<body>
{_top(who)}
<div class="crumb"><span>您现在的位置：</span><a href="{who.prefix}/">首页</a> &gt; {facts.column_name}</div>
<div class="list_box"><div class="list_title">{facts.column_name}</div>
<ul class="news_list">
{rows}
</ul>
<div class="pages">共{facts.total}条 {numbers}</div>
</div>
{_foot(who)}"""


def _head(who: PublisherFacts, title: str) -> str:
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />
<title>{escape(title)}</title>
<link href="{who.prefix}/css/main.css" rel="stylesheet" type="text/css" />"""


def _top(who: PublisherFacts) -> str:
    links = " | ".join(f'<a href="{who.prefix}/">{name}</a>' for name in NAVIGATION)
    return f"""<div class="header"><h2>{who.site_name}</h2><form action="{who.prefix}/search"><input name="q" \
value="请输入关键字"/></form></div>
<div class="menu">{links}</div>"""


def _foot(who: PublisherFacts) -> str:
    return f"""<div class="foot"><div>主办：{who.name}　承办：{who.city}数据服务中心　运维电话：0700-8822002</div>
<div>{who.record_number} {who.police_number} 网站标识码 {who.site_code}</div>
<div>Copyright © {who.name} 版权所有 <a href="{who.prefix}/">网站地图</a> <a href="{who.prefix}/">联系我们</a></div>
<div>联系地址：{who.city}文昌路66号 邮政编码：998002</div></div>
</body>
</html>
"""
