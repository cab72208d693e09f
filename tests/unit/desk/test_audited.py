"""Whoever changes something at the desk says so, in the transaction of the change."""

import ast
from collections.abc import Iterator
from pathlib import Path

DESK = Path(__file__).parents[3] / "services" / "desk"

# What changes nothing that a person asked for.
NOT_TOLD = {
    ("tokens.py", "authenticate"),  # the use of a token, noted with it
}


def changing() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(DESK.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and "commit" in called(node):
                yield path.name, node


def called(node: ast.AST) -> set[str]:
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls}


def test_every_function_of_the_desk_that_commits_notes_who_did_it() -> None:
    found = list(changing())
    assert found
    silent = {(name, node.name) for name, node in found if "note" not in called(node)}
    assert silent == NOT_TOLD
