"""Text messages (SMS): what a message is on its way, and what a carrier says of it (R68).

Two rooms reach carriers, each by its own library: sms/ over SMPP 3.4, outside/ over HTTP. Both
speak these words, so that whoever sends (central156/sms_sender.py) need not know which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, Protocol

from terms.names import Instant

TextId = NewType("TextId", str)
"""One message to one number, ours from its order to its end."""


class TextStatus(StrEnum):
    """Where a message stands."""

    WAITING = "aguarda"  # for its time, or for another attempt
    SENDING = "enviando"  # written down as handed to the carrier, before it is
    DOUBTFUL = "sem_resposta"  # handed over, and nobody knows whether it was taken
    ACCEPTED = "aceita"  # the carrier has it
    DELIVERED = "entregue"
    UNDELIVERED = "nao_entregue"
    EXPIRED = "vencida"  # the deadline came first: it is not sent after it
    BARRED = "nao_enviar"  # this number gets none
    STOPPED = "parada"  # by a person
    UNKNOWN = "incerta"  # doubtful, and no receipt came: perhaps delivered, never sent again


_S = TextStatus
NEXT: Final[Mapping[TextStatus, frozenset[TextStatus]]] = {
    _S.WAITING: frozenset({_S.SENDING, _S.UNDELIVERED, _S.EXPIRED, _S.BARRED, _S.STOPPED}),
    _S.SENDING: frozenset(
        {_S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED, _S.DOUBTFUL, _S.WAITING, _S.EXPIRED}
    ),
    _S.DOUBTFUL: frozenset(
        {_S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED, _S.WAITING, _S.UNKNOWN, _S.EXPIRED}
    ),
    _S.ACCEPTED: frozenset({_S.DELIVERED, _S.UNDELIVERED, _S.WAITING, _S.EXPIRED}),
    _S.UNKNOWN: frozenset({_S.DELIVERED, _S.UNDELIVERED, _S.ACCEPTED}),
    _S.DELIVERED: frozenset(),
    _S.UNDELIVERED: frozenset({_S.DELIVERED}),  # a receipt may come late, and is the truth
    _S.EXPIRED: frozenset({_S.DELIVERED}),
    _S.BARRED: frozenset(),
    _S.STOPPED: frozenset(),
}
"""Each status and its successors."""

OVER: Final = frozenset(
    {_S.DELIVERED, _S.UNDELIVERED, _S.EXPIRED, _S.BARRED, _S.STOPPED, _S.UNKNOWN}
)
"""Nothing more is done about these by itself."""


class TextKind(StrEnum):
    """What a message is for; decides its hours and its place in the queue (sms/decide.py)."""

    ALERT = "alerta"  # civil defence: lives
    PROTOCOL = "protocolo"  # the number of a request, after a call
    REMINDER = "lembrete"
    NOTICE = "aviso"
    CAMPAIGN = "campanha"


class How(StrEnum):
    """What became of one part that was to be handed to a carrier."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"  # too fast: not taken, and no attempt
    REFUSED = "refused"  # not taken, this time
    IMPOSSIBLE = "impossible"  # not taken, and never will be
    LOST = "lost"  # written to the link, and no answer came: taken or not
    NOT_SENT = "not_sent"  # never written to a link


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as a carrier is given it. `reference` (1–65535) goes with every part and may come
    back in a receipt; `already`: parts that the carrier has, of an earlier try of this attempt."""

    id: TextId
    number: str  # national: area and number, 11 digits
    text: str
    valid_until: Instant
    reference: int
    already: frozenset[int] = frozenset()
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """What the carrier said of part `part` of `of`. `carrier_id`: its own name for it."""

    part: int
    of: int
    how: How
    carrier_id: str = ""
    why: str = ""


class Told(StrEnum):
    """What a receipt says of a part."""

    ON_ITS_WAY = "a_caminho"
    DELIVERED = "entregue"
    FAILED = "falhou"  # another try may do better
    REJECTED = "recusada"  # another try would not


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a carrier told later. `number` and `reference` find a part whose answer was lost."""

    carrier_id: str
    told: Told
    number: str = ""
    reference: int = 0  # 0: the carrier does not give it back
    why: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that a citizen sent us. `key`: the same again is the same text, told twice."""

    number: str
    text: str
    key: str


class Hears(Protocol):
    """Whoever is told by a carrier. Each returns once it is durable; what raises is told again."""

    async def receipt(self, receipt: Receipt) -> None:
        """What became of a part."""
        ...

    async def inbound(self, inbound: Inbound) -> None:
        """What a citizen wrote."""
        ...

    async def late(self, message: TextId, answer: PartAnswer) -> None:
        """An answer to what had been given up as lost."""
        ...


class Carrier(Protocol):
    """A way to phones."""

    @property
    def name(self) -> str:
        """Stands beside its ids: two carriers may use the same ones."""
        ...

    @property
    def up(self) -> bool:
        """Whether it would take a message now."""
        ...

    @property
    def repeats_safely(self) -> bool:
        """Whether it knows our id, so that what was lost may be handed over again undoubled."""
        ...

    async def run(self, hears: Hears) -> None:
        """Keep the link, until cancelled."""
        ...

    async def send(self, message: Outgoing) -> tuple[PartAnswer, ...]:
        """Hand over what `already` does not name, in order, until a part is not accepted."""
        ...
