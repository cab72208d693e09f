"""The text of attached files, read where a hostile one can harm nobody.

    bytes ─► extract (a child process under limits: child ─► kinds ─► pdf | word | doc | sheets) ─► Extract

Start reading at `extract.extract`, which the worker calls; `child` is the other end of it. Whatever a file does, the
answer is a value: its kind, and its text or the reason why there is none.
"""

from worker.attachments.extract import EXTRACTOR, Extract, extract

__all__ = ["EXTRACTOR", "Extract", "extract"]
