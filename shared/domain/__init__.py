"""Words and values that both sides of the wire must agree on; no machinery is imported here."""
