"""The docs tell the truth: what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_guarantee_names_a_test_that_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "guarantees.md").read_text()))
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert named
    assert named <= defined


def test_every_file_on_the_architecture_page_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for name in re.findall(r"`((?:crawler|worker|shared|services|docs|deploy|tests)/[\w./]*)`", text):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_link_between_the_docs_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text()):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE))
    assert named
    assert named <= targets


def test_both_readmes_give_the_same_commands() -> None:
    def commands(page: str) -> list[str]:
        blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
        return [line.partition("#")[0].strip() for line in "".join(blocks).splitlines() if line.strip()]

    assert commands("README.md") == commands("README.zh-CN.md")


def test_every_decision_has_a_number_of_its_own_which_its_title_tells() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for number, page in enumerate(pages, 1):
        assert page.name.startswith(f"{number:04d}-"), page
        assert page.read_text().startswith(f"# {number}. "), page
