"""A sealed file: sound in chunks, each encrypted and authenticated by itself, so that any second of
it is found without reading what stands before.

    header (32 bytes) │ chunk 0 │ chunk 1 │ …      each chunk: up to CHUNK bytes, and 16 of its tag

AES-256-GCM with a key that seals this one file and no other; the nonce of a chunk is the file's
own eight random bytes and the chunk's number. Header and recording's name are authenticated with
every chunk, so none can be changed, moved, left out, taken from another file or cut off the end.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
from typing import Any, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"C156SEAL"
VERSION: Final = 1
HEADER: Final = struct.Struct(">8sBxxxIQ8s")  # magic, version, chunk, length of the sound, nonce
CHUNK: Final = 64 * 1024
CHUNK_MOST: Final = 16 * 1024 * 1024  # that a file may say of itself: it is held in memory
TAG: Final = 16
SOUND_ENDING: Final = ".c156"
KEY_BYTES: Final = 32


class SealBroken(Exception):
    """The file is not what was sealed, or the key is not its own. The text names no content."""


def new_key() -> bytes:
    """A key for one file."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def seal(plain: BinaryIO, length: int, sealed: BinaryIO, key: bytes, name: str) -> str:
    """Write `length` bytes of `plain` sealed; the SHA-256 of what was sealed, as hex digits.

    Raises OSError, and ValueError when `plain` holds another number of bytes.
    """
    header = HEADER.pack(MAGIC, VERSION, CHUNK, length, os.urandom(8))
    sealed.write(header)
    cipher, digest, done = AESGCM(key), hashlib.sha256(), 0
    for number in range(_chunks(length, CHUNK)):
        block = plain.read(CHUNK)
        digest.update(block)
        done += len(block)
        sealed.write(cipher.encrypt(_nonce(header, number), block, _bound(header, name)))
    if done != length or plain.read(1):
        raise ValueError("the file changed while it was sealed")
    return digest.hexdigest()


class Unsealed(io.RawIOBase):
    """Reads a sealed file as if it were not; seekable. Closes `sealed` when it is closed.

    Raises SealBroken at the first chunk that is not as it was sealed, and for no sealed file.
    """

    def __init__(self, sealed: BinaryIO, key: bytes, name: str) -> None:
        super().__init__()
        self._sealed = sealed
        self._header = sealed.read(HEADER.size)
        try:
            magic, version, self._chunk, self.length, _ = HEADER.unpack(self._header)
        except struct.error:
            raise SealBroken("no sealed file") from None
        if (magic, version) != (MAGIC, VERSION) or not 0 < self._chunk <= CHUNK_MOST:
            raise SealBroken("no sealed file of this kind")
        whole = HEADER.size + self.length + TAG * _chunks(self.length, self._chunk)
        if sealed.seek(0, os.SEEK_END) != whole:
            raise SealBroken("cut off, or longer than it was")
        self._cipher, self._name, self._at = AESGCM(key), name, 0
        self._number, self._block = -1, b""
        self._open(0)  # a wrong key is told at once

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte of the sound."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.length}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one chunk goes."""
        number, within = divmod(self._at, self._chunk)
        if self._at >= self.length:
            return 0
        part = self._open(number)[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Close the sealed file too."""
        self._sealed.close()
        super().close()

    def _open(self, number: int) -> bytes:
        if number != self._number:
            self._sealed.seek(HEADER.size + number * (self._chunk + TAG))
            read = self._sealed.read(self._chunk + TAG)
            bound = _bound(self._header, self._name)
            try:
                self._block = self._cipher.decrypt(_nonce(self._header, number), read, bound)
            except InvalidTag:
                raise SealBroken("altered, or another key's") from None
            self._number = number
        return self._block


def _chunks(length: int, chunk: int) -> int:
    """At least one: silence of no length is authenticated too."""
    return max(1, -(-length // chunk))


def _nonce(header: bytes, number: int) -> bytes:
    return header[-8:] + number.to_bytes(4, "big")


def _bound(header: bytes, name: str) -> bytes:
    return header + name.encode()
