"""The publishing systems that are recognised, by what their listings cannot hide."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One row: a system's name, and a mark that is found in the source of its listings."""

    name: str
    mark: re.Pattern[str]


FAMILIES: tuple[Family, ...] = (
    Family("ucap", re.compile(r"createPageHTML\s*\(\s*['\"]|UCAP", re.ASCII)),
    Family("trs", re.compile(r"createPageHTML\s*\(\s*\d|/t20\d{6}_\d+\.s?html?|TRS_")),
    Family("easysite", re.compile(r"queryArticleByCondition|newslist_style|easysite", re.IGNORECASE)),
    Family("hanweb-jpaas", re.compile(r"jpaas-publish-server|unitbuild\.js|loadPageData\s*\(")),
    Family("hanweb-jcms", re.compile(r"/module/web/jpage/|dataproxy\.jsp|/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_")),
    Family("guangdong", re.compile(r"/post_\d+\.html|gkmlpt")),
    Family("epoint", re.compile(r"wb-data-list|ewb-data-date")),
    Family("vsb", re.compile(r"_vsb|/info/\d{3,6}/\d+\.htm")),
    Family("webplus", re.compile(r"wp_article_list|wp_listcolumn|/page\.(htm|psp)\b")),
)


def family_of(source: str) -> str | None:
    """Return the name of the first family whose mark is in the page's source."""
    return next((family.name for family in FAMILIES if family.mark.search(source)), None)
