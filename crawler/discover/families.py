"""The publishing systems that are recognised, by what their listings cannot hide."""

import re
from dataclasses import dataclass

_MOST_EVIDENCE = 6


@dataclass(frozen=True)
class Mark:
    """Something that only one system writes: words in the page's source (lower case), or the form of an address."""

    where: str
    """`source`, `pager`, `page address` or `item address`."""
    form: str | re.Pattern[str]
    """Words stand in the source only, and are lower case."""


@dataclass(frozen=True)
class Family:
    """One row: a system's name and its marks."""

    name: str
    marks: tuple[Mark, ...]


def _source(*words: str) -> tuple[Mark, ...]:
    return tuple(Mark("source", word) for word in words)


def _pager(form: str) -> Mark:
    return Mark("pager", re.compile(form))


def _item(form: str) -> Mark:
    return Mark("item address", re.compile(form, re.IGNORECASE | re.MULTILINE))


def _page(form: str) -> Mark:
    return Mark("page address", re.compile(form, re.IGNORECASE))


# What each system's own calls, classes and addresses look like; where its list is asked for is in endpoints.py, how its
# pages follow each other in pager.py. The family with most marks wins, the first of equals.
FAMILIES: tuple[Family, ...] = (
    Family("easysite", _source("easysite", "newslist_style", "queryarticlebycondition")),
    Family(
        "hanweb-jpaas",
        (*_source("jpaas-publish-server", "unitbuild.js", "loadpagedata("), _page("/jpaas-publish-server/")),
    ),
    Family(
        "hanweb-jcms",
        (
            *_source("dataproxy.jsp", "/jpage/", "<datastore>"),
            _page(r"/dataproxy\.jsp|/col/col\d+/"),
            _item(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+"),
        ),
    ),
    Family("guangdong", (*_source("gkmlpt", "nfcms"), _page("/gkmlpt/"), _item(r"/m?post_\d+\.html"))),
    Family("epoint", (*_source("wb-data-list", "ewb-", "epoint"), _page(r"[?&]paging=\d"), _item(r"[?&]infoid="))),
    Family("vsb", (*_source("_vsb", "p_next p_fun", "/system/resource/js/"), _item(r"(?:^|/)info/\d{3,6}/\d+\.htm"))),
    Family(
        "webplus",
        (
            *_source("wp_article_list", "/_upload/tpl/", "wp_paging"),
            _page(r"/list\d*\.(?:htm|psp)"),
            _item(r"/page\.(?:htm|psp)"),
        ),
    ),
    Family("trs", (_pager(r"createPageHTML\(\d"), *_source("trs_"), _item(r"/t20\d{6}_\d+\.s?html?"))),
    Family("ucap", (_pager(r"createPageHTML\(['\"]"), *_source("ucap"))),
)


def family_of(source: str, url: str, targets: list[str], pager: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the family whose marks are found most often, and what was seen of it where.

    `source` is the page's text, `targets` are the addresses of its items as written, `pager` is the call that draws its
    links to other pages.
    """
    # Words are found in bytes several times faster than in text that holds Chinese.
    words = source.encode("utf-8", "replace").lower()
    places = {"page address": url, "item address": "\n".join(targets), "pager": pager}
    best: tuple[str | None, tuple[str, ...]] = (None, ())
    for family in FAMILIES:
        seen = tuple(
            f"{family.name}: {word!r} in the {m.where}" for m in family.marks if (word := _seen(m, words, places))
        )
        if len(seen) > len(best[1]):
            best = (family.name, seen[:_MOST_EVIDENCE])
    return best


def _seen(mark: Mark, words: bytes, places: dict[str, str]) -> str | None:
    if isinstance(mark.form, str):
        return mark.form if mark.form.encode() in words else None
    found = mark.form.search(places[mark.where])
    return found[0][:80] if found else None
