"""How far a listing's page reaches back: from which day on it showed everything. Pure."""

from collections.abc import Sequence


def covered_from(days: Sequence[str | None]) -> str | None:
    """Return the day (ISO 8601) after which nothing is missing, by the days of a page's items in their order.

    Items stand from the newest to the oldest, but some are pinned above, and other lists may stand beside: so the day
    is the last one of the longest run that never goes up. Of that day itself, some may stand on the next page. None if
    no item is dated.
    """
    runs: list[list[str]] = [[]]
    for day in days:
        if day is None:
            continue
        if runs[-1] and day > runs[-1][-1]:
            runs.append([])
        runs[-1].append(day)
    longest = max(runs, key=len)
    return longest[-1] if longest else None
