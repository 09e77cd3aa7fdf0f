"""Citizens who are called back keep their place (R26); who dropped out of 199 or 153 is called at
once (R34); whoever calls again first goes on where they were.

    promise(visit)    the citizen hangs up, the place stays: durable before it is spoken
    CallBack          the floor: it is their turn, this agent is theirs ─► dial_out
    told, answered    what the switch says of the attempt; each attempt ends once
    returned(visit)   the citizen is on the line again: the new channel has the place

What lies in the store is the truth; `open` here and the absent callers of the floor are made of it
at every start, before any offer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from acd.effects import CallBack, CallBackExpired, HoldOut, OutOrder
from acd.events import OfferFailed
from acd.promise_events import (
    CallBackAnswered,
    CallBackCalling,
    CallBackLater,
    CallBackOver,
    CallReturned,
)
from acd.promises import NO_ATTEMPT, How, Promise, begin, end
from callflow.book import OpenCall
from callflow.cases import Ended
from callflow.data import data_to_text
from callflow.dial_out import NotDialled, NumberRefused, OutCall, citizen_result
from callflow.holding import Holding
from callflow.offer import DIAL_RESULTS
from callflow.owed import Owed
from callflow.place import Place
from callflow.promise_book import RETURNS, PromiseBook
from callflow.visit import Do, Visit
from terms.facts import Fact, Kind
from terms.limits import CALL_BACK_HELD, OUT_FULL, OUT_SHUT, SNAPSHOT_MARGIN
from terms.names import CallId, Instant, OfferId, Seconds
from terms.outcome import CallOutcome, Kept, OfferOutcome, Tried
from terms.protocol_number import shown
from terms.signals import CallOutTold, SwitchSeen
from terms.stages import Stage

log = logging.getLogger(__name__)


async def promise(visit: Visit) -> Stage | Do:
    """Promise this caller to call back, keeping the place: ENDED once that is durable and stands
    on the channel; WAITING when it cannot be promised: the place is as it was."""
    backs, place = visit.tools.call_backs, visit.place
    if backs is None or not backs.may_promise(visit.caller):
        return Stage.WAITING
    made = Promise(
        call=visit.call,
        how=How.KEY,
        line=visit.line,
        queue=place.queue,
        priority=place.priority,
        joined=place.joined or visit.arrived,
        expires=visit.tools.clock() + backs.policies[How.KEY].lives,
        caller=visit.caller,
        protocol=place.protocol,
        place=place.but(told="", told_last="", offered_at=0.0).to_text(),
        data=data_to_text(visit.data),
        test=bool(visit.test),
    )
    if not await backs.keep(made):
        return Stage.WAITING
    visit.tools.book.decide(visit.call, CallOutcome.PROMISED)
    await visit.mark(Stage.ENDED, place.but(outcome=str(CallOutcome.PROMISED)))
    return Stage.ENDED


@dataclass(slots=True)
class CallBacks(PromiseBook):
    """What is done about the promises. See the file's top."""

    owed: Owed | None = None
    holding: Holding = field(init=False)
    # by attempt: of which call, since when, and the start of the switch that it was ordered from
    _attempts: dict[OfferId, tuple[CallId, Instant, str]] = field(default_factory=dict)
    _boot: str = ""

    def __post_init__(self) -> None:
        self.holding = Holding(self.keeper, self._beside)

    def restore(self, promises: list[Promise]) -> None:
        """At a start, before the first offer: each at its place again. An attempt that was in
        course holds its promise back until a look at the switch has told of it."""
        for made in promises:
            waits = made.not_before
            if made.attempt != NO_ATTEMPT:
                self._attempts[made.attempt] = (made.call, 0.0, "")  # long before any look
                waits = made.expires
            self.in_force(made, waits)

    def ended(self, entry: OpenCall, at: Instant, outcome: CallOutcome) -> None:
        """A call is over: its case is remembered, and its citizen may be called back."""
        agent = entry.agent if entry.answered is not None else None
        ended = Ended(
            entry.call, entry.line, entry.caller, entry.protocol, entry.joined, at, outcome, agent
        )
        if entry.answered is not None or not entry.only_called:
            self.cases.note(ended)
        if self.owed is not None:
            self.owed.ended(entry, at, outcome)
        made = self.open.get(entry.call)
        if made is not None and made.attempt == NO_ATTEMPT and not made.tries:
            self.keeper.tell(CallBackLater(entry.call, at))  # they have heard it, and hung up

    # --- an attempt ---
    def obey(self, order: OutOrder) -> None:
        """What the floor orders about those who are not there."""
        match order:
            case CallBack():
                self.called(order)
            case CallBackExpired():
                self.expired(order)
            case HoldOut():
                self.holding.say()

    def called(self, order: CallBack) -> None:
        """The floor: it is this caller's turn, and this agent is theirs."""
        made = self.open.get(order.call)
        if made is None or made.attempt != NO_ATTEMPT:
            self.keeper.tell(OfferFailed(order.offer, OfferOutcome.LOST, dialled=False))
            if made is None:
                self.keeper.tell(CallBackOver(order.call))
            return
        self.open[order.call] = begin(made, order.offer)
        self._attempts[order.offer] = (order.call, self._now(), self._boot)
        self._beside.do(self._attempt(order))

    async def _attempt(self, order: CallBack) -> None:
        details = {"attempt": order.offer}
        tried = Fact(self._now(), Kind.CALL_BACK_TRIED, order.call, order.agent, details=details)
        durable = await self.remember(tried)
        made = self.open.get(order.call)
        if made is None or made.attempt != order.offer:
            return  # the citizen has called again meanwhile
        if not durable and not made.urgent:
            self._end(order.offer, Tried.HELD, OfferOutcome.LOST, dialled=False)
            return
        try:
            await self.out.dial(self._order(made, order))
        except NumberRefused:
            self._end(order.offer, Tried.INVALID, OfferOutcome.LOST, dialled=False)
        except NotDialled as stopped:
            log.info("a call-back is held", extra={"call": order.call, "why": stopped.why})
            self._end(order.offer, Tried.HELD, OfferOutcome.LOST, False, stopped.again)
        except Exception:
            # Whether it went out nobody can say; it is told of, or the floor's lease ends it.
            log.warning("a call-back could not be ordered", exc_info=True)

    def _order(self, made: Promise, order: CallBack) -> OutCall:
        subject = made.queue.partition("_")[2].replace("_", " ") if made.how is How.KEY else ""
        number = shown(made.protocol) if made.protocol else ""
        words = (RETURNS, made.line, subject, number)
        place = Place.from_text(made.place).but(
            of=made.call, joined=made.joined, outcome="", preferred=""
        )
        return OutCall(
            offer=order.offer,
            agent=order.agent,
            ring_seconds=order.ring_seconds,
            line=made.line,
            caller=made.caller,
            show=" ".join(word for word in words if word),
            place=place.to_text(),
            data=made.data,
            protocol=made.protocol,
            urgent=made.urgent,
            test=made.test,
        )

    def told(self, signal: CallOutTold) -> None:
        """What the switch says of an attempt."""
        if signal.offer not in self._attempts:
            if signal.what != "up" and self.keeper.knows(signal.offer):
                # taken back, for the citizen is on the line: the agent is free for them now
                self.keeper.tell(OfferFailed(signal.offer, OfferOutcome.WITHDRAWN))
            return
        match signal.what:
            case "up":
                self.keeper.tell(CallBackCalling(signal.offer))
            case "agent":
                outcome = DIAL_RESULTS.get(signal.result, OfferOutcome.LOST)
                self._end(signal.offer, Tried.AGENT, outcome)
            case "over":
                self._end(signal.offer, Tried.AGENT, OfferOutcome.REFUSED)
            case "citizen":
                result = citizen_result(signal.result, signal.cause)
                self.out.came_to(result)
                self._end(signal.offer, result, OfferOutcome.NOT_REACHED, again=OUT_SHUT)
            case "capped":
                result = Tried.INVALID if signal.result == "number" else Tried.HELD
                again = OUT_FULL if signal.result in ("often", "hour") else CALL_BACK_HELD
                self._end(signal.offer, result, OfferOutcome.LOST, False, again)
            case _:
                log.warning("an unknown word of a call-back", extra={"what": signal.what})

    def answered(self, call: CallId, offer: OfferId, at: Instant) -> bool:
        """Citizen and agent are joined on the citizen's new channel. Whether it was an attempt of
        ours, and the floor knows of it."""
        found = self._attempts.pop(offer, None)
        made = self.open.pop(found[0], None) if found is not None else None
        if made is None:
            return False
        self.out.over(offer)
        self.out.came_to(Tried.ANSWERED)
        self.goes_on(made, call, at)
        self.record(made, Kind.CALL_BACK_RESULT, attempt=offer, result=str(Tried.ANSWERED),
                     tries=made.tries + 1)  # fmt: skip
        self.over(made, Kept.REACHED, call)
        known = self.keeper.knows(offer)
        self.keeper.tell(CallBackAnswered(offer, call) if known else CallBackOver(made.call))
        return known

    def _end(
        self,
        offer: OfferId,
        result: Tried,
        outcome: OfferOutcome,
        dialled: bool = True,
        again: Seconds = CALL_BACK_HELD,
    ) -> None:
        """An attempt is over without a talk; once."""
        found = self._attempts.pop(offer, None)
        self.out.over(offer, result.reached_for)
        made = self.open.get(found[0]) if found is not None else None
        if made is None:
            self.keeper.tell(OfferFailed(offer, outcome, dialled))
            return
        after, kept = end(made, offer, result, self._now(), self.policies[made.how], again)
        self.open[made.call] = after
        self.record(after, Kind.CALL_BACK_RESULT, attempt=offer, result=str(result),
                     tries=after.tries, not_before=after.not_before)  # fmt: skip
        self.keeper.tell(OfferFailed(offer, outcome, dialled))
        if kept is None:
            self.keeper.tell(CallBackLater(after.call, after.not_before))
            return
        self.open.pop(made.call, None)
        self.over(after, kept)
        self.keeper.tell(CallBackOver(made.call))

    def read(self, facts: tuple[Fact, ...]) -> None:
        """The floor has ended an attempt's offer of its own: nobody had told of it in time."""
        for fact in facts:
            offer = OfferId(str(fact.details.get("offer", "")))
            answered = fact.details.get("outcome") == OfferOutcome.ANSWERED
            if fact.kind is Kind.OFFER_ENDED and offer in self._attempts and not answered:
                self._end(offer, Tried.LOST, OfferOutcome.LOST)

    def agree(self, seen: SwitchSeen) -> None:
        """A whole look at the switch: an attempt that is not there any more is over, and one that
        has become a call is one. And whether calls go out now is said to it: a switch or a control
        that has just started knows nothing of what the one before had said."""
        self.holding.say_again()
        for call in seen.calls:
            of = CallId(Place.from_text(call.place).of)
            made = self.open.get(of) if of else None
            if made is not None and made.attempt != NO_ATTEMPT:
                self.answered(CallId(call.call), made.attempt, seen.at)
        self._boot = seen.boot
        if not seen.complete:
            return
        for offer, (_, begun, boot) in tuple(self._attempts.items()):
            # one that is younger than the look may be missing; not so after the switch's death,
            # before which it was ordered: the new one's gate has let nobody through yet
            old = boot != seen.boot or begun < seen.at - SNAPSHOT_MARGIN
            if offer not in seen.calling and old:
                self._end(offer, Tried.LOST, OfferOutcome.LOST)

    # --- promises end ---
    def expired(self, order: CallBackExpired) -> None:
        """Nobody was free in time: a person takes over."""
        made = self.open.pop(order.call, None)
        if made is not None:
            self.over(made, Kept.EXPIRED)

    def returned(self, visit: Visit) -> None:
        """The citizen is on the line, and the channel says so: the place is this call's."""
        made = self.open.get(CallId(visit.place.of))
        if made is None:
            return
        if made.attempt != NO_ATTEMPT and visit.offer == made.attempt and visit.joined:
            self.answered(visit.call, made.attempt, visit.tools.clock())
            return
        del self.open[made.call]
        attempt = self._attempts.pop(made.attempt, None)
        self.out.over(made.attempt)
        if attempt is not None:
            self.record(made, Kind.CALL_BACK_RESULT, attempt=made.attempt,
                         result=str(Tried.HELD), tries=made.tries)  # fmt: skip
        if visit.entry == RETURNS:  # called by us, and the agent had gone at that instant
            self.goes_on(made, visit.call, visit.tools.clock())
        self.over(made, Kept.RETURNED, visit.call)
        self.keeper.tell(CallReturned(visit.call, made.call))
