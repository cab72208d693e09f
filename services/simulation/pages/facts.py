"""What a template is told: values only, so that a page is a pure function of them."""

from dataclasses import dataclass
from datetime import datetime
from html import escape


@dataclass(frozen=True)
class PublisherFacts:
    """The publishing body of a host; `prefix` stands before every path of it ("" when it has the host to itself)."""

    city: str
    number: int
    base_url: str
    prefix: str

    @property
    def name(self) -> str:
        """The body that publishes."""
        return f"{self.city}纪委监委"

    @property
    def site_name(self) -> str:
        """The name of its site."""
        return f"{self.city}清风网"

    @property
    def site_code(self) -> str:
        """The ten-digit site identification code."""
        return f"44{self.number:02d}990001"

    @property
    def record_number(self) -> str:
        """The ICP record number."""
        return f"粤ICP备2509{self.number:04d}号-1"

    @property
    def police_number(self) -> str:
        """The police record number."""
        return f"粤公网安备 44990002{self.number:06d}号"


@dataclass(frozen=True)
class DetailFacts:
    """A notice's page: the text, and what surrounds it; `generated_at` is when the page was last written.

    Page `page` (from 0) of `pages`; `paragraphs` are those of this page.
    """

    publisher: PublisherFacts
    column_name: str
    column_path: str
    url: str
    number: int
    title: str
    source: str
    published_at: datetime
    generated_at: datetime
    paragraphs: tuple[str, ...]
    views: int
    page: int = 0
    pages: int = 1
    files: tuple[tuple[str, str], ...] = ()
    """Paths and names of the files that it links to."""


@dataclass(frozen=True)
class Item:
    """One line of a listing; `path` is absolute within the host."""

    path: str
    title: str
    published_at: datetime
    pinned: bool = False


@dataclass(frozen=True)
class ListingFacts:
    """Page `page` (from 0) of `pages` of a column, `total` items in all."""

    publisher: PublisherFacts
    column_name: str
    column_path: str
    items: tuple[Item, ...]
    page: int
    pages: int
    total: int
    column_number: int = 0
    page_size: int = 10


def cut(title: str, width: int = 22) -> str:
    """A title as a listing shows it: cut with three dots when it is longer than `width` characters."""
    return title if len(title) <= width else f"{title[:width]}..."


def file_links(facts: DetailFacts) -> str:
    """Return the lines that link a notice's files, as most families write them; none where it has none."""
    links = "".join(f'<p><a href="{path}">{escape(name)}</a></p>' for path, name in facts.files)
    return f'\n<div class="article-files"><p>相关附件：</p>{links}</div>' if links else ""
