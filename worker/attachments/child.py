"""The other end of `extract`: a process that limits itself, reads one file from its standard input, and answers.

The answer is one JSON object on standard output: `{"kind": …, "text": …}` or `{"kind": …, "reason": …}`.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from worker.attachments.reasons import BROKEN, CRASHED, EMPTY, TOO_LARGE, UNSUPPORTED, NoText

NOT_INSTALLED = 3
"""Exit code: a library is missing, which is not the file's doing."""

Reader = Callable[[bytes, int], str]


def limit(memory_bytes: int, cpu_seconds: int, output_bytes: int) -> None:
    """Bound this process for good; a limit that the system does not know is left to the parent's clock."""
    import resource

    bounds = {
        "RLIMIT_CORE": 0,
        "RLIMIT_AS": memory_bytes,
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_FSIZE": output_bytes,
        "RLIMIT_NOFILE": 64,
    }
    for name, most in bounds.items():
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))
    with suppress(OSError):
        os.nice(5)


def answer(content: bytes, most_characters: int) -> dict[str, str]:
    """Return what is read of the file; whatever its readers raise is a reason."""
    from worker.attachments.kinds import container_of, kind_of

    kind = container_of(content)
    try:
        kind = kind_of(content)
        text = _fit(_reader_of(kind)(content, most_characters), most_characters)
    except NoText as none:
        return {"kind": kind, "reason": none.reason}
    except (MemoryError, RecursionError):
        return {"kind": kind, "reason": TOO_LARGE}
    except ImportError:
        raise
    except Exception:
        # The top of the process: libraries raise what they like over a torn file.
        return {"kind": kind, "reason": BROKEN}
    except BaseException as error:
        # A panic in a library of Rust's arrives so.
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return {"kind": kind, "reason": CRASHED}
    return {"kind": kind, "text": text}


def _fit(text: str, most_characters: int) -> str:
    """Return a text that any database and terminal can hold: no unseen characters, no halves of characters."""
    from shared.legible import legible

    return legible(text[:most_characters])


def _reader_of(kind: str) -> Reader:
    """Return the reader for a kind; each is imported only where it is needed, for the start costs most."""
    match kind:
        case "pdf":
            from worker.attachments.pdf import text_of
        case "docx":
            from worker.attachments.word import text_of
        case "doc":
            from worker.attachments.doc import text_of
        case "xlsx" | "xls":
            from worker.attachments.sheets import text_of
        case "text":
            text_of = _plain
        case _:
            raise NoText(UNSUPPORTED)
    return text_of


def _plain(content: bytes, most_characters: int) -> str:
    from shared.decoding import decode

    decoded = decode(content)
    if decoded is None:
        raise NoText(UNSUPPORTED)
    if not decoded.text.strip():
        raise NoText(EMPTY)
    return decoded.text[:most_characters]


def main() -> NoReturn:
    """Read standard input under the limits that the arguments name, and answer on standard output."""
    memory_bytes, cpu_seconds, output_bytes, most_characters = map(int, sys.argv[1:])
    limit(memory_bytes, cpu_seconds, output_bytes)
    try:
        told = answer(sys.stdin.buffer.read(), most_characters)
        sys.stdout.write(json.dumps(told))
        sys.stdout.flush()
    except ImportError as error:
        sys.stderr.write(str(error))
        os._exit(NOT_INSTALLED)
    # Not by the usual way out: what a hostile file left behind in a library is not to be tidied up.
    os._exit(0)


if __name__ == "__main__":
    main()
