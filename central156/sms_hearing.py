"""What carriers tell of text messages: receipts, answers that had been lost, citizens' texts.

Each is in the store when this returns; what raises is told again by the carrier. A receipt may be
faster than the answer to what it is about: then it waits for it a little.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from protocol_store import Store
from protocol_store.sms_heard import Heard, Received
from protocol_store.sms_rows import StoredText
from protocol_store.sms_writes import Turn
from sms import decide
from sms.numbers import mobile
from sms.opt_out import stops
from terms.limits import SMS_CHARACTERS
from terms.names import Instant
from terms.text_message import How, Inbound, PartAnswer, Receipt, TextId, Told

log = logging.getLogger(__name__)

WAITS, TIMES = 0.25, 12
"""For an answer that a receipt overtook: seconds, how often."""


class NotYet(Exception):
    """A receipt about what is still being sent: tell it again."""


@dataclass(slots=True)
class SmsHearing:
    """terms.text_message.Hears. `sending`: whether anything is being handed over now."""

    store: Store
    carrier: str
    clock: Callable[[], Instant]
    sending: Callable[[], bool]

    async def receipt(self, receipt: Receipt) -> None:
        """A part's fate; its message's follows from all of them."""
        number = mobile(receipt.number) or receipt.number
        message = None
        for turn in range(TIMES):
            heard = Heard(receipt, self.carrier, number, self.clock())
            message = await self.store.sms.heard(heard)
            if message is not None:
                break
            if not self.sending() and turn:
                log.info("a receipt about nothing of ours")
                return
            await asyncio.sleep(WAITS)
        if message is None:
            raise NotYet
        await self._follow(message, receipt.why)

    async def late(self, message: TextId, answer: PartAnswer) -> None:
        """An answer that came after it was given up as lost."""
        one = await self.store.sms.text(message)
        if one is None:
            return
        accepted = one.parts_accepted + (answer.how is How.ACCEPTED)
        now = self.clock()
        change = decide.late(standing(one), answer, accepted, now)
        if change is None:
            return
        where = (change.status, change.because, change.attempts, change.not_before)
        done = Turn(message, *where, now, one.attempts, (answer,), self.carrier)
        await self.store.sms.turn(done)

    async def inbound(self, inbound: Inbound) -> None:
        """A citizen's text; a word in it may mean that no more are wanted."""
        number = mobile(inbound.number) or inbound.number[:20]
        text = Inbound(inbound.number, inbound.text[:SMS_CHARACTERS], inbound.key)
        word = stops(text.text)
        if await self.store.sms.received(Received(text, number, word, self.clock())) and word:
            log.info("somebody wants no more text messages", extra={"word": word})

    async def _follow(self, message: TextId, why: str) -> None:
        one = await self.store.sms.text(message)
        if one is None:
            return
        parts = await self.store.sms.told_parts(message, one.attempts)
        told = [None if part is None else Told(part) for part in parts]
        now = self.clock()
        change = decide.told(standing(one), told, now, why)
        if change is not None:
            where = (change.status, change.because, change.attempts, change.not_before)
            await self.store.sms.turn(Turn(message, *where, now))


def standing(one: StoredText, barred: str = "", refuses: bool = False) -> decide.Standing:
    """What is known of a message, in the words of decide.py."""
    return decide.Standing(
        kind=one.kind,
        number=one.number,
        status=one.status,
        attempts=one.attempts,
        not_before=one.not_before,
        deadline=one.deadline,
        since=one.since,
        stopped=one.stopped,
        barred=barred,
        opted_out=refuses,
        life_safety=one.life_safety,
        repeat=one.repeats,
    )
