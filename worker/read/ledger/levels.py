"""Which marks number the problems of a notice: told by evidence, for every place has its own habit.

A heading that is framed as a problem, a status, a label or a run of ordinals that stands exactly once under it: each
is a point for the heading's style. An aspect has several statuses under it, a measure has none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate

from worker.read.ledger.blocks import Block
from worker.read.ledger.headings import Form, ends_deficient, is_report, names_subject, reports, stands_around
from worker.read.ledger.labels import Label, label_at
from worker.read.ledger.marks import Style
from worker.read.ledger.measures import runs_in
from worker.read.ledger.paragraphs import Paragraph
from worker.read.ledger.status import Told

_BY_FORM = {Form.PROBLEM: 4.0, Form.TAILED: 1.5, Form.DEFICIENT: 1.5, Form.SUBJECT: -2.0, Form.PLAIN: 0.0}
_NUMBERED_PROBLEM = 5.0
_ALONE = 0.5
_STATUS, _LABEL, _RUN = 3.0, 2.0, 2.0
# Less than this, on average, is no list of problems.
_LEAST = 1.2
# A part far below the best one is the preamble or the outlook, if its heading allows.
_FAR_BELOW = 0.5
_NEARLY_ALL = 0.8
_AS_DECLARED = 1.5

Evidence = dict[Block, float]


def evidence_of(
    blocks: Sequence[Block],
    paragraphs: Sequence[Paragraph],
    labels: Sequence[Label | None],
    statuses: Sequence[Told | None],
) -> Evidence:
    """Weigh how much each block looks like a problem."""
    common = Counter(label.name for label in labels if label).most_common(1)
    usual = common[0][0] if common else None
    # Where ordinals number problems, the first of them begins no run of measures.
    starts = {block.at: block.heading.start for block in blocks if block.style is Style.SAID}
    tallies = (
        (_STATUS, _sums([told is not None for told in statuses])),
        (_LABEL, _sums([label is not None and label.name == usual for label in labels])),
        (_RUN, _sums([runs_in(paragraph.plain[starts.get(at, 0) :]) for at, paragraph in enumerate(paragraphs)])),
    )
    return {block: _weight(block, paragraphs, tallies) for block in blocks}


def _sums(counts: Sequence[int]) -> list[int]:
    return [0, *accumulate(counts)]


def _weight(block: Block, paragraphs: Sequence[Paragraph], tallies: Sequence[tuple[float, list[int]]]) -> float:
    if block.style is not Style.PROBLEM and label_at(paragraphs[block.at].plain, block.heading.start):
        # 2.整改措施:… numbers the parts of an account.
        return 0.0
    weight = _BY_FORM[block.heading.form]
    if block.style is Style.PROBLEM:
        weight = max(weight, _NUMBERED_PROBLEM if block.value is not None else _LABEL)
    if block.heading.alone and len(paragraphs[block.at].plain) <= 60:
        weight += _ALONE
    return weight + sum(points for points, sums in tallies if sums[block.end] - sums[block.at] == 1)


def problem_groups(blocks: Sequence[Block], evidence: Evidence, declared: int | None = None) -> list[list[Block]]:
    """Find the blocks that are problems, grouped by what they stand under, in the order of the notice.

    Where the notice states how many they are (`declared`), a level that has as many is likelier than others.
    """
    by_level: dict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        by_level[block.level].append(block)
    best: list[list[Block]] = []
    best_weight = 0.0
    for members in by_level.values():
        groups = _within_report(_groups(members), evidence)
        count = _size(groups)
        weight = _total(groups, evidence) * (_AS_DECLARED if count == declared else 1)
        if weight > best_weight and weight >= _LEAST * count:
            best, best_weight = groups, weight
    if not best:
        return _as_many(by_level.values(), declared)
    moved = _with_unnumbered(_lowered(_raised(best, by_level, evidence)))
    return best if _size(best) == declared != _size(moved) else moved


def _as_many(levels: Iterable[list[Block]], declared: int | None) -> list[list[Block]]:
    """Find the level that has as many blocks as problems are declared, where nothing else tells it."""
    for members in levels:
        reported = [block for block in members if not any(map(_is_frame, (block, *_ancestors(block))))]
        if len(reported) == declared:
            return _groups(reported)
    return []


def _size(groups: Sequence[Sequence[Block]]) -> int:
    return sum(map(len, groups))


def _lowered(groups: list[list[Block]]) -> list[list[Block]]:
    """Take the level below where parts framed as problems hold nothing but problems: 一 弱化问题, 1 学习不深入."""
    found = [block for group in groups for block in group]
    below = [block.children for block in found]
    children = [child for members in below for child in members]
    if not all(below) or len({child.level for child in children}) != 1:
        return groups
    if any(block.parent is not None and not is_report(block.parent.words) for block in found):
        return groups
    named = [child for child in children if child.heading.form is Form.PROBLEM or ends_deficient(child.words)]
    return below if len(named) >= _NEARLY_ALL * len(children) else groups


def _raised(groups: list[list[Block]], by_level: dict[str, list[Block]], evidence: Evidence) -> list[list[Block]]:
    """Take the level above where it is framed as problems and stands itself under aspects: what is below are blocks."""
    above = [group[0].parent for group in groups]
    if not above or any(parent is None or parent.heading.form is not Form.PROBLEM for parent in above):
        return groups
    problems = [parent for parent in above if parent]
    aspects = [problem.parent for problem in problems]
    if any(aspect is None or reports(aspect.words) or not names_subject(aspect.words) for aspect in aspects):
        return groups
    return _within_report(_groups(by_level[problems[0].level]), evidence)


def _total(groups: Sequence[Sequence[Block]], evidence: Evidence) -> float:
    return sum(evidence[block] for group in groups for block in group)


def _with_unnumbered(groups: list[list[Block]]) -> list[list[Block]]:
    """Add the aspects between those found whose problems bear no number, as a single one often does not."""
    if len(groups) < 2:
        return groups
    parents = [group[0].parent for group in groups]
    grandparents = {id(parent.parent) for parent in parents if parent}
    if None in parents or len(grandparents) != 1:
        return groups
    first = parents[0]
    if first is None or first.parent is None:
        return groups
    found = {id(parent): group for parent, group in zip(parents, groups, strict=True)}
    for aspect in first.parent.children:
        framed = [block for block in aspect.children if block.heading.form is Form.PROBLEM]
        if id(aspect) not in found and aspect.level == first.level and framed:
            found[id(aspect)] = framed
    return [found[id(aspect)] for aspect in first.parent.children if id(aspect) in found]


def _groups(members: Sequence[Block]) -> list[list[Block]]:
    """Group blocks by parent; where they have none, a number that starts again starts a group."""
    groups: list[list[Block]] = []
    for block in members:
        last = groups[-1][-1] if groups else None
        restarts = block.parent is None and block.value == 1
        if last is None or last.parent is not block.parent or restarts:
            groups.append([block])
        else:
            groups[-1].append(block)
    return groups


def _within_report(groups: list[list[Block]], evidence: Evidence) -> list[list[Block]]:
    """Leave out the groups of the preamble and of the outlook, and such blocks at the ends of the others."""
    best = max((_mean(group, evidence) for group in groups), default=0.0)
    kept = [group for group in groups if not _is_around(group, evidence, best)]
    return [trimmed for group in kept if (trimmed := _trimmed(group, evidence, best))]


def _mean(group: Sequence[Block], evidence: Evidence) -> float:
    return sum(evidence[block] for block in group) / len(group)


def _is_around(group: Sequence[Block], evidence: Evidence, best: float) -> bool:
    if _mean(group, evidence) >= _FAR_BELOW * best:
        return False
    above = _ancestors(group[0])
    return not above or any(_is_frame(block) for block in above) or not names_subject(above[0].words)


def _ancestors(block: Block) -> list[Block]:
    above: list[Block] = []
    while block.parent is not None:
        block = block.parent
        above.append(block)
    return above


def _is_frame(block: Block) -> bool:
    return stands_around(block.words) and not reports(block.words)


def _trimmed(group: list[Block], evidence: Evidence, best: float) -> list[Block]:
    def is_frame(block: Block) -> bool:
        return evidence[block] < _FAR_BELOW * best and stands_around(block.words)

    first = next((at for at, block in enumerate(group) if not is_frame(block)), len(group))
    last = next((at for at in range(len(group), first, -1) if not is_frame(group[at - 1])), first)
    return group[first:last]
