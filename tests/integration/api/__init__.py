"""The HTTP API on a real ledger: in process where that is enough, through a real server where it is not."""
