"""Secrets at rest: Fernet under a key that is derived from the bytes of the secret key file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets as random
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.db import StoreError

_KEY_BYTES = 32
_SIGNATURE_BYTES = 12


class Secrets:
    """Seals with `key`; opens what `key` or one of the `older` keys has sealed. Never shows a key."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        self._fernet = MultiFernet([Fernet(_derive(each)) for each in (key, *older)])
        self._signing = [_derived(each, b"tablo signature") for each in (key, *older)]

    def seal(self, text: str) -> str:
        """Encrypted text, as ASCII."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The text again. Raises StoreError when the key is another one."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise StoreError(
                "The stored credentials were sealed with another secret key. Put the old key file back, or add the "
                "sources anew."
            ) from None

    def sign(self, content: bytes) -> str:
        """The content with a short signature behind it, fit for an address. It can be read by everybody."""
        return base64.urlsafe_b64encode(content + _signature(self._signing[0], content)).decode().rstrip("=")

    def signed(self, text: str) -> bytes | None:
        """The content again, None when it was not signed here."""
        try:
            whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        content, given = whole[:-_SIGNATURE_BYTES], whole[-_SIGNATURE_BYTES:]
        known = (hmac.compare_digest(given, _signature(key, content)) for key in self._signing)
        return content if any(known) else None

    def __repr__(self) -> str:
        return "Secrets(•••)"


def key_from(path: Path) -> bytes:
    """The bytes of the secret key file, which is made (mode 0600) if it is missing. Raises StoreError if empty."""
    if not path.exists():
        _make(path)
    key = path.read_bytes().strip()
    if not key:
        raise StoreError(f"The secret key file {path} is empty. Restore it from where you keep it.")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(random.token_hex(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        # Of two processes that start at once the first one's key stays: link refuses to replace a file.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _derive(key: bytes) -> bytes:
    return base64.urlsafe_b64encode(_derived(key, b"tablo store"))


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose).derive(key)


def _signature(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)[:_SIGNATURE_BYTES]
