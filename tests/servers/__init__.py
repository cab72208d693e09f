"""Real servers for the tests, started by the tests themselves: PostgreSQL, a queue, and our own processes."""
