"""Fuzz one target by hand: `python -m tests.fuzz reading --seconds 60`.

With atheris (`pip install atheris`, no dependency of ours) branches guide what is tried next; without it, Hypothesis
puts bytes together from fragments until the time is over. What is found is a crash with its bytes; put these into a
test beside the reader first.
"""

import argparse
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from tempfile import NamedTemporaryFile

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.fragments import HOSTILE, RAW, WORDS

ROUND = 500


def main() -> None:
    """Fuzz the target that is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    if find_spec("atheris") is not None:
        by_branches(asked.target, asked.seconds)
    else:
        by_fragments(target_of(asked.target), asked.seconds)


def target_of(name: str) -> Callable[[bytes], None]:
    """Return the target of a name; ends the program where there is none."""
    from tests.fuzz.targets import TARGETS

    if name not in TARGETS:
        sys.exit(f"no such target: {name!r}; there are {', '.join(TARGETS)}")
    return TARGETS[name]


def by_branches(name: str, seconds: int) -> None:
    """Let atheris (libFuzzer) look for inputs that reach new branches; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["crawler", "worker", "shared"]):
        target = target_of(name)
    with NamedTemporaryFile("w", suffix=".dict") as words:
        words.writelines(f'"{escaped(word)}"\n' for word in [*(one.encode("utf-8", "ignore") for one in WORDS), *RAW])
        words.flush()
        atheris.Setup(
            ["fuzz", f"-max_total_time={seconds}", f"-dict={words.name}", "-max_len=2000", "-rss_limit_mb=2048"], target
        )
        atheris.Fuzz()


def escaped(word: bytes) -> str:
    """Return a word as libFuzzer's dictionaries write it."""
    return "".join(f"\\x{octet:02x}" for octet in word[:60])


def by_fragments(target: Callable[[bytes], None], seconds: int) -> None:
    """Let Hypothesis try until the time is over; raises what it finds, shrunk."""
    ends, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        tried = settings(
            max_examples=ROUND,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )(given(HOSTILE)(target))
        tried()
        rounds += 1
    print(f"{rounds * ROUND} inputs, none of which broke it")


if __name__ == "__main__":
    main()
