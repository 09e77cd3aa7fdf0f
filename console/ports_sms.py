"""What the API needs of text messages. `by` stands in the records; texts are Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from terms.names import AgentName, Seconds

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SmsGauges:
    """Figures of this moment, or of limits.SMS_FIGURES_EVERY ago at most. `carrier`: '' where none
    is set. `ordered`: of today's orders, by (kind, status); `waiting`: by status. `late`: for how
    long the oldest message that may go has been waiting (s)."""

    carrier: str = ""
    up: bool = False
    rate: float = 0.0
    late: Seconds = 0.0
    waiting: Mapping[str, int] = field(default_factory=dict)
    ordered: Mapping[tuple[str, str], int] = field(default_factory=dict)


class SmsPort(Protocol):
    """Orders, what becomes of them, and who wants none. Numbers and texts are whole only if
    `reveal`."""

    def gauges(self) -> SmsGauges:
        """For /metrics."""
        ...

    async def send(self, wanted: Plain, by: str) -> Plain:
        """Order some messages. Refusal 409 without a carrier, 422 for what cannot be sent."""
        ...

    async def load(self, wanted: Plain, by: str) -> Plain:
        """Order what a text file tells. Refusal as in `send`, with the mistakes' lines."""
        ...

    def agreed(self, agent: AgentName, by: str) -> Plain:
        """The citizen of this agent's call wants its protocol by text. Refusal 404, 409."""
        ...

    async def stop(self, order: str, by: str) -> Plain:
        """Nothing more of an order is sent. Refusal 404."""
        ...

    async def orders(self) -> Sequence[Plain]:
        """The newest first, with its messages by status."""
        ...

    async def messages(self, order: str, status: str, number: str, reveal: bool) -> Sequence[Plain]:
        """Messages of an order, or to a number."""
        ...

    async def message(self, name: str, reveal: bool) -> Plain | None:
        """One message and its parts, by its name or by the id of whoever ordered it."""
        ...

    async def standing(self) -> Plain:
        """Which carrier, whether it is there, and what waits."""
        ...

    async def refuse(self, number: str, on: bool, by: str) -> Plain:
        """A number wants none, or wants them again. Refusal 404, 422."""
        ...

    async def refusals(self, reveal: bool) -> Sequence[Plain]:
        """Numbers that want none."""
        ...

    async def received(self, reveal: bool) -> Sequence[Plain]:
        """What citizens wrote."""
        ...
