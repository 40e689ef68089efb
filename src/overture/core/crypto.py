"""Secrets at rest: AES-GCM under a key ring that lives outside the database.

A sealed value is `b"OV1" | key id (4 bytes) | nonce (12 bytes) | ciphertext+tag`; its additional data is
`table.column:row`, so a value copied to another row does not open.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"OV1"
KEY_ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32


class KeyUnusable(Exception):
    """The key file is missing, malformed, or does not hold the key a value was sealed with."""


@dataclass(frozen=True)
class KeyRing:
    """Keys by id; the newest seals, all open."""

    keys: Mapping[bytes, bytes]
    newest: bytes

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt `plain` for one place (`table.column:row`)."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        body = AESGCM(self.keys[self.newest]).encrypt(nonce, plain, place.encode())
        return MAGIC + self.newest + nonce + body

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made for the same place."""
        key_id, nonce, body = split(sealed)
        key = self.keys.get(key_id)
        if key is None:
            raise KeyUnusable(
                f"No key {key_id.hex()} in the key file: restore the file this value was sealed with."
            )
        try:
            return AESGCM(key).decrypt(nonce, body, place.encode())
        except InvalidTag:
            raise KeyUnusable(f"The value at {place} was not sealed there with key {key_id.hex()}.") from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the value is sealed with the newest key (after a rotation, old ones are not)."""
        return split(sealed)[0] == self.newest


def split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """Key id, nonce and body of a sealed value."""
    if not sealed.startswith(MAGIC):
        raise KeyUnusable("The value is not one this product sealed.")
    rest = sealed[len(MAGIC) :]
    nonce_end = KEY_ID_BYTES + NONCE_BYTES
    return rest[:KEY_ID_BYTES], rest[KEY_ID_BYTES:nonce_end], rest[nonce_end:]


def load_or_create(path: Path) -> KeyRing:
    """The key ring of a key file, made with one key when there is no file yet."""
    try:
        return load(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return load(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(_line())
    return load(path)


def load(path: Path) -> KeyRing:
    """The key ring of an existing key file: one `id:key` in hex per line, newest last."""
    keys: dict[bytes, bytes] = {}
    newest = b""
    for number, line in enumerate(path.read_text().split(), start=1):
        try:
            newest, key = (bytes.fromhex(part) for part in line.split(":"))
        except ValueError:
            raise KeyUnusable(f"{path} line {number} is not `id:key` in hex.") from None
        if len(newest) != KEY_ID_BYTES or len(key) != KEY_BYTES:
            raise KeyUnusable(f"{path} line {number} has an id or key of the wrong length.")
        keys[newest] = key
    if not keys:
        raise KeyUnusable(f"{path} holds no key.")
    return KeyRing(keys, newest)


def add_key(path: Path) -> KeyRing:
    """Append a fresh key, which from now on seals; the caller then reseals what is stored."""
    load_or_create(path)
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(path.read_text() + _line())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return load(path)


def _line() -> str:
    return f"{secrets.token_hex(KEY_ID_BYTES)}:{secrets.token_hex(KEY_BYTES)}\n"
