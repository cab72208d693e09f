"""Snapshots: immutable bytes by their SHA-256, compressed, in a folder.

A blob is written to a temporary file, flushed to the disk and renamed, so that a name is never seen with half its
bytes; the row that names it is written afterwards (bytes first, row second, bell last).
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from threading import local
from typing import Protocol
from urllib.parse import unquote, urlsplit

import zstandard

from shared.errors import Invalid, NotFound, Unavailable

LARGEST = 64 * 1024 * 1024
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class Blobs(Protocol):
    """A store of immutable bytes; what is kept for good may be let go of only by the rules of retention (`Store`)."""

    def put(self, content: bytes) -> str:
        """Keep `content` for good and return its digest (64 hex digits); `Unavailable` if the disk is full."""
        ...

    def get(self, digest: str) -> bytes:
        """Return the bytes of `digest`; `NotFound` if there are none, or damaged ones."""
        ...


class Store(Blobs, Protocol):
    """A store whose bytes can be let go."""

    def let_go(self, digest: str, untouched_since: float, is_needed: Callable[[], bool]) -> bool:
        """Delete `digest` unless it was put since (seconds of the epoch) or `is_needed`; tell whether it is gone.

        It is asked once nobody can put the same bytes without their being noticed. May be done again after a kill at
        any step; `Unavailable` if the disk does not let it.
        """
        ...


def open_blobs(url: str) -> "FolderBlobs":
    """Return the store at a `file:///…` URL; raises `Invalid` for other schemes."""
    parts = urlsplit(url)
    if parts.scheme != "file" or not parts.path:
        raise Invalid(f"NOTICEWIRE_BLOBS_URL is {url!r}; only a folder will do, written file:///path/to/folder")
    return FolderBlobs(Path(unquote(parts.path)))


def digest_of(content: bytes) -> str:
    """Return the name that `content` has in every store."""
    return hashlib.sha256(content).hexdigest()


class FolderBlobs:
    """Blobs in a folder, two levels deep, each one Zstandard frame (RFC 8878)."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made when first written to."""
        self._folder = folder
        self._packing = _Packing()

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:4] / f"{digest}.zst"

    def _aside(self, digest: str) -> Path:
        """Return where a blob lies while it is asked whether it may go."""
        return self._path(digest).with_name(f".gone-{digest}.zst")

    def put(self, content: bytes) -> str:
        """See `Blobs.put`."""
        digest = digest_of(content)
        path = self._path(digest)
        try:
            with suppress(FileNotFoundError):
                os.utime(path)  # so that who is about to let go of it sees that it is wanted
                return digest
            _write(path, self._packing.packer.compress(content))
        except OSError as error:
            raise Unavailable(f"cannot store a snapshot in {self._folder}: {error.strerror}") from error
        return digest

    def get(self, digest: str) -> bytes:
        """See `Blobs.get`."""
        try:
            packed = self._packed(digest)
        except FileNotFoundError as error:
            raise NotFound(f"no snapshot {digest} in {self._folder}") from error
        except OSError as error:
            raise Unavailable(f"cannot read a snapshot in {self._folder}: {error.strerror}") from error
        try:
            # Memory is taken for as much as the frame says, which a wrong bit may make anything.
            if zstandard.frame_content_size(packed) > LARGEST:
                raise NotFound(f"snapshot {digest} is damaged: it says that it is larger than any")
            content = zstandard.ZstdDecompressor().decompress(packed, max_output_size=LARGEST)
        except zstandard.ZstdError as error:
            raise NotFound(f"snapshot {digest} is damaged: {error}") from error
        if digest_of(content) != digest:
            raise NotFound(f"snapshot {digest} is damaged: its bytes have another digest")
        return content

    def copy_to(self, other: "FolderBlobs") -> int:
        """Copy to another folder what is not there yet, and flush it to the disk; return how much that was.

        What is put meanwhile may be missing. Raises `Unavailable` where the one cannot be read, or the other written.
        """
        copied = 0
        try:
            for path in self._folder.glob("??/??/*.zst"):
                digest = path.stem.removeprefix(".gone-")
                there = other._path(digest)
                if there.exists():
                    continue
                with suppress(FileNotFoundError):  # it has just been let go
                    there.parent.mkdir(parents=True, exist_ok=True)
                    _write(there, self._packed(digest), sync=False)
                    copied += 1
        except OSError as error:
            raise Unavailable(f"cannot copy snapshots to {other._folder}: {error.strerror}") from error
        os.sync()
        return copied

    def _packed(self, digest: str) -> bytes:
        with suppress(FileNotFoundError):
            return self._path(digest).read_bytes()
        return self._aside(digest).read_bytes()

    def let_go(self, digest: str, untouched_since: float, is_needed: Callable[[], bool]) -> bool:
        """See `Store.let_go`: put aside, asked about, and only then deleted; or put back."""
        path, aside = self._path(digest), self._aside(digest)
        if not self._folder.is_dir():
            raise Unavailable(f"there are no snapshots in {self._folder}: nothing is known of what lies elsewhere")
        try:
            with suppress(FileNotFoundError):
                path.rename(aside)
            try:
                touched = aside.stat().st_mtime >= untouched_since
            except FileNotFoundError:
                return True
            if touched or is_needed():
                aside.rename(path)
                return False
            aside.unlink()
        except OSError as error:
            raise Unavailable(f"cannot let go of a snapshot in {self._folder}: {error.strerror}") from error
        return True


def _write(path: Path, packed: bytes, *, sync: bool = True) -> None:
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".new-{os.urandom(8).hex()}")
    try:
        handle = os.open(temporary, _NEW, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, _NEW, 0o600)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            _write_all(file, packed)
            if sync:
                os.fsync(handle)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if sync:
        _flush(folder)


def _write_all(file: FileIO, packed: bytes) -> None:
    unwritten = memoryview(packed)
    while unwritten:
        unwritten = unwritten[file.write(unwritten) :]


def _flush(folder: str) -> None:
    """Let a rename in `folder` survive a power cut, which must not come before a row names the blob."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Packing(local):
    """Each thread's compressor: to make one takes longer than to use it, and no two may use one at the same time."""

    def __init__(self) -> None:
        self.packer = zstandard.ZstdCompressor(level=6)
