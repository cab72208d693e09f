"""By when the crawler owes a truth: the documented pace in seconds, with what stood in its way added. Pure.

A look at a listing comes after a day at the latest; a notice that was quiet for some time is looked at again after at
most as long again (the pause doubles, ±10 %); what is gone is confirmed by six visits over three days at most
(docs/changes.md), and its confirmation looks back ever less often. While a host blocks, fails or forbids, nothing is
owed, and afterwards the pause after failures (a day at most) must be over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from crawler.schedule.hours import hours_at
from tests.bench.columns import TRUE_HOURS
from tests.month.clock import BEGIN
from tests.month.story import DAY, HOUR, Character, Spell, Story

LISTING = 24.5 * HOUR
"""The longest gap, and some minutes in the host's line."""
FIRST = HOUR
SLACK = 2 * HOUR
CONFIRMED = 6 * DAY
REST = 26 * HOUR
"""A page that is muted, or shows something else than a notice, is visited once a day."""
MUTED_VISITS = 10
"""Five, at the first pause, and then five more if it was changed after the first of them."""
AFTER_TROUBLE = {"block": 1.3 * DAY, "503": 1.3 * DAY, "dark": 1.3 * DAY, "robots": 2.2 * DAY}
"""The pause after failures; what robots.txt forbids is asked about once a day, by a copy that is a day old at most."""
DOUBTED = 17 * DAY
"""What is gone while another column of its source ails is confirmed for two weeks, at pauses that double."""
SOUGHT = 12 * HOUR
"""Three visits to an old address, after which the further pages of its listing are read."""
SEEN_OF_RATE = 1.5
"""How much slower a column's habit may be taken to be than it is."""
UNLIKELY = 1e-4
LEAST_SILENCE = 72 * HOUR
REMEMBERED = 40.0
BLOCKED_AFTER = 2.2 * DAY
"""Three visits: the longest gap, then pauses that double."""
DRIFTED_AFTER = 2.2 * DAY
"""Two looks, each after the longest gap."""


@dataclass(frozen=True)
class Owed:
    """Deadlines for what happens in one column."""

    told: Story
    one: Character

    def after(self, since: float, bound: float) -> float:
        """Return by when something that happened at `since` is owed; infinite for a column that cannot be read."""
        for spell in sorted(self.spells(), key=lambda each: each.begins):
            rest = AFTER_TROUBLE[spell.kind]
            if spell.begins < since + bound and spell.ends + rest > since:
                bound += min(spell.ends + rest - since, spell.ends - spell.begins + rest)
        if self.one.fate in ("drifts", "closes") and since + bound > self.one.fated_at:
            return inf
        return since + bound

    def spells(self) -> Iterable[Spell]:
        """Return what stands between the crawler and the column, and when."""
        mine = [spell for spell in self.told.spells if spell.key == self.one.key and spell.kind != "delay"]
        return [spell for spell in mine if spell.kind != "robots" or spell.column == self.one.column]

    def is_clear(self, at: float) -> bool:
        """Tell whether nothing stood in the crawler's way at a time."""
        return self.after(at, 1.0) <= at + 1.0

    def look_back(self, published: float, at: float) -> float:
        """Return by when a change at `at` of a notice that is up since `published` is owed."""
        return self.after(at, 1.25 * (max(0.0, at - published) + FIRST) + SLACK)

    def listed(self, at: float) -> float:
        """Return by when what its listing shows since `at` is owed: the listing, and the notice's own page."""
        return self.after(at, LISTING + SLACK)

    def withdrawal(self, published: float, at: float) -> float:
        """Return by when a withdrawal at `at` is owed."""
        doubted = DOUBTED if self._sibling_ails(at) else 0.0
        return self.after(at, 1.25 * (max(0.0, at - published) + FIRST) + SLACK + CONFIRMED + doubted)

    def _sibling_ails(self, at: float) -> bool:
        siblings = [each for each in self.told.characters if each.key == self.one.key and each is not self.one]
        until = at + DOUBTED
        fated = any(each.fate in ("drifts", "closes") and each.fated_at < until for each in siblings)
        return fated or any(
            spell.begins < until and spell.ends + 2 * DAY > at
            for each in siblings
            for spell in Owed(self.told, each).spells()
        )

    def restoral(self, withdrawn: float, at: float) -> float:
        """Return by when the return at `at` of a notice that was known to be withdrawn since is owed."""
        return self.after(at, 1.25 * (at - withdrawn + 12 * HOUR) + REST)

    def mute(self, published: float, at: float) -> float:
        """Return by when a notice that is restless since `at` is owed to be muted: five visits, an hour apart."""
        return self.after(at, 1.25 * (max(0.0, at - published) + FIRST) + REST + MUTED_VISITS * FIRST)

    def move(self, published: float, at: float, status: int) -> float:
        """Return by when a move at `at` is owed: by its listing or a look back; 302 must be met three times."""
        doublings = 8.0 if status == 302 else 1.0
        sought = SOUGHT if status == 404 else 0.0
        return max(self.listed(at), self.after(at, 1.25 * doublings * (at - published + FIRST) + SLACK + sought))


def block_owed(one: Character, spell: Spell) -> float:
    """Return by when it is owed that a column cannot be read: three visits, or as many notices missed."""
    since = spell.begins + LISTING
    if spell.kind == "block":
        return spell.begins + BLOCKED_AFTER
    if spell.kind == "robots":
        return since + DAY + 2 * LISTING  # the copy of the file is a day old at most
    at = since + DAY
    while busy(since, at) * one.rate / 24 < SEEN_OF_RATE * 3 and at < since + 7 * DAY:
        at += HOUR
    return at + LISTING


def silence_owed(owed: Owed, looks: list[float], published: list[float]) -> float:
    """Return by when a column's death is owed, by its habit; `looks` at its listing, and what it `published` till then.

    Each look that found something is a batch. After so many batches in so many busy hours a silence is unlikely
    (1 in 10,000) when (hours / (hours + quiet)) ** batches is below that; a column remembers forty notices.
    """
    batches = notices = hours = 0.0
    since = published[0] if published else 0.0
    for before, look in zip([0.0, *looks], looks, strict=False):
        new = min(10, sum(before < at <= look for at in published))
        if not new:
            continue
        hours += busy(since, look)
        notices, since = notices + new, look
        fading = min(1.0, REMEMBERED / notices)
        notices, hours, batches = notices * fading, hours * fading, (batches + 1) * fading
    if batches < 1:
        return inf
    quiet = hours * (UNLIKELY ** (-1 / batches) - 1)
    at = since + LEAST_SILENCE
    while busy(since, at) < 1.25 * quiet:
        at += 6 * HOUR
        if at > 400 * DAY:
            return inf
    return owed.after(since, at - since + LISTING)


def busy(since: float, until: float) -> float:
    """Return the busy hours between two times, by the hours that the story keeps."""
    start = hours_at(BEGIN)
    return TRUE_HOURS.busy_hours(start + since / HOUR, start + until / HOUR)
