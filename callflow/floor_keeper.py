"""The one owner of the floor. Everyone tells it events; it carries out what the floor decides.

    tell(event) ──► Floor.handle ──► facts   → store and watchers
                                  └► effects → the waiting step of that call, or the switch

There is one timer, set to the floor's next deadline. Events told while others are being handled
wait their turn, so the floor never sees one inside another.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from acd.effects import MakeOffer, OutOrder, SendAway, WithdrawOffer
from acd.events import CallAway, CallHere, CallJoined, CallLeft, Event, OfferFailed, OfferRinging
from acd.floor import Floor
from acd.offers import OfferState
from acd.queues import Where
from callflow.beside import Beside
from callflow.foretold import Promises
from callflow.ports import Clock, Store, Switch
from terms.facts import Fact, Kind
from terms.limits import WAITING_KEYS
from terms.names import AgentName, CallId, Instant, OfferId, QueueName
from terms.needs import NOTHING, Needs
from terms.outcome import OfferOutcome

log = logging.getLogger(__name__)

NOBODY = AgentName("")


@dataclass(eq=False, slots=True)
class Waiter:
    """A waiting step's ear: `offer` is set when an agent has been found for its call; `pressed`
    tells of `keys` that the citizen has pressed since, and of `sent`: the queue sends the citizen
    to another step (the call is away from it already)."""

    joining: CallJoined  # as the menu sent it
    offer: asyncio.Future[MakeOffer]
    taken: bool = False  # the step has put the offer on the channel
    keys: deque[str] = field(default_factory=lambda: deque(maxlen=WAITING_KEYS))
    pressed: asyncio.Event = field(default_factory=asyncio.Event)
    sent: SendAway | None = None

    @property
    def call(self) -> CallId:
        """The call that waits."""
        return self.joining.call

    def next_key(self, among: str) -> str:
        """The next key that is one of these; those before it mean nothing. '' when there is none
        (`pressed` then tells of the next one)."""
        while self.keys:
            if (key := self.keys.popleft()) in among:
                return key
        self.pressed.clear()
        return ""


@dataclass(slots=True)
class FloorKeeper:
    """Owns the floor; see the file's top. `lease` is asked before anything is acted on."""

    floor: Floor
    store: Store
    switch: Switch
    clock: Clock
    lease: Callable[[], None]
    storms: set[str] = field(default_factory=set)  # lines in storm mode (R37)
    promises: Promises = field(default_factory=Promises)  # of waits that were foretold (R25)
    call_out: Callable[[OutOrder], None] = lambda order: None  # call_back.py's
    moved: Callable[[], None] = lambda: None  # dialler.py's: who waits may be others now
    _inbox: deque[tuple[Event, str]] = field(default_factory=deque)
    _busy: bool = False
    _waiters: dict[CallId, Waiter] = field(default_factory=dict)
    _priorities: dict[QueueName, int] = field(default_factory=dict)  # ordered (R37)
    _legs: dict[OfferId, str] = field(default_factory=dict)
    _recalled: set[OfferId] = field(default_factory=set)
    _leaving: set[CallId] = field(default_factory=set)
    _watchers: dict[Callable[[tuple[Fact, ...]], None], None] = field(default_factory=dict)
    _beside: Beside = field(default_factory=lambda: Beside("a leg was not hung up"))
    _timer: asyncio.TimerHandle | None = None

    @property
    def outbound_stopped(self) -> bool:
        """Whether no call may be dialled out of our own accord: a line is in a storm (R37)."""
        return bool(self.storms)

    # --- what others do with it ---
    def tell(self, event: Event, by: str = "") -> None:
        """Something happened. Handled at once, or right after what is being handled now. `by`
        names the person who caused it, for the facts about agents that come of it."""
        self._inbox.append((event, by))
        self._drain()

    def knows(self, offer: OfferId) -> bool:
        """Whether this floor made that offer and it has not ended."""
        return self.floor.knows(offer)

    def join(
        self,
        call: CallId,
        queue: QueueName,
        priority: int,
        joined: Instant,
        line: str,
        preferred: AgentName = NOBODY,
        needs: Needs = NOTHING,
        waits_from: Instant = 0.0,
        called: bool = False,
    ) -> Waiter:
        """A step waits for an agent for this call; it keeps the place it joined at."""
        where = (queue, priority, joined, line)
        joining = CallJoined(call, *where, preferred, needs, waits_from, called)
        waiter = Waiter(joining, asyncio.get_running_loop().create_future())
        self._waiters[call] = waiter
        self.tell(replace(joining, priority=self._priorities.get(queue, priority)))
        return waiter

    def prioritize(self, queue: QueueName, priority: int | None) -> None:
        """Everyone in this queue has this priority, until somebody says None (what the menu gave
        them): those who wait there now keep their instants, and so their order."""
        self._priorities.pop(queue, None)
        if priority is not None:
            self._priorities[queue] = priority
        for waiter in tuple(self._waiters.values()):
            caller, joining = self.floor.callers.get(waiter.call), waiter.joining
            if joining.queue == queue and caller is not None and caller.where is Where.WAITING:
                given = joining.priority if priority is None else priority
                self.tell(replace(joining, priority=given))

    def leave(self, waiter: Waiter) -> None:
        """The waiting step is over, for whatever reason. The call keeps its place."""
        if self._waiters.get(waiter.call) is waiter:
            del self._waiters[waiter.call]
            if not waiter.taken:
                self.tell(CallAway(waiter.call))
        if waiter.offer.done() and not waiter.taken:
            self.tell(OfferFailed(waiter.offer.result().offer, OfferOutcome.LOST))
        waiter.offer.cancel()

    def rings(self, offer: OfferId, leg: str) -> None:
        """An agent's phone rings for this offer; `leg` is what to hang up to take it back."""
        if offer in self._recalled:
            self._beside.do(self._hang_up(leg))
            return
        if self.knows(offer):
            self._legs[offer] = leg
            self.tell(OfferRinging(offer))

    def key_pressed(self, call: CallId, key: str) -> None:
        """A citizen pressed a key; it matters to a step that waits with them."""
        if (waiter := self._waiters.get(call)) is not None:
            waiter.keys.append(key)
            waiter.pressed.set()

    def leaving(self, call: CallId, offer: OfferId) -> None:
        """The citizen hung up before this offer's agent was joined: the agent is let go at once."""
        found = self.floor.offers.get(offer)
        if found is None or found.call != call or found.state is OfferState.ANSWERED:
            return
        leg = self._legs.get(offer)
        if leg is not None:
            self._beside.do(self._hang_up(leg))
        self._leaving.add(call)
        self.tell(CallLeft(call))

    def is_leaving(self, call: CallId) -> bool:
        """Whether the citizen has hung up already; what is joined now is never a talk."""
        return call in self._leaving

    def gone(self, call: CallId) -> None:
        """The call's own channel has ended."""
        self._waiters.pop(call, None)
        self._leaving.discard(call)
        self.tell(CallLeft(call))

    def record(self, *facts: Fact) -> None:
        """Facts of others (the steps'), to the store and to whoever watches."""
        if facts:
            facts = tuple(self.promises.judged(facts))
            self.store.append(*facts)
            self.publish(*facts)

    def publish(self, *facts: Fact) -> None:
        """To whoever watches; for facts that the store has written already."""
        for watcher in tuple(self._watchers):
            watcher(facts)

    def watch(self, watcher: Callable[[tuple[Fact, ...]], None]) -> Callable[[], None]:
        """Call `watcher` with all new facts; returns what stops it. It must not block."""
        self._watchers[watcher] = None  # told in the order in which they came
        return lambda: self._watchers.pop(watcher, None)

    def close(self) -> None:
        """Stop the timer and what is still being sent to the switch."""
        if self._timer is not None:
            self._timer.cancel()
        self._beside.cancel()

    # --- how it works ---
    def _drain(self) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                self.lease()
                event, by = self._inbox.popleft()
                self._carry_out(self.floor.handle(event, self.clock()), by)
        finally:
            self._busy = False
        self._set_timer()
        self.moved()

    def _wake(self) -> None:
        self._timer = None
        self.lease()
        self._busy = True
        try:
            self._carry_out(self.floor.wake(self.clock()), "")
        finally:
            self._busy = False
        self._drain()

    def _set_timer(self) -> None:
        due = self.floor.next_deadline()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            delay = max(0.0, due - self.clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _carry_out(self, results: list[Any], by: str) -> None:
        facts = tuple(_named(result, by) for result in results if isinstance(result, Fact))
        for fact in facts:
            if fact.kind is Kind.OFFER_ENDED:
                self._legs.pop(OfferId(fact.details["offer"]), None)
                self._recalled.discard(OfferId(fact.details["offer"]))
        for result in results:
            if isinstance(result, MakeOffer):
                self._make(result)
            elif isinstance(result, WithdrawOffer):
                self._withdraw(result)
            elif isinstance(result, SendAway):
                self._send_away(result)
            elif isinstance(result, OutOrder):
                self.call_out(result)
        self.record(*facts)

    def _make(self, offer: MakeOffer) -> None:
        waiter = self._waiters.get(offer.call)
        if waiter is None or waiter.offer.done():
            self._inbox.append((OfferFailed(offer.offer, OfferOutcome.LOST), ""))
        else:
            waiter.offer.set_result(offer)

    def _send_away(self, order: SendAway) -> None:
        waiter = self._waiters.get(order.call)
        if waiter is None or waiter.offer.done():
            self._inbox.append((CallHere(order.call), ""))  # nobody to go: it waits on
        else:
            waiter.sent = order
            waiter.pressed.set()

    def _withdraw(self, recall: WithdrawOffer) -> None:
        self._recalled.add(recall.offer)
        leg = self._legs.pop(recall.offer, None)
        if leg is not None:
            self._beside.do(self._hang_up(leg))

    def is_recalled(self, offer: OfferId) -> bool:
        """Whether the floor took this offer back; asked once, when its dial has ended."""
        self._legs.pop(offer, None)
        if offer in self._recalled:
            self._recalled.discard(offer)
            return True
        return False

    async def _hang_up(self, leg: str) -> None:
        try:
            await self.switch.hang_up(leg)
        except Exception:
            # The leg may be gone, or the link down: the dial then ends by its own ring time.
            log.warning("a leg could not be hung up", exc_info=True)


def _named(fact: Fact, by: str) -> Fact:
    return replace(fact, by=by) if by and fact.agent and not fact.by else fact
