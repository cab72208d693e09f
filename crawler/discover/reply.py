"""The listing in a feed, a sitemap, or the answer of a call, and what is to be asked for next."""

from crawler.discover.answers import Answer
from crawler.discover.blocks import Block, main_block
from crawler.discover.calls import Call, following, last_record_of, page_of
from crawler.discover.feeds import Entries
from crawler.discover.items import Asked, Row, foreign, items_of, joined_to
from crawler.discover.links import links_of
from crawler.discover.listing import Item, Listing
from crawler.discover.tree import fragment_tree

_DIRECTORY_PAGE = 100  # rows that gkmlpt gives at a time


def answer_listing(answer: Answer, asked: Asked) -> Listing:
    """Return the listing of what a call answered."""
    rows: list[Row] = list(answer.rows)
    if answer.pieces:
        block = block_of(answer)
        rows = [link.as_row() for link in block.links] if block else []
    items = items_of(rows, asked.url, asked)
    next_url, next_call = _what_follows(answer, items, asked)
    warnings = () if items else (f"no items: {answer.evidence} holds no list of notices",)
    return Listing(
        answer.family,
        (answer.evidence,),
        items,
        (next_url,) if next_url else (),
        (next_call,) if next_call else (),
        (*warnings, *foreign(items, asked.url)),
        total=answer.total,
    )


def block_of(answer: Answer) -> Block | None:
    """Return the list in an answer's markup: each of several pieces is a row, a single one is a page."""
    tree = fragment_tree(answer.pieces)
    links = links_of(tree) if tree is not None else []
    if len(answer.pieces) == 1:
        return main_block(links)
    likely = [link for link in links if link.is_likely]
    return Block(likely[0].row, likely) if likely else None


def feed_listing(entries: Entries, asked: Asked) -> Listing:
    """Return the listing of a feed or sitemap."""
    rows: list[Row] = [(address, title, day, False) for address, title, day in entries.rows]
    items = items_of(rows, asked.url, asked)
    after = tuple(found for each in entries.next if (found := joined_to(asked.url, each)) and found != asked.url)
    warnings = list(entries.warnings)
    if not items and not after and not warnings:
        warnings.append(f"no items: the {entries.family} lists nothing")
    evidence = (f"{entries.family}: the root of the file",)
    return Listing(entries.family, evidence, items, after, (), (*warnings, *foreign(items, asked.url)))


def _what_follows(answer: Answer, items: tuple[Item, ...], asked: Asked) -> tuple[str | None, Call | None]:
    """Return what follows an answer: a URL where it was got by a plain GET, else a call."""
    after: Call | None = None
    if answer.next:
        told = joined_to(asked.call.url if asked.call else asked.url, answer.next)
        after = Call("GET", told) if told else None
    elif items:
        brought_by = asked.call or Call("GET", asked.url)
        after = None if _is_last(answer, brought_by) else following(brought_by)
    if after is None or after == asked.call or (asked.call is None and after.url == asked.url):
        return None, None
    return (after.url, None) if asked.call is None and after.method == "GET" else (None, after)


def _is_last(answer: Answer, brought_by: Call) -> bool:
    """Say whether the rows of an answer reach the end of the list, as far as it tells."""
    if answer.total is None:
        return False
    last = last_record_of(brought_by)
    if last is None:
        size = answer.page_facts.get("rows") or (_DIRECTORY_PAGE if answer.family == "guangdong" else answer.shown)
        page = answer.page_facts.get("pageNo") or page_of(brought_by) or 1
        last = page * size
    return last > 0 and last >= answer.total
