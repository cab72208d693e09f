"""What standards say, for tests to hold our output against: a schema, and strict parsers."""
