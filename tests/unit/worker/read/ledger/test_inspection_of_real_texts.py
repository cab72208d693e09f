"""The facts that a notice tells of itself, on the real texts, in each of the forms in which they may arrive."""

import json
from pathlib import Path
from typing import Any

import pytest

from worker.read import read
from worker.read.ledger import NoticeLedger

WIDE = {sign: sign + 0xFEE0 for sign in range(0x21, 0x7F) if chr(sign) not in "[]"}
FULL_STOPS = str.maketrans(",:;()", "，：；（）")
FORMS = ["as is", "full-width punctuation", "full width", "paragraphs", "wide paragraphs"]
SEEDS = [
    "000_7dd452b87efe7731",
    "001_591c9d5e1f577c38",
    "002_61cd735e1bc75ffb",
    "003_98da0d0121a012b0",
    "004_905f32af1f8e2b98",
]


def in_form(text: str, form: str) -> NoticeLedger:
    text = {"full-width punctuation": text.translate(FULL_STOPS), "full width": text.translate(WIDE)}.get(form, text)
    if "paragraphs" not in form:
        return read(text.encode()).ledger
    text = text.translate(FULL_STOPS) if "wide" in form else text
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return read(
        f"<html><body><div id='zoom'>{paragraphs}</div></body></html>".encode(), content_type="text/html"
    ).ledger


def facts_of(ledger: NoticeLedger) -> dict[str, Any]:
    inspection, window, contacts = ledger.inspection, ledger.comment_window, ledger.contacts
    assert inspection is not None
    names = {name: getattr(inspection, name) for name in ("authority", "kind", "round", "team", "inspected")}
    return {
        "kind": ledger.kind,
        "inspection": names | {"from": inspection.from_, "to": inspection.to, "feedback_on": inspection.feedback_on},
        "document_numbers": list(ledger.document_numbers),
        "contacts": {name: list(getattr(contacts, name)) for name in ("phones", "emails", "addresses", "postcodes")},
        "comment_window": window and {"opens_on": window.opens_on, "closes_on": window.closes_on},
        "signed_by": ledger.signed_by,
        "signed_on": ledger.signed_on,
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_fact_of_a_real_notice_is_read(real_texts: Path, seed: str, form: str) -> None:
    expected = json.loads((real_texts / "seeds" / "facts.json").read_text())[f"{seed}.txt"]
    found = facts_of(in_form((real_texts / "seeds" / f"{seed}.txt").read_text(), form))
    assert found == {name: expected[name] for name in found}
