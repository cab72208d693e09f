"""The crawl benchmark: what a page costs the crawler, beside Scrapy and bare requests, on the same simulated hosts.

__main__.py   the story: start the origin, let each contender crawl twice, then the many columns; print the figures
origin.py     the simulated hosts, a process of its own, so that serving is nobody's cost
pages.py      what the hosts serve
visits.py     one contender's two crawls, in its process: CPU time and memory
ours.py       our crawler
theirs.py     Scrapy with its cache, and bare requests
many.py       2,000 columns on 500 hosts, for a while
"""
