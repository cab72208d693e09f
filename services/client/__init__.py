"""A small client of the HTTP API, for programs in Python: nothing but the standard library, and nothing else of ours.

(Signatures of `v1a` alone are verified by the package `cryptography`.)

    `Client(address, token)`: notices, problems, events by cursor, `follow` the stream, re-crawls, exports
    `verify` checks a webhook's delivery                       errors are `Refused`, with the problem's own words

It may be copied out of here as it is.
"""

from services.client.api import Client
from services.client.asking import Refused
from services.client.shapes import Event, Notice, Problem, Recrawl, Source
from services.client.verify import Forged, verify

__all__ = ["Client", "Event", "Forged", "Notice", "Problem", "Recrawl", "Refused", "Source", "verify"]
