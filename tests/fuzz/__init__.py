"""Hostile bytes: what reads bytes of strangers, as a table of targets, and how to fuzz them by hand (`make fuzz`)."""
