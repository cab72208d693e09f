"""Pages of houses that no table knows: fifteen ways to say the same title, source, date, column and author."""

from typing import NamedTuple

import pytest

from worker.read import read

TITLE = "云岭镇党委关于巡察整改进展情况的通报"
BODY = [
    "根据区委统一部署，区委第一巡察组对云岭镇党委开展了巡察，现将整改进展情况予以公布。",
    "镇党委先后召开会议六次，研究整改事项，逐项落实到人。",
    "云岭镇党委",
    "2024年4月30日",
]


class Shell(NamedTuple):
    """A head, what stands above the body and below it, and the facts that it tells."""

    name: str
    head: str
    above: str
    below: str = ""
    source: str | None = None
    date: str | None = "2024-05-06"
    column: str | None = None
    author: str | None = None


SHELLS = [
    Shell(
        "a date without a label, before the source",
        f"<title>{TITLE}_清源区人民政府</title>",
        "<div class='pos'>当前位置：<a>首页</a> &gt; <a>政务公开</a> &gt; <a>通知公告</a></div>"
        f"<h1>{TITLE}</h1><div class='info'><span class='date'>2024-05-06</span><span>信息来源：清源区纪委监委</span>"
        "<span>浏览次数：<i id=c></i></span></div>",
        source="清源区纪委监委",
        column="通知公告",
    ),
    Shell(
        "a title in a cell, everything in one line",
        f"<title>{TITLE}-清源区纪检监察网</title>",
        f"<table><tr><td class='title'>{TITLE}</td></tr><tr><td>稿源：云岭镇党委　作者：林一　编辑：赵二　"
        "时间：2024-05-06 08:30　浏览次数：12</td></tr></table>",
        source="云岭镇党委",
        date="2024-05-06T08:30:00+08:00",
        author="林一",
    ),
    Shell(
        "a publishing body, and buttons glued to the date",
        f"<title>{TITLE} | 清源</title>",
        f"<h2>{TITLE}</h2><p class='source'>发布机构：云岭镇人民政府 日期: 2024/5/6 【字体：大 中 小】</p>",
        source="云岭镇人民政府",
    ),
    Shell(
        "labels with a site's name before the title, an empty source, the time of generation",
        f"<title>清源区人民政府</title><meta content='清源区人民政府——{TITLE}' name='ArticleTitle'>"
        "<meta name=PubDate content='2024-06-01 00:11:22'><meta name='ContentSource' content=''>"
        '<META NAME="sitename" CONTENT="清源区人民政府">',
        f"<div class='title'>{TITLE}</div><div>文章来源：区委巡察办发布时间：2024-05-06</div>",
        source="区委巡察办",
    ),
    Shell(
        "labels of the Open Graph alone",
        f"<title>{TITLE} – 云岭镇 – 清源区</title><meta property='og:title' content='{TITLE}'>"
        "<meta property='article:published_time' content='2024-05-06T08:00:00+08:00'>",
        f"<div class='hd'><div>{TITLE}</div></div>",
        date="2024-05-06T08:00:00+08:00",
    ),
    Shell(
        "the table of an item of open information",
        "<title>通知公告--清源区人民政府</title>",
        "<table class='x'><tr><td>索 引 号</td><td>QY-2024-00012</td><td>发布机构</td><td>云岭镇人民政府</td></tr>"
        "<tr><td>成文日期</td><td>2024-04-30</td><td>发布日期</td><td>2024-05-06</td></tr>"
        f"<tr><td>文 号</td><td>云政〔2024〕12号</td><td>有效性</td><td>有效</td></tr></table><h3>{TITLE}</h3>",
        source="云岭镇人民政府",
    ),
    Shell(
        "a breadcrumb without a label, a ratio sign in the time",
        f"<title>{TITLE}_通知公告_清源区人民政府</title>",
        "<div class='crumb'><a>首页</a> &gt; <a>政务公开</a> &gt; <a>整改公开</a> &gt; 正文</div>"
        f"<div class='tt'>{TITLE}</div><div class='meta'>2024年5月6日 10∶08　来源：清源区委巡察办　"
        "字号：大 中 小　打印　分享：</div>",
        source="清源区委巡察办",
        date="2024-05-06T10:08:00+08:00",
        column="整改公开",
    ),
    Shell(
        "labels without colons",
        f"<title>{TITLE} - 通知公告 - 清源区人民政府门户网站</title>",
        f"<div class='bt'>{TITLE}</div><div><span>发布时间</span><span>2024-05-06 09:01:02</span><span>发布单位</span>"
        "<span>云岭镇</span></div>",
        source="云岭镇",
        date="2024-05-06T09:01:02+08:00",
    ),
    Shell(
        "markup in the title, brackets around the dateline",
        f"<title>&lt;b&gt;{TITLE}&lt;/b&gt;</title>",
        f"<div class='x1'><p style='text-align:center'>{TITLE}</p><p>（发布时间：2024-05-06   信息来源：云岭镇党政办   "
        "阅读次数：<script>x()</script>）</p></div>",
        source="云岭镇党政办",
    ),
    Shell(
        "site, column and title parted by spaces, values on lines of their own",
        f"<title>清源区人民政府 通知公告 {TITLE}</title><meta name=ColumnName content='通知公告'>"
        "<meta name=SiteName content='清源区人民政府'>",
        "<ul><li>来源：</li><li>云岭镇</li><li>时间：</li><li>2024-05-06</li><li>浏览：22</li></ul>",
        source="云岭镇",
        column="通知公告",
    ),
    Shell(
        "a title that no name marks",
        "<title>清源区</title>",
        f"<div class='x'><div>{TITLE}</div><div class='time'>发表时间：2024-05-06 责任编辑：钱三 "
        "来源: 云岭镇</div></div>",
        source="云岭镇",
    ),
    Shell(
        "counters and colours behind the source",
        f"<title>{TITLE}</title>",
        f"<div class='content-title'>{TITLE}</div><div class='fbt'>发布日期：2024.05.06　来源：云岭镇　"
        "点击：[22]次　保护视力色：　【 大 中 小 】</div>",
        source="云岭镇",
    ),
    Shell(
        "open information in one line",
        "<title>信息公开</title>",
        f"<div class='content-title'>{TITLE}</div><div class='i'><b>信息分类：</b>通知公告 <b>发布机构：</b>云岭镇 "
        "<b>生成日期：</b>2024-04-30 <b>发布日期：</b>2024-05-06 <b>文号：</b>云政〔2024〕12号</div>",
        source="云岭镇",
    ),
    Shell(
        "a date alone",
        f"<title>{TITLE}</title>",
        f"<h1>{TITLE}</h1><div><em>2024-05-06</em><em>清源日报</em><em>A- A+</em></div>",
    ),
    Shell(
        "everything below the body",
        f"<title>{TITLE}__清源区人民政府</title>",
        f"<h1>{TITLE}</h1>",
        "<div class='tail'><span>信息来源：云岭镇</span><span>发布时间：2024-05-06</span><span>【打印】</span></div>",
        source="云岭镇",
    ),
]


def _page(shell: Shell) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in BODY)
    footer = "<div class='bottom'><p>主办：清源区人民政府办公室</p><p>闽ICP备05000001号</p></div>"
    menu = "<div class='top'><a href='/'>首页</a><a href='/a'>信息公开</a></div>"
    inner = f"{menu}{shell.above}<div class='main-con'>{body}</div>{shell.below}{footer}"
    return f"<!DOCTYPE html><html><head>{shell.head}</head><body>{inner}</body></html>".encode()


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.name)
def test_a_page_of_an_unknown_house_tells_what_every_page_tells(shell: Shell) -> None:
    document = read(_page(shell))
    told = (document.title, document.source, document.published_at, document.column, document.author)
    assert told == (TITLE, shell.source, shell.date, shell.column, shell.author)
    assert document.body.split("\n") == BODY
    assert document.page.status == "notice"


PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
LINES = "<br/>".join(f"　　{line}" for line in BODY)
NEWS = "".join(f"<li><a href='/n{n}.html'>清源区召开第{n}次专题会议研究部署重点工作</a></li>" for n in range(8))
SIDE = f"<div class='right'><h3>热点新闻</h3><ul>{NEWS}</ul></div>"
DATED = "发布时间：2024-05-06　来源：云岭镇"
TAIL = (
    "<div>分享到： 【打印】【关闭】</div><p>上一篇：<a href=x>关于甲的通知</a></p><p>下一篇：<a href=y>没有了</a></p>"
)
ROWS = (
    f"<tr><td><b>{TITLE}</b></td></tr><tr><td>作者：林一 {DATED} 点击数：12</td></tr><tr><td>{PARAGRAPHS}</td></tr>"
    "<tr><td>打印 关闭</td></tr>"
)

LAYOUTS = {
    "breaks alone": f"<div><h1>{TITLE}</h1><div>{DATED}</div><div class='nr'>{LINES}</div></div>{SIDE}",
    "bare text between blocks": f"<div><div class='bt'>{TITLE}</div><div>{DATED}</div>{LINES}{TAIL}</div>{SIDE}",
    "all in one place": f"<div><h2>{TITLE}</h2><p>{DATED} 【字号：大 小】</p>{PARAGRAPHS}<p>编辑：赵二</p></div>{SIDE}",
    "a vague place": f"<div id='content'>{SIDE}<h2>{TITLE}</h2><p>{DATED}</p><div>{PARAGRAPHS}</div></div>",
    "layout tables": f"<table><tr><td>{SIDE}</td><td><table>{ROWS}</table></td></tr></table>",
    "a date without a label": f"<article><h1>{TITLE}</h1><time>2024-05-06</time>{PARAGRAPHS}</article>{SIDE}",
    "blocks": f"<div class='bt'>{TITLE}</div><p>{DATED}</p><div>{PARAGRAPHS.replace('p>', 'div>')}</div>",
    "a disclaimer": f"<h1>{TITLE}</h1><p>{DATED}</p><div>{PARAGRAPHS}</div><p>声明：本网转载，侵权必删除。</p>",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_body_is_found_in_any_layout(name: str) -> None:
    shell = Shell(name, f"<title>{TITLE}_清源区人民政府</title>", LAYOUTS[name])
    footer = "<div class='bottom'>版权所有：清源区人民政府<br>网站标识码：3507000001 闽ICP备05000001号</div>"
    page = f"<html><head>{shell.head}</head><body><div class='wrap'>{shell.above}</div>{footer}</body></html>"
    document = read(page.encode())
    assert (document.title, document.published_at) == (TITLE, "2024-05-06")
    assert document.body.split("\n") == BODY
