"""What people and other parts do about text messages, for the API (console.ports_sms).

`after_call` is the door for a call's own protocol number (R50): whoever ends a call of 156 whose
citizen agreed calls it; the same call twice is one message.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from acd.minutes import day_of
from central156.refusals import asked
from central156.sms_file import Mistake, checked, read
from central156.sms_protocol import order_protocols
from central156.sms_sender import SmsSender
from console.ports import Plain, Refusal
from console.ports_sms import SmsGauges
from protocol_store import Store, StoreError, masked_number
from protocol_store.sms_figures import SmsFigures
from protocol_store.sms_rows import NewText, SmsOrder, text_id
from sms.decide import URGENCY
from sms.numbers import mobile
from terms.limits import (
    SMS_AFTER_CALL,
    SMS_DEADLINE,
    SMS_DEADLINE_MOST,
    SMS_FIGURES_EVERY,
    SMS_MISTAKES_SHOWN,
)
from terms.names import AgentName, CallId, Instant, Protocol
from terms.text_message import TextKind

MOMENTS = ("scheduled_at", "deadline", "since", "sent_at", "done_at", "not_before")


class SmsActs:
    """console.ports_sms.SmsPort. `sender`: None when no carrier is set."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], Instant],
        sender: SmsSender | None,
        queues: Callable[[], Collection[str]],
        area: str,
    ) -> None:
        self._store, self._clock, self._sender = store, clock, sender
        self._queues, self._area = queues, area
        self._figures = SmsFigures()
        # sms_after_calls.py's, and the floor's
        self.citizen_agreed: Callable[[CallId, str], bool] = lambda call, by: False
        self.call_of: Callable[[AgentName], CallId | None] = lambda agent: None

    def begin(self, stack: contextlib.AsyncExitStack) -> None:
        """Send until the stack is closed; what is in course then ends first."""
        if self._sender is not None:
            stack.push_async_callback(self._sender.close)
            self._sender.begin()
            stack.callback(asyncio.create_task(self._look()).cancel)

    # --- for whoever watches ---
    def gauges(self) -> SmsGauges:
        """How the carrier is now, and messages were at the last look."""
        sender, seen = self._sender, self._figures
        if sender is None:
            return SmsGauges()
        carrier = sender.carrier
        return SmsGauges(
            *(carrier.name, carrier.up, sender.pace.rate, seen.late, seen.waiting, seen.ordered)
        )

    async def _look(self) -> None:
        while True:
            now = self._clock()
            with contextlib.suppress(StoreError):  # the store's own alarm tells of it
                self._figures = await self._store.sms.figures(day_of(now)[0], now)
            await asyncio.sleep(SMS_FIGURES_EVERY)

    # --- orders ---
    async def send(self, wanted: Mapping[str, Any], by: str) -> Plain:
        """Order some messages. Refusal 409 without a carrier, 422 for what cannot be sent."""
        texts, mistakes = [], []
        for place, one in enumerate(wanted["messages"], 1):
            try:
                number, text = checked(one["number"], one["text"], self._area, wanted["plain"])
            except ValueError as wrong:
                mistakes.append(Mistake(place, str(wrong)))
            else:
                texts.append(NewText(place, number, text, one["ref"], one["call"] or None))
        return await self._order(wanted, texts, mistakes, by)

    async def load(self, wanted: Mapping[str, Any], by: str) -> Plain:
        """Order what a text file tells; `more`: others of the same order follow."""
        try:
            file = read(wanted["csv"], wanted["text"], self._area, wanted["plain"])
        except ValueError as wrong:
            raise Refusal(422, str(wrong)) from None
        first = wanted["first"]
        texts = [NewText(one.place + first, one.number, one.text, one.ref) for one in file.texts]
        mistakes = [Mistake(one.line + first, one.text) for one in file.mistakes]
        return await self._order(wanted, texts, mistakes, by, wanted["more"])

    async def after_call(
        self, call: str, number: str, protocols: Sequence[Protocol], agreed: bool, by: str = ""
    ) -> str:
        """Send a call its protocol numbers, if the citizen agreed and the number is a mobile; why
        not, or '' (R50). Marks and discreet queues are asked in the moment of sending, a little
        later: an agent may still mark the call."""
        digits = mobile(number, self._area)
        if self._sender is None or not agreed or not digits:
            return "sem operadora" if self._sender is None else "não é celular, ou não quis"
        about = (call, digits, protocols, call, self._clock())
        await order_protocols(self._store, *about, SMS_AFTER_CALL, by)
        return ""

    async def stop(self, order: str, by: str) -> Plain:
        """Nothing more of it is sent."""
        stopped = await asked(self._store.sms.stop(order, by, self._clock()))
        if stopped is None:
            raise Refusal(404, "não há pedido com este nome")
        return {"order": order, "stopped": stopped}

    # --- questions ---
    async def orders(self) -> Sequence[Plain]:
        """The newest first."""
        return await asked(self._store.sms.orders())

    async def messages(self, order: str, status: str, number: str, reveal: bool) -> Sequence[Plain]:
        """Of an order, or to a number."""
        if not order and not number:
            raise Refusal(422, "diga o pedido ou o número")
        digits = mobile(number, self._area) or number
        found = await asked(self._store.sms.messages(order, status, digits))
        return [_told(one, reveal) for one in found]

    async def message(self, name: str, reveal: bool) -> Plain | None:
        """One, with what the carrier said of each part."""
        found = await asked(self._store.sms.message(name))
        return None if found is None else _told(found, reveal)

    async def standing(self) -> Plain:
        """Which carrier, whether it is there, what waits."""
        sender = self._sender
        return {
            "carrier": "" if sender is None else sender.carrier.name,
            "up": sender is not None and sender.carrier.up,
            "rate": 0.0 if sender is None else sender.pace.rate,
            "counted": await asked(self._store.sms.counted()),
        }

    def agreed(self, agent: AgentName, by: str) -> Plain:
        """The citizen of this agent's call, or of the one just over, wants its protocol by text
        (R50). Refusal 404, 409."""
        call = self.call_of(agent)
        if call is None:
            raise Refusal(404, "não há chamada deste agente")
        if self._sender is None:
            raise Refusal(409, "nenhuma operadora de SMS: diga sms_smpp ou sms_http em settings")
        if not self.citizen_agreed(call, by):
            raise Refusal(409, "esta chamada já teve o seu SMS, ou terminou há muito tempo")
        return {"call": call}

    # --- who wants none ---
    async def refuse(self, number: str, on: bool, by: str) -> Plain:
        """A citizen said so to a person. Refusal 404 when there is nothing to undo."""
        digits = mobile(number, self._area)
        if not digits:
            raise Refusal(422, "não é um celular do Brasil com DDD")
        if not await asked(self._store.sms.refuse(digits, on, by, self._clock())):
            raise Refusal(404, "este número não estava na lista")
        return {"number": masked_number(digits), "on": on}

    async def refusals(self, reveal: bool) -> Sequence[Plain]:
        """Numbers that want none."""
        found = await asked(self._store.sms.refusals())
        return [_told(one, reveal) for one in found]

    async def received(self, reveal: bool) -> Sequence[Plain]:
        """What citizens wrote."""
        found = await asked(self._store.sms.texts_received())
        return [_told(one, reveal) for one in found]

    # --- how it works ---
    async def _order(
        self,
        wanted: Mapping[str, Any],
        texts: Sequence[NewText],
        mistakes: Sequence[Mistake],
        by: str,
        more: bool = False,
    ) -> Plain:
        if self._sender is None:
            raise Refusal(409, "nenhuma operadora de SMS: diga sms_smpp ou sms_http em settings")
        if mistakes and not wanted["skip"]:
            told = "; ".join(f"linha {one.line}: {one.text}" for one in mistakes[:10])
            raise Refusal(422, f"nada foi pedido; {len(mistakes)} com erro: {told}")
        if not texts and not more:
            raise Refusal(422, "não há mensagem nenhuma")
        order = self._made(wanted, by)
        barred = await asked(self._store.sms.barred({one.number for one in texts}, self._queues()))
        new = await asked(self._store.sms.order(order, texts, URGENCY[order.kind], not more))
        none = sum(one.number in barred.barred or one.number in barred.refuse for one in texts)
        return {
            "order": order.id,
            "messages": len(texts),
            "new": new,
            "not_to_be_sent": none,
            "first_message": text_id(order.id, texts[0].place) if texts else "",
            "mistakes": [
                {"line": one.line, "text": one.text} for one in mistakes[:SMS_MISTAKES_SHOWN]
            ],
        }

    def _made(self, wanted: Mapping[str, Any], by: str) -> SmsOrder:
        now, kind = self._clock(), TextKind(wanted["kind"])
        scheduled = max(wanted["scheduled"] or now, now)
        deadline = wanted["deadline"] or scheduled + SMS_DEADLINE
        if not scheduled < deadline <= now + SMS_DEADLINE_MOST:
            days = round(SMS_DEADLINE_MOST / 86_400)
            raise Refusal(422, f"o prazo deve vir depois do envio, e em até {days} dias")
        if (wanted["life_safety"] or wanted["repeats"]) and kind is not TextKind.ALERT:
            raise Refusal(422, "só um alerta vai a qualquer número, ou se repete na dúvida")
        return SmsOrder(
            id=wanted["order"] or secrets.token_hex(8),
            kind=kind,
            body=wanted["body"],
            subject=wanted["subject"],
            at=now,
            by=by,
            scheduled=scheduled,
            deadline=deadline,
            source=wanted.get("file", ""),
            life_safety=by if wanted["life_safety"] else "",
            repeats=wanted["repeats"],
        )


def _told(row: Mapping[str, Any], reveal: bool) -> dict[str, Any]:
    if reveal:
        return dict(row)
    hidden = {"number": masked_number(row["number"])}
    if "text" in row:
        hidden["text"] = f"({len(row['text'])} caracteres)"
    return {**row, **hidden}
