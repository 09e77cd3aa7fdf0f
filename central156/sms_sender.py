"""Sends text messages: a task of control, which finds all that it needs in the store.

    due ─► decide.step ─► claimed, durable ─► carrier ─► decide.settle ─► the store
           (barred? deadline? hour?)                      receipts, late answers, texts: `Hears`

It is no process of its own: the store has one writer, and what a message costs here is a few
milliseconds, at a rate that is bounded. Whatever it raises ends in its own loop; a carrier that is
slow or gone holds up nothing but messages. Why none is sent twice: sms/decide.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from central156.sms_hearing import SmsHearing, standing
from protocol_store import Store, StoreError
from protocol_store.sms_rows import StoredText
from protocol_store.sms_writes import Claim, Turn
from sms import alphabet, decide
from sms.hours import IsHoliday
from sms.pace import Pace
from terms.limits import (
    SMS_AT_ONCE,
    SMS_DOUBT_WAITS,
    SMS_LOOK_EVERY,
    SMS_MEND_EVERY,
    SMS_RATE,
    STORE_CLOSE_BUDGET,
)
from terms.names import Instant, Seconds
from terms.text_message import Carrier, How, Outgoing, PartAnswer, TextId

log = logging.getLogger(__name__)

SOON: Seconds = 0.1
"""Until the next look, while there is more to send than the pace allows."""


@dataclass(slots=True)
class SmsSender:
    """`epoch`: of this leader; `queues`: whose callers get no texts."""

    store: Store
    carrier: Carrier
    clock: Callable[[], Instant]
    epoch: int
    is_holiday: IsHoliday
    queues: Callable[[], Collection[str]]
    rate: float = SMS_RATE
    in_course: dict[TextId, asyncio.Task[None]] = field(default_factory=dict)
    pace: Pace = field(init=False)
    hearing: SmsHearing = field(init=False)
    _running: asyncio.Task[None] | None = None
    _mended: Instant = 0.0
    _orphans: bool = True  # of an earlier leader: not looked at yet

    def __post_init__(self) -> None:
        self.pace = Pace(self.rate)
        self.hearing = SmsHearing(
            self.store, self.carrier.name, self.clock, lambda: bool(self.in_course)
        )

    async def run(self) -> None:
        """Send until cancelled; then what is in course may still end. Raises nothing else."""
        linking = asyncio.create_task(self.carrier.run(self.hearing))
        try:
            while True:
                wait = SMS_LOOK_EVERY
                try:
                    if await self.look():
                        wait = SOON
                except StoreError as trouble:
                    log.warning("the store does not answer", extra={"why": type(trouble).__name__})
                except Exception:
                    log.exception("sending text messages failed")
                await asyncio.sleep(wait)
        finally:
            if self.in_course:
                await asyncio.wait(self.in_course.values(), timeout=STORE_CLOSE_BUDGET)
            linking.cancel()

    def begin(self) -> None:
        """Run beside everything else."""
        self._running = asyncio.create_task(self.run())

    async def close(self) -> None:
        """End, after what is in course."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    async def look(self) -> bool:
        """Send what is due, as fast as the pace allows; whether there is more."""
        now = self.clock()
        if self._orphans:
            await self.store.sms.doubt_the_orphans(self.epoch, now)
            self._orphans = False
        if abs(now - self._mended) >= SMS_MEND_EVERY:
            await self.mend()
            self._mended = now
        room = SMS_AT_ONCE - len(self.in_course)
        texts = await self.store.sms.due(now, SMS_AT_ONCE) if room > 0 else []
        ready = await self._ready(texts, now)
        going = []
        for one in ready[: max(room, 0)]:
            if not self.carrier.up or self.pace.take(self.clock()) > 0.0:
                break
            self.pace.spend(_parts(one) - 1)
            going.append(one)
        await self._send(going)
        return self.carrier.up and (len(ready) > len(going) or len(texts) == SMS_AT_ONCE)

    async def mend(self) -> None:
        """What nobody answered for comes to an end."""
        now = self.clock()
        for one in await self.store.sms.doubtful(now - SMS_DOUBT_WAITS, SMS_AT_ONCE):
            if change := decide.mend(standing(one), now):
                await self.store.sms.turn(turn(one.id, change, now))

    async def _ready(self, texts: Sequence[StoredText], now: Instant) -> list[StoredText]:
        """Those that may go now; what becomes of the others is written down."""
        if not texts:
            return []
        queues = self.queues()
        known = await self.store.sms.barred({one.number for one in texts}, queues)
        ready = []
        for one in texts:
            why = known.barred.get(one.number, "")
            if not why and one.call is not None:
                why = await self.store.sms.barred_call(one.call, queues)
            stands = standing(one, why, one.number in known.refuse)
            change = decide.step(stands, now, self.is_holiday)
            if change is not None and change.status is decide.SEND:
                ready.append(one)
            elif change is not None:
                await self.store.sms.turn(turn(one.id, change, now))
        return ready

    async def _send(self, texts: Sequence[StoredText]) -> None:
        if not texts:
            return
        names = [one.id for one in texts]
        claim = Claim(names, self.epoch, self.carrier.name, self.clock())
        ours = await self.store.sms.claim(claim)
        for one in texts:
            if one.id in ours:
                task = asyncio.create_task(self._send_one(one))
                self.in_course[one.id] = task
                task.add_done_callback(functools.partial(self._over, one.id))

    def _over(self, message: TextId, _task: asyncio.Task[None]) -> None:
        self.in_course.pop(message, None)

    async def _send_one(self, one: StoredText) -> None:
        outgoing = Outgoing(
            one.id, one.number, one.text, one.deadline, one.reference, one.already, one.attempts + 1
        )
        try:
            answers = await self.carrier.send(outgoing)
        except alphabet.TooLong as wrong:
            answers = (PartAnswer(1, 1, How.IMPOSSIBLE, why=str(wrong)),)
        except Exception:
            log.exception("a carrier failed")  # whatever it did before that: nobody knows
            answers = (PartAnswer(1, 1, How.LOST, why="falha nossa durante o envio"),)
        now = self.clock()
        if any(answer.how is How.THROTTLED for answer in answers):
            self.pace.throttled(now)
        elif any(answer.how is How.ACCEPTED for answer in answers):
            self.pace.taken()
        stands = standing(one)
        change = decide.settle(stands, answers, now, self.carrier.repeats_safely)
        done = turn(one.id, change, now, one.attempts + 1, answers, self.carrier.name)
        while True:
            try:
                await self.store.sms.turn(done)
            except StoreError:
                await asyncio.sleep(SMS_LOOK_EVERY)  # what the carrier said is said only once
            else:
                return


def turn(
    message: TextId,
    change: decide.Change,
    now: Instant,
    attempt: int = 0,
    answers: Sequence[PartAnswer] = (),
    carrier: str = "",
) -> Turn:
    """A decision as the store writes it."""
    where = (change.status, change.because, change.attempts, change.not_before)
    return Turn(message, *where, now, attempt, answers, carrier)


def _parts(one: StoredText) -> int:
    try:
        return len(alphabet.write(one.text).parts) - len(one.already)
    except alphabet.TooLong:
        return 1
