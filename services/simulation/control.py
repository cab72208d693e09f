"""The control door of a simulated process: a small JSON API on a loopback port of its own.

A table of (method, path) → function of the request's JSON object; for GET the query's values stand in its place.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from services.simulation.faults import FaultProxy
from services.simulation.script import Script
from services.simulation.serving import Handler, Server
from services.simulation.sink import Sink
from services.simulation.site import DisclosureSite

Routes = dict[tuple[str, str], Callable[[dict[str, Any]], Any]]


class Control:
    """Serves a table of routes; GET /healthz is always there."""

    def __init__(self, routes: Routes, bind: str = "127.0.0.1", port: int = 0) -> None:
        """Bind at once."""
        self._server = Server((bind, port), ControlHandler)
        self._server.context = routes | {("GET", "/healthz"): lambda _: {"status": "ok"}}
        self.port = self._server.server_port
        self.url = f"http://{bind}:{self.port}"

    def start(self) -> "Control":
        """Serve."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop()


class ControlHandler(Handler):
    """One connection to the control door: 200 with the result, 400 with what was wrong, 404 for an unknown route."""

    server: Server

    def do_GET(self) -> None:  # noqa: N802 - the name is the base class's
        """Find the route and call it."""
        parts = urlsplit(self.path)
        route = self.server.context.get((self.command, parts.path))
        if route is None:
            self._json(404, {"error": f"no route {self.command} {parts.path}"})
            return
        try:
            wish = json.loads(self.body() or b"{}") if self.command == "POST" else dict(parse_qsl(parts.query))
            self._json(200, route(wish))
        except (ValueError, TypeError, KeyError, LookupError) as error:
            self._json(400, {"error": f"{type(error).__name__}: {error}"})

    do_POST = do_GET  # noqa: N815

    def _json(self, status: int, result: Any) -> None:
        self.reply(status, {"Content-Type": "application/json"}, json.dumps(result, ensure_ascii=False).encode())


def site_routes(site: DisclosureSite, script: Script) -> Routes:
    """The site's door: its changes by their names, its truth, its log, and the timeline."""
    return {
        ("GET", "/truth"): lambda _: site.truth(),
        ("GET", "/log"): lambda wish: site.log(int(wish.get("after", 0))),
        ("POST", "/publish"): lambda wish: {"url": site.publish(**wish)},
        ("POST", "/edit"): lambda wish: {"revision": site.edit(**wish)},
        ("POST", "/cosmetic"): lambda wish: _done(site.cosmetic, wish),
        ("POST", "/withdraw"): lambda wish: _done(site.withdraw, wish),
        ("POST", "/restore"): lambda wish: _done(site.restore, wish),
        ("POST", "/move"): lambda wish: {"url": site.move(**wish)},
        ("POST", "/readdress"): lambda wish: {"url": site.readdress(**wish)},
        ("POST", "/pin"): lambda wish: _done(site.pin, wish),
        ("POST", "/stir"): lambda wish: _done(site.stir, wish),
        ("POST", "/redesign"): lambda wish: _done(site.redesign, wish),
        ("POST", "/fault"): lambda wish: _done(site.fault, wish),
        ("POST", "/calm"): lambda wish: _done(site.calm, wish),
        ("POST", "/robots"): lambda wish: _done(site.set_robots, wish),
        ("POST", "/page"): lambda wish: {"url": site.add_page(**wish | {"body": wish["body"].encode()})},
        ("POST", "/listing"): lambda wish: {"url": site.add_listing(**wish)},
        ("GET", "/timeline"): lambda _: script.state(),
        ("POST", "/timeline"): lambda wish: script.command(**wish),
    }


def sink_routes(sink: Sink) -> Routes:
    """The sink's door."""
    return {
        ("GET", "/receipts"): lambda wish: [each.plain() for each in sink.receipts(int(wish.get("after", 0)))],
        ("POST", "/secret"): lambda wish: _done(_set_secret, wish | {"sink": sink}),
        ("POST", "/fail"): lambda wish: _done(sink.fail, wish),
        ("POST", "/calm"): lambda wish: _done(sink.calm, wish),
    }


def proxy_routes(proxy: FaultProxy) -> Routes:
    """The proxy's door."""
    return {
        ("GET", "/mode"): lambda _: {"mode": proxy.mode, "connections": proxy.connections, "accepted": proxy.accepted},
        ("POST", "/mode"): lambda wish: _done(proxy.set_mode, wish),
    }


def _done(action: Callable[..., Any], wish: dict[str, Any]) -> dict[str, bool]:
    action(**wish)
    return {"done": True}


def _set_secret(sink: Sink, secret: str | list[str], path: str | None = None) -> None:
    sink.set_secret(*([secret] if isinstance(secret, str) else secret), path=path)
