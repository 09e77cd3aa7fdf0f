"""What the API needs of one citizen's data. `by` is a person's own name; texts are Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Plain = Mapping[str, Any]


class CitizensPort(Protocol):
    """Found, handed over, erased. Refusal 403 for whoever has no name, 422 for what is no number,
    document or protocol, or without a reason."""

    async def find(self, kind: str, value: str, because: str, by: str, whole: bool) -> Plain:
        """What is held of them, masked unless `whole`; who asked, and why, is durable before."""
        ...

    async def rehearse(self, kind: str, value: str, because: str, by: str) -> Plain:
        """What an erasure would do now, and what it would leave for the time being."""
        ...

    async def erase(self, kind: str, value: str, because: str, by: str) -> Plain: ...
    async def erase_again(self, by: str) -> Plain:
        """What was erased before a backup that did not know of it came back."""
        ...

    async def expire(self, by: str) -> Plain:
        """Let go of what is too old, now; how much went."""
        ...

    async def register(self) -> Sequence[Plain]:
        """All erasures; nobody's data is in them."""
        ...
