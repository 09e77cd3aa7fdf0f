"""Where sealed files stand: on line, or in the archive; a folder a day in each.

All of it blocks. What is written is flushed to the disk and read back before anything else may be
removed; a half-written file never has a sealed file's name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final

from vault.keys import flush_folder
from vault.sealed import SOUND_ENDING, Unsealed, seal

BLOCK: Final = 1024 * 1024


class NotThere(Exception):
    """The sealed file is in neither place: lost, or the archive's disk is away."""


@dataclass(frozen=True, slots=True)
class Put:
    """A file that was sealed: its place below either folder, the sound's bytes and SHA-256."""

    place: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The two folders. `archive` may be on another disk, and that disk away."""

    online: Path
    archive: Path

    def put(self, plain: Path, name: str, day: str, key: bytes) -> Put:
        """Seal a file under this key; durable, and read back, when this returns. The plain file
        stays. Raises OSError, ValueError when it changes meanwhile, SealBroken."""
        place = f"{day}/{name}{SOUND_ENDING}"
        target = self.online / place
        beside = target.with_name(f"{target.name}.part")
        _make_private(target.parent)
        size = plain.stat().st_size
        with plain.open("rb") as sound, _private(beside) as file:
            digest = seal(sound, size, file, key, name)
            file.flush()
            os.fsync(file.fileno())
        with Unsealed(beside.open("rb"), key, name) as back:
            if _digest_of(back) != digest:
                raise ValueError("what was sealed does not read back")
        beside.replace(target)
        flush_folder(target.parent)
        return Put(place, size, digest)

    def open(self, place: str, name: str, key: bytes) -> Unsealed:
        """The sound in a sealed file, wherever it stands. Raises NotThere, SealBroken, OSError."""
        for folder in (self.online, self.archive):
            try:
                opened = _below(folder, place).open("rb")
            except (FileNotFoundError, NotADirectoryError):
                continue
            return Unsealed(opened, key, name)
        raise NotThere("o arquivo da gravação não está no disco nem no arquivo")

    def holds_any(self) -> bool:
        """Whether anything was ever sealed here, as far as files tell. Blocking."""
        found = (next(one.glob(f"*/*{SOUND_ENDING}"), None) for one in (self.online, self.archive))
        return any(file is not None for file in found)

    def to_archive(self, place: str) -> None:
        """Copy a sealed file to the archive, durable and compared. Harmless to repeat.

        Raises NotThere, OSError when the archive takes nothing.
        """
        source, target = _below(self.online, place), _below(self.archive, place)
        if not self.archive.is_dir():  # a disk that is not mounted: nothing is put in its place
            raise NotThere("a pasta do arquivo não está no lugar")
        if not source.exists():
            if target.exists():
                return
            raise NotThere("o arquivo da gravação não está no disco")
        _make_private(target.parent)
        beside = target.with_name(f"{target.name}.part")
        with source.open("rb") as read, _private(beside) as file:
            shutil.copyfileobj(read, file, BLOCK)
            file.flush()
            os.fsync(file.fileno())
        with source.open("rb") as read, beside.open("rb") as copied:
            if _digest_of(read) != _digest_of(copied):
                raise OSError("the archive's copy differs")
        beside.replace(target)
        flush_folder(target.parent)

    def leave_online(self, place: str) -> None:
        """Remove the copy that is on line. Harmless to repeat."""
        _remove(_below(self.online, place))

    def remove(self, place: str) -> None:
        """Remove the sealed file from both places. Harmless to repeat."""
        _remove(_below(self.online, place))
        _remove(_below(self.archive, place))


def digest_of(plain: Path) -> str:
    """The SHA-256 of a file, as `Put` has it of a sealed one. Blocking. Raises OSError."""
    with plain.open("rb") as opened:
        return _digest_of(opened)


def _below(folder: Path, place: str) -> Path:
    """Where a place is. It comes from the database, and whoever writes there must not have files
    read or removed that are no recordings. Raises NotThere."""
    if not place.endswith(SOUND_ENDING) or ".." in Path(place).parts or place.startswith("/"):
        raise NotThere("o lugar guardado não é o de uma gravação")
    return folder / place


def _digest_of(opened: IO[bytes] | Unsealed) -> str:
    digest = hashlib.sha256()
    while block := opened.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _private(file: Path) -> BinaryIO:
    """A new file that only its owner reads, instead of whatever stood there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.fdopen(os.open(file, flags, 0o600), "wb")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _remove(file: Path) -> None:
    if file.exists():
        file.unlink(missing_ok=True)
        flush_folder(file.parent)
