"""The legs of talks: which there are, what they say, and what follows when one comes or goes.

An agent who leaves a consult that was answered has handed the call on; one who leaves a citizen on
hold has left, and the citizen is the next whom somebody hears. A control that starts anew learns
the legs from its first look at the switch (C156_LEG stands on each).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from acd.consults import consult_of
from acd.events import ConsultAnswered, ConsultFound, ConsultOver
from acd.offers import Offer
from callflow.place import parse_stage
from callflow.talk_rooms import MAIN, OUTSIDE, TalkRooms
from terms.names import AgentName, CallId, OfferId
from terms.outcome import OfferOutcome
from terms.signals import Leg, LegGone, LegJoined, LegKey, SwitchSeen, TalkNews
from terms.stages import Stage


@dataclass(slots=True)
class TalkLegs(TalkRooms):
    """What legs do, and what follows."""

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
        self._has_gone(leg.call, leg.booking)
        floor = self.keeper.floor
        if leg.booking in floor.consults:
            self.keeper.tell(ConsultOver(leg.booking, OfferOutcome.ANSWERED))
            return
        talk, consult = floor.offers.get(leg.booking), consult_of(floor, leg.call)
        if talk is not None and consult is not None and consult.answered:
            self._beside.do(self._stays_with(talk, consult))
        elif talk is not None and leg.call in self.moved and leg.call not in self.left:
            self._beside.do(self.alone(leg.call, leg.booking))
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
        for one in seen.calls:
            stage, offer, _ = parse_stage(one.stage)
            call, booking = CallId(one.call), OfferId(offer)
            if stage != Stage.HELD or call in self.present:
                continue
            talk = self._talk_of_call(call)
            if talk is not None and (talk.call, talk.offer) in there:
                self._beside.do(self.attend(talk))
            elif seen.complete and (call, booking) not in there:
                self._left_alone(call, booking)
        if seen.complete:
            for held in self.left:
                talk = self._talk_of_call(held)
                lost = talk is not None and (held, talk.offer) not in there
                if talk is not None and lost and self.present[held].stage is Stage.HELD:
                    self._left_to_whom(talk)

    def _left_alone(self, call: CallId, booking: OfferId) -> None:
        """The agent left a held citizen while nobody listened: to whoever was asked, or alone."""
        legs = self.legs.setdefault(call, {})
        self._has_gone(call, booking)
        if legs:
            self._beside.do(self.stays_with_leg(next(iter(legs.values()))))
        else:
            self._beside.do(self.alone(call, booking))

    def _left_to_whom(self, talk: Offer) -> None:
        consult = consult_of(self.keeper.floor, talk.call)
        if consult is not None and consult.answered:
            self._beside.do(self._stays_with(talk, consult))
        else:
            self.left[talk.call].set()

    def call_gone(self, call: CallId) -> None:
        """The citizen has left: whoever was with them or for them is let go."""
        legs = self.legs.pop(call, {})
        self._locks.pop(call, None)
        self.left.pop(call, None)
        self.ended.pop(call, None)
        if call in self.moved:
            self.moved.discard(call)
            for leg in legs.values():
                self._beside.do(self.keeper.switch.hang_up(leg.channel))

    def held(self, call: CallId, offer: OfferId) -> asyncio.Event:
        """A step attends to a held citizen; the answer is set when the agent has left for good."""
        self.moved.add(call)
        left = self.left.setdefault(call, asyncio.Event())
        if self.has_left(call, offer):
            left.set()
        self._meet(call)
        return left

    def has_left(self, call: CallId, offer: OfferId) -> bool:
        """Whether this agent's leg was here and is gone."""
        return offer in self.ended.get(call, ())

    def _meet(self, call: CallId) -> None:
        """An agent who is in the room by the dialplan alone, while nobody listened, finds the
        citizen there."""
        talk = self._talk_of_call(call)
        leg = self.legs.get(call, {}).get(talk.offer) if talk is not None else None
        asks = consult_of(self.keeper.floor, call) is not None
        if talk is not None and leg is not None and leg.in_room and call in self.left and not asks:
            self._beside.do(self._joins(talk, ""))

    def unheld(self, call: CallId, offer: OfferId, broken: bool) -> None:
        """The step is over; `broken`: not by itself. A control that was frozen finds the citizen
        with music in the room, where the dialplan alone has put them: nobody is forgotten there."""
        left, talk = self.left.pop(call, None), self._talk_of_call(call)
        if not broken:
            return
        if left is not None and left.is_set():
            self._beside.do(self.alone(call, offer))
        elif talk is not None:
            self._beside.do(self.attend(talk))


def _outcome(result: str) -> OfferOutcome:
    """How a consult that nobody answered ended, by what its dial left behind."""
    return {
        "NOANSWER": OfferOutcome.RING_NO_ANSWER,
        "BUSY": OfferOutcome.REFUSED,
        "GATE": OfferOutcome.GATE_CLOSED,
        "ANSWER": OfferOutcome.ANSWERED,
        "CANCEL": OfferOutcome.WITHDRAWN,
    }.get(result, OfferOutcome.UNREACHABLE)
