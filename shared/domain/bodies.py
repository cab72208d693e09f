"""Bodies that are inspected: when two names mean the same one."""

import re

from shared.width import narrow

LONGEST = 200
"""Characters; what is longer is no name, and an index has its limits."""

_COMMITTEE = re.compile(r"^(?:中国共产党|中共)(.+?)(?:工作)?委员会$|^(?:中国共产党|中共)?(.+?)(?:党工委|党委|党组)$")


def body_key(name: str | None) -> str | None:
    """Return what is compared when two names are asked to mean the same body; None where there is no name.

    The party committee of a body is the body: 中共X委员会, 中共X工作委员会, X党委, X党组 and X党工委 are all X.
    Width and white space do not count.
    """
    plain = "".join(narrow(name or "").split())[:LONGEST]
    found = _COMMITTEE.match(plain)
    key = (found[1] or found[2]) if found else plain
    return key or None
