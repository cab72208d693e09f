"""A story in sentences: what is known of a URL, why it is (not) looked at next, and which rules decided. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]


def summary(story: Record) -> list[str]:
    """Return the sentences that a person reads first; `story` is as `services.cli.story` gathers it.

    Times are RFC 3339 texts in UTC with equal precision or more, so that they compare as texts up to the second.
    """
    return [*_place(story), *_robots(story["robots"]), *_next(story), *_last(story), *_meaning(story), *_reading(story)]


def _place(story: Record) -> Iterator[str]:
    source, column, target = story["source"], story["column"], story["target"]
    if source is None:
        yield "It belongs to no source; watch its column with: noticewire source add URL"
        return
    where = f"the source {source['name']} ({source['host']})"
    if target is None:
        yield f"No listing of {where} has shown this URL, so nobody promised to look at it."
    elif target["kind"] == "listing":
        page = f"page {target['page']} of a listing" if target["page"] > 1 else "the listing of a column"
        page = f"{page}, asked for by a call ({target['method']})" if target["method"] else page
        yield f"It is {page} of {where}" + (f", read as {column['family']}." if column["family"] else ".")
    elif target["kind"] == "attachment":
        yield f"It is a file of the notice {story['part_of']} of {where}; what it says is told there."
    elif target["kind"] == "backfill":
        yield f"It is where the backfill {target['backfill_id']} stands in the listing {column['url']} of {where}."
    elif story["part_of"]:
        yield f"It is page {target['page']} of the notice {story['part_of']} of {where}; what it says is told there."
    else:
        yield f"It was shown by the listing {column['url']} of {where}, last at {_at(target['listed_at'])}."
    if column and column["warning"]:
        yield f"Its column's listing is odd: {column['warning']}."
    if column and (latest := column.get("latest")):
        held = f"{latest['notices']} notices of {latest['days']:g} days"
        if latest["rule"] == "shown-in-full":
            yield f"Its column is read through the list of {latest['list']}, which showed all: {held}."
        else:
            yield f"Its column is no longer read through the list of {latest['list']}: {latest['rule']}."


def _robots(robots: Record | None) -> Iterator[str]:
    if robots is None:
        yield "Its robots.txt has not been fetched yet; that comes before anything else."
        return
    words = {"allowed": "allows it", "disallowed": "forbids it"}
    verb = words.get(robots["verdict"], "is to be fetched again before the next request")
    yield f"robots.txt {verb}: {robots['rule']} (fetched {_at(robots['fetched_at'])})."
    for remark in robots["remarks"]:
        yield f"{remark}."


def _next(story: Record) -> Iterator[str]:
    source, target, host, now = story["source"], story["target"], story["host"], story["now"]
    if source and source["paused_at"]:
        yield f"The source is paused since {_at(source['paused_at'])}; go on with: noticewire source resume"
    if host and host["failures"]:
        yield f"Its host failed {host['failures']} times in a row, last with: {host['last_error']}."
    if host and host["remark"]:
        yield f"An operator should know of its host: {host['remark']}."
    if host and _later(host["next_allowed_at"], now):
        yield f"Its host is left alone until {_at(host['next_allowed_at'])}."
    yield from _budget(story["budget"])
    if target is None:
        return
    if _later(target["leased_until"], now):
        yield f"A crawler holds it just now, until {_at(target['leased_until'])} at the latest."
    if target["due_at"] is None:
        yield f"It is not due until something asks for it: {target['due_reason']}."
    else:
        tense = "is due" if _later(target["due_at"], now) else "has been due since"
        yield f"It {tense} {_at(target['due_at'])}: {target['due_reason']}."
    if story["recrawl"]:
        recrawl = story["recrawl"]
        why = f" ({recrawl['reason']})" if recrawl["reason"] else ""
        yield f"A re-crawl was asked for at {_at(recrawl['created_at'])}, by {recrawl['requested_by']}{why}."


def _budget(budget: Record) -> Iterator[str]:
    if budget["quiet_seconds"]:
        yield f"It is quiet hours at its host, for {budget['quiet_seconds']} s more."
    bounds = {"requests": budget["daily_requests"], "bytes": budget["daily_bytes"]}
    asked = [f"{budget[name]} of {most} {name}" for name, most in bounds.items() if most is not None]
    if asked:
        yield f"Of its host's budget for {budget['day']} ({budget['time_zone']}) are counted: {', '.join(asked)}."


def _last(story: Record) -> Iterator[str]:
    target, fetches = story["target"], story["fetches"]
    if target is None:
        return
    if not fetches:
        # A visit that robots.txt forbids is an outcome without a fetch.
        yield f"It was never fetched{_by(target['last_outcome'], target['last_rule'])}."
        return
    fetch = fetches[0]
    status = f" with status {fetch['status']}" if fetch["status"] is not None else ""
    yield f"It was last fetched at {_at(fetch['started_at'])}{status}{_by(fetch['outcome'], fetch['rule'])}."
    if fetch["error"]:
        yield f"That went wrong: {fetch['error']}."
    if fetch["asked_of_robots"]:
        yield f"The page asks of robots: {fetch['asked_of_robots']}; of a noarchive page no text is kept."
    for one in fetches:
        if one["quarantined_at"]:
            yield f"Its fetch {one['id']} is in quarantine: {one['quarantine_reason']}."
            yield f"To have it read again: noticewire reprocess {one['id']}"
        elif one["rung_at"] and not one["processed_at"]:
            yield f"Its fetch {one['id']} waits for a worker since {_at(one['rung_at'])}."


def _meaning(story: Record) -> Iterator[str]:
    decided = next((fetch for fetch in story["fetches"] if fetch["decision"] and fetch["processed_at"]), None)
    if decided:
        when = _at(decided["processed_at"])
        yield f"A worker decided at {when}: {decided['decision']}, by the rule {decided['decision_rule']}."
    notice = story["notice"]
    if notice:
        revisions, events = len(story["revisions"]), len(story["events"])
        yield f"The notice {notice['id']} is {notice['state']}; revisions: {revisions}, events: {events}."
        if story["deliveries"]:
            states = Counter(str(one["state"]) for one in story["deliveries"])
            yield f"Of its newest events' deliveries are: {', '.join(f'{state} {n}' for state, n in states.items())}."
        waiting = [one for one in story["days"] if one["judged_at"] is None]
        if waiting:
            yield f"The next day to be told of is {waiting[-1]['day']}: {waiting[-1]['type']}."
        untold = Counter(one["rule"] for one in story["days"] if one["rule"] and not one["rule"].startswith("day-"))
        if untold:
            yield f"Days that came and were not told: {', '.join(f'{rule} {n}' for rule, n in untold.items())}."
        if notice["url"] != story["url"]:
            yield f"It lives at {notice['url']} now."
        if notice["muted_at"]:
            yield f"It is muted since {_at(notice['muted_at'])}: {notice['muted_reason']}."


def _reading(story: Record) -> Iterator[str]:
    document = story["document"]
    if document and document["page_status"]:
        text = f", its text found by the rule {document['container']}" if document["container"] else ""
        yield f"It was read as {document['page_status']}, by the rule {document['page_rule']}{text}."
    if document and document["published_at_from"]:
        evidence = document["published_at_from"].replace("_", " ")
        yield f"Its date {document['published_at']} is that of the {evidence}."
    if document and document["cut_as_learned"]:
        yield f"Cut from it, for many notices of its source share it: {' / '.join(document['cut_as_learned'])}."
    elif story["learned"]:
        yield f"Lines at the edges that are known for its source: {len(story['learned'])}; none was cut here."
    if story["follows"]:
        yield f"It follows the notice {story['follows']['id']}, about the same inspection of the same body."
    for one in story["followed_by"]:
        yield f"The notice {one['id']} follows it."
    if story["republishes"]:
        yield f"Its text was told before, by the notice {story['republishes']['id']}."
    for one in story["republished_by"]:
        yield f"The notice {one['id']} repeats its text."


def _by(outcome: str | None, rule: str | None) -> str:
    return f": {outcome}, by the rule {rule}" if outcome else ""


def _later(at: str | None, now: str) -> bool:
    return at is not None and at[:19] > now[:19]


def _at(moment: str | None) -> str:
    """Return a time to the second."""
    return f"{moment[:19]}Z" if moment else "never"
