"""The promises to call citizens back that are not over: made, written down, ended.

A promise is durable before it is spoken, in force on the floor from then on, and ends once; what
is done about it meanwhile is call_back.py's. The store's rows are the truth, and are read at every
start before the first offer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from acd.promise_events import CallBackOver, CallBackPromised
from acd.promises import NO_ATTEMPT, POLICIES, How, Policy, Promise
from callflow.beside import Beside
from callflow.book import Book, OpenCall
from callflow.cases import Cases, Ended
from callflow.data import data_from_text, data_to_text
from callflow.dial_out import DialOut
from callflow.floor_keeper import FloorKeeper
from callflow.place import Place
from callflow.ports import PromiseStore
from callflow.relay import national
from ivr.turn import Position
from terms.facts import Fact, Kind
from terms.limits import CALL_BACK_GOODBYE, CALL_BACK_PRIORITY
from terms.names import CallId, Instant, QueueName
from terms.needs import Needs
from terms.outcome import Kept

log = logging.getLogger(__name__)

RETURNS = "retorno"
"""The entry of a call that we made, and the first word on the agent's phone."""

TASK = "call_back"

URGENT_QUEUE = QueueName("e_retorno")
"""Where emergencies' call-backs stand (queues.yaml)."""


@dataclass(slots=True)
class PromiseBook:
    """All promises that are not over, and whom nobody calls by itself."""

    keeper: FloorKeeper
    store: PromiseStore
    book: Book
    out: DialOut
    cases: Cases = field(default_factory=Cases)
    policies: dict[How, Policy] = field(default_factory=lambda: dict(POLICIES))
    open: dict[CallId, Promise] = field(default_factory=dict)
    barred: dict[CallId, str] = field(default_factory=dict)  # marked calls → their numbers
    _beside: Beside = field(default_factory=lambda: Beside("a call-back failed"))

    def may_promise(self, caller: str) -> bool:
        """Whether this number can be called back at all."""
        return bool(self.out.dialable(caller)) and not self.is_barred(caller)

    async def keep(self, made: Promise) -> bool:
        """Make a promise: durable, then in force. False when it could not be written down."""
        details = {
            "how": str(made.how),
            "line": made.line,
            "queue": made.queue,
            "priority": made.priority,
            "joined": made.joined,
            "expires": made.expires,
            "place": made.place,
            "value": made.data,
        }
        fact = Fact(self._now(), Kind.CALL_BACK_PROMISED, made.call, details=details)
        if not await self.remember(fact):
            return False
        still_there = made.call in self.book.calls  # and hears the promise: called once gone
        self.in_force(made, self._now() + CALL_BACK_GOODBYE * still_there)
        return True

    def in_force(self, made: Promise, not_before: Instant) -> None:
        """A promise that is durable: its caller stands in the line, offered from then on."""
        self.open[made.call] = made
        preferred = self.cases.agent_of(made.caller, made.protocol, self._now())
        self.keeper.tell(
            CallBackPromised(
                made.call,
                made.queue,
                made.priority,
                made.joined,
                made.line,
                made.expires,
                not_before,
                preferred,
                Needs.from_text(Place.from_text(made.place).needs),
            )
        )

    def urgent(self, entry: OpenCall) -> str:
        """Call this citizen back at once, if that can be done (R34). What is to be put behind the
        task's reason: that a supervisor must decide."""
        if self.is_barred(entry.caller):
            return ": retorno só por decisão do supervisor"
        if not self.out.dialable(entry.caller):
            return ""  # no number, or no way out: the task is a person's
        self._beside.do(self._keep_urgent(self._urgent_promise(entry)))
        return ""

    def urgent_of(self, one: Ended) -> None:
        """The same for a call that dropped before this process lived, if it can be called."""
        if self.may_promise(one.caller):
            entry = OpenCall(one.call, one.line, one.joined or one.ended, one.caller, one.protocol)
            self._beside.do(self._keep_urgent(self._urgent_promise(entry)))

    def _urgent_promise(self, entry: OpenCall) -> Promise:
        joined = entry.joined or entry.arrived
        place = Place(
            protocol=entry.protocol,
            path=entry.path,
            queue=entry.queue or URGENT_QUEUE,
            priority=CALL_BACK_PRIORITY,
            arrived=entry.arrived,
            joined=joined,
            note=entry.note,
        )
        return Promise(
            call=entry.call,
            how=How.EMERGENCY,
            line=entry.line,
            queue=URGENT_QUEUE,
            priority=CALL_BACK_PRIORITY,
            joined=joined,
            expires=self._now() + self.policies[How.EMERGENCY].lives,
            caller=entry.caller,
            protocol=entry.protocol,
            place=place.to_text(),
            data=data_to_text(entry.data),
            test=entry.test,
        )

    async def _keep_urgent(self, made: Promise) -> None:
        if not await self.keep(made):
            log.error("an emergency is called back although it could not be written down")
            self.in_force(made, self._now())  # a life may hang on it: without the record, then

    def goes_on(self, made: Promise, call: CallId, at: Instant) -> None:
        """The citizen's new channel is a call: what is known of the old one is known of it."""
        if call in self.book.calls and self.book.calls[call].of:
            return
        place = Place.from_text(made.place)
        entry = self.book.open(OpenCall(call, made.line, at))
        entry.caller, entry.protocol, entry.test = made.caller, made.protocol, made.test
        entry.path, entry.node = place.path, Position.from_text(place.node).node
        entry.data, entry.of = data_from_text(made.data), made.call
        arrived = {
            "line": made.line,
            "entry": RETURNS,
            "caller": made.caller,
            "test": made.test,
            "version": place.version,
            "relay": False,
        }
        resumed = {"of_call": made.call, "protocol": made.protocol, "how": "call_back"}
        queued = {
            "queue": made.queue,
            "priority": made.priority,
            "note": place.note,
            "joined": made.joined,
        }
        self.keeper.record(
            Fact(at, Kind.CALL_ARRIVED, call, details=arrived),
            Fact(at, Kind.CALL_RESUMED, call, details=resumed),
            Fact(at, Kind.QUEUED, call, details=queued),
        )

    def waiting_for(self, caller: str, line: str) -> Promise | None:
        """The promise that this number's call on this line takes over."""
        number = national(caller)
        found = (
            made
            for made in self.open.values()
            if number and made.line == line and national(made.caller) == number
        )
        return min(found, key=lambda made: made.joined, default=None)

    def bar(self, call: CallId, caller: str, mark: str, on: bool, by: str) -> None:
        """Nobody calls this number back by itself (any more), until somebody says otherwise."""
        details = {"mark": mark, "on": on}
        fact = Fact(self._now(), Kind.CALL_BACK_BARRED, call, by=by, details=details)
        self.keeper.record(fact)
        self.barred.pop(call, None)
        if not on:
            return
        self.barred[call] = caller
        for made in tuple(self.open.values()):
            ours = made.call == call or national(made.caller) == national(caller)
            if ours and made.attempt == NO_ATTEMPT:
                self.cancel(made, by)

    def cancel(self, made: Promise, by: str) -> None:
        """A person decides that nobody is called; not while an attempt is in course."""
        del self.open[made.call]
        self.over(made, Kept.CANCELLED, by=by)
        self.keeper.tell(CallBackOver(made.call))

    def is_barred(self, caller: str) -> bool:
        """Whether a person must decide about calling this number."""
        number = national(caller)
        return bool(number) and any(national(one) == number for one in self.barred.values())

    # --- how it is written down ---
    def over(self, made: Promise, kept: Kept, to: CallId | None = None, by: str = "") -> None:
        """A promise has ended, and what that means for its task."""
        self.record(made, Kind.CALL_BACK_OVER, by=by, how=str(kept), to_call=to or "")
        if made.urgent and kept in (Kept.REACHED, Kept.NO_CONTACT):
            said = "retorno atendido" if kept is Kept.REACHED else "sem contato"
            self.record(made, Kind.TASK_CLOSED, task=TASK, how=said)
        elif kept is Kept.EXPIRED and not made.urgent:
            self.record(made, Kind.TASK_OPENED, task=TASK, due=self._now(), because=str(kept),
                        line=made.line)  # fmt: skip

    def record(self, made: Promise, kind: Kind, by: str = "", **details: object) -> None:
        """A fact about the call that was promised."""
        self.keeper.record(Fact(self._now(), kind, made.call, by=by, details=details))

    async def remember(self, fact: Fact) -> bool:
        """Durable, then told to whoever watches. False when it could not be written."""
        try:
            await self.store.remember(fact)
        except Exception:
            log.error("a call-back could not be written down", exc_info=True)
            return False
        self.keeper.publish(fact)
        return True

    def _now(self) -> Instant:
        return self.keeper.clock()

    async def settled(self) -> None:
        """Wait until nothing is being begun (for tests and for draining)."""
        await self._beside.settled()
