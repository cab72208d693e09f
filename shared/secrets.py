"""Secrets at rest: webhook secrets are encrypted in the ledger (Fernet), with a key that is not in it."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from shared.errors import Invalid


class SecretBox:
    """Encrypts and decrypts short texts with one key."""

    def __init__(self, key: str) -> None:
        """Use `key` (32 bytes, URL-safe base64, as `Fernet.generate_key` makes them); `Invalid` if it is not one."""
        try:
            self._fernet = Fernet(key)
        except ValueError as error:
            raise Invalid(
                "NOTICEWIRE_SECRET_KEY is not 32 bytes of URL-safe base64; make one with: noticewire token key"
            ) from error

    def seal(self, text: str) -> str:
        """Return `text`, encrypted."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text that `seal` was given; `Invalid` if another key sealed it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Invalid("a stored secret was encrypted with another NOTICEWIRE_SECRET_KEY") from error


def key_in(path: Path) -> str:
    """Return the key in the file at `path`; made there (readable by the owner alone) if there is none yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written whole and then given its name, so that nobody finds half a key; the first of several to do so wins.
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".key-")
        try:
            with os.fdopen(handle, "w") as file:
                file.write(Fernet.generate_key().decode())
            with suppress(FileExistsError):
                os.link(fresh, path)
        finally:
            os.unlink(fresh)
    return path.read_text().strip()
