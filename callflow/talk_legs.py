"""The legs of talks: which there are, what they say, and what follows when one comes or goes.

An agent who leaves a consult that was answered has handed the call on; one who leaves a citizen on
hold has left, and the citizen is the next whom somebody hears. A control that starts anew learns
the legs from its first look at the switch (C156_LEG stands on each).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from acd.consults import Consult, consult_of
from acd.events import ConsultAnswered, ConsultFound, ConsultOver, TalkMoved
from acd.offers import Offer, OfferState
from callflow.beside import Beside
from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from callflow.goal import Refused
from callflow.ports import Store
from callflow.serving import Serving
from callflow.visit import Visit
from terms.facts import Fact, Kind
from terms.limits import ROOM_EMPTIES, STEP_COMES_AGAIN
from terms.names import AgentName, CallId, Instant, OfferId
from terms.outcome import OfferOutcome
from terms.signals import Leg, LegGone, LegJoined, LegKey, SwitchSeen, TalkNews
from terms.stages import Stage

MAIN, OUTSIDE = "main", "outside"


@dataclass(slots=True)
class TalkLegs:
    """All talks' legs, and how they are moved."""

    keeper: FloorKeeper
    book: Book
    plans: Serving
    store: Store
    present: Mapping[CallId, Visit]
    legs: dict[CallId, dict[OfferId, Leg]] = field(default_factory=dict)
    moved: set[CallId] = field(default_factory=set)  # whose legs are not a dial's any more
    on_key: Callable[[AgentName, str, Instant], None] = lambda agent, key, at: None
    on_supervised: Callable[[TalkNews], None] = lambda news: None
    left: dict[CallId, asyncio.Event] = field(default_factory=dict)  # held, and the agent is gone
    _locks: dict[CallId, asyncio.Lock] = field(default_factory=dict)
    _beside: Beside = field(default_factory=lambda: Beside("a talk's leg was not moved"))

    # --- what legs do ---
    def hear(self, signal: LegJoined | LegGone | LegKey | TalkNews) -> None:
        """What a leg does, or says."""
        match signal:
            case LegJoined(leg=leg):
                self.leg_joined(leg)
            case LegGone(leg=leg):
                self.leg_gone(leg)
            case TalkNews(what="consulted"):
                consult, _, result = signal.detail.partition(":")
                self.consulted(signal.call, OfferId(consult), result)
            case LegKey(leg=leg, key=key) if leg.role != OUTSIDE:
                self.on_key(AgentName(leg.who), key, signal.at)
            case TalkNews(what="back"):
                self.came_back(signal.call, signal.agent)
            case TalkNews(what="supervised"):
                self.on_supervised(signal)

    def leg_joined(self, leg: Leg) -> None:
        """A leg is up and joined; a consult's is the answer."""
        self.legs.setdefault(leg.call, {})[leg.booking] = leg
        self._meet(leg.call)
        floor = self.keeper.floor
        if leg.role == MAIN or self.keeper.knows(leg.booking):
            return
        if leg.booking in floor.consults:
            self.keeper.tell(ConsultAnswered(leg.booking))
            return
        agent, outside = (leg.who, "") if leg.role != OUTSIDE else ("", leg.who)
        self.keeper.tell(ConsultFound(leg.booking, leg.call, AgentName(agent), outside))

    def leg_gone(self, leg: Leg) -> None:
        """A leg has ended: whoever was asked is free; or the agent has left what they held."""
        self.legs.get(leg.call, {}).pop(leg.booking, None)
        floor = self.keeper.floor
        if leg.booking in floor.consults:
            self.keeper.tell(ConsultOver(leg.booking, OfferOutcome.ANSWERED))
            return
        talk, consult = floor.offers.get(leg.booking), consult_of(floor, leg.call)
        if talk is not None and consult is not None and consult.answered:
            self._beside.do(self._stays_with(talk, consult))
        elif talk is not None and leg.call in self.moved and leg.call not in self.left:
            self._beside.do(self._alone(leg.call))
        elif leg.call in self.left and (talk is None or talk.call == leg.call):
            if consult is not None:
                self.keeper.tell(ConsultOver(consult.consult))
            self.left[leg.call].set()

    def consulted(self, call: CallId, consult: OfferId, result: str) -> None:
        """The agent's leg says that a consult is over, and is on its way to the room."""
        found = self.keeper.floor.consults.get(consult)
        talk = self._talk_of_call(call)
        if talk is None or (found is None and call not in self.left):
            return  # the call has moved on, with or without whoever was asked
        if found is not None:
            self.keeper.tell(ConsultOver(consult, _outcome(result)))
        if call in self.left:
            self._beside.do(self._joins(talk, ""))

    def came_back(self, call: CallId, agent: AgentName) -> None:
        """The agent pressed the keys for it on hold: the leg is on its way to the room."""
        talk = self._talk_of_call(call)
        if talk is not None and talk.agent == agent and call in self.left:
            self._beside.do(self._joins(talk, agent))

    def see(self, seen: SwitchSeen) -> None:
        """A whole look at the switch: which legs there are; held calls that nobody attends to."""
        for leg in seen.legs:
            self.leg_joined(leg)
        there = {(leg.call, leg.booking) for leg in seen.legs}
        for call in seen.calls:
            stage = call.stage.partition(":")[0]
            if stage != Stage.HELD or CallId(call.call) in self.present:
                continue
            talk = self._talk_of_call(CallId(call.call))
            if talk is not None and (talk.call, talk.offer) in there:
                self._beside.do(self._attend(talk))
        if seen.complete:
            for held, gone in self.left.items():
                offer = self._talk_of_call(held)
                lost = offer is not None and (held, offer.offer) not in there
                if lost and self.present[held].stage is Stage.HELD:
                    gone.set()

    def call_gone(self, call: CallId) -> None:
        """The citizen has left: whoever was with them or for them is let go."""
        legs = self.legs.pop(call, {})
        self._locks.pop(call, None)
        self.left.pop(call, None)
        if call in self.moved:
            self.moved.discard(call)
            for leg in legs.values():
                self._beside.do(self.keeper.switch.hang_up(leg.channel))

    def held(self, call: CallId) -> asyncio.Event:
        """A step attends to a held citizen; the answer is set when the agent has left for good."""
        self.moved.add(call)
        left = self.left.setdefault(call, asyncio.Event())
        self._meet(call)
        return left

    def _meet(self, call: CallId) -> None:
        """An agent who is in the room by the dialplan alone, while nobody listened, finds the
        citizen there."""
        talk = self._talk_of_call(call)
        leg = self.legs.get(call, {}).get(talk.offer) if talk is not None else None
        asks = consult_of(self.keeper.floor, call) is not None
        if talk is not None and leg is not None and leg.in_room and call in self.left and not asks:
            self._beside.do(self._joins(talk, ""))

    def unheld(self, call: CallId) -> None:
        """The step is over."""
        self.left.pop(call, None)

    # --- how legs are moved ---
    async def _find_leg(self, talk: Offer) -> None:
        """A leg that was joined otherwise (a call-back) is marked as ours now."""
        if talk.offer in self.legs.get(talk.call, {}):
            return
        channel = await self.keeper.switch.read_on(talk.call, "BRIDGEPEER")
        if not channel:
            raise Refused("a conversa ainda não está de pé; tente de novo")
        leg = Leg(MAIN, talk.call, talk.offer, talk.agent, channel)
        await self.keeper.switch.write_on(
            channel, C156_LEG=f"{MAIN}:{talk.call}:{talk.offer}:{talk.agent}"
        )
        self.legs.setdefault(talk.call, {})[talk.offer] = leg

    def _leg(self, talk: Offer) -> str:
        return self._leg_of(talk.call, talk.offer)

    def _leg_of(self, call: CallId, booking: OfferId) -> str:
        try:
            return self.legs[call][booking].channel
        except KeyError:
            raise Refused("esta pessoa já desligou") from None

    async def _citizen(self, call: CallId) -> str:
        return await self.keeper.switch.channel_of(call)

    def _talk_of_call(self, call: CallId) -> Offer | None:
        caller = self.keeper.floor.callers.get(call)
        offer = self.keeper.floor.offers.get(caller.offer) if caller and caller.offer else None
        return offer if offer is not None and offer.state is OfferState.ANSWERED else None

    async def _together(self, talk: Offer, by: str) -> None:
        await self.keeper.switch.write_on(talk.call, C156_STAGE=staged(Stage.CONFERENCE, talk))
        await self._into_room(talk.call, self._leg(talk))
        self._unheld(talk, by)

    async def _into_room(self, call: CallId, leg: str = "") -> None:
        """The held citizen, and this leg, go to the call's room. A citizen whom no step attends to
        is there already, with music: one who left as others come in would find another room."""
        if call in self.present:
            citizen = await self._citizen(call)
            both = (leg, "answers", citizen, "room") if leg else (citizen, "room")
            await self.keeper.switch.send(*both)
            return
        if leg:
            await self.keeper.switch.send(leg, "answers")
        await self.keeper.switch.stop_clock(call)

    async def _joins(self, talk: Offer, by: str) -> None:
        """The agent goes to the room by the dialplan; so does the citizen."""
        async with self.alone_with(talk.call):
            if await self._is_held(talk.call):
                stage = staged(Stage.CONFERENCE, talk)
                await self.keeper.switch.write_on(talk.call, C156_STAGE=stage)
                await self._into_room(talk.call)
                self._unheld(talk, by)

    async def _alone(self, call: CallId) -> None:
        """The last who answered has gone, so the room lets the citizen go; one who was only on the
        way into it when that happened is fetched."""
        await asyncio.sleep(ROOM_EMPTIES)
        talk = self._talk_of_call(call)
        if talk is None or call in self.present or not await self._is(call, Stage.CONFERENCE):
            return
        if talk.offer not in self.legs.get(call, {}):
            await self.keeper.switch.send(await self._citizen(call), "hold")

    async def _attend(self, talk: Offer) -> None:
        """A held citizen whom no step attends to, as after an outage: together, or on hold. A step
        that was only on its way has come by then."""
        self.moved.add(talk.call)
        await asyncio.sleep(STEP_COMES_AGAIN)
        async with self.alone_with(talk.call):
            if talk.call in self.present or not await self._is_held(talk.call):
                return
            if consult_of(self.keeper.floor, talk.call):
                await self.keeper.switch.send(await self._citizen(talk.call), "hold")
            else:
                await self._together(talk, "")

    async def _is_held(self, call: CallId) -> bool:
        return await self._is(call, Stage.HELD)

    async def _is(self, call: CallId, stage: Stage) -> bool:
        """Whether the call is still there, and at this stage."""
        if not await self._citizen(call):
            return False
        found = await self.keeper.switch.read_on(call, "C156_STAGE")
        return found.startswith(f"{stage}:")

    def alone_with(self, call: CallId) -> asyncio.Lock:
        """One thing at a time is done with a call's legs."""
        return self._locks.setdefault(call, asyncio.Lock())

    def _unheld(self, talk: Offer, by: str) -> None:
        """Citizen and agent are together (again)."""
        self._note(talk, Kind.TALK_HELD, by, on=False, offer=talk.offer)

    def _note(self, talk: Offer, kind: Kind, by: str, **details: object) -> None:
        now = self.keeper.clock()
        self.keeper.record(Fact(now, kind, talk.call, talk.agent, by, details))

    async def _hand_on(self, talk: Offer, consult: Consult, by: str) -> None:
        """From now on the call is with whoever was asked: on its channel, then on the floor."""
        stage = f"{Stage.CONFERENCE}:{consult.consult}:{consult.agent}"
        if consult.outside:
            stage = f"{Stage.OUTSIDE}:talk:{consult.outside}"
        await self.keeper.switch.write_on(talk.call, C156_STAGE=stage)
        self._unheld(talk, by)
        self.keeper.tell(TalkMoved(consult.consult), by=by)

    async def _stays_with(self, talk: Offer, consult: Consult) -> None:
        """The agent has hung up; whoever was asked is in the room, or on the way there."""
        async with self.alone_with(talk.call):
            waits = await self._is_held(talk.call)
            await self._hand_on(talk, consult, talk.agent)
            if waits:
                await self._into_room(talk.call)


def staged(stage: Stage, talk: Offer) -> str:
    """The stage as it stands on the citizen's channel, with whose talk it is."""
    return f"{stage}:{talk.offer}:{talk.agent}"


def _outcome(result: str) -> OfferOutcome:
    """How a consult that nobody answered ended, by what its dial left behind."""
    return {
        "NOANSWER": OfferOutcome.RING_NO_ANSWER,
        "BUSY": OfferOutcome.REFUSED,
        "GATE": OfferOutcome.GATE_CLOSED,
        "ANSWER": OfferOutcome.ANSWERED,
        "CANCEL": OfferOutcome.WITHDRAWN,
    }.get(result, OfferOutcome.UNREACHABLE)
