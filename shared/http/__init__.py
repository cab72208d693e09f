"""Guarded HTTP: one request to the outside world, bounded in time and size, never to a private address.

    exchange.py    the port: Request, Response, Limits, and the promise of `Exchange`
    client.py      Http, the real adapter; start reading at `Http.exchange`
    kept.py        KeptHttp, for webhooks: connections stay open
    answer.py      reading an answer within its limits
    guard.py       which URLs and addresses may be asked at all
    addresses.py   the table of denied addresses and the operator's allow-list
    connection.py  a connection pinned to an address that was judged, every read and write under one deadline
    body.py        decoding a body while it arrives, within its limits
    overhearing.py what servers answered to another library of this process

Nothing else in the project imports requests.
"""

from shared.http.addresses import NOWHERE, AllowList
from shared.http.client import Http
from shared.http.exchange import DEFAULT_LIMITS, Exchange, Limits, Request, Response
from shared.http.guard import check_admissible
from shared.http.kept import KeptHttp

__all__ = [
    "DEFAULT_LIMITS",
    "NOWHERE",
    "AllowList",
    "Exchange",
    "Http",
    "KeptHttp",
    "Limits",
    "Request",
    "Response",
    "check_admissible",
]
