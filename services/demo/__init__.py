"""The demonstration: the embedded all-in-one beside a simulated disclosure site and a subscriber that verifies.

Nothing in the line itself is simulated: the crawler fetches over HTTP, Celery carries the bells over Valkey, workers
read and decide, the relay stamps, and signed webhooks arrive. At the end what was stored and received is compared with
what the site says it published. Start reading at `run`.
"""
