"""Clean: from the bytes of a snapshot to lines of text that know where on the page they stood.

    bytes ─► decode ─► markup (parse, mend) ─► survey ─► containers / density ─► walk ─► lines ─► trim, learned

Nothing here knows what a notice is; `worker.read` gives the lines a meaning. Start reading at `decode`, then `walk`.
What counts as furniture of a web site is the table in `furniture`; where a body is found, the table in `containers`.
"""
