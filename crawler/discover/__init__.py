"""From a listing's bytes to what it lists and how it goes on: the story is `read_listing` in read.py, start there.

listing.py    what a listing shows, as values             calls.py      a request that brings a page of a list
profile.py    how one column is read, to be edited
tree.py       the page as a tree of bounded size          links.py      its links, each with the row it stands in
titles.py     what a link is called                       dates.py      a date in a row's text, or in an address
blocks.py     which of a page's lists is its own          pager.py      where the next page is
families.py   the publishing systems that are recognised  endpoints.py  the calls that a page's scripts make
answers.py    what such calls answer                      feeds.py      RSS, Atom, sitemaps
sheet.py      the listing on a page                       reply.py      the listing in an answer or a feed
items.py      from rows as written to items
"""

from crawler.discover.calls import Call
from crawler.discover.listing import Item, Listing
from crawler.discover.profile import Profile
from crawler.discover.read import read_listing

__all__ = ["Call", "Item", "Listing", "Profile", "read_listing"]
