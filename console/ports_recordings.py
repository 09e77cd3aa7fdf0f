"""What the API needs of recordings. `by` stands in the facts; texts are Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from terms.sight import Reveal

Plain = Mapping[str, Any]


class SoundPort(Protocol):
    """A recording that was opened, in the format that was asked for."""

    @property
    def length(self) -> int:
        """Bytes."""
        ...

    @property
    def media(self) -> str:
        """Its media type."""
        ...

    @property
    def file_name(self) -> str:
        """What a file of it should be called."""
        ...

    def read(self, start: int, size: int) -> bytes:
        """Some of it; blocking. Raises OSError, and SealBroken's kind for what was altered."""
        ...

    def close(self) -> None: ...


class RecordingsPort(Protocol):
    """Recordings: found, heard, held, erased. Refusal 404, 409, 410 (erased), 503."""

    async def search(self, wanted: Mapping[str, Any], reveal: Reveal) -> Plain:
        """A page of what fits; `wanted` are protocol_store.recording_search.Wanted's fields."""
        ...

    async def one(self, name: str, reveal: Reveal) -> Plain: ...
    async def open(self, name: str, form: str) -> SoundPort:
        """The sound, unsealed. Nobody has heard of it yet: see `heard`."""
        ...

    async def heard(self, name: str, form: str, reason: str, start: int, by: str) -> None:
        """Note that somebody is about to be given this, from this byte on; durable when it
        returns. Must come before the first byte."""
        ...

    async def erase(self, name: str, reason: str, by: str) -> None:
        """Destroy a recording's key. Refusal 409 while it is held."""
        ...

    async def holds(self, open_only: bool) -> Sequence[Plain]: ...
    async def hold(self, which: str, reason: str, by: str) -> Plain:
        """Nothing of this call (its id, or a protocol) is deleted until the hold is released."""
        ...

    async def release(self, hold: int, reason: str, by: str) -> None: ...
    async def retention(self, rehearse: bool, by: str) -> Plain:
        """What the policy's job would do, or what it did now."""
        ...

    async def change_master_key(self, drop: bool, by: str) -> Plain:
        """A new master key; `drop`: the older ones are forgotten."""
        ...
