"""The simulation is an independent witness: it shares no code with what it watches."""

import ast
import sys
from pathlib import Path

ROOM = Path(__file__).parents[3] / "services" / "simulation"
ALLOWED = {*sys.stdlib_module_names, "standardwebhooks", "cryptography"}


def imported(path: Path) -> set[str]:
    """The full names of all modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def test_the_simulation_imports_nothing_of_ours() -> None:
    files = sorted(ROOM.rglob("*.py"))
    assert len(files) > 20
    for path in files:
        for name in imported(path):
            assert name.startswith("services.simulation") or name.split(".")[0] in ALLOWED, f"{path.name}: {name}"


def test_every_file_says_what_it_is_for() -> None:
    for path in ROOM.rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path
