"""Pieces of which hostile bytes are put together: they come farther into a reader than chance alone."""

from hypothesis import strategies as st

# fmt: off
WORDS = [
    "<html>", "</html>", "<p>", "</p>", "<div>" * 60, "</div>", "<table><tr><td rowspan=9999>", "<li><a href='1.html'>",
    "<a href='//'>", "<a href='http://[::1'>", "</a></li>", "<title>", "<!--", "-->", "<![CDATA[", "]]>", "<script>",
    "<meta charset=gb2312>", "<meta charset=utf-16>", "<meta name=robots content=noarchive>", "<base href='x:'>",
    "<?xml version='1.0' encoding='gb2312'?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "&#0;", "&#xD800;",
    "&#x110000;",
    "<rss><channel><item><title>", "<link>", "</link></item>", "<pubDate>", "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "<entry>", "<urlset><url><loc>http://site.example/1", "</loc><lastmod>", "</lastmod></url>", "<datastore><record>",
    "<sitemapindex><sitemap><loc>", "Sitemap: http://site.example/map.xml\n", "User-agent: *\n", "Disallow: /*a*$\n",
    "Allow: /\n", "Crawl-delay: 1e309\n", "noindex, noarchive", "unavailable_after: ",
    "2024-02-30", "二〇二四年二月三十日", "2024年13月1日", "９９９９年９９月９９日", "发布时间：", "来源：",
    "一、", "（一）",
    "1．关于", "的问题。", "整改状态：已完成", "整改时限：", "联系电话：", "附件：", "中共云岭镇委员会",
    "Wed, 21 Oct 2015 07:28:00 GMT", "120", "-1", "1e999", "99999999999999999999",
    '{"data":[', '{"url":"', '","title":"', '"}', "]}", "null", '{"types":["notice.published"]', ',"due_from":"',
    "[[" * 60,
    "http://", "http://site.example/", "%zz", "%00", "\\", "@", "..;/", "xn--a", "。", "\ufeff", "\u202e", "\x00", "\n",
]
# fmt: on
RAW = [
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x81",
    b"\xed\xa0\x80",
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"{\\rtf1",
    b"\x1b$B",
    b"+/v8-",
]
ENCODINGS = st.sampled_from(["utf-8", "utf-8", "gb18030", "utf-16", "utf-16-le", "big5"])
PIECES = st.one_of(
    st.builds(lambda text, by: text.encode(by, "ignore"), st.sampled_from(WORDS), ENCODINGS),
    st.sampled_from(RAW),
    st.binary(max_size=6),
    st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
HOSTILE = st.lists(PIECES, max_size=25).map(b"".join)
"""Bytes that look like what is to be read, and are not."""
