"""Extraction: a file's bytes go to a child process, which may use so much memory, time and room for its answer.

A child for each file: what one does to its reader is gone with it. It is a program of its own (`subprocess`, not
`multiprocessing`), for the worker's processes are daemons and may have no children by the other way. It gets nothing
of our environment, which holds secrets.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO

from shared.errors import Unavailable
from worker.attachments.child import NOT_INSTALLED
from worker.attachments.kinds import container_of
from worker.attachments.reasons import CRASHED, TOO_LARGE, TOO_SLOW

EXTRACTOR = 1
"""Raised when the same bytes give another text by now: what older ones made is made anew when it is needed."""


@dataclass(frozen=True)
class Bounds:
    """How much one file may cost."""

    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 20
    total_seconds: float = 40.0
    """By the wall clock; well within the lease of a fetch and the limit of a task."""
    characters: int = 1_000_000
    """Of the text that is kept; what is beyond is cut."""


@dataclass(frozen=True)
class Extract:
    """What a file is, and its text or (one of `worker.attachments.reasons`) why there is none."""

    kind: str
    text: str | None
    reason: str | None = None


USUAL = Bounds()


def extract(content: bytes, bounds: Bounds = USUAL) -> Extract:
    """Return the text of a file, whatever it is; raises `Unavailable` only where this machine cannot start a child."""
    try:
        with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as reply:
            question.write(content)
            question.seek(0)
            code = _run(question, reply, bounds)
            reply.seek(0)
            said = reply.read(_most_bytes(bounds))
    except OSError as error:
        raise Unavailable(f"no process could be started to read a file in: {error.strerror}") from error
    if code == NOT_INSTALLED:
        raise Unavailable("a library that reads files is not installed; install noticewire with its dependencies")
    return _told(said) or Extract(container_of(content), None, _reason(code))


def _run(question: IO[bytes], reply: IO[bytes], bounds: Bounds) -> int | None:
    """Run the child; return its exit code, negative for a signal, None where its time was over."""
    limits = (bounds.memory_bytes, bounds.cpu_seconds, _most_bytes(bounds), bounds.characters)
    command = [sys.executable, "-P", "-m", "worker.attachments.child", *map(str, limits)]
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command,
            stdin=question,
            stdout=reply,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=bounds.total_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def _most_bytes(bounds: Bounds) -> int:
    # JSON spells a character beyond the first plane with twelve bytes; the file's kind comes with it.
    return 12 * bounds.characters + 1024


def _told(said: bytes) -> Extract | None:
    """Return the child's answer, if it gave a whole one."""
    try:
        told = json.loads(said)
        return Extract(str(told["kind"]), told.get("text"), told.get("reason"))
    except (ValueError, KeyError, TypeError):
        return None


def _reason(code: int | None) -> str:
    if code is None or code in (-signal.SIGXCPU, -signal.SIGKILL):
        return TOO_SLOW
    return TOO_LARGE if code == -signal.SIGXFSZ else CRASHED
