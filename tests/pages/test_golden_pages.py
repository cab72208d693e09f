"""Golden pages: each page here is read exactly as the JSON beside it says.

python tests/pages/test_golden_pages.py     writes the expectations; review the difference before you keep it
"""

import json
from pathlib import Path

import pytest

from worker.read import read

HERE = Path(__file__).parent
PAGES = sorted([*HERE.glob("*.html"), *HERE.glob("*.txt")])


def _read(page: Path) -> dict[str, object]:
    return read(page.read_bytes()).as_json()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_read_as_its_golden_file_says(page: Path) -> None:
    assert _read(page) == json.loads(page.with_suffix(".json").read_text("utf-8"))


def test_every_golden_file_belongs_to_a_page() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == {page.stem for page in PAGES}


if __name__ == "__main__":
    for each in PAGES:
        text = json.dumps(_read(each), ensure_ascii=False, indent=2)
        each.with_suffix(".json").write_text(text + "\n", "utf-8")
