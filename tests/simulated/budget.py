"""How many schedules a run of the tests plays; with SCHEDULES=20, twenty times as many, and others."""

import os

from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as settings_of
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import run_state_machine_as_test

from tests.simulated.machine import Schedule

TIMES = float(os.environ.get("SCHEDULES", "1"))
PLANTED = 300
"""Schedules within which what was planted must be found."""


def play(machine: type[Schedule], schedules: int, acts: int, part: int = 0) -> None:
    """Play so many schedules of up to so many acts each; raises what broke in the shortest schedule that breaks it.

    The same schedules each time, and others for each `part`; but others each time where more are asked for.
    """
    settings = settings_of(
        max_examples=round(schedules * TIMES),
        stateful_step_count=acts,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(part)(machine) if TIMES == 1 else machine, settings=settings)


def finds(machine: type[Schedule], acts: int) -> str:
    """Play until a promise is broken, and return which; an empty text if none is."""
    settings = settings_of(
        max_examples=PLANTED,
        stateful_step_count=acts,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(0)(machine), settings=settings)
    except (AssertionError, FlakyFailure) as error:
        return str(error)
    return ""
