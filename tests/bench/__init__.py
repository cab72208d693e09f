"""The benchmarks: what we take beside peers and floors measured in the same run; no test is in here.

    __main__ ─► parts (a script each, in a process of its own) ─► tellings ─► rows ─► sheet: docs/performance.md

`make bench` runs all of them. Each is a script of its own that prints its figures, as JSON too: `read` (with `contest`,
`turn`, `contenders`, `score`, `report`), `crawl/`, `line/`, `events/`, `schedule` (with `columns`, `policies`), `same`
and `growth/`; `docs/benchmarks.md` tells what each measures and how.
"""
