"""A recording's sound, for whoever may hear it: unsealed as it is read, in the format asked for.

WAV is unsealed piece by piece. OGG and MP3 are made whole, one at a time, and the last few are
kept in memory while a player asks for their pieces; nothing unsealed is ever written to a disk.
"""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from central156.recording_keys import KeyRing
from pbx.recordings import Recordings
from protocol_store.recording_rows import KeyRow
from terms.limits import SOUND_KEPT_BYTES, SOUNDS_KEPT
from terms.recording_name import ENDING, call_of
from vault.formats import MEDIA, rendered
from vault.keys import KeyLost
from vault.shelf import NotThere, Shelf

WAV: Final = "wav"


@dataclass(slots=True)
class Sound:
    """See console.ports_recordings.SoundPort."""

    opened: Any  # a file that seeks and reads: unsealed, plain, or in memory
    length: int
    media: str
    file_name: str

    def read(self, start: int, size: int) -> bytes:
        """Some of it; blocking."""
        self.opened.seek(start)
        found: bytes = self.opened.read(size)
        return found

    def close(self) -> None:
        """Let the file go."""
        self.opened.close()


class Sounds:
    """Opens recordings. `files`: where those lie that are not sealed (yet)."""

    def __init__(self, files: Recordings, shelf: Shelf, ring: KeyRing) -> None:
        self._files, self._shelf, self._ring = files, shelf, ring
        self._made: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._making = asyncio.Lock()

    async def open(self, name: str, row: KeyRow | None, form: str) -> Sound:
        """A recording's sound. Raises KeyLost, NotThere, SealBroken, SoundBroken, OSError."""
        file_name = f"{name}.{form}"
        if form == WAV:
            opened, length = await asyncio.to_thread(self._open, name, row)
            return Sound(opened, length, MEDIA[form], file_name)
        async with self._making:
            made = self._made.get((name, form))
            if made is None:
                made = await asyncio.to_thread(self._render, name, row, form)
                self._keep(name, form, made)
        return Sound(io.BytesIO(made), len(made), MEDIA[form], file_name)

    def forget(self, name: str) -> None:
        """A recording was erased: nothing of it stays in memory."""
        for key in [key for key in self._made if key[0] == name]:
            del self._made[key]

    def plain(self, name: str) -> Path | None:
        """The file of a recording that is not sealed; None when there is none. Blocking."""
        wanted = f"{name}{ENDING}"
        found = self._files.of_call(call_of(name))
        return next((file for file in found if file.name == wanted), None)

    def _open(self, name: str, row: KeyRow | None) -> tuple[Any, int]:
        if row is not None and row.wrapped is not None:
            masters = self._ring.masters
            if masters is None:
                raise KeyLost("a chave-mestra não pode ser lida")
            key = masters.unwrap(row.wrapped, name, row.master)
            unsealed = self._shelf.open(row.place, name, key)
            return unsealed, unsealed.length
        file = self.plain(name)
        if file is None:
            raise NotThere("o arquivo da gravação não está no disco")
        return file.open("rb"), file.stat().st_size

    def _render(self, name: str, row: KeyRow | None, form: str) -> bytes:
        opened, _ = self._open(name, row)
        with opened:
            return rendered(opened, form)

    def _keep(self, name: str, form: str, made: bytes) -> None:
        if len(made) <= SOUND_KEPT_BYTES:
            self._made[name, form] = made
        while len(self._made) > SOUNDS_KEPT:
            self._made.popitem(last=False)
