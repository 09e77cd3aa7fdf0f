"""What the API needs of what supervisors order in a hurry: storms, other rules of a queue, marks on
numbers. Instants are seconds since 1970; None = as long as is usual. `by` stands in the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from terms.names import Instant

Plain = Mapping[str, Any]


class Storms(Protocol):
    """Storm mode, by line (R37)."""

    async def storm(
        self, line: str, on: bool, reason: str, until: Instant | None, by: str, message: str
    ) -> Plain:
        """The line is in a storm until then, or no more. `notes`: what could not be done."""
        ...

    def ordered(self) -> Sequence[Plain]:
        """The storms that hold now."""
        ...


class QueueOrders(Protocol):
    """Other priority and rules of a queue for now."""

    async def change(
        self, queue: str, wanted: Plain, reason: str, until: Instant | None, by: str
    ) -> Plain:
        """What is wanted holds until then."""
        ...

    async def reset(self, queue: str, by: str) -> Plain:
        """What is published holds again."""
        ...

    def ordered(self) -> Sequence[Plain]:
        """The orders that hold now."""
        ...


class Numbers(Protocol):
    """Numbers under suspicion (R36). What is shown of a number is its last digits."""

    async def mark(
        self, number: str, kind: str, reason: str, until: Instant | None, by: str
    ) -> Plain:
        """`kind`: suspect (the agent is told) or block (156 alone)."""
        ...

    async def unmark(self, which: str, kind: str, by: str) -> Plain:
        """`which`: the number, or its id in the list."""
        ...

    def marked(self) -> Sequence[Plain]:
        """The numbers with marks that hold."""
        ...
