"""What the API needs of call-backs and tasks. `by` stands in the facts; texts are Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from terms.names import CallId
from terms.sight import Reveal

Plain = Mapping[str, Any]


class CallBacksPort(Protocol):
    """Who keeps a place without a channel, whom nobody calls by itself, and tasks."""

    def promised(self, reveal: Reveal) -> Sequence[Plain]:
        """The promises that are not over, the first to be called first."""
        ...

    def cancel(self, call: CallId, by: str) -> None:
        """Nobody is called. Refusal 404 when there is no such promise, 409 while it is tried."""
        ...

    async def bar(self, call: CallId, mark: str, on: bool, by: str) -> None:
        """Nobody calls this call's number by itself, or again. Refusal 404, 409."""
        ...

    async def close_task(self, task: int, how: str, by: str) -> None:
        """A task is done. Refusal 404, 409 when it is already."""
        ...
