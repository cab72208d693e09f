"""docs/commands.md and the commands are the same list."""

import re
from collections.abc import Iterator
from pathlib import Path

from typer.main import get_command

from services.cli import app

DOCUMENT = Path(__file__).parents[3] / "docs" / "commands.md"
ROW = re.compile(r"^\| `noticewire ([a-z ]+)` \| (\S.*) \|$", re.MULTILINE)


def _commands(command: object, *names: str) -> Iterator[tuple[str, object]]:
    inner: dict[str, object] = getattr(command, "commands", {})
    if not inner:
        yield " ".join(names), command
    for name, one in inner.items():
        yield from _commands(one, *names, name)


def test_each_command_is_documented_and_each_documented_command_exists() -> None:
    documented = [name for name, _ in ROW.findall(DOCUMENT.read_text(encoding="utf-8"))]
    assert sorted(documented) == sorted(name for name, _ in _commands(get_command(app)))


def test_each_command_and_each_option_says_what_it_does() -> None:
    for name, command in _commands(get_command(app)):
        assert getattr(command, "help", None), name
        for parameter in getattr(command, "params", []):
            assert getattr(parameter, "help", None), f"{name}: {parameter.name}"
