"""The master key: outside the database, it wraps the key of every recording.

A file of the state folder's secrets, a line a key: `name key`. The first wraps; the others only
open what they wrapped before, until a person drops them. So a database without this file, or this
file without the database, opens nothing; and what was wrapped under a dropped key alone (an erased
recording's row in an old backup) is opened by nobody any more.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.sealed import KEY_BYTES

NONCE: Final = 12


class KeyLost(Exception):
    """This key cannot be opened: its master key is not here, or it was wrapped for another."""


class KeysBroken(Exception):
    """The file of master keys is not what we wrote; the text is Portuguese and holds no key."""


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """All master keys by name; `current` wraps."""

    current: str
    keys: Mapping[str, bytes]

    def wrap(self, key: bytes, name: str) -> str:
        """A recording's key, for the database; useless for a recording of another name."""
        nonce = os.urandom(NONCE)
        cipher = AESGCM(self.keys[self.current])
        return base64.b64encode(nonce + cipher.encrypt(nonce, key, name.encode())).decode()

    def unwrap(self, wrapped: str, name: str, master: str) -> bytes:
        """The recording's key. Raises KeyLost."""
        if master not in self.keys:
            raise KeyLost(f"a chave-mestra {master} não está aqui")
        try:
            read = base64.b64decode(wrapped, validate=True)
            return AESGCM(self.keys[master]).decrypt(read[:NONCE], read[NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise KeyLost("a chave guardada não é desta gravação") from None

    def rotated(self) -> MasterKeys:
        """With a new key that wraps from now on; the older ones still open."""
        fresh = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        return MasterKeys(_name(fresh), {_name(fresh): fresh, **self.keys})

    def without_older(self) -> MasterKeys:
        """The current key alone: what only an older one opens is lost for ever."""
        return MasterKeys(self.current, {self.current: self.keys[self.current]})

    @property
    def older(self) -> tuple[str, ...]:
        """Names of the keys that wrap no more."""
        return tuple(name for name in self.keys if name != self.current)


def new_master() -> MasterKeys:
    """Master keys of a new installation."""
    fresh = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
    return MasterKeys(_name(fresh), {_name(fresh): fresh})


def load(file: Path) -> MasterKeys:
    """The keys in this file. Raises KeysBroken, FileNotFoundError, OSError."""
    found: dict[str, bytes] = {}
    for line in file.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, text = line.strip().partition(" ")
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:  # binascii.Error is one, and so is a letter that is none
            key = b""
        if len(key) != KEY_BYTES or _name(key) != name:
            raise KeysBroken(f"{file.name}: uma linha não é uma chave-mestra")
        found[name] = key
    if not found:
        raise KeysBroken(f"{file.name}: não há chave-mestra")
    return MasterKeys(next(iter(found)), found)


def save(keys: MasterKeys, file: Path) -> None:
    """Write the keys, durable, for the owner alone; the file is the old one or the new one."""
    names = (keys.current, *keys.older)
    text = "".join(f"{name} {base64.b64encode(keys.keys[name]).decode()}\n" for name in names)
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
    flush_folder(file.parent)


def flush_folder(folder: Path) -> None:
    """Make what was renamed or removed in a folder durable."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _name(key: bytes) -> str:
    """A key's name tells nothing of it, and shows when a line was damaged."""
    return hashlib.sha256(b"central156 master key\0" + key).hexdigest()[:12]
