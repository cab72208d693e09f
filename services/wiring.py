"""The only place where adapters meet the rest: every part, made by hand from the settings, when first asked for.

What makes a part is imported then, too: a health check, which runs every few seconds, needs none of them.
"""

from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from shared.clock import SystemClock
from shared.errors import Invalid
from shared.settings import Settings, read_settings

if TYPE_CHECKING:
    from shared.blobs import FolderBlobs
    from shared.chime import Chime
    from shared.db import Ledger
    from shared.http import Http, KeptHttp
    from shared.queue import CeleryBell
    from shared.secrets import SecretBox

VERSION = version("noticewire")
LEAST_CONNECTIONS = 256
"""Connections to webhooks that are kept open at least: more than there are hosts, or keeping them gains nothing."""


class Wiring:
    """The parts of one process."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings; nothing is opened until it is asked for."""
        self.settings = settings
        self.clock = SystemClock()

    @cached_property
    def ledger(self) -> "Ledger":
        """The database."""
        from shared.db import open_ledger

        threads = max(self.settings.crawl_threads, self.settings.delivery_threads)
        return open_ledger(self.settings.database, self.clock, pool_size=2 * threads + 4)

    @cached_property
    def blobs(self) -> "FolderBlobs":
        """The snapshots."""
        from shared.blobs import open_blobs

        return open_blobs(self.settings.blobs)

    @cached_property
    def bell(self) -> "CeleryBell":
        """The doorbell; raises `Invalid` where no queue is named."""
        from shared.queue import CeleryBell

        return CeleryBell(self.redis_url)

    @cached_property
    def chime(self) -> "Chime":
        """What tells other processes that there is news."""
        from shared.chime import Chime

        return Chime(self.redis_url)

    @property
    def redis_url(self) -> str:
        """The queue's address; raises `Invalid` if none is set, for no other transport ever takes its place."""
        from shared.queue import check_address

        if self.settings.redis_url is None:
            raise Invalid(
                "NOTICEWIRE_REDIS_URL is not set; name a Redis or Valkey server, "
                "or run everything on this machine with: noticewire up"
            )
        check_address(self.settings.redis_url)
        return self.settings.redis_url

    @cached_property
    def webhooks(self) -> "KeptHttp":
        """The guarded way out to webhooks, on connections that are kept open."""
        from shared.http import KeptHttp

        return KeptHttp(max(LEAST_CONNECTIONS, 4 * self.settings.delivery_threads))

    @cached_property
    def http(self) -> "Http":
        """The guarded way out."""
        from shared.http import Http

        return Http()

    @cached_property
    def box(self) -> "SecretBox":
        """The key to secrets at rest; made in the data folder if the settings name none."""
        from shared.secrets import SecretBox, key_in

        return SecretBox(self.settings.secret_key or key_in(self.settings.data_dir / "secret.key"))

    def close(self) -> None:
        """Close what was opened."""
        for name in ("webhooks", "chime", "bell", "ledger"):
            if name in self.__dict__:
                self.__dict__[name].close()


def wire(**overrides: Any) -> Wiring:
    """Return the wiring for the environment's settings; `overrides` win. Raises `Invalid` for wrong settings."""
    return Wiring(read_settings(**overrides))
