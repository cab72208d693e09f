"""The ledger: tables, engine, unit of work and one drawer per noun. The only room that imports SQLAlchemy.

Start reading at `uow`: a transaction is `with ledger.begin() as uow: …; uow.commit()`, visible on the page where it
happens. Each drawer's methods are named questions (`claim_due`, `latest_revision`, `append`).
"""

from shared.db.uow import Ledger, UnitOfWork, open_ledger

__all__ = ["Ledger", "UnitOfWork", "open_ledger"]
