"""Problems that a notice lists twice: first as they were fed back, then each with its account. The accounts count."""

from itertools import groupby

from worker.read.ledger.blocks import Block
from worker.read.ledger.naming import name_in


def told_once(groups: list[list[Block]]) -> list[list[Block]]:
    """Leave out the groups whose problems a later part of the notice names again, all of them."""
    parts = [list(part) for _, part in groupby(groups, key=lambda group: id(_part(group[0])))]
    later: set[str] = set()
    kept: list[list[Block]] = []
    for part in reversed(parts):
        names = [{_name(block) for block in group} for group in part]
        kept.extend(group for group, named in reversed(list(zip(part, names, strict=True))) if not named <= later)
        later.update(*names)
    return kept[::-1]


def _part(block: Block) -> Block:
    while block.parent is not None:
        block = block.parent
    return block


def _name(block: Block) -> str:
    return "".join(name_in(block.words, block.words).split())
