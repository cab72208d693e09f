"""From what each script prints as JSON to rows of the sheet, with the bars."""

from typing import Any

from tests.bench.rows import Row, of_runs

_PEERS = {"trafilatura": "≥ 5×", "readability-lxml": "≥ 2×", "gne": ""}
_MEMORY = "≤ 200"


def read(told: Any) -> list[Row]:
    """Pages a second and marks; a ratio is the median over rounds."""
    results = {one["name"]: one for one in told["results"] if not one.get("absent")}
    ratios = told["ratios"].get("noticewire", {})
    known = told["ratios"].get("noticewire-template", {})
    ours = results["noticewire"]
    rows = [_speed("a page never seen", ours)]
    for name, peer in results.items():
        if name not in ratios:
            continue
        bar = _PEERS.get(name.lower(), "")
        rows.append(_speed("a page never seen", ours, beside=name, other=_rate(peer), ratio=ratios[name], bar=bar))
    if template := results.get("noticewire-template"):
        bar = "≥ 15×"
        peer = results.get("trafilatura")
        if peer:
            rows.append(
                _speed(
                    "its template known",
                    template,
                    beside="trafilatura",
                    other=_rate(peer),
                    ratio=known["trafilatura"],
                    bar=bar,
                )
            )
    rows += [
        Row(f"F1 of the body, {name}", one["marks"]["f1"], "") for name, one in results.items() if one.get("marks")
    ]
    return rows


def _rate(result: Any) -> float:
    return float(result["pages_per_second"])


def _speed(what: str, result: Any, **more: Any) -> Row:
    rates = [result["answered"] / seconds for seconds in result["passes"]]
    return of_runs(what, rates, "pages/s", **more)


def crawl(told: Any) -> list[Row]:
    """A first and a second crawl, and many columns."""
    results = {one["name"]: one for one in told["crawls"] if not one.get("absent")}
    ours = results.pop("noticewire")
    rows = [Row("first crawl", ours["first_ms_a_page"], "ms CPU a page", bar="≤ 2")]
    for name, peer in results.items():
        rows.append(
            Row("first crawl", ours["first_ms_a_page"], "ms CPU a page", beside=name, other=peer["first_ms_a_page"])
        )
        rows.append(Row("second crawl", ours["second_seconds"], "s CPU", beside=name, other=peer["second_seconds"]))
    rows.append(Row("peak memory of a crawl", ours["peak_mib"], "MiB", bar=_MEMORY))
    if many := told.get("many"):
        rows += [
            Row(
                "2,000 columns",
                many["visits_per_second"],
                "visits/s",
                beside="needed",
                other=many["needed_per_second"],
                bar="≥ 0.98×",
            ),
            Row("2,000 columns, the longest overdue", many["overdue_seconds"], "s"),
            Row("2,000 columns, of a core", 100 * many["core_share"], "%"),
            Row("2,000 columns, memory", many["peak_mib"], "MiB", bar=_MEMORY),
        ]
    return rows


def line(told: Any) -> list[Row]:
    """The whole line's CPU time a page, each process's share, and the memory of each."""
    theirs = told.get("scrapy_ms_a_page")
    beside = {"beside": "Scrapy", "other": theirs, "bar": "≤ 0.5×"} if theirs else {}
    rows = [Row("all processes together", sum(told["cpu_ms_a_page"].values()), "ms CPU a page", **beside)]
    rows += [Row(f"of it, {name}", spent, "ms CPU a page") for name, spent in told["cpu_ms_a_page"].items()]
    rows.append(Row("by the clock", told["seconds"], "s"))
    for name, held in told["memory_mib"].items():
        rows.append(Row(f"memory of {name}", held["rss"], "MiB RSS", beside="USS", other=held["uss"], bar=_MEMORY))
    return rows


def events(told: Any) -> list[Row]:
    """Each figure as its part tells it."""
    found = told if isinstance(told, list) else [told]
    return [
        Row(one["what"], one["ours"], one["unit"], beside=one["beside"], other=one["other"], bar=one["bar"])
        for one in found
    ]


def schedule(told: Any) -> list[Row]:
    """How many times fewer requests than fixed polling for the same waits."""
    rows = []
    for one in told:
        rows.append(Row(f"{one['policy']}: median wait", one["median"], "h"))
        if one["policy"] == "ours":
            rows.append(
                Row("ours: fewer requests than fixed polling, same median", one["fewer_for_median"], "times", bar="≥ 6")
            )
            rows.append(
                Row("ours: fewer requests than fixed polling, same p95", one["fewer_for_p95"], "times", bar="≥ 2")
            )
    return rows


def same(told: Any) -> list[Row]:
    """Sketches a second and lookups among ever more texts."""
    rows = [Row(f"texts of {int(length):,} characters", rate, "sketched/s") for length, rate in told["signed"].items()]
    lookups = list(told["lookups_ms"].items())
    smallest = lookups[0][1]["median"]
    for stored, one in lookups:
        bar = "≤ 2×" if stored != lookups[0][0] else ""
        beside = {"beside": f"among {int(lookups[0][0]):,}", "other": smallest} if bar else {}
        rows.append(Row(f"a lookup among {int(stored):,}", one["median"], "ms CPU", **beside, bar=bar))
    return rows


def growth(told: Any) -> list[Row]:
    """What a notice costs and takes at each size, and the slowest and the slow answers."""
    rows = []
    for database, sizes in told.items():
        smallest = next(iter(sizes))
        for size, one in sizes.items():
            rows += _cost_rows(f"{database}, {int(size):,} notices", one, sizes[smallest] if size != smallest else None)
        largest = f"{database}, {int(list(sizes)[-1]):,} notices"
        bar = "≤ 50" if database == "PostgreSQL" else ""
        answers = list(sizes.values())[-1]["answers"]
        rows += [
            Row(f"{largest}: {name}", one["p95"], "ms p95", beside="median", other=one["p50"], bar=bar)
            for name, one in sorted(answers.items(), key=lambda pair: -pair[1]["p95"])
        ]
    return rows


def _cost_rows(where: str, one: Any, smallest: Any) -> list[Row]:
    cost = one["cost"]
    beside: dict[str, Any] = {}
    if smallest:
        beside = {
            "beside": "the smallest",
            "other": smallest["cost"]["cpu_ms"],
            "ratio": cost["ratio"],
            "bar": "≤ 1.2×",
        }
    return [
        Row(f"{where}: a notice", cost["cpu_ms"], "ms CPU", cost["cpu_ms_from"], cost["cpu_ms_to"], **beside),
        Row(f"{where}: a notice", cost["wall_ms"], "ms by the clock"),
        *(Row(f"{where}: of it, {step}", spent, "ms CPU") for step, spent in cost["steps"].items()),
        Row(f"{where}: kept", one["bytes_a_notice"] / 1024, "KiB a notice"),
    ]
