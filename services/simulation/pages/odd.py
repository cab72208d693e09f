"""Pages that are no notice: a challenge, a soft 404, a maintenance page, a home page, and plain listings on request."""

from collections.abc import Iterable
from html import escape

from services.simulation.pages.facts import PublisherFacts


def challenge() -> str:
    """What a firewall shows in place of the page, with status 200: scripts, and hardly a word."""
    token = "".join(f"\\x{(index * 37) % 200 + 32:02x}" for index in range(160))
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title></title>
<script>var _0x4b1c="{token}";(function(a,b){{var c=a.split('');while(b--){{c.push(c.shift());}}
document.cookie='__jsl_clearance_s='+c.join('').length+';path=/';location.reload();}})(_0x4b1c,97);</script>
</head><body><noscript>请开启JavaScript并刷新该页</noscript><div id="challenge-form">正在进行安全验证，请稍候…</div>
</body></html>
"""


def not_found() -> str:
    """The short page of a web server."""
    return (
        "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n"
        "<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )


def soft_404(site_name: str) -> str:
    """An error page that comes with status 200."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{site_name}</title>
<meta http-equiv="refresh" content="5;url=/"></head><body><div class="error">
<h2>抱歉，您访问的页面不存在或已被删除</h2><p>系统将在5秒后自动返回首页</p></div></body></html>
"""


def maintenance(site_name: str) -> str:
    """A page that asks to come back later, with status 200."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>系统维护中</title></head>
<body><h2>{site_name}正在升级维护，请稍后访问</h2><p>给您带来不便，敬请谅解。</p></body></html>
"""


def home(publisher: PublisherFacts, columns: Iterable[tuple[str, str]]) -> str:
    """The front page: a link to each column (name, path)."""
    links = "".join(f'<li><a href="{path}index.html">{name}</a></li>' for name, path in columns)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{publisher.site_name}</title></head>
<body><h1>{publisher.site_name}</h1><ul class="columns">{links}</ul><p>主办单位：{publisher.name}</p></body></html>
"""


def front_page(publisher: PublisherFacts) -> str:
    """The front page with all that stands on it, as some sites serve it for whatever is missing: dozens of links."""
    rows = "".join(
        f'<li><a href="/ywdt/{n}.html">要闻动态第{n}期：各区开展监督检查工作</a></li>\n' for n in range(1, 81)
    )
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{publisher.site_name}</title>
<meta name="SiteName" content="{publisher.site_name}"></head>
<body><h1>{publisher.site_name}</h1><ul class="news">
{rows}</ul><p>主办单位：{publisher.name}</p></body></html>
"""


def scripted_listing(publisher: PublisherFacts) -> str:
    """A listing that a script fills: nothing in it is an item."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{publisher.site_name}</title></head>
<body><div id="app"></div><script src="/static/list.js"></script></body></html>
"""


def internal(publisher: PublisherFacts) -> str:
    """What lies under /internal/: no polite visitor ever sees it."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>内部资料</title></head>
<body><p>{publisher.name}内部工作交流，请勿外传。</p></body></html>
"""


def plain_listing(items: Iterable[tuple[str, str, str]]) -> str:
    """A listing of supplied items: (path, title, date as it is to be shown)."""
    rows = "\n".join(
        f'<li><a href="{escape(path)}" title="{escape(title)}">{escape(title)}</a><span class="date">{date}</span></li>'
        for path, title, date in items
    )
    return f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>通知公告</title></head>
<body><div class="position">当前位置：首页 &gt; 通知公告</div>
<ul class="list">
{rows}
</ul>
</body></html>
"""
