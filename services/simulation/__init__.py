"""The simulation: an outsider that publishes, subscribes and breaks lines, and keeps the truth to compare us with.

It imports nothing else of this project, so that it stays an independent witness.

    vocabulary → prose → board ── pages ──► answers ─► site ◄── control ◄── script      a scripted disclosure site
                                  troubles ─┘   └─► log ──► witness                     what we asked of it, judged
    sink                                                                                a subscriber that verifies
    faults                                                                              a TCP proxy that breaks

Start reading at `site` (what can be published and broken) and `witness` (what is judged from its log).
"""
