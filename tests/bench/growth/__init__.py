"""The growth benchmark: what a notice costs the line, and what a question costs the API, beside ever more notices.

__main__.py    the story: fill one ledger for each size, let the line bring more to each by turns, ask each; print
pages.py       invented notices as a site would show them, and the phrases they are made of
line.py        the real crawler, worker, relay and courier in one thread, whose way out is an invented site
moulds.py      what the line wrote for a few dozen notices, by notice: the shape of every row
casts.py       more rows of the same shape, with other ids, times, places, days and phrases
fill.py        casts in bulk: COPY or executemany, with the indexes made afterwards
questions.py   what is asked of the API, and how long the answers take
database.py    a database to grow: its size, and the CPU time of its server
"""
