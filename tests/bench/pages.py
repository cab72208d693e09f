"""The pages that every contender is given, with their labels where somebody has written down what is right."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
# Real pages, where their folder stands beside the checkout; tests/conftest.py looks in the same place.
REAL_PAGES = ROOT.parent / "shared" / "pages" / "html"
OWN_PAGES = ROOT / "tests" / "pages"


class Label(NamedTuple):
    """What is right for one page, written down by hand."""

    title: str
    published: str | None  # "2024-10-14 10:17", or the day alone; None where the page prints none
    body: str
    boilerplate: tuple[str, ...]  # texts of the page that belong to no body


class Page(NamedTuple):
    """A page as it would arrive: its bytes and an address; the host is made up, one for each page."""

    name: str
    url: str
    snapshot: bytes
    label: Label | None


def pages_in(folder: Path, *, every: bool = False) -> list[Page]:
    """Return the pages of a folder by name: those with a label, or all where none has one or `every` is asked for.

    The label of `html/NAME` is `labels/NAME.json` beside that folder. A label without a body is of no notice.
    """
    pages = list(_pages(folder))
    labelled = [page for page in pages if page.label]
    return pages if every or not labelled else labelled


def _pages(folder: Path) -> Iterator[Page]:
    for number, path in enumerate(sorted(folder.glob("*.html"))):
        label = folder.parent / "labels" / f"{path.name}.json"
        url = f"https://page{number}.example/notices/page.html"
        yield Page(path.name, url, path.read_bytes(), _label(label) if label.is_file() else None)


def _label(path: Path) -> Label | None:
    facts = json.loads(path.read_text("utf-8"))
    if not facts.get("body_text"):
        return None
    return Label(facts["title"], facts["pub_date"], facts["body_text"], tuple(facts["boilerplate_samples"]))
