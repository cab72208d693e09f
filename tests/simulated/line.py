"""The whole line in a world: a played site, two crawlers, two workers, and a relay that calls the subscribers."""

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from services.desk.watching import Watch, watch
from services.processes.crawling import build_crawl_loop
from services.processes.working import build_processor
from services.simulation.premises import Layout, Premises
from services.simulation.witness import disallowed, hasty
from services.wiring import Wiring
from shared.db.models import Fetch, Host, Target
from tests import invariants
from tests.month.clock import seconds_of
from tests.month.net import Net
from tests.month.story import Story
from tests.simulated.doors import PlayedHttp
from tests.simulated.stage import Process
from tests.simulated.world import House, Plan, Player, World, seeded
from tests.told import events_tell_what_their_schemas_say
from worker.waiting import OVERDUE, WAITING

SITE = "site.example"
AGENT = "noticewire/0 (+https://noticewire.example/)"
SHORT = 339
"""A seed by which notices are short: to read long ones takes longer, and shows nothing else of processes."""
SOON = 6.0
"""In which a host may be asked again, usually; and a bell counts as lost after three times as long."""
LONGEST_NAP = 4 * 3600.0
_NOW = bindparam("now", type_=Target.due_at.type)
_SINCE = bindparam("since", type_=Target.last_fetch_at.type)


def _first(column: Any, *when: Any) -> Any:
    return select(func.min(column)).where(column > _NOW, *when).scalar_subquery()


_LATER = select(
    _first(Target.due_at), _first(Target.leased_until), _first(Fetch.leased_until), _first(Host.next_allowed_at)
)
_DUE_NOW = select(exists().where(Target.due_at <= _NOW))
_UNREAD = exists().where(Fetch.rung_at.is_not(None), Fetch.processed_at.is_(None), Fetch.quarantined_at.is_(None))
_ALLOWED = ~Target.url.contains("/internal/")
_UNSEEN = exists().where(
    Target.due_at.is_not(None), _ALLOWED, or_(Target.last_fetch_at.is_(None), Target.last_fetch_at < _SINCE)
)
_AWAITING = exists().where(
    Fetch.decision_rule.in_((*WAITING, *OVERDUE)),
    Fetch.id.in_(select(func.max(Fetch.id)).where(Fetch.decision.is_not(None)).group_by(Fetch.target_id)),
)
_OPEN = select(or_(_UNREAD, _UNSEEN, _AWAITING))
"""Whether anything that a page says since a time may not have been seen."""


class Line(World):
    """A site with one column, from its pages to its subscribers."""

    told_before = False

    def __init__(self, house: House, plan: Plan = Plan()) -> None:  # noqa: B008 - a value
        """Begin with a site whose one notice nobody has seen."""
        super().__init__(house, plan)
        self.premises.publish(SITE)
        watch(self.ledger, Watch(self.premises.listing_url(SITE)))

    def _cast(self) -> list[Player]:
        layout = Layout(hosts=[SITE], seed=SHORT, families=["hanweb"])
        self.premises = Premises(layout, self.clock.moment)
        site = self.premises.furnish(SITE, f"http://{SITE}", [SITE])
        self.net = Net([site], self.clock, Story(3, 1, [], []))
        roles = (self._crawler, self._worker, self._relay, self._crawler, self._worker)
        return [Player(self.stage, role) for role in roles]

    def _wired(self) -> Wiring:
        wiring = super()._wired()
        vars(wiring).update(http=PlayedHttp(self.net, self.clock, self.stage))
        return wiring

    def _crawler(self, process: Process) -> Callable[[], object]:
        loop = build_crawl_loop(self._wired(), AGENT)
        seeded(vars(loop)["_guest"], self.random)
        vars(loop)["_capture"].random = self.random
        return loop.round

    def _worker(self, process: Process) -> Callable[[], object]:
        processor = build_processor(self._wired())

        def turn() -> None:
            while self.bell.rung:
                # Whoever dies now has taken the bell with it.
                processor.process(self.bell.rung.popleft())

        return turn

    # What befalls the site --------------------------------------------------------------------------------------------

    def publish(self) -> None:
        """Put up another notice, up to three."""
        if len(self.premises.board.notices) < 3:
            self.premises.publish(SITE)

    def alter(self, pick: int, how: str) -> None:
        """Edit, touch, withdraw, restore or move one of the notices, if it can be done."""
        up, gone = self.premises.urls(SITE), self.premises.withdrawn_urls(SITE)
        if how == "restore":
            for url in gone[pick % 3 : pick % 3 + 1]:
                self.premises.restore(url)
        elif up:
            url = up[pick % len(up)]
            acts: dict[str, Callable[[], object]] = {
                "edit": lambda: self.premises.edit(url),
                "touch": lambda: self.premises.cosmetic(url),
                "withdraw": lambda: self.premises.withdraw(url),
                "withdraw softly": lambda: self.premises.withdraw(url, soft=True),
                "move": lambda: self.premises.move(url),
                "readdress": lambda: self.premises.readdress(url),
            }
            acts[how]()

    def trouble(self, kind: str) -> None:
        """Let the site's next answer be a bad one, or let its robots file forbid everything (and allow it again)."""
        if kind in ("forbid", "allow"):
            self.premises.set_robots(SITE, f"User-agent: *\nDisallow: {'/' if kind == 'forbid' else '/internal/'}\n")
        else:
            retry_after = 900 if kind in ("429", "503") else None
            self.premises.fault(SITE, kind, times=1, seconds=86_400, retry_after=retry_after)

    def enough(self) -> list[Player]:
        """See `World.enough`."""
        crawler, worker, *_ = self.players
        relays = [one for one in self.players if one.process is self.seat.holder]
        return [crawler, worker, *(relays or self.players[2:3])]

    # The end ----------------------------------------------------------------------------------------------------------

    def calm(self) -> None:
        """See `World.calm`."""
        super().calm()
        self.premises.calm()
        if self.premises.host(SITE).robots.body.endswith(" /\n"):
            self.trouble("allow")

    def is_quiet(self) -> bool:
        """See `World.is_quiet`: nor does the site show anything that nobody has looked at."""
        since = self.premises.board.changes[-1].at.wall
        with self.looking() as connection:
            return not connection.scalar(_OPEN, {"since": since}) and super().is_quiet()

    def _next(self) -> float:
        """See `World._next`."""
        now = self.clock.now()
        with self.looking() as connection:
            later = [seconds_of(at) for at in connection.execute(_LATER, {"now": now}).one() if at]
            soon = connection.scalar(_DUE_NOW, {"now": now}) or connection.scalar(select(_UNREAD))
        moments = [*later, super()._next() or inf, self.clock.seconds + SOON if soon else inf]
        return min(min(moments), self.clock.seconds + LONGEST_NAP)

    def held_against(self, session: Session) -> Iterator[str]:
        """See `World.held_against`."""
        yield from super().held_against(session)
        truth = self.premises.truth()
        checks: Iterable[Iterator[str]] = (
            invariants.texts_are_stored_once(session, truth, inf),
            invariants.one_event_per_cause(session),
            invariants.visits_say_what_became_of_them(session),
            invariants.entries_are_of_the_latest_revision(session),
            invariants.problems_stand_as_notices_say(session),
            invariants.followed_notices_are_earlier(session),
            invariants.republications_repeat_originals(session),
            invariants.notices_have_one_home(session, truth),
            invariants.withdrawals_were_confirmed(session),
            invariants.mutes_have_a_reason(session),
            invariants.files_are_told_as_extracted(session),
            events_tell_what_their_schemas_say(session),
            invariants.days_are_told_once(session),
        )
        for check in checks:
            yield from check
        log = self.premises.log()
        yield from (f"I7 {line}" for line in hasty(log, self.settings.host_delay_seconds))
        yield from (f"I8 {line}" for line in disallowed(log))
