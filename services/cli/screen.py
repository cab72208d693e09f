"""What is printed: JSON lines for programs, tables and facts for people, notes and errors on standard error."""

import json
import os
import re
import select
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Pages may hold anything: no escape sequence of theirs may reach a terminal, nor may a mark turn its lines round
# (U+202A to U+202E, U+2066 to U+2069). Tab and line feed are harmless.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
# JSON may hold these as they are, but many programs (Python's splitlines among them) take them for the end of a line.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_WIDE = 200


def emit(record: Mapping[str, Any], *, flush: bool = False) -> None:
    """Print one JSON object as one line."""
    text = json.dumps(record, ensure_ascii=not _speaks_utf8())
    for raw, escaped in _LINE_ENDS.items():
        text = text.replace(raw, escaped)
    print(text, flush=flush)


def _speaks_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def say(text: str, *, flush: bool = False) -> None:
    """Print text without any decoration, so that a script can take it."""
    print(_CONTROL.sub("\ufffd", text), flush=flush)


def note(text: str) -> None:
    """Tell a person something beside the output."""
    print(_CONTROL.sub("\ufffd", text), file=sys.stderr)


def shown(value: object) -> str:
    """Return a value as people read it, harmless to a terminal."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value) or "–"
    return _CONTROL.sub("\ufffd", str(value))


def strong(value: object) -> Text:
    """Return a value for a cell that stands out."""
    return Text(shown(value), style="bold")


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None, whole: Sequence[str] = ()
) -> None:
    """Print rows as a table; nothing is cut, long cells are folded, but in the columns that are to stay `whole`."""
    if title:
        _console().print(Text(f"\n{title}", style="bold"))
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        grid.add_column(heading, overflow="fold", no_wrap=heading in whole)
    for row in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(shown(cell)) for cell in row))
    _console().print(grid)


def facts(pairs: Mapping[str, object], *, title: str | None = None) -> None:
    """Print names and values, one pair a line."""
    if title:
        _console().print(Text(f"\n{title}", style="bold"))
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        _console().print(Text(f"  {name:<{width}}  {shown(value)}"), soft_wrap=True)


def _console() -> Console:
    """Return a console on today's standard output; wide where nobody looks, so that a file's lines stay whole."""
    terminal = sys.stdout.isatty()
    return Console(width=None if terminal or "COLUMNS" in os.environ else _WIDE, highlight=False)


def reader_gone() -> bool:
    """Tell whether whoever read our standard output has closed it: with nothing to write, nobody else would say."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(flags & (select.POLLERR | select.POLLHUP | select.POLLNVAL) for _, flags in poll.poll(0))
    except (OSError, ValueError, AttributeError):
        return False  # no file behind it, or no poll on this system
