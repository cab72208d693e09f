"""Signing keys of subscriptions: made, shown once, and rotated without a delivery that nobody can verify."""

from datetime import timedelta
from typing import Any, NamedTuple

from services.desk.audit import note
from shared.db import Ledger
from shared.db.models import Subscription
from shared.domain.states import Channel, Scheme
from shared.errors import Invalid, NotFound
from shared.secrets import SecretBox
from worker.deliver.keys import kept
from worker.deliver.sign import new_secret, public_key

MOST_OLD_SECRETS = 4


class Key(NamedTuple):
    """A fresh key: what is stored of it, and what its owner is shown this once (nothing of a private one)."""

    columns: dict[str, Any]
    shown: str | None


def new_key(box: SecretBox, scheme: Scheme) -> Key:
    """Make a signing key."""
    secret = new_secret(scheme)
    public = public_key(secret)
    return Key({"secret": box.seal(secret), "scheme": scheme, "public_key": public}, None if public else secret)


def rotate(
    ledger: Ledger, box: SecretBox, subscription_id: str, *, grace_seconds: float, scheme: Scheme | None = None
) -> tuple[Subscription, str | None]:
    """Sign with a new key, of `scheme` or of the same one as before, and for `grace_seconds` with the old one too.

    Returns the subscription with its new secret, shown only now (None for `v1a`, of which one needs the public key).
    Raises `NotFound`, and `Invalid` where so many old ones still sign that a delivery's header would grow too long.
    """
    with ledger.begin() as uow:
        now = uow.now()
        held = uow.subscriptions.hold([subscription_id]).get(subscription_id)
        if held is None:
            raise NotFound(f"no subscription {subscription_id!r}")
        if held.kind != Channel.WEBHOOK:
            raise Invalid(f"{subscription_id} is no webhook: only those are signed with a secret of ours")
        old = kept(held.old_keys, now)["old_keys"]
        if len(old) >= MOST_OLD_SECRETS:
            raise Invalid(f"{len(old)} old secrets still sign; rotate again after {min(old.values())}")
        key = new_key(box, scheme or Scheme(held.scheme))
        until = now + timedelta(seconds=grace_seconds)
        uow.subscriptions.change(subscription_id, key.columns | kept(old | {held.secret: until.isoformat()}, now))
        note(uow, "subscription.rotated", subscription_id, grace_seconds=grace_seconds)
        uow.commit()
    with ledger.reading() as uow:
        found = uow.subscriptions.by_id(subscription_id)
    assert found is not None
    return found, key.shown
