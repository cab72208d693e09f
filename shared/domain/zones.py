"""Time zones that pages are written in."""

from datetime import timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""All of China has one, without summer time; what a page does not say is in it."""
