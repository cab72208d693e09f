"""The story of the ledger: lines of a body in, what the notice says of itself and of its problems out."""

from collections.abc import Sequence

from worker.clean.lines import Line
from worker.read.ledger.contacts import contacts_in
from worker.read.ledger.declared import declared_in, warnings_of
from worker.read.ledger.due import commitments_of
from worker.read.ledger.inspection import inspection_in
from worker.read.ledger.kind import kind_of
from worker.read.ledger.numbers import document_numbers_in
from worker.read.ledger.outline import aspects_of
from worker.read.ledger.signature import signature_of
from worker.read.ledger.values import Kind, NoticeLedger
from worker.read.ledger.window import comment_window_in


def ledger_of(title: str | None, lines: Sequence[Line], published_on: str | None) -> NoticeLedger:
    """Read the ledger of a notice from the lines of its body.

    `published_on` (ISO 8601, or None) and the signature give the year where a date leaves it out. A notice that is
    no rectification has contacts, a window and a signature, but no problems, whatever is numbered in it.
    """
    kind = kind_of(title, lines)
    signature = signature_of(lines)
    written_on = signature.on or published_on
    declared = declared_in(lines) if kind is Kind.RECTIFICATION else {}
    aspects = aspects_of(lines, written_on, declared) if kind is Kind.RECTIFICATION else ()
    return NoticeLedger(
        kind=kind,
        document_numbers=document_numbers_in(title, lines),
        inspection=inspection_in(title, lines, written_on) if kind is not Kind.NOTICE else None,
        declared=declared,
        aspects=aspects,
        commitments=commitments_of(aspects, written_on),
        comment_window=comment_window_in(lines, written_on),
        contacts=contacts_in(lines),
        signed_by=signature.by,
        signed_on=signature.on,
        warnings=warnings_of(declared, aspects),
    )
