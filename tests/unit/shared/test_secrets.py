"""Secrets at rest: useless without the key, and the key is made once."""

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.secrets import SecretBox, key_in


@given(st.text())
def test_what_is_sealed_opens_with_the_same_key(text: str) -> None:
    box = SecretBox(Fernet.generate_key().decode())
    assert box.open(box.seal(text)) == text


def test_what_is_sealed_does_not_show_and_is_never_spelled_twice_alike() -> None:
    box = SecretBox(Fernet.generate_key().decode())
    sealed = {box.seal("whsec_canary") for _ in range(3)}
    assert len(sealed) == 3
    assert not any("canary" in one for one in sealed)


def test_another_key_opens_nothing_and_the_message_names_the_setting() -> None:
    sealed = SecretBox(Fernet.generate_key().decode()).seal("whsec_canary")
    with pytest.raises(Invalid, match="NOTICEWIRE_SECRET_KEY") as told:
        SecretBox(Fernet.generate_key().decode()).open(sealed)
    assert "canary" not in str(told.value)


@pytest.mark.parametrize("sealed", ["", "nonsense", "gAAAA"])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(Invalid):
        SecretBox(Fernet.generate_key().decode()).open(sealed)


@pytest.mark.parametrize("key", ["", "short", "x" * 44, "密钥"])
def test_a_key_of_another_form_is_refused_with_its_remedy(key: str) -> None:
    with pytest.raises(Invalid, match="noticewire token key"):
        SecretBox(key)


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "secret.key"
    key = key_in(path)
    assert key_in(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SecretBox(key).open(SecretBox(key).seal("x")) == "x"


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    keys: list[str] = []
    together = threading.Barrier(8)

    def start() -> None:
        together.wait()
        keys.append(key_in(tmp_path / "secret.key"))

    crew = [threading.Thread(target=start) for _ in range(8)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert len(keys) == 8
    assert set(keys) == {key_in(tmp_path / "secret.key")}
