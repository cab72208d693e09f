"""The ledger of a notice, read from the lines of its body, purely.

    lines ─► kind ─► inspection, contacts, window, signature, declared        (what the notice says of itself)
          └► paragraphs ─► blocks ─► levels ─► aspects ─► outline: problems   (what it says was done, in running text)
                       └► columns ─► tables: problems                         (the same, in tables)

A paragraph is one heading or one piece of an account; a block is a heading with what stands under it, by its mark
(`marks`, `numbering`) or without one (`unmarked`); levels tell by evidence which blocks are problems; a problem has a
status (`status`, `status_words`), measures and a day by which it is due.

Start reading at `ledger.ledger_of`, which tells the story; `values` says what a ledger consists of.
"""

from worker.read.ledger.ledger import ledger_of
from worker.read.ledger.values import NoticeLedger

__all__ = ["NoticeLedger", "ledger_of"]
