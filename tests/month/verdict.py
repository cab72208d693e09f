"""The month's verdict: what the ledger says against what the simulation did.

M1 every notice that stayed is known once, at its present address   M2 with its texts, and none that was never served
M3 each withdrawal and return is told, and no other   M4 each move is told once, and no other   M5 what is restless is
muted, and nothing else   M6 deaths, drifts and blocks are told in time; no false ones beyond the rate that is stated
"""

from sqlalchemy.orm import Session

from services.simulation.witness import impolite
from tests import invariants
from tests.month.episodes import Episodes
from tests.month.notices import Notices
from tests.month.play import Play
from tests.month.record import Record, Verdict
from tests.told import events_tell_what_their_schemas_say


def judge(play: Play) -> Verdict:
    """Hold the ledger against the truth."""
    with Session(play.ledger.engine) as session:
        record = Record(play, session)
        verdict = record.verdict
        verdict.counts["requests"] = len(record.log)
        verdict.broken += [
            *Notices(record).flaws(),
            *Episodes(record).flaws(),
            *invariants.one_event_per_cause(session),
            *invariants.positions_are_gapless(session),
            *invariants.nothing_is_owed(session),
            *invariants.entries_are_of_the_latest_revision(session),
            *invariants.withdrawals_were_confirmed(session),
            *invariants.mutes_have_a_reason(session),
            *invariants.days_are_told_once(session),
            *events_tell_what_their_schemas_say(session),
            *invariants.notices_have_one_home(session, record.truth),
        ]
    verdict.broken += [f"impolite: {line}" for line in impolite(record.log, play.settings.host_delay_seconds)]
    return verdict
