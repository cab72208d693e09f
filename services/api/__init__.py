"""The HTTP API: what is stored, the wire, and what people ask for, over `services.desk` and the ledger's drawers.

    serve ──► app ──► edge (size, headers, last catch) ──► security (who asks) ──► one file per noun ──► ledger
    problems: every error is problem+json        stream ◄── tail: one look at the ledger for all readers
    health ◄── looks (doing) ◄── verdict (deciding)        schemas, parameters: what comes out, what goes in

Start reading at `app`, then `security`, then any noun; `stream` and `tail` are the only asynchronous part.
"""
