"""Secrets at rest: Fernet under keys that are derived from the secret key file, which may hold several."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets as random
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.db import StoreError

_KEY_BYTES = 32
# The first line of a file of several keys, one a line, the newest first. Any other file is one key.
_SEVERAL = b"# Keys of Tablo, the newest first"
_SIGNATURE_BYTES = 12


class _Ring:
    """Keys at work: the first one seals and signs, each of them opens."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self.fernet = MultiFernet([Fernet(_derive(each)) for each in keys])
        self.signing = [_derived(each, b"tablo signature") for each in keys]


class Secrets:
    """Seals with `key`; opens what `key` or one of the `older` keys has sealed. Never shows a key.

    `path`: the file that the keys are from. It is looked at before each use, so that new keys hold at once.
    """

    def __init__(self, key: bytes, *older: bytes, path: Path | None = None) -> None:
        self._kept = _Ring((key, *older))
        self._path = path
        self._stamp: tuple[int, int] | None = None

    @property
    def _ring(self) -> _Ring:
        stamp = None if self._path is None else _stamp(self._path)
        # A file that was taken away changes nothing for who has read it.
        if self._path is not None and stamp is not None and stamp != self._stamp:
            self._kept, self._stamp = _Ring(_keys(self._path)), stamp
        return self._kept

    def seal(self, text: str) -> str:
        """Encrypted text, as ASCII."""
        return self._ring.fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The text again. Raises StoreError when the key is another one."""
        try:
            return self._ring.fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise StoreError(
                "The stored credentials were sealed with another secret key. Put the old key file back, or add the "
                "sources anew."
            ) from None

    def opens(self, sealed: str) -> bool:
        """Whether one of the keys has sealed it."""
        try:
            self._ring.fernet.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def sign(self, content: bytes) -> str:
        """The content with a short signature behind it, fit for an address. It can be read by everybody."""
        return base64.urlsafe_b64encode(content + _signature(self._ring.signing[0], content)).decode().rstrip("=")

    def signed(self, text: str) -> bytes | None:
        """The content again, None when it was not signed here."""
        try:
            whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        content, given = whole[:-_SIGNATURE_BYTES], whole[-_SIGNATURE_BYTES:]
        known = (hmac.compare_digest(given, _signature(key, content)) for key in self._ring.signing)
        return content if any(known) else None

    def __repr__(self) -> str:
        return "Secrets(•••)"


def open_secrets(path: Path) -> Secrets:
    """What the secret key file opens; it is made (mode 0600) if it is missing. Raises StoreError if it is empty."""
    if not path.exists():
        _make(path)
    return Secrets(*_keys(path), path=path)


def add_key(path: Path) -> bytes:
    """A new key that seals from now on, in every process; the older ones still open. Raises StoreError."""
    new = random.token_hex(_KEY_BYTES).encode()
    keys = [new, *_keys(path)]
    if any(len(key.splitlines()) != 1 for key in keys):
        raise StoreError(f"{path} holds more than a line, which was taken for one key. Tablo cannot add another to it.")
    _replace(path, b"\n".join((_SEVERAL, *keys)))
    return new


def keep_only(path: Path, key: bytes) -> None:
    """From now on no other key opens anything. Raises StoreError."""
    _replace(path, key)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, random.token_hex(_KEY_BYTES).encode())
    try:
        # Of two processes that start at once the first one's key stays: link refuses to replace a file.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _replace(path: Path, content: bytes) -> None:
    try:
        os.replace(_draft(path, content), path)
    except OSError as error:
        raise StoreError(f"The secret key file {path} cannot be written ({error.strerror}).") from None


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _keys(path: Path) -> list[bytes]:
    content = path.read_bytes().strip()
    keys = content.splitlines()[1:] if content.startswith(_SEVERAL + b"\n") else [content]
    if not all(keys) or not keys:
        raise StoreError(f"The secret key file {path} is empty. Restore it from where you keep it.")
    return keys


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _derive(key: bytes) -> bytes:
    return base64.urlsafe_b64encode(_derived(key, b"tablo store"))


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose).derive(key)


def _signature(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)[:_SIGNATURE_BYTES]
