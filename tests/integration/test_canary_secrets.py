"""No secret is told: not by a log, an error, a crash, a dump of the settings, `doctor` or a description of the API."""

import json
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.api.app import create_app
from services.cli.checks import findings
from services.wiring import Wiring
from shared.clock import SystemClock
from shared.db import open_ledger
from shared.errors import Invalid
from shared.queue import CeleryBell
from shared.secrets import SecretBox
from shared.settings import Settings, read_settings
from worker.app import make_celery

CANARY = "canary-0123456789"
GONE = f"redis://:{CANARY}@127.0.0.1:1/0"
SECRETS = {
    "NOTICEWIRE_SECRET_KEY": CANARY,
    "NOTICEWIRE_DATABASE_URL": f"postgresql://user:{CANARY}@127.0.0.1:1/name",
    "NOTICEWIRE_REDIS_URL": GONE,
    "NOTICEWIRE_CONTACT": "mailto:you@wire.example",
}
WRONG_DATABASES = (
    f"postgresq://u:{CANARY}@127.0.0.1/x",
    f"postgresql://u:{CANARY}@127.0.0.1:port/x",
    f"postgresql://u:{CANARY}@[::1/x",
    f"u:{CANARY}@127.0.0.1",
    f"mysql://u:{CANARY}@127.0.0.1/x",
    f"sqlite://u:{CANARY}@127.0.0.1/x",
)
WRONG_QUEUES = (f"redi://:{CANARY}@h/0", f"redis://:{CANARY}@h:port/0", f"redis://:{CANARY}@[::1/0", f"{CANARY}")


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NOTICEWIRE_DATA_DIR", str(tmp_path))


def test_settings_name_no_secret_of_theirs(secrets: None) -> None:
    settings = read_settings()
    assert settings.secret_key == CANARY
    assert CANARY not in repr(settings) + str(settings) + f"{settings!r}"


def test_a_wrong_setting_is_told_without_those_that_are_secret(secrets: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_CRAWL_THREADS", "many")
    with pytest.raises(Invalid) as caught:
        read_settings()
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_doctor_tells_no_secret(secrets: None) -> None:
    found = list(findings(None))
    assert {"secret key", "queue", "database"} <= {one.check for one in found}
    assert CANARY not in repr(found)


@pytest.mark.parametrize("url", WRONG_DATABASES)
def test_a_wrong_address_of_a_database_is_told_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        open_ledger(url, SystemClock())
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("url", WRONG_QUEUES)
def test_a_wrong_address_of_a_queue_is_told_without_its_password(url: str, tmp_path: Path) -> None:
    wiring = Wiring(Settings(data_dir=tmp_path, redis_url=url))
    with pytest.raises(Invalid, match="NOTICEWIRE_REDIS_URL") as caught:
        _ = wiring.bell
    assert CANARY not in str(caught.value)


def test_servers_that_do_not_answer_are_told_without_their_passwords(capfd: pytest.CaptureFixture[str]) -> None:
    def database() -> object:
        with open_ledger(SECRETS["NOTICEWIRE_DATABASE_URL"], SystemClock()).reading() as uow:
            return uow.now()

    def queue() -> object:
        return make_celery(GONE).connection_for_read().ensure_connection(max_retries=1, timeout=1)

    steps: tuple[Callable[[], object], ...] = (database, queue, lambda: CeleryBell(GONE).ring("fet_1"))
    told = []
    for step in steps:
        try:
            step()
        except Exception as error:
            told += traceback.format_exception(error)
    assert told
    assert CANARY not in "".join([*told, *capfd.readouterr()])


def test_a_key_that_is_none_is_not_repeated() -> None:
    with pytest.raises(Invalid) as caught:
        SecretBox(CANARY)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_the_descriptions_of_the_api_hold_no_secret(secrets: None, tmp_path: Path) -> None:
    app = create_app(Wiring(read_settings()))
    assert CANARY not in json.dumps(app.openapi(), default=str)


CRASH = """
import logging, sys, structlog
from shared.logs import configure_logs
configure_logs(sys.argv[1], "debug")
def crash():
    secret = "canary-" + "0123456789"
    raise RuntimeError("out of order")
for told in (logging.getLogger("celery").exception, structlog.get_logger().exception):
    try:
        crash()
    except RuntimeError:
        told("crashed")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_crash_tells_where_it_happened_and_no_value_of_any_variable(form: str) -> None:
    """Libraries' loggers too: with rich installed, structlog would print the locals of every frame."""
    done = subprocess.run([sys.executable, "-c", CRASH, form], capture_output=True, text=True, check=True)
    assert CANARY not in done.stderr
    assert done.stderr.count("RuntimeError: out of order") == 2


def test_an_error_of_the_database_tells_no_values(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'x.db'}", SystemClock())
    with pytest.raises(DBAPIError) as caught, ledger.engine.connect() as connection:
        connection.execute(text("insert into nowhere values (:secret)"), {"secret": CANARY})
    assert CANARY not in str(caught.value)
    ledger.close()
