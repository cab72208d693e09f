"""From a stored fetch to a revision and its events, and from an event to a delivery.

    bell ──► app (shim) ──► process: claim → read → fingerprint → decide → record ──► events
    relay: stamp positions → fan out deliveries          sweep: ring again for what was forgotten
    deliver: claim → sign → POST → delivered / retry at / parked

Start reading at `worker.process`, then `worker.relay` and `worker.deliver.courier`.
"""
