"""From an owed delivery to an answer: claim → sign → POST → delivered, retry at, or parked.

Start reading at `courier`; `retry` decides (pure), `sign` makes the Standard Webhooks headers.
"""
