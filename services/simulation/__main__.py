"""`python -m services.simulation site|sink|proxy`: each as a process, which says where it is in one line of JSON.

It stops on SIGTERM or SIGINT, when `--parent-pid` goes away, or, with `--watch-stdin`, when its standard input ends.
"""

import argparse
import contextlib
import json
import os
import select
import signal
import sys
import threading
from typing import Any

from services.simulation.control import Control, Routes, proxy_routes, sink_routes, site_routes
from services.simulation.faults import FaultProxy, parse_address
from services.simulation.premises import DEFAULT_HOSTS
from services.simulation.script import STORIES, Script
from services.simulation.sink import Sink
from services.simulation.site import DisclosureSite

LOOK_SECONDS = 0.2


def main(argv: list[str] | None = None) -> int:
    """Run one simulated process until it is told to stop."""
    args = _parser().parse_args(argv)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with contextlib.ExitStack() as stack:
        addresses, routes = args.open(args, stack)
        control = Control(routes, args.control_bind, args.control_port).start()
        stack.callback(control.stop)
        sys.stdout.write(json.dumps(addresses | {"control": control.url, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        while not stopping.wait(LOOK_SECONDS) and not _orphaned(args):
            pass
    return 0


def _open_site(args: argparse.Namespace, stack: contextlib.ExitStack) -> tuple[dict[str, Any], Routes]:
    site = DisclosureSite(
        hosts=args.hosts.split(","),
        port=args.port,
        seed=args.seed,
        columns=args.columns,
        page_size=args.page_size,
        notices=args.notices,
        crawl_delay=args.crawl_delay,
        bind=args.bind,
        name=args.name,
    )
    stack.enter_context(site)
    script = Script(site)
    stack.callback(script.stop)
    if args.timeline:
        script.command("start", args.timeline, args.pace)
    return {"port": site.port, "listings": site.listing_urls()}, site_routes(site, script)


def _open_sink(args: argparse.Namespace, stack: contextlib.ExitStack) -> tuple[dict[str, Any], Routes]:
    sink = stack.enter_context(Sink(args.secret, args.bind, args.port))
    return {"port": sink.port, "url": sink.url}, sink_routes(sink)


def _open_proxy(args: argparse.Namespace, stack: contextlib.ExitStack) -> tuple[dict[str, Any], Routes]:
    proxy = stack.enter_context(FaultProxy(*parse_address(args.target), parse_address(args.listen)))
    return {"host": proxy.host, "port": proxy.port}, proxy_routes(proxy)


def _orphaned(args: argparse.Namespace) -> bool:
    if args.parent_pid is not None and os.getppid() != args.parent_pid:
        try:
            os.kill(args.parent_pid, 0)  # not our parent any more, or never was: does it live at all?
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    if args.watch_stdin:
        poll = select.poll()
        poll.register(0, select.POLLIN)
        return bool(poll.poll(0)) and not os.read(0, 4096)
    return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.simulation", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--control-port", type=int, default=0, help="port of the control door (0: any free one)")
    shared.add_argument("--control-bind", default="127.0.0.1", help="address of the control door")
    shared.add_argument("--parent-pid", type=int, help="stop when this process is gone")
    shared.add_argument("--watch-stdin", action="store_true", help="stop when standard input ends")
    commands = parser.add_subparsers(required=True, metavar="site|sink|proxy")

    site = commands.add_parser("site", parents=[shared], help="a disclosure site")
    site.add_argument("--hosts", default=",".join(DEFAULT_HOSTS), help="addresses, comma-separated, one publisher each")
    site.add_argument("--port", type=int, default=0, help="the one port of all hosts (0: any free one)")
    site.add_argument("--seed", type=int, default=7, help="decides every text and every step")
    site.add_argument("--columns", type=int, default=1, choices=(1, 2, 3), help="columns per publisher")
    site.add_argument("--page-size", type=int, default=10, help="items on one listing page")
    site.add_argument("--notices", type=int, default=4, help="notices per publisher that are up from the start")
    site.add_argument("--crawl-delay", type=float, help="Crawl-delay of robots.txt in seconds (default: none)")
    site.add_argument("--bind", help="serve all publishers on this one address, under --name, by path prefix")
    site.add_argument("--name", help="the host name of the URLs when --bind is given")
    site.add_argument("--timeline", choices=sorted(STORIES), help="let this story play from the start")
    site.add_argument("--pace", type=float, default=1.0, help="2 plays the timeline twice as fast")
    site.set_defaults(open=_open_site)

    sink = commands.add_parser("sink", parents=[shared], help="a subscriber")
    sink.add_argument("--secret", help="whsec_… (may be set later, through the control door)")
    sink.add_argument("--bind", default="127.0.0.9", help="address to listen on")
    sink.add_argument("--port", type=int, default=0, help="port to listen on (0: any free one)")
    sink.set_defaults(open=_open_sink)

    proxy = commands.add_parser("proxy", parents=[shared], help="a TCP proxy that breaks")
    proxy.add_argument("--listen", default="127.0.0.1:0", help="HOST:PORT to listen on")
    proxy.add_argument("--target", required=True, help="HOST:PORT to connect to")
    proxy.set_defaults(open=_open_proxy)
    return parser


if __name__ == "__main__":
    sys.exit(main())
