"""What people ask for, whether at the command line or through the API: watch, crawl again, subscribe, let in.

Each function is one whole request in one transaction; bad input raises `Invalid` or `NotFound` and leaves nothing.
"""
