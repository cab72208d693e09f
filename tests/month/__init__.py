"""The great rehearsal: many columns live through weeks of played time, and what was told is held against the truth.

The crawler (`CrawlLoop` with its guest and capture), the worker and the relay's duties are the real ones, on a real
SQLite ledger, in one thread; the time and the sites are played. Not rehearsed: sockets, processes, several threads.

story      who publishes what and when, what is done to it, and what befalls columns and hosts: seeded, knows no crawler
play       the clock that jumps, the sites as an `Exchange`, and the rounds from one moment to the next; start here
bounds     by when the crawler owes a truth, by what `docs/schedule.md` and `docs/changes.md` promise
verdict    what is missing, what was invented, and the figures
"""
