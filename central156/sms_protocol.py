"""A protocol number as a text message: to whom, what it says, and that it is one however often it
is asked for (R50, R53)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from outside import Question, Trouble
from protocol_store import Store, StoreError
from protocol_store.sms_rows import NewText, SmsOrder
from sms.decide import URGENCY
from sms.numbers import mobile
from terms.limits import SMS_DEADLINE
from terms.names import Instant, Protocol, Seconds
from terms.protocol_number import may_be_told, shown
from terms.services import CALL
from terms.text_message import TextKind

SOURCE: Final = "sms"
"""The source's name in servicos.yaml: ours, unless the settings say another of that name."""

PROTOCOL_TEXT: Final = "Prefeitura de SP 156: seu protocolo é {}. Acompanhe pelo 156 ou em sp156."
PROTOCOL_TEXTS: Final = "Prefeitura de SP 156: seus protocolos: {}. Acompanhe pelo 156 ou em sp156."


async def order_protocols(
    store: Store,
    about: str,
    number: str,
    protocols: Sequence[Protocol],
    call: str | None,
    at: Instant,
    wait: Seconds = 0.0,
    by: str = "",
) -> None:
    """Durable when it returns; the same `about` again is the same message. `number`: a mobile's
    digits. Raises what the store raises."""
    order = SmsOrder(
        id=f"p-{hashlib.sha256(about.encode()).hexdigest()[:20]}",
        kind=TextKind.PROTOCOL,
        body="SP156",
        subject="protocolo do atendimento",
        at=at,
        by=by or "central",
        scheduled=at + wait,
        deadline=at + SMS_DEADLINE,
    )
    told = PROTOCOL_TEXT if len(protocols) == 1 else PROTOCOL_TEXTS
    text = NewText(1, number, told.format(", ".join(map(shown, protocols))), protocols[0], call)
    await store.sms.order(order, [text], URGENCY[order.kind])


class SmsSource:
    """What the menu asks: `telefone` gets `protocolo` as a text (servicos.yaml, `origem: sms`).
    Found: it is ordered. Not found: that is no mobile, or no protocol number."""

    def __init__(self, store: Store, clock: Callable[[], Instant], area: str) -> None:
        self._store, self._clock, self._area = store, clock, area

    async def ask(self, question: Question) -> Mapping[str, object] | None:
        """See outside.port.Source. The citizen has pressed a key for it: that is the yes."""
        given = question.given
        number, protocol = mobile(given.get("telefone", ""), self._area), given.get("protocolo", "")
        if not number or not may_be_told(protocol):
            return None
        call = given.get(CALL, "")
        try:
            about = (f"{call} {protocol}", number, [Protocol(protocol)], call or None)
            await order_protocols(self._store, *about, self._clock(), by="menu")
        except StoreError as problem:
            raise Trouble(f"registro: {type(problem).__name__}", gone=True) from None
        return {}

    async def close(self) -> None:
        """The store is closed by who opened it."""
