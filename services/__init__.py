"""The doors: command line, HTTP API, the processes and the embedded all-in-one; no rule of the domain lives here.

Start reading at `services.cli`, then `services.wiring` (the only place where adapters meet the rest),
`services.processes` (what each process does) and `services.embedded` (all of them under one supervisor).
`services.desk` is what people ask for, whichever door they come through.
"""
