"""Whether what was stored and received is what the simulated site says it published."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from services.simulation.receipts import Receipt
from services.wiring import Wiring
from shared.db.models import Notice
from shared.domain.states import NoticeState

SHORTEST_LIFE_SECONDS = 20.0
"""A text that was up for less may be missed: no crawler sees what came and went between two visits."""


def differences(wiring: Wiring, truth: dict[str, Any], receipts: list[Receipt]) -> Iterator[str]:
    """Yield, in words, where the ledger or the receipts differ from the site's own account."""
    heard = {receipt.webhook_id: receipt for receipt in receipts if receipt.accepted}
    kinds = Counter(
        (receipt.subject, (receipt.type or "").removeprefix("org.noticewire.")) for receipt in heard.values()
    )
    with wiring.ledger.reading() as uow:
        for told in truth["notices"]:
            notice = uow.notices.by_url(told["url"])
            latest = uow.notices.latest_revision(notice.id) if notice else None
            if notice is None or latest is None:
                yield f"{told['url']} was published and is not stored"
                continue
            yield from _of_notice(told, notice, latest.document, kinds)


def _of_notice(
    told: dict[str, Any], notice: Notice, document: dict[str, Any], kinds: Counter[tuple[str | None, str]]
) -> Iterator[str]:
    withdrawn = not told["up"]
    if (notice.state == NoticeState.WITHDRAWN) != withdrawn:
        yield f"{told['url']} is {'withdrawn' if withdrawn else 'up'} and stored as {notice.state}"
    if not withdrawn and _plain(document.get("body")) != _plain("".join(told["revisions"][-1]["body"])):
        yield f"{told['url']}: the newest text is not the one stored"
    if kinds[(notice.id, "notice.published")] != 1:
        yield f"{told['url']}: {kinds[(notice.id, 'notice.published')]} notice.published received, not 1"
    lasting = sum(_lived(revision) >= SHORTEST_LIFE_SECONDS for revision in told["revisions"][1:])
    revised = kinds[(notice.id, "notice.revised")]
    if not lasting <= revised <= len(told["revisions"]) - 1:
        yield f"{told['url']}: {revised} notice.revised received for {len(told['revisions']) - 1} edits"


def _lived(revision: dict[str, Any]) -> float:
    until = revision["served_to_monotonic"] or time.monotonic()
    return float(until - revision["served_from_monotonic"])


def _plain(text: object) -> str:
    return "".join(str(text or "").split())
