"""What must mean the same to crawler, worker and services: the ledger, the doorbell, the guarded way out.

Start reading at `shared.db.uow` (the ledger and its drawers), then `shared.queue` (the doorbell), `shared.blobs`
(the bytes), `shared.http` (the only way to the outside world) and `shared.settings`.
"""
