"""The reading benchmark: our reader beside its peers, over the same pages, in one process each; no test is in here.

    pages ─► contest (rounds) ⇄ turn (a process for each of `contenders`) ─► score ─► report

`make bench-read` runs it. Start reading at `read.main`; `docs/benchmarks.md` tells what is measured and how.
"""
