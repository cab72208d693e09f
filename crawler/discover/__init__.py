"""From a listing's bytes to the links it shows: what they are called, when they were published, what comes next.

read.py      the story: read_listing; start reading there
listing.py   what a listing shows, as values
calls.py     a request that brings a page of a list
profile.py   how one column is read, to be stored and edited
soup.py      the page as a soup of bounded size
links.py     the links of a page, each with the row it stands in
dates.py     a publication date in a row's text, or in a URL
pager.py     where the next page is
families.py  the table of publishing systems that are recognised
"""

from crawler.discover.calls import Call
from crawler.discover.listing import Item, Listing
from crawler.discover.profile import Profile
from crawler.discover.read import read_listing

__all__ = ["Call", "Item", "Listing", "Profile", "read_listing"]
