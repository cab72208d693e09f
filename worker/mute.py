"""Pages that change at every visit: where they do, and whether a further text differs anywhere else. Pure.

Counters, visitors' numbers and rotating links that no cleaning rule knows would make a revision of every visit. After
some visits in a row that each brought another text, the places that differ are known: the lines, and within each what
all the texts have in common at its beginning and its end. As long as nothing else changes, the notice is muted.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

MOST_PLACES = 10
MOST_CHARACTERS = 400
MOST_SHARE = 0.3
"""Of a body's characters, that may differ: what is larger is what the notice says, and no furniture."""
_SHOWN = 40
_DIGITS = "0123456789,.:"
_NUMBER = re.compile(r"[\d,.:]*")

Document = Mapping[str, Any]


class Place(NamedTuple):
    """A line that differs from visit to visit, but not at its ends."""

    line: int
    prefix: str
    suffix: str


@dataclass(frozen=True)
class Mute:
    """What is remembered of a muted notice."""

    places: tuple[Place, ...]
    files: bool
    """Whether the addresses of its attachments differ, too."""
    fingerprint: str
    """Of the text that was seen last."""
    still: int = 0
    """Visits in a row, the last one included, that brought the same text as the one before."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        places = [list(place) for place in self.places]
        return {"places": places, "files": self.files, "fingerprint": self.fingerprint, "still": self.still}

    @staticmethod
    def of_json(stored: Mapping[str, Any]) -> "Mute":
        """Return what `as_json` stored."""
        places = tuple(Place(*place) for place in stored["places"])
        return Mute(places, stored["files"], stored["fingerprint"], stored["still"])


def mute_of(texts: Sequence[Document], fingerprint: str) -> Mute | None:
    """Return where `texts` differ, the newest (with this fingerprint) last; None if that is too much to be furniture.

    Too much: another title, day, number of lines or set of attachments, another problem, status or promise, or many
    characters.
    """
    if len({_meaning(text) for text in texts}) > 1:
        return None
    bodies = [_lines(text) for text in texts]
    if len({len(lines) for lines in bodies}) > 1:
        return None
    variants = [(number, set(lines)) for number, lines in enumerate(zip(*bodies, strict=True))]
    places = tuple(_place(number, sorted(lines)) for number, lines in variants if len(lines) > 1)
    size = sum(max(map(len, variants[place.line][1])) - len(place.prefix) - len(place.suffix) for place in places)
    whole = sum(map(len, bodies[-1]))
    if len(places) > MOST_PLACES or size > min(MOST_CHARACTERS, MOST_SHARE * whole):
        return None
    files = len({_files(text) for text in texts}) > 1
    return Mute(places, files, fingerprint) if places or files else None


def stays_within(mute: Mute, stored: Document, text: Document) -> bool:
    """Tell whether `text` differs from the latest stored one only where a muted notice's texts always do."""
    if _meaning(stored) != _meaning(text) or (not mute.files and _files(stored) != _files(text)):
        return False
    before, after = _lines(stored), _lines(text)
    places = {place.line: place for place in mute.places}
    if len(before) != len(after):
        return False
    pairs = enumerate(zip(before, after, strict=True))
    return all(_fits(places[at], new) if at in places else old == new for at, (old, new) in pairs)


def reason_of(mute: Mute, visits: int) -> str:
    """Return what is shown of why a notice is muted."""
    told = [f"line {place.line + 1} ({place.prefix[-_SHOWN:]}…{place.suffix[:_SHOWN]})" for place in mute.places[:3]]
    told += ["…"] if len(mute.places) > 3 else []
    told += ["the addresses of its attachments"] if mute.files else []
    return f"each of {visits} visits in a row brought another text; they differ only in: {', '.join(told)}"


def _fits(place: Place, line: str) -> bool:
    room = len(line) >= len(place.prefix) + len(place.suffix)
    longest = len(place.prefix) + len(place.suffix) + MOST_CHARACTERS
    return room and len(line) <= longest and line.startswith(place.prefix) and line.endswith(place.suffix)


def _place(number: int, lines: Sequence[str]) -> Place:
    """Return the line as a place: what is common at its ends counts only around a number that differs."""
    prefix = _common_start(lines).rstrip(_DIGITS)
    rest = [line[len(prefix) :][::-1] for line in lines]
    suffix = _common_start(rest).rstrip(_DIGITS)[::-1]
    varying = [line[len(prefix) : len(line) - len(suffix)] for line in lines]
    is_number = all(_NUMBER.fullmatch(part) for part in varying)
    return Place(number, prefix, suffix) if is_number else Place(number, "", "")


def _common_start(lines: Sequence[str]) -> str:
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*lines, strict=False))
    return "".join(letters[0] for letters in same)


def _meaning(text: Document) -> str:
    """Return what never is furniture: title, day, titles of attachments, and how problems and promises stand."""
    problems = [
        (one["title"], one["status"], one["due"]) for aspect in text.get("aspects") or () for one in aspect["problems"]
    ]
    promises = [(one["due_by"], one["problem"]) for one in text.get("commitments") or ()]
    files = [one["title"] for one in text.get("attachments") or ()]
    # As JSON, for a stored text has plain words where one that was just read has members of `Status`.
    return json.dumps((text.get("title"), (text.get("published_at") or "")[:10], problems, promises, files))


def _files(text: Document) -> str:
    return repr([one["url"] for one in text.get("attachments") or ()])


def _lines(text: Document) -> list[str]:
    return str(text.get("body") or "").splitlines()
