"""What the fault lab allows a recovery: more time, where something else was broken meanwhile."""

from tests.resilience.recovery import DISRUPTING
from tests.resilience.table import BLOWS


def test_all_blows_but_those_on_receivers_may_hold_a_recovery_up() -> None:
    assert {blow.group for blow in BLOWS} - DISRUPTING == {"receivers"}
