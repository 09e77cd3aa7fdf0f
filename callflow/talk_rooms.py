"""Where the legs of talks are moved to: the call's room, the desk, back to the loop.

Which legs there are, and what follows when one comes or goes, is talk_legs.py's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from acd.consults import Consult, consult_of
from acd.events import TalkFound, TalkMoved
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
from terms.signals import Leg, TalkNews
from terms.stages import Stage

MAIN, OUTSIDE = "main", "outside"


@dataclass(slots=True)
class TalkRooms:
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
    ended: dict[CallId, set[OfferId]] = field(default_factory=dict)  # legs that have gone for good
    _locks: dict[CallId, asyncio.Lock] = field(default_factory=dict)
    _beside: Beside = field(default_factory=lambda: Beside("a talk's leg was not moved"))

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

    async def alone(self, call: CallId, offer: OfferId) -> None:
        """The last who answered has gone, so the room lets the citizen go; one who was only on the
        way into it when that happened, or on hold there without a step, is fetched."""
        await asyncio.sleep(ROOM_EMPTIES)
        if call in self.present or offer in self.legs.get(call, {}):
            return
        stages = (f"{Stage.CONFERENCE}:{offer}:", f"{Stage.HELD}:{offer}:")
        citizen = await self._citizen(call)
        if citizen and (await self.keeper.switch.read_on(call, "C156_STAGE")).startswith(stages):
            await self.keeper.switch.send(citizen, "hold")

    def _has_gone(self, call: CallId, booking: OfferId) -> None:
        if call in self.legs:  # the citizen is still there
            self.legs[call].pop(booking, None)
            self.ended.setdefault(call, set()).add(booking)

    async def attend(self, talk: Offer) -> None:
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

    async def stays_with_leg(self, leg: Leg) -> None:
        """As below, but the agent hung up while nobody listened: the floor knows of no talk yet."""
        async with self.alone_with(leg.call):
            if not await self._is_held(leg.call):
                return
            stage = f"{Stage.CONFERENCE}:{leg.booking}:{leg.who}"
            if leg.role == OUTSIDE:
                stage = f"{Stage.OUTSIDE}:talk:{leg.who}"
            await self.keeper.switch.write_on(leg.call, C156_STAGE=stage)
            entry, agent = self.book.calls.get(leg.call), AgentName(leg.who)
            if entry is not None and leg.role != OUTSIDE:
                place = (entry.queue, entry.joined, entry.line, entry.dialled)
                since = self.keeper.clock()
                self.keeper.tell(TalkFound(leg.call, agent, leg.booking, since, *place))
            self.moved.add(leg.call)
            await self._into_room(leg.call)

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
