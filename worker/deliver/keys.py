"""Which secrets sign a subscription's deliveries: the newest and, for a time after a rotation, those before it."""

from datetime import datetime
from typing import Any

from shared.db import Ledger
from shared.db.models import Subscription
from shared.secrets import SecretBox


def signing_secrets(box: SecretBox, subscription: Subscription, now: datetime) -> list[str]:
    """Return the secrets that sign at `now`, the newest first; `Invalid` where another key of ours sealed them."""
    old = [sealed for sealed, until in (subscription.old_keys or {}).items() if datetime.fromisoformat(until) > now]
    return [box.open(sealed) for sealed in (subscription.secret, *reversed(old))]


def forget_old_keys(ledger: Ledger) -> int:
    """Forget the secrets whose time after a rotation is over; return of how many subscriptions."""
    with ledger.reading() as uow:
        over = [one.id for one in uow.subscriptions.with_old_keys(uow.now())]
    if not over:
        return 0
    with ledger.begin() as uow:
        now = uow.now()
        for subscription_id, held in uow.subscriptions.hold(over).items():
            uow.subscriptions.change(subscription_id, kept(held.old_keys, now))
        uow.commit()
    return len(over)


def kept(old_keys: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """Return the columns of the `old_keys` that still sign at `now`, each with the time of its end."""
    left = {sealed: until for sealed, until in (old_keys or {}).items() if datetime.fromisoformat(until) > now}
    first = min(map(datetime.fromisoformat, left.values()), default=None)
    return {"old_keys": left, "old_keys_until": first}
