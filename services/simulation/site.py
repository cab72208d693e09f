"""The scripted disclosure site: several hosts on one port, published on, edited, withdrawn and troubled at run time.

with DisclosureSite(seed=7) as site:
    url = site.publish("127.0.0.2")
    site.edit(url)
    site.fault("127.0.0.3", "429", retry_after=3, times=1)
    site.truth(), site.log()
"""

from types import TracebackType
from typing import Any

from services.simulation.premises import Layout, Premises
from services.simulation.serving import bind_together
from services.simulation.visits import VisitHandler


class DisclosureSite(Premises):
    """Premises that are served; hosts are named by their address (in the shared layout: publishers keep these)."""

    def __init__(self, **layout: Any) -> None:
        """Bind at once (the addresses are known), serve from `start` on. Arguments: the fields of `Layout`."""
        super().__init__(Layout(**layout))
        shared = self.layout.bind is not None
        addresses = [self.layout.bind] if self.layout.bind is not None else list(self.layout.hosts)
        self._servers = bind_together(addresses, self.layout.port, VisitHandler)
        self.port = self._servers[0].server_port
        names = [self.layout.name or addresses[0]] if shared else addresses
        for name, server in zip(names, self._servers, strict=True):
            keys = list(self.layout.hosts) if shared else [name]
            server.context = self.furnish(name, f"http://{name}:{self.port}", keys)
        for key in self.layout.hosts:
            for _ in range(self.layout.notices):
                self.publish(key)

    def start(self) -> "DisclosureSite":
        """Serve."""
        for server in self._servers:
            server.start()
        return self

    def stop(self) -> None:
        """Stop serving; every connection is closed and every thread has ended afterwards."""
        for server in self._servers:
            server.stop()

    def __enter__(self) -> "DisclosureSite":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
