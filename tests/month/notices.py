"""M1 to M5: what is known of notices, against what was published, edited, withdrawn, restored, moved and stirred."""

from collections.abc import Iterator
from itertools import pairwise
from math import inf

from sqlalchemy import select

from services.simulation.prose import fingerprint
from shared.db.models import Event, Fetch, Notice, Revision
from shared.domain.states import NoticeState
from tests.month.bounds import Owed
from tests.month.clock import seconds_of
from tests.month.record import Record, Told, begin_of
from tests.month.story import DAY, HOUR

Span = tuple[float, float]


class Notices:
    """The notices of a record; `flaws` counts and measures as well."""

    def __init__(self, record: Record) -> None:
        """Judge nothing yet."""
        self._record = record
        self._counts = record.counts
        self._ends = record.ends

    def flaws(self) -> Iterator[str]:
        """M1 to M5, and that there is no other notice."""
        known = {notice.url: notice for notice in self._record.session.scalars(select(Notice))}
        for told in self._record.truth["notices"]:
            self._counts["truth: notices"] += 1
            owed = Owed(self._record.story, self._record.column_of(told))
            at = [url for url in (told["url"], *told["previous_urls"]) if url in known]
            found = [known.pop(url) for url in at]  # more than one is told by C1 of the invariants
            yield from self._of_notice(told, found[0], owed) if found else self._unknown(told, owed)
        for url in known:
            yield f"M1 {url} is a notice that was never published"

    def _unknown(self, told: Told, owed: Owed) -> Iterator[str]:
        gone = [one["withdrawn_at_monotonic"] for one in told["withdrawals"]]
        if owed.listed(begin_of(told)) >= min([*gone, self._ends]):
            self._counts["missed: notices that went too soon, or are not owed yet"] += 1
            return
        yield f"M1 {told['url']} is up since day {begin_of(told) / DAY:.1f} and not known"

    def _of_notice(self, told: Told, notice: Notice, owed: Owed) -> Iterator[str]:
        self._measure(told, notice, owed)
        yield from self._texts(told, notice, owed)
        yield from self._goings(told, notice, owed)
        yield from self._moves(told, notice, owed)
        yield from self._mutes(told, notice, owed)

    def _measure(self, told: Told, notice: Notice, owed: Owed) -> None:
        """Note how long the publication took to be told, unless something stood in the way just then."""
        begun, since = [*self._of(notice, "published"), *self._of(notice, "republished")], begin_of(told)
        if since > 0 and begun and owed.is_clear(since):
            self._record.verdict.delays.append((seconds_of(begun[0].occurred_at) - since) / HOUR)

    def _mutes(self, told: Told, notice: Notice, owed: Owed) -> Iterator[str]:
        if notice.muted_at is not None:
            self._counts["told: muted notices"] += 1
            if not told["stirred"]:
                yield f"M5 {told['url']} was muted and never restless: {notice.muted_reason}"
        elif told["restless"] and told["up"]:
            # Whatever else is done to it is told, and then it must be restless anew.
            last = max(at for at, path in self._record.acts if told["url"].endswith(path))
            if owed.mute(begin_of(told), last) < self._ends:
                yield f"M5 {told['url']} is restless since day {last / DAY:.1f} at the latest, and not muted"

    def _of(self, notice: Notice, kind: str) -> list[Event]:
        return self._record.events(notice.id, f"notice.{kind}")

    def _texts(self, told: Told, notice: Notice, owed: Owed) -> Iterator[str]:
        if told["stirred"]:
            self._counts["truth: restless notices"] += 1
            return
        query = select(Revision.document).where(Revision.notice_id == notice.id).order_by(Revision.number)
        bodies = (str(document["body"]) for document in self._record.session.scalars(query))
        stored = [fingerprint(body.splitlines()) for body in bodies]
        served = [one["fingerprint"] for one in told["revisions"]]
        self._counts["truth: edits"] += len(served) - 1
        self._counts["missed: texts that came and went, or are not owed yet"] += len(set(served) - set(stored))
        for unknown in set(stored) - set(served):
            yield f"M2 {told['url']}: a text is stored that was never served ({unknown[:8]})"
        if any(one == two for one, two in pairwise(stored)):
            yield f"M2 {told['url']}: the same text is stored twice in a row"
        lasting = [one["fingerprint"] for one in told["revisions"] if self._lasted(one, told, owed)]
        rest = iter(stored)
        if not all(any(one == other for other in rest) for one in lasting):
            yield f"M2 {told['url']}: {len(lasting)} texts lasted, not all are among the {len(stored)} stored"

    def _lasted(self, revision: Told, told: Told, owed: Owed) -> bool:
        """Tell whether a text was up for longer than the crawler may take."""
        begin, since, until = begin_of(told), revision["served_from_monotonic"], revision["served_to_monotonic"]
        until = self._ends if until is None else until
        for gone in told["withdrawals"]:
            back = gone["restored_at_monotonic"] or inf
            if gone["withdrawn_at_monotonic"] < until and back > since:
                return owed.restoral(since, back) < until
        deadlines = [owed.look_back(begin, since) if since > begin else owed.listed(begin)]
        deadlines += [owed.move(begin, move["left_at_monotonic"], move["status"]) for move in told["moves"]]
        return max(deadlines) < until

    def _goings(self, told: Told, notice: Notice, owed: Owed) -> Iterator[str]:
        spans = [(gone["withdrawn_at_monotonic"], gone["restored_at_monotonic"] or inf) for gone in told["withdrawals"]]
        self._counts["truth: withdrawals"] += len(spans)
        self._counts["truth: returns"] += sum(end < inf for _, end in spans)
        known: set[Span] = set()
        for at in map(self._seen, self._of(notice, "withdrawn")):
            during = next((span for span in spans if span[0] <= at < span[1]), None)
            if during is None or during in known:
                yield f"M3 {told['url']}: withdrawn on day {at / DAY:.2f}, {'again' if during else 'and it was up'}"
            known |= {during} if during else set()
        yield from self._returns(told, notice, owed, known)
        for span in spans:
            if span in known:
                continue
            if owed.withdrawal(begin_of(told), span[0]) < min(span[1], self._ends):
                yield f"M3 {told['url']}: its withdrawal on day {span[0] / DAY:.2f} was not told"
            else:
                self._counts["missed: withdrawals too short, or not owed yet"] += 1

    def _returns(self, told: Told, notice: Notice, owed: Owed, known: set[Span]) -> Iterator[str]:
        for at in map(self._seen, self._of(notice, "restored")):
            if not any(span[1] <= at for span in known):
                yield f"M3 {told['url']}: restored on day {at / DAY:.2f}, and it was not"
        last = max(known, default=(0.0, inf))
        stays = told["up"] and notice.state == NoticeState.WITHDRAWN
        if stays and owed.restoral(*last) < self._ends:
            yield f"M3 {told['url']}: its return on day {last[1] / DAY:.2f} was not told"

    def _seen(self, event: Event) -> float:
        """Return when the visit was that an event is about."""
        fetch = self._record.session.get(Fetch, event.cause)
        return seconds_of(fetch.started_at if fetch else event.occurred_at)

    def _moves(self, told: Told, notice: Notice, owed: Owed) -> Iterator[str]:
        events, moves = self._of(notice, "moved"), told["moves"]
        self._counts["truth: moves"] += len(moves)
        if len(events) > len(moves):
            yield f"M4 {told['url']} moved {len(moves)} times, and {len(events)} were told"
        if notice.url == told["url"]:
            return
        due = max(owed.move(begin_of(told), one["left_at_monotonic"], one["status"]) for one in moves)
        if told["up"] and due < self._ends and not told["withdrawals"]:
            days = ", ".join(f"{one['left_at_monotonic'] / DAY:.1f} ({one['status']})" for one in moves)
            yield f"M4 {told['url']} is known at {notice.url} still (moved on days {days})"
        else:
            self._counts["missed: moves not owed yet"] += 1
