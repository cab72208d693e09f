"""What goes on at the sites while blows fall: notices are edited and published, so that there is always work to do."""

import time
from random import Random
from typing import TYPE_CHECKING

from services.simulation.prose import fingerprint
from services.simulation.site import DisclosureSite
from shared.db import Ledger
from shared.db.trouble import answering
from tests.resilience.manners import OPEN, a_day_goes_by
from tests.resilience.rig import CHANGING, STEADY

if TYPE_CHECKING:
    from tests.resilience.lab import Lab

EVERY_SECONDS = 0.8
MOST_NOTICES = 7
"""On each host: with more, a host's turn would not come round to each of them within a few seconds."""
NIGHT_SECONDS = 3.0


class Life:
    """Something happens every now and then, on a steady host."""

    def __init__(self, site: DisclosureSite, random: Random) -> None:
        self._site, self._random = site, random
        self._next_at = 0.0
        self._night_at = float("-inf")
        self._asked_from: int | None = None

    def live(self) -> None:
        """Let something happen, if it is time."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + self._random.uniform(0.5, 1.5) * EVERY_SECONDS
        host = self._random.choice(STEADY)
        up = self._site.urls(host)
        if len(up) < MOST_NOTICES and self._random.random() < 0.2:
            self._site.publish(host)
        else:
            self._site.edit(self._random.choice(up))

    def is_well(self, lab: "Lab") -> bool:
        """Open all robots files, and tell, while days go by, whether each has been asked for since."""
        if self._asked_from is None:
            self._asked_from = lab.rig.site.exchanges()
            for host in CHANGING:
                self._site.set_robots(host, OPEN)
        self.pass_day(lab)
        asked = lab.rig.site.log(self._asked_from)
        return {one["host"] for one in asked if one["is_robots"] and one["status"] == 200} >= set(CHANGING)

    def pass_day(self, lab: "Lab") -> None:
        """Let a day go by for what is known of robots files, if the last has been over for a while."""
        if time.monotonic() - self._night_at > NIGHT_SECONDS:
            self._night_at = time.monotonic()
            with answering():
                a_day_goes_by(lab.rig.line.wiring.ledger)
            lab.nights.append(self._night_at)

    def is_stored(self, ledger: Ledger) -> bool:
        """Tell whether the newest text of each notice is the one that its site serves now."""
        with ledger.reading() as uow:
            for told in self._site.truth()["notices"]:
                notice = uow.notices.by_url(told["url"])
                latest = uow.notices.latest_revision(notice.id) if notice else None
                if latest is None or fingerprint(str(latest.document["body"]).splitlines()) != told["fingerprint"]:
                    return False
        return True
