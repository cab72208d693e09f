"""A few days of a few columns, played: a small rehearsal of `tests/month`, and that its verdict is no rubber stamp."""

from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.db.models import Event, Notice
from tests.month.play import Play
from tests.month.story import story
from tests.month.verdict import judge

COLUMNS, DAYS, SEED = 4, 4, 12


def test_every_truth_of_some_days_is_known_none_was_invented_and_the_verdict_would_tell(tmp_path: Path) -> None:
    play = Play(story(COLUMNS, DAYS, SEED, backlog=4), tmp_path, looks_a_day=6)
    try:
        play.run()
        verdict = judge(play)
        assert verdict.broken == []
        for told in (
            "notice.published",
            "notice.revised",
            "notice.moved",
            "comment_window.opened",
            "source.drifted",
            "source.blocked",
        ):
            assert verdict.counts[f"event {told}"] > 0
        _spoil(play)
        broken = "\n".join(judge(play).broken)
    finally:
        play.close()
    for sentence in ("never.html is a notice that was never published", "and not known", "I2 no event for a revision"):
        assert sentence in broken


def _spoil(play: Play) -> None:
    """Give one notice an address that never was, and take the event of another away."""
    with Session(play.ledger.engine) as session:
        one, other = session.scalars(select(Notice.id).order_by(Notice.first_seen_at).limit(2))
        session.execute(update(Notice).where(Notice.id == one).values(url="http://s0.example/never.html"))
        session.execute(delete(Event).where(Event.subject == other, Event.type == "notice.published"))
        session.commit()
