"""The one error tree: what may be tried again, and what may not.

    NoticewireError
    ├── Transient                  try again later; nothing is wrong with the request itself
    │   ├── Unreachable            no connection: DNS, TCP, TLS, a reset, a broken answer
    │   ├── Misled                 a name leads, for now, to an address that the guard forbids; nobody was asked
    │   ├── TimedOut               the total time ran out (connect, headers and body together)
    │   ├── Unavailable            one of our own servers (database, queue, blob store) does not answer
    │   └── Limited                what may be asked for in a time is used up; it says when to ask again
    └── Permanent                  trying again cannot help until somebody changes something
        ├── Refused                the guard forbids this port, scheme or form of URL, or an address written out
        ├── TooLarge               more bytes than the limit, or a compression bomb
        ├── Invalid                bad input: a setting, a URL, a filter, an unknown id
        ├── Gone                   it was here, and is no longer kept
        ├── NotFound               no such source, column, notice, subscription, …
        └── LeaseLost              somebody else holds the work by now; write nothing

Expected outcomes are values (`crawler.judge`, `worker.decide`), not errors. Messages are for people: they say what
was wrong and what to do, and never reveal a resolved address.
"""


class NoticewireError(Exception):
    """Root of the tree; the message is fit to show to a user."""


class Transient(NoticewireError):
    """Trying again later may succeed."""


class Permanent(NoticewireError):
    """Trying again cannot succeed until something is changed."""

    where: str | None = None
    """The part of a request that is wrong (`body.url`), where whoever took it knows."""


class Unreachable(Transient):
    """The other side could not be reached or broke off."""


class Misled(Transient):
    """The outbound guard forbids what the name leads to just now; nothing was sent, and the name may be mended."""


class TimedOut(Transient):
    """The exchange did not finish within its total time."""


class Unavailable(Transient):
    """A server of ours (database, queue, blob store) does not answer."""


class Limited(Transient):
    """A limit on what may be asked for is used up; `retry_seconds` says when asking again may help."""

    def __init__(self, message: str, retry_seconds: int) -> None:
        """Say in `message` which limit, and what to do."""
        super().__init__(message)
        self.retry_seconds = retry_seconds


class Refused(Permanent):
    """The outbound guard forbids the request."""


class TooLarge(Permanent):
    """The answer exceeds the size limit, or inflates like a bomb."""


class Invalid(Permanent):
    """The input is wrong; the message says what to change."""


class Gone(Permanent):
    """What is asked for was let go of by retention; the message says what is still kept."""


class NotFound(Permanent):
    """The named thing does not exist."""


class LeaseLost(Permanent):
    """The lease ended while the work was done; its result must not be written."""
