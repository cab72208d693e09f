"""What the API decides, without a server or a ledger."""
