"""Settings: read once, described, and refused with a sentence that says what to mend."""

from pathlib import Path

import pytest

from services.configuration import page
from shared.errors import Invalid
from shared.settings import read_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("NOTICEWIRE_")]:
        monkeypatch.delenv(name)


def test_the_configuration_page_is_what_the_settings_say() -> None:
    written = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text()
    assert written == page(), "run: python -m services.configuration > docs/configuration.md"


def test_a_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://me@here/there\n")
    monkeypatch.setenv("NOTICEWIRE_DATABASE_URL_FILE", str(secret))
    assert read_settings().database == "postgresql://me@here/there"


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_SECRET_KEY_FILE", "/nowhere/key")
    with pytest.raises(Invalid, match=r"NOTICEWIRE_SECRET_KEY_FILE names '/nowhere/key'"):
        read_settings()


def test_a_slip_of_the_pen_is_refused_with_the_name_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_HOST_DELAY_SECOND", "3")
    with pytest.raises(Invalid, match="did you mean NOTICEWIRE_HOST_DELAY_SECONDS"):
        read_settings()


def test_a_wrong_value_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICEWIRE_CRAWL_THREADS", "many")
    with pytest.raises(Invalid, match=r"NOTICEWIRE_CRAWL_THREADS: .* got 'many'"):
        read_settings()


def test_defaults_keep_everything_in_the_data_folder(tmp_path: Path) -> None:
    settings = read_settings(data_dir=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path}/noticewire.db"
    assert settings.blobs == f"file://{tmp_path}/blobs"
