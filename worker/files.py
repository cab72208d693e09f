"""The files of a notice: which of them are asked for, which are still awaited, and what is known of each.

A file is a target of its own, like a further page, and a fetch of it is processed like any: the notice is read anew
with the new bytes. It waits for each file to be tried once, so that its first event tells of all; but not for longer
than `FileRules.wait_seconds`. What arrives after that, or at a later try, completes the revision that is there: nobody
changed the notice by it. Only other bytes than those that it was read with are a change.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.db.files import Extracted
from shared.db.frontier import Link
from shared.db.models import Fetch, Target
from shared.domain.states import TargetKind
from shared.errors import Invalid
from shared.urls import canonical, host_of
from worker.pages import Pages
from worker.read import FILE_RULE, Document, File, with_files
from worker.shelf import Shelf
from worker.waiting import FileRules

NOT_FETCHED = "not_fetched"


@dataclass(frozen=True)
class Asked:
    """The files of a document by their addresses there: which are asked for, and why the others are not."""

    links: Mapping[str, Link]
    refused: Mapping[str, str]

    @property
    def targets(self) -> list[Link]:
        """What is to be fetched, each once, in the order of the page."""
        return list({link.url: link for link in self.links.values()}.values())


def asked_of(document: Document, first: Target, rules: FileRules) -> Asked:
    """Return which files of the notice at `first` are asked for: those on its own host, up to as many as the rules say.

    The others are known by name alone.
    """
    own, links, refused = host_of(first.url), dict[str, Link](), dict[str, str]()
    for attachment in document.attachments:
        try:
            url = canonical(attachment.url)
            host = host_of(url)
        except Invalid:
            refused[attachment.url] = "address"
            continue
        if host != own:
            refused[attachment.url] = "other-host"
        elif len({link.url for link in links.values()} - {url}) >= rules.most:
            refused[attachment.url] = "too-many"
        else:
            links[attachment.url] = Link(url, host, attachment.title[:500], kind=TargetKind.ATTACHMENT)
    return Asked(links, refused)


def unfollowed(asked: Asked) -> Asked:
    """Return that nothing is asked for, because the page wishes that its links be left alone."""
    return Asked({}, {**asked.refused, **dict.fromkeys(asked.links, "nofollow")})


def without_taken(asked: Asked, taken: Collection[str]) -> Asked:
    """Return what is asked for but for the URLs that are something else already: a notice, or another notice's file."""
    links = {url: link for url, link in asked.links.items() if link.url not in taken}
    elsewhere = dict.fromkeys(asked.links.keys() - links.keys(), "elsewhere")
    return Asked(links, {**asked.refused, **elsewhere})


def are_awaited(asked: Asked, pages: Pages, now: datetime, rules: FileRules) -> bool:
    """Tell whether the notice still waits for a file to be tried for the first time."""
    brought = pages.newest.get(pages.first.id)
    if brought is None or now - brought.started_at >= timedelta(seconds=rules.wait_seconds):
        return False
    return any(not _is_tried(pages, link) for link in asked.targets)


def _is_tried(pages: Pages, link: Link) -> bool:
    target = pages.parts.get(link.url)
    return target is not None and target.id in pages.numbers


def known_files(asked: Asked, pages: Pages) -> dict[str, File]:
    """Return what the ledger knows of a document's files by their addresses there, before any is opened."""
    found = {url: File(NOT_FETCHED, reason) for url, reason in asked.refused.items()}
    for url, link in asked.links.items():
        target = pages.parts.get(link.url)
        fetch = pages.newest.get(target.id) if target is not None else None
        if fetch is not None:
            found[url] = File("no_text", None, fetch.digest, fetch.size)
        elif target is None or not _is_tried(pages, link):
            found[url] = File(NOT_FETCHED, "not-yet")
        else:
            found[url] = File(NOT_FETCHED, target.last_rule or "not-yet")
    return found


def own_file(document: Document, brought: Fetch) -> dict[str, File] | None:
    """Return what is known of the file that `brought` and that is the whole notice; None where it has a page."""
    if document.page.rule != FILE_RULE:
        return None
    return {one.url: File("no_text", None, brought.digest, brought.size) for one in document.attachments}


def stored(files: Mapping[str, Any] | None) -> dict[str, File]:
    """Return what a revision was read with, from its row."""
    return {url: File(**told) for url, told in (files or {}).items()}


def to_store(files: Mapping[str, File]) -> dict[str, Any]:
    """Return `files` as a revision's row keeps them."""
    return {url: asdict(file) for url, file in files.items()}


def like_with_like(before: Mapping[str, File], now: Mapping[str, File]) -> dict[str, File]:
    """Return the files that a revision is to be read again with: its own, and those that it never had.

    That a file arrived is the crawler's doing; only other bytes than those before are the publisher's.
    """
    had = {url: file for url, file in before.items() if file.digest}
    return {**before, **now, **had}


@dataclass(frozen=True)
class Opened:
    """A document with its files, as they were when it was read."""

    document: Document
    files: Mapping[str, File]


def opened(document: Document, files: Mapping[str, File], shelf: Shelf) -> Opened:
    """Open the files and return the document with them; raises `Unavailable` where none can be opened just now."""
    digests = {file.digest for file in files.values() if file.digest}
    extracted = shelf.extracted(digests) if digests else {}
    files = {url: _opened(file, extracted) for url, file in files.items()}
    texts = {digest: one.text for digest, one in extracted.items() if one.text is not None}
    return Opened(with_files(document, files, texts), files)


def _opened(file: File, extracted: Mapping[str, Extracted]) -> File:
    if file.digest is None:
        return file
    one = extracted[file.digest]
    return replace(file, status="no_text" if one.text is None else "read", reason=one.reason, type=one.kind)
