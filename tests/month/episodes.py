"""M6: what was told of silences, drifts and blocks, against the deaths, redesigns and spells of the story."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil, inf

from sqlalchemy import select

from shared.db.models import Column, Episode
from shared.domain.states import Ailment
from tests.month.bounds import DRIFTED_AFTER, Owed, block_owed, silence_owed
from tests.month.clock import seconds_of
from tests.month.record import Record, at
from tests.month.story import DAY, Character, Spell

FALSE_SILENCES = 1e-3
"""False silences for each notice that was published: each pause between two is judged, at 1 in 10,000."""


class Episodes:
    """The episodes of a record; `flaws` counts and measures as well."""

    def __init__(self, record: Record) -> None:
        """Judge nothing yet."""
        self._record = record
        self._counts = record.counts
        self._ends = record.ends

    def flaws(self) -> Iterator[str]:
        """M6: every death, drift and block in time, and no others."""
        columns = {column.id: column.url for column in self._record.session.scalars(select(Column))}
        found: dict[tuple[str, str], list[Episode]] = defaultdict(list)
        for episode in self._record.session.scalars(select(Episode).order_by(Episode.began_at)):
            found[columns[episode.column_id], episode.kind].append(episode)
        for url, one in self._record.characters.items():
            yield from self._silence(url, one, found[url, Ailment.SILENT])
            yield from self._drift(url, one, found[url, Ailment.DRIFTED])
            yield from self._blocks(url, one, found[url, Ailment.BLOCKED])
        allowed = max(1, ceil(FALSE_SILENCES * self._counts["truth: notices"]))
        if self._counts["told: false silences"] > allowed:
            yield f"M6 {self._counts['told: false silences']} false silences, where {allowed} may be"

    def _silence(self, url: str, one: Character, episodes: Sequence[Episode]) -> Iterator[str]:
        dead = one.fated_at if one.fate == "dies" else inf
        self._counts["told: false silences"] += sum(at(each.began_at) < dead for each in episodes)
        if one.fate != "dies":
            return
        self._counts["truth: deaths"] += 1
        published = self._record.published_by(one)
        last = published[-1] if published else 0.0
        told = next((at(each.began_at) for each in episodes if at(each.began_at) >= last), inf)
        due = silence_owed(Owed(self._record.story, one), self._looks(url), self._record.news_of(one))
        self._record.verdict.deaths.append((url, one.rate, (told - last) / DAY, (due - last) / DAY))
        if told > due and due < self._ends:
            when = f"died on day {last / DAY:.1f}, owed by {due / DAY:.1f}, told on day {told / DAY:.1f}"
            yield f"M6 {url} {when}"

    def _looks(self, url: str) -> list[float]:
        """Return when a column's listing was read."""
        mine = [each for each in self._record.log if f"http://{each['host']}{each['path']}" == url]
        return [each["started"] for each in mine if each["status"] in (200, 304) and not each["fault"]]

    def _drift(self, url: str, one: Character, episodes: Sequence[Episode]) -> Iterator[str]:
        fated = one.fated_at if one.fate == "drifts" else inf
        for each in episodes:
            if at(each.began_at) < fated:
                yield f"M6 {url}, which {one.fate}, is told to have drifted: {each.evidence}"
        if one.fate == "drifts":
            self._counts["truth: drifts"] += 1
            due = Owed(self._record.story, replace(one, fate="lives")).after(fated, DRIFTED_AFTER)
            told = next((at(each.began_at) for each in episodes), inf)
            if told > due and due < self._ends:
                yield f"M6 {url} drifted on day {fated / DAY:.1f}, told on day {told / DAY:.1f}"

    def _blocks(self, url: str, one: Character, episodes: Sequence[Episode]) -> Iterator[str]:
        spells = list(Owed(self._record.story, one).spells())
        if one.fate == "closes":
            spells.append(Spell(one.key, "404", one.fated_at, inf))
        for each in episodes:
            began, ended = seconds_of(each.began_at), at(each.ended_at)
            spell = next((spell for spell in spells if spell.begins <= began <= _over(spell)), None)
            if spell is None:
                yield f"M6 {url} is told to be blocked on day {began / DAY:.1f}: {each.evidence}"
            elif ended < spell.ends:
                yield f"M6 {url} is told to have recovered while it could not be read ({spell.kind})"
            elif ended == inf and _over(spell) + 1.3 * DAY < self._ends and not _goes_on(spell, spells):
                yield f"M6 {url}: its {spell.kind} ended on day {spell.ends / DAY:.1f}, which was not told"
        for spell in spells:
            yield from self._spell(url, one, spell, episodes)

    def _spell(self, url: str, one: Character, spell: Spell, episodes: Sequence[Episode]) -> Iterator[str]:
        # An episode may go on from one trouble to the next.
        heard = [each for each in episodes if at(each.began_at) <= _over(spell) and at(each.ended_at) > spell.begins]
        told = max(spell.begins, at(heard[0].began_at)) if heard else inf
        self._counts[f"truth: columns that could not be read ({spell.kind})"] += 1
        self._counts[f"told: columns that could not be read ({spell.kind})"] += told < inf
        due = block_owed(one, spell)
        if told > due and due < min(spell.ends, self._ends):
            when = f"from day {spell.begins / DAY:.1f}, owed by {due / DAY:.1f}, told on day {told / DAY:.1f}"
            yield f"M6 {url} could not be read ({spell.kind}) {when}"


def _goes_on(spell: Spell, spells: Sequence[Spell]) -> bool:
    """Tell whether another trouble begins before anything can have been read after this one."""
    return any(spell.begins < other.begins < _over(spell) + 1.3 * DAY and other.ends > spell.ends for other in spells)


def _over(spell: Spell) -> float:
    """Return by when nothing is heard of a spell any more: a robots file that was changed is read within two days."""
    return spell.ends + (2 * DAY if spell.kind == "robots" else 60)
