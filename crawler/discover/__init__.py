"""From a listing's bytes to the links it shows: what they are called, when they were published, what comes next.

listing.py   the story: read_listing; start reading there
soup.py      the page as a soup of bounded size
links.py     the links of a page, each with the row it stands in
dates.py     a publication date in a row's text, or in a URL
pager.py     where the next page is
families.py  the table of publishing systems that are recognised
"""

from crawler.discover.listing import Item, Listing, read_listing

__all__ = ["Item", "Listing", "read_listing"]
