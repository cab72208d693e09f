"""Snapshots by digest: what is put comes back byte for byte, or the store says what is wrong."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.blobs import FolderBlobs, digest_of, open_blobs
from shared.errors import Invalid, NotFound, Unavailable

TEXT = "关于整改情况的通报".encode()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@given(st.binary(max_size=5000))
def test_what_is_put_comes_back(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    blobs = FolderBlobs(tmp_path_factory.getbasetemp() / "round-trip")
    digest = blobs.put(content)
    assert digest == digest_of(content)
    assert blobs.get(digest) == content


def test_putting_twice_keeps_one_file_and_leaves_it_alone(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(TEXT)
    (kept,) = files_in(tmp_path)
    before = kept.stat()
    assert blobs.put(TEXT) == digest
    assert files_in(tmp_path) == [kept]
    assert kept.stat().st_ino == before.st_ino


def test_another_process_reads_what_this_one_put(tmp_path: Path) -> None:
    digest = open_blobs(tmp_path.as_uri()).put(TEXT)
    assert open_blobs(tmp_path.as_uri()).get(digest) == TEXT


def test_a_folder_with_spaces_and_chinese_in_its_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "快照 一"
    open_blobs(folder.as_uri()).put(TEXT)
    assert len(files_in(folder)) == 1


def test_what_was_never_put_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no snapshot 00"):
        FolderBlobs(tmp_path).get("0" * 64)


# Frames that say that they hold 2^62 and 2^26+1 bytes, and one that does not say it but has a window of 4 TiB.
_HUGE = (b"\x28\xb5\x2f\xfd\xe0" + size.to_bytes(8, "little") + b"\x01\x00\x00" for size in (2**62, 2**26 + 1))
_WIDE = b"\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00"


@pytest.mark.parametrize("damaged", [b"", b"nonsense", b"\x28\xb5\x2f\xfd", *_HUGE, _WIDE])
def test_a_damaged_snapshot_is_never_given_out(tmp_path: Path, damaged: bytes) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(TEXT)
    files_in(tmp_path)[0].write_bytes(damaged)
    with pytest.raises(NotFound, match=f"snapshot {digest} is damaged"):
        blobs.get(digest)


def test_the_bytes_of_another_snapshot_are_never_given_out(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    first = blobs.put(TEXT)
    (place,) = files_in(tmp_path)
    second = blobs.put(b"other")
    (other,) = set(files_in(tmp_path)) - {place}
    place.write_bytes(other.read_bytes())
    assert blobs.get(second) == b"other"
    with pytest.raises(NotFound, match="its bytes have another digest"):
        blobs.get(first)


@given(st.binary(min_size=1, max_size=300), st.integers(0), st.integers(1, 255))
def test_one_wrong_byte_never_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, place: int, mask: int
) -> None:
    folder = tmp_path_factory.mktemp("wrong")
    blobs = FolderBlobs(folder)
    digest = blobs.put(content)
    (path,) = files_in(folder)
    packed = bytearray(path.read_bytes())
    packed[place % len(packed)] ^= mask
    path.write_bytes(packed)
    try:
        found = blobs.get(digest)
    except NotFound:
        return
    assert found == content  # a bit of the frame's header that means nothing


def test_a_folder_that_cannot_be_made_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot store a snapshot"):
        FolderBlobs(tmp_path / "file").put(TEXT)


FULL = """
import resource, sys
from pathlib import Path
from shared.blobs import FolderBlobs
from shared.errors import Unavailable
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    FolderBlobs(Path(sys.argv[1])).put(bytes.fromhex(sys.argv[2]))
except Unavailable as error:
    print(error)
"""


def test_a_full_disk_is_told_and_leaves_no_half_of_a_snapshot(tmp_path: Path) -> None:
    """The limit on the size of files stands for the disk: a write fails in the middle either way."""
    incompressible = os.urandom(20_000).hex()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), incompressible], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"cannot store a snapshot in {tmp_path}: File too large")
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("url", ["s3://bucket/x", "/folder", "file://", "https://example.org/x"])
def test_only_a_folder_is_a_store(url: str) -> None:
    with pytest.raises(Invalid, match="NOTICEWIRE_BLOBS_URL"):
        open_blobs(url)


def never() -> bool:
    return False


def always() -> bool:
    return True


TOMORROW = time.time() + 86_400.0


def test_what_nobody_needs_is_let_go_and_doing_it_twice_is_harmless(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(TEXT)
    assert blobs.let_go(digest, TOMORROW, never)
    assert blobs.let_go(digest, TOMORROW, never)
    assert files_in(tmp_path) == []
    with pytest.raises(NotFound):
        blobs.get(digest)


def test_of_a_folder_that_is_elsewhere_nothing_is_said_to_be_gone(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        FolderBlobs(tmp_path / "elsewhere").let_go(digest_of(TEXT), TOMORROW, never)


def test_what_somebody_needs_or_has_just_put_is_put_back(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(TEXT)
    assert not blobs.let_go(digest, TOMORROW, always)
    assert not blobs.let_go(digest, time.time() - 60, never)
    assert blobs.get(digest) == TEXT
    assert [path.name for path in files_in(tmp_path)] == [f"{digest}.zst"]


def test_what_is_put_while_it_is_asked_about_stays(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(TEXT)

    def put_meanwhile() -> bool:
        assert blobs.get(digest) == TEXT  # it can be read all the time
        return blobs.put(TEXT) != digest

    assert blobs.let_go(digest, TOMORROW, put_meanwhile)
    assert blobs.get(digest) == TEXT


def test_putting_again_makes_known_bytes_as_young_as_new_ones(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(TEXT)
    (kept,) = files_in(tmp_path)
    os.utime(kept, (0, 0))
    blobs.put(TEXT)
    assert not blobs.let_go(digest, time.time() - 60, never)


def test_a_kill_while_it_is_asked_about_loses_nothing(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(TEXT)

    def killed() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        blobs.let_go(digest, TOMORROW, killed)
    assert blobs.get(digest) == TEXT
    assert not blobs.let_go(digest, TOMORROW, always)
    assert blobs.get(digest) == TEXT
    with pytest.raises(KeyboardInterrupt):
        blobs.let_go(digest, TOMORROW, killed)
    assert blobs.let_go(digest, TOMORROW, never)
    assert files_in(tmp_path) == []
