"""Logs: one line an event on standard error, for a machine or for a desk, whatever a field holds."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, sys, structlog
from shared.logs import configure_logs
configure_logs(sys.argv[1], sys.argv[2])
log = structlog.get_logger()
log.debug("looked_closely")
log.info("fetch_processed", fetch_id="fet_1", title="整改\\n{forged}\\ud800")
logging.getLogger("urllib3").info("chatter")
logging.getLogger("urllib3").warning("trouble %s", "here")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("round_failed")
"""


def lines(form: str, level: str = "info") -> list[str]:
    command = [sys.executable, "-c", PROGRAM, form, level]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_in_production_each_event_is_one_json_object_on_standard_error() -> None:
    told = [json.loads(line) for line in lines("json")]
    assert [one["event"] for one in told] == ["fetch_processed", "trouble here", "round_failed"]
    assert [one["level"] for one in told] == ["info", "warning", "error"]
    assert all(one["timestamp"].endswith("Z") for one in told)
    assert told[0]["fetch_id"] == "fet_1"
    assert told[0]["title"] == "整改\n{forged}\ud800"
    assert "ZeroDivisionError" in told[2]["exception"]


def test_at_a_desk_a_field_cannot_forge_a_line() -> None:
    told = lines("console")
    assert any("fetch_processed" in line and "fet_1" in line and "{forged}" in line for line in told)
    assert not any(line.startswith("{forged}") for line in told)


@pytest.mark.parametrize(("level", "least"), [("debug", "looked_closely"), ("error", "round_failed")])
def test_what_is_less_important_than_the_level_is_left_out(level: str, least: str) -> None:
    ours = [json.loads(line)["event"] for line in lines("json", level) if "trouble" not in line]
    assert ours[0] == least
