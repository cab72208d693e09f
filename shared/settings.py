"""Every setting, described; read once from the environment, as `NOTICEWIRE_…` or, for secrets, `NOTICEWIRE_…_FILE`."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.errors import Invalid

PREFIX = "NOTICEWIRE_"
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """All settings; frozen. `docs/configuration.md` is checked against this class."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data_dir: Path = Field(Path("noticewire-data"), description="Folder for everything kept on this machine.")
    database_url: str | None = Field(
        None,
        repr=False,
        description="`sqlite:///path` or `postgresql://user:password@host/name`; unset: SQLite in the data folder.",
    )
    redis_url: str | None = Field(
        None,
        repr=False,
        description="Redis or Valkey for the queue. If unset, `noticewire up` starts a server of its own.",
    )
    blobs_url: str | None = Field(
        None, description="Where snapshots lie: `file:///folder`; a folder in the data folder if unset."
    )
    contact: str | None = Field(
        None,
        description="Required to crawl: a URL or mail address where a site's people reach you.",
    )
    from_address: str | None = Field(
        None, description="A mail address that is sent as `From` with each request to a site; not sent if unset."
    )
    secret_key: str | None = Field(
        None,
        repr=False,
        description="Key that encrypts webhook secrets in the database (32 bytes, URL-safe base64); "
        "a file `secret.key` in the data folder is made if unset.",
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="`console` for a desk, `json` for production."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important message shown."
    )

    crawl_threads: int = Field(
        8, ge=1, le=256, description="Hosts that one crawler asks at the same time; one request each."
    )
    host_delay_seconds: float = Field(
        5.0,
        ge=0,
        description="Pause after each request to a host, from its completion; a source or robots.txt may ask for more.",
    )
    host_delay_jitter_seconds: float = Field(
        1.0, ge=0, description="Up to this much is added to each pause, at random."
    )
    host_backoff_seconds: Seconds = Field(
        30.0, description="First back-off of a host that fails; doubles with each failure in a row, with full jitter."
    )
    host_backoff_cap_seconds: Seconds = Field(
        3600.0, description="Longest back-off of a host (its own Retry-After may ask for up to a day)."
    )
    host_daily_requests: int = Field(
        20_000, ge=1, description="Most requests to a host in one day, robots.txt included; a source may have its own."
    )
    host_daily_bytes: int = Field(
        2 * 1024**3,
        ge=1,
        description="Most bytes of bodies, decoded, from a host in one day; a source may have its own.",
    )
    quiet_hours: str = Field(
        "none",
        description="Hours in which no host is asked: `22:00-06:00`, several with commas; a source may have its own.",
    )
    time_zone: str = Field(
        "Asia/Shanghai", description="Whose clock tells days and quiet hours; a source may have its own."
    )
    shared_hosts: str | None = Field(
        None, description="Names on one server, which share turn and budget: `a.example=b.example`, groups with commas."
    )
    robots_closed_forbids: bool = Field(
        True, description="Whether a robots.txt that answers 401 or 403 forbids its site; the standard would not mind."
    )
    request_total_seconds: Seconds = Field(
        60.0, description="Longest a request may take in all, from name lookup to the last byte."
    )
    page_max_bytes: int = Field(10 * 1024 * 1024, gt=0, description="Largest page, decoded.")
    feed_max_bytes: int = Field(50 * 1024 * 1024, gt=0, description="Largest feed or sitemap, decoded.")
    target_lease_seconds: Seconds = Field(
        300.0, description="After this long a crawler that died no longer holds its target."
    )
    listing_looks_per_day: float = Field(
        24.0,
        gt=0,
        le=2880,
        description="Looks at a column's listing a day, on the average of all columns; the timetable spends them where "
        "and when news are likely.",
    )
    listing_longest_gap_seconds: float = Field(
        86400.0, ge=3600, le=7 * 86400, description="Longest pause between two looks at a listing, in whole hours."
    )
    listing_interval_seconds: Seconds | None = Field(
        None, description="A fixed pause between two looks at every listing, instead of the timetable."
    )
    listing_pages: int = Field(
        5, ge=1, le=1000, description="Pages of a listing that are followed while they show something new."
    )
    backfill_pages: int = Field(
        200, ge=1, le=2000, description="Most pages of a listing that one `noticewire backfill` reads."
    )
    detail_first_interval_seconds: Seconds = Field(
        3600.0, description="First look back at a notice; the pause doubles each time nothing changed."
    )
    detail_last_interval_seconds: Seconds = Field(
        30 * 86400.0, description="Longest pause between two looks at a notice."
    )
    attachments_per_notice: int = Field(
        20, ge=0, le=100, description="Files of a notice that are fetched, at most; the others are known by name."
    )
    attachment_max_bytes: int = Field(
        30 * 1024 * 1024, gt=0, le=60 * 1024 * 1024, description="Largest attached file, decoded."
    )
    attachment_first_interval_seconds: Seconds = Field(
        86400.0, description="First look back at a file; the pause doubles each time it has not changed."
    )
    attachments_wait_seconds: Seconds = Field(
        3600.0, description="Longest that a notice waits for its files to be tried before it is published without them."
    )
    withdrawal_confirmations: int = Field(
        3, ge=2, description="Visits in a row that must find a notice gone before it counts as withdrawn."
    )
    withdrawal_span_seconds: Seconds = Field(
        6 * 3600.0, description="Shortest time between the first and the last of those visits."
    )
    withdrawal_beyond_seconds: Seconds = Field(
        3 * 86400.0,
        description="The same, over twice the visits, for a notice that no look at its listing covers.",
    )

    comment_window_closing_days: int = Field(
        3, ge=1, le=30, description="`comment_window.closing` is told so many days before the last day of a window."
    )
    stuck_seconds: Seconds = Field(
        120.0,
        description="A process that makes no progress for this long, beyond what its work may take, ends itself; "
        "whoever runs it starts it again.",
    )
    worker_processes: int = Field(2, ge=1, le=64, description="Processes of one worker that read pages.")
    process_lease_seconds: Seconds = Field(
        150.0, description="After this long a worker that died no longer holds its fetch."
    )
    process_leases: int = Field(5, ge=1, description="Tries before a fetch that kills its reader is quarantined.")

    relay_interval_seconds: Seconds = Field(0.1, description="Pause between two looks for new events.")
    sweep_interval_seconds: Seconds = Field(5.0, description="Pause between two sweeps for forgotten work.")
    ring_again_seconds: Seconds = Field(20.0, description="A fetch nobody has taken by then is rung for again.")
    delivery_threads: int = Field(64, ge=1, le=256, description="Webhooks that one relay calls at the same time.")
    delivery_disable_after_seconds: Seconds = Field(
        5 * 86_400.0, description="An endpoint that only failed for this long is disabled; what it missed stays parked."
    )
    webhook_origin: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$",
        description="The name by which endpoints are asked whether we may call them; "
        "if unset, the host of the contact, or `localhost`.",
    )
    delivery_total_seconds: Seconds = Field(15.0, description="Longest a webhook may take to answer.")
    secret_grace_seconds: Seconds = Field(
        86_400.0, description="How long the old secret of a subscription signs beside the new one after a rotation."
    )
    delivery_schedule_scale: Seconds = Field(
        1.0, description="Stretches (or, in tests, shrinks) the whole retry schedule of webhooks."
    )
    websub_allow: str | None = Field(
        None, description="Private addresses that WebSub callbacks may have, with spaces between; none if unset."
    )
    stream_key: str = Field(
        "noticewire:events", min_length=1, description="Key of the Redis Stream that holds every event."
    )
    stream_length: int = Field(
        10_000, ge=0, le=1_000_000, description="Newest events that the Redis Streams reach back to; 0: no streams."
    )

    recrawl_targets_at_once: int = Field(
        5_000, ge=1, description="Addresses that may wait for manual re-crawls at the same time, in all."
    )
    recrawl_targets_per_day: int = Field(
        20_000, ge=1, description="Addresses that may be wished for by manual re-crawls within 24 hours, in all."
    )

    keep_events_days: int = Field(
        400, ge=0, description="Days that events are kept, with their deliveries; 0: for ever."
    )
    keep_attempts_days: int = Field(
        90, ge=0, description="Days that attempts of deliveries are kept once a delivery has ended; 0: for ever."
    )
    keep_visits_days: int = Field(
        400,
        ge=0,
        description="Days that visits which brought nothing are kept, and episodes and manual re-crawls that are over; "
        "0: for ever.",
    )
    keep_snapshots_days: int = Field(
        0,
        ge=0,
        description="Days that bytes are kept of which no revision was made (of listings, mostly); 0: for ever.",
    )

    keep_audit_days: int = Field(1100, ge=0, description="Days that entries of the audit log are kept; 0: for ever.")

    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8080, ge=0, le=65535, description="Port the API listens on.")
    api_requests_per_minute: int = Field(
        6000, ge=1, description="Requests that each token may make of the API in a minute, also all at once."
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Where others reach the API, for links in feeds; what each caller asked for if unset.",
    )

    @property
    def database(self) -> str:
        """The database's URL, with its default applied."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'noticewire.db').absolute()}"

    @property
    def blobs(self) -> str:
        """The blob store's URL, with its default applied."""
        return self.blobs_url or (self.data_dir / "blobs").absolute().as_uri()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then `…_FILE`, then the environment; nothing else is read."""
        return init_settings, _FileSource(settings_cls), env_settings


class _FileSource(PydanticBaseSettingsSource):
    """Values from the files that `NOTICEWIRE_<NAME>_FILE` names: how compose and Kubernetes hand over secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return a field's value from its file, if one is named."""
        named = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if not named:
            return None, field_name, False
        try:
            return Path(named).read_text().strip(), field_name, False
        except OSError as error:
            raise Invalid(f"{PREFIX}{field_name.upper()}_FILE names {named!r}: {error.strerror}") from error

    def __call__(self) -> dict[str, Any]:
        """Return all values that come from files."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def read_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win. Raises `Invalid` that names each wrong or unknown setting and its remedy."""
    _refuse_unknown(os.environ)
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [
            f"{PREFIX}{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}, got {one['input']!r}"
            for one in error.errors()
        ]
        raise Invalid("wrong settings:\n  " + "\n  ".join(wrong) + "\nsee docs/configuration.md") from error


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name.removesuffix("_FILE") in known:
            continue
        near = get_close_matches(name, known, n=1)
        raise Invalid(
            f"unknown setting {name}" + (f"; did you mean {near[0]}?" if near else "; see docs/configuration.md")
        )
