"""The listing on a page: the list that it is about, where that goes on, and the calls that its scripts make."""

import re
from itertools import islice

from lxml.etree import Comment
from lxml.etree import _Element as Element

from crawler.discover.answers import Answer, records_in, rows_in_script
from crawler.discover.blocks import Block, main_block
from crawler.discover.calls import Call, following
from crawler.discover.endpoints import named_calls, records_after
from crawler.discover.families import family_of
from crawler.discover.items import Asked, foreign, items_of, joined_to
from crawler.discover.links import Link, links_of
from crawler.discover.listing import Listing
from crawler.discover.pager import next_page, pager_call, total_in
from crawler.discover.profile import Profile
from crawler.discover.reply import block_of
from crawler.discover.tree import MAX_CHARACTERS, attribute, fragment_tree, page_tree, select

_TEMPLATE_ROWS = 3
_TEMPLATE = re.compile(r"\{\{\s*[#/]?\w|<%=?|v-for=|ng-repeat=", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_MOST_COMMENTS, _MOST_FEEDS = 5, 10
_IN_COMMENT = "the items stand in a comment; the page is filled by a script"


def page_listing(source: str, asked: Asked) -> Listing:
    """Return the listing on a page, given its text."""
    warnings: list[str] = []
    if len(source) > MAX_CHARACTERS:
        warnings.append(f"the page is too large: only the start of its {len(source):,} characters was read")
        source = source[:MAX_CHARACTERS]
    tree = page_tree(source)
    if tree is None:
        return Listing(None, (), (), (), asked.profile.calls, (*warnings, "nothing on the page can be read"))
    base = _base_of(tree, asked.url)
    links = [link for scope in select(tree, asked.profile.container) for link in links_of(scope)]
    block, brought, seen = _list_of(tree, links, source, base, asked.profile)
    rows = [link.as_row() for link in block.links] if block else list(brought.rows) if brought else []
    items = items_of(rows, base, asked)
    family, evidence = family_of(source, asked.url, [row[0] for row in rows], pager_call(source))
    calls, named = _calls_of(source, asked, brought, bool(items))
    if seen == _IN_COMMENT:
        warnings.append(seen)
    if not items:
        warnings.append(_why_none(links, source, calls, asked.profile))
    next_url = joined_to(base, brought.next) if brought and brought.next else next_page(tree, source, base)
    return Listing(
        asked.profile.family or family,
        (*evidence, *named, *([seen] if seen else [])),
        items,
        (next_url,) if next_url else (),
        calls,
        (*warnings, *foreign(items, asked.url)),
        _feeds_of(tree, base),
        _total_of(source, brought) if items or calls else None,
        _name_of(block.container, tree) if block and items and seen != _IN_COMMENT and brought is None else None,
    )


def _list_of(
    tree: Element, links: list[Link], source: str, base: str, profile: Profile
) -> tuple[Block | None, Answer | None, str]:
    """Return the page's list, the records that it came from (if it did), and a line that says where it was seen."""
    block = _chosen(links, base, profile)
    if not (block and block.dated):
        brought = records_in(source)
        if brought is not None and (inside := block_of(brought)) is not None:
            return inside, brought, brought.evidence
        if (hidden := _hidden_block(tree, base, profile)) is not None:
            return hidden, None, _IN_COMMENT
        if block is None and (literal := rows_in_script(source)) is not None:
            return None, literal, literal.evidence
    if block is None:
        return None, None, ""
    return block, None, f"{len(block.links)} rows in one list, {len(block.dated)} of them dated"


def _chosen(links: list[Link], base: str, profile: Profile) -> Block | None:
    """Return the links that the profile's pattern takes, wherever they stand; without a pattern, the main list."""
    if profile.link_pattern is None:
        return main_block(links)
    taken = [link for link in links if link.is_likely and (url := joined_to(base, link.target)) and profile.takes(url)]
    return Block(taken[0].row, taken) if taken else None


def _hidden_block(tree: Element, base: str, profile: Profile) -> Block | None:
    """Return the dated list of a comment, from which a script fills the page."""
    comments = [text for comment in tree.iter(Comment) if "href" in (text := comment.text or "")]
    best: Block | None = None
    for text in sorted(comments, key=len, reverse=True)[:_MOST_COMMENTS]:
        inner = fragment_tree([text])
        block = _chosen(links_of(inner), base, profile) if inner is not None else None
        if block and len(block.dated) > max(1, len(best.dated) if best else 0):
            best = block
    return best


def _calls_of(source: str, asked: Asked, brought: Answer | None, has_items: bool) -> tuple[tuple[Call, ...], list[str]]:
    """Return the calls that bring the list, or what follows the rows that the page brought along."""
    if asked.profile.calls:
        return asked.profile.calls, ["the calls are the profile's"]
    if brought is not None and brought.shown:
        after = None if brought.next else records_after(source, asked.url, brought.shown)
        return ((after,), ["what follows the rows shown is asked for by a call"]) if after else ((), [])
    if asked.call is not None:  # it answered with a page
        after = following(asked.call)
        return ((after,), ["the call's parameters, counted on"]) if after and has_items else ((), [])
    named = named_calls(source, asked.url, asked.address)
    return tuple(call for call, _ in named), [where for _, where in named]


def _total_of(source: str, brought: Answer | None) -> int | None:
    return brought.total if brought and brought.total is not None else total_in(source)


def _feeds_of(tree: Element, base: str) -> tuple[str, ...]:
    links = (link for link in tree.iter("link") if "alternate" in attribute(link, "rel").lower())
    feeds = (link for link in links if attribute(link, "type").lower().strip() in _FEED_TYPES)
    found = (joined_to(base, attribute(link, "href")) for link in feeds)
    return tuple(dict.fromkeys(url for url in found if url))[:_MOST_FEEDS]


def _base_of(tree: Element, url: str) -> str:
    base = next((href for element in tree.iter("base") if (href := attribute(element, "href"))), None)
    return (joined_to(url, base) or url) if base else url


def _name_of(container: Element, tree: Element) -> str | None:
    """Return the block as a profile writes it: the nearest name that only it has, at most four elements out."""
    names: list[str] = []
    for element in islice((container, *container.iterancestors()), 4):
        if element.tag in ("body", "html"):
            break
        if name := attribute(element, "id").split():
            return f"#{name[0]}"
        if name := attribute(element, "class").split():
            names.append(f"{element.tag}.{name[0]}")
            if len(select(tree, names[-1])) == 1:
                return names[-1]
    return names[0] if names else None


def _why_none(links: list[Link], source: str, calls: tuple[Call, ...], profile: Profile) -> str:
    if profile.link_pattern or profile.container:
        wanted = " in ".join(filter(None, (profile.link_pattern, profile.container)))
        return f"no items: nothing on the page fits the profile ({wanted}); it may have changed"
    if calls:
        return "the page shows no items: the list must be asked for by a call"
    templates = sum(1 for link in links if not link.target and link.dated is not None)
    if templates >= _TEMPLATE_ROWS:
        return f"template: {templates} dated rows without a real URL are no items"
    if _TEMPLATE.search(source) or (not links and "<script" in source.lower()):
        return "the list is filled by a script; no endpoint is named in the page"
    return "no items: nothing on the page looks like a list of notices"
