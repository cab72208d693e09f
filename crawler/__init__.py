"""From a due target to a stored fetch: claim → permit → fetch → judge → capture, and then the bell.

A listing takes the same way up to its capture, where its links become targets. The crawler never reads a notice.

Start reading at `crawler.loop`; `politeness`, `robots`, `judge`, `schedule` and `discover` only decide.
"""
