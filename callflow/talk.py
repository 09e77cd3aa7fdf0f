"""What an agent does with a talk: hold, ask somebody, share, hand on. And what its legs do.

    talk ──hold──► held ──back──► conference (the call's own room) ──► after
                    │ consult: agent 1 asks, the citizen hears music
                    ├─ complete: agent 2 has the call      agent 1 leaves: the same
                    └─ conference: all in one room

Where a leg goes next stands in extensions_talk.conf: this only starts it, and tells the floor. The
stage is written on the citizen's channel before any leg is moved, so a control that dies in between
is followed by one that finds where the call stands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from acd.consults import Consult, consult_of, new_consult_id, next_of_queue
from acd.events import ConsultAnswered, ConsultAsked, ConsultFound, ConsultOver, TalkMoved
from acd.offers import Offer, OfferState
from callflow.beside import Beside
from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from callflow.goal import AGENT, OUTSIDE, QUEUE, Goal, Refused, check_goal
from callflow.ports import Store
from callflow.serving import Serving
from callflow.visit import Visit
from terms.facts import Fact, Kind
from terms.limits import CONSULT_RING, FURTHER_PROTOCOLS, OUTSIDE_RING
from terms.names import AgentName, CallId, OfferId
from terms.outcome import OfferOutcome
from terms.protocol_number import shown
from terms.signals import Leg, LegGone, LegJoined, SwitchSeen, TalkNews
from terms.stages import Stage

log = logging.getLogger(__name__)

MAIN = "main"


@dataclass(slots=True)
class Talks:
    """All talks' legs, and what may be done with them. Refused, in Portuguese, when it may not."""

    keeper: FloorKeeper
    book: Book
    plans: Serving
    store: Store
    present: Mapping[CallId, Visit]
    legs: dict[CallId, dict[OfferId, Leg]] = field(default_factory=dict)
    moved: set[CallId] = field(default_factory=set)  # whose legs are not a dial's any more
    on_keys: Callable[[AgentName, str], None] = lambda agent, keys: None
    left: dict[CallId, asyncio.Event] = field(default_factory=dict)  # held, and the agent is gone
    _beside: Beside = field(default_factory=lambda: Beside("a talk's leg was not moved"))

    # --- what agents and supervisors do ---
    async def hold(self, agent: AgentName, by: str) -> None:
        """The citizen hears music, the agent nobody."""
        talk, stage = await self._talk(agent)
        if stage == Stage.HELD:
            raise Refused("a chamada já está em espera")
        if consult_of(self.keeper.floor, talk.call):
            raise Refused("há mais alguém na conversa; use a volta (back) antes da espera")
        await self._hold(talk, "alone")
        self._note(talk, Kind.TALK_HELD, by, on=True, offer=talk.offer)

    async def back(self, agent: AgentName, by: str) -> None:
        """Agent and citizen are together again; whoever was asked is let go."""
        talk, stage = await self._talk(agent)
        consult = consult_of(self.keeper.floor, talk.call)
        if stage == Stage.CONFERENCE and consult is not None:
            await self._let_go(consult)
            return
        if stage != Stage.HELD:
            raise Refused("a chamada não está em espera")
        await self._together(talk)
        if consult is not None:
            self.keeper.tell(ConsultOver(consult.consult), by=by)
        self._note(talk, Kind.TALK_HELD, by, on=False, offer=talk.offer)

    async def consult(self, agent: AgentName, goal: Goal, by: str) -> AgentName | str:
        """Ask another agent, the next of a queue, or a number on the list; who it is."""
        talk, stage = await self._talk(agent)
        floor, now = self.keeper.floor, self.keeper.clock()
        if consult_of(floor, talk.call):
            raise Refused("já há uma consulta em curso")
        check_goal(goal, self.plans.current, floor, now)
        who = AgentName(goal.to) if goal.kind == AGENT else AgentName("")
        if goal.kind == QUEUE:
            found = next_of_queue(floor, goal.queue, now)
            if found is None:
                raise Refused(f"ninguém da fila {goal.to} está livre agora")
            who = found
        outside = goal.to if goal.kind == OUTSIDE else ""
        if not (who or outside):
            raise Refused("uma etapa não se consulta; transfira para ela")
        consult = new_consult_id(floor)
        self.keeper.tell(ConsultAsked(consult, talk.call, who, outside), by=by)
        if consult not in floor.consults:
            raise Refused(f"{who or outside} não está livre agora")
        leg = self._leg(talk)
        role = "outside" if outside else "consult"
        try:
            await self.keeper.switch.write_on(
                leg,
                C156_ASKED=f"{role}:{talk.call}:{consult}:{who or outside}",
                C156_NUMBER=self.plans.current.destinations.get(outside, ""),
                C156_RING=str(round(OUTSIDE_RING if outside else CONSULT_RING)),
                C156_SHOW=self._shown(talk),
            )
            if stage == Stage.HELD:
                await self.keeper.switch.send(leg, "consult")
            else:
                await self._hold(talk, "consult")
        except Exception:
            self.keeper.tell(ConsultOver(consult))
            raise
        return who or outside

    async def complete(self, agent: AgentName, by: str) -> None:
        """Whoever was asked has the call now; the agent is done with it."""
        talk, _ = await self._talk(agent)
        consult = self._answered_consult(talk)
        leg, other = self._leg(talk), self._leg_of(talk.call, consult.consult)
        switch = self.keeper.switch
        await switch.write_on(leg, C156_DONE="1")
        await self._hand_on(talk, consult, by)
        await switch.send(other, "answers", await self._citizen(talk.call), "room")
        await switch.hang_up(leg)

    async def conference(self, agent: AgentName, by: str) -> None:
        """The citizen, the agent, and whoever was asked, in one room."""
        talk, stage = await self._talk(agent)
        consult = self._answered_consult(talk)
        if stage == Stage.CONFERENCE:
            raise Refused("já estão todos na conversa")
        leg, other = self._leg(talk), self._leg_of(talk.call, consult.consult)
        switch = self.keeper.switch
        await switch.write_on(talk.call, C156_STAGE=_staged(Stage.CONFERENCE, talk))
        await switch.send(leg, "answers", other, "answers")
        await switch.send(await self._citizen(talk.call), "room")
        self._note(talk, Kind.TALK_HELD, by, on=False, offer=talk.offer)

    async def transfer(self, agent: AgentName, goal: Goal, by: str) -> None:
        """The citizen goes on to a queue, an agent, a node, or a number; the agent is done."""
        talk, stage = await self._talk(agent)
        floor = self.keeper.floor
        if consult_of(floor, talk.call):
            raise Refused("há uma consulta em curso: complete-a ou volte (back) antes")
        check_goal(goal, self.plans.current, floor, self.keeper.clock(), blind=True)
        leg, switch = self._leg(talk), self.keeper.switch
        await switch.write_on(talk.call, C156_GOAL=goal.to_text(by))
        if stage == Stage.HELD:
            await switch.send(await self._citizen(talk.call), "hold")  # its step reads it
        await switch.hang_up(leg)

    async def protocol(self, agent: AgentName, note: str, by: str) -> str:
        """One more protocol in this call, durable before it is told (R52); linked to the call, and
        said to the citizen at the end of the talk where the line speaks protocols."""
        talk, _ = await self._talk(agent)
        number, ordinal = await self.store.further_protocol(talk.call, FURTHER_PROTOCOLS)
        if not number:
            raise Refused(f"esta chamada já tem {FURTHER_PROTOCOLS} protocolos a mais")
        details = {"protocol": number, "ordinal": ordinal, "note": note}
        self._note(talk, Kind.PROTOCOL_ADDED, by, **details)
        switch = self.keeper.switch
        more = await switch.read_on(talk.call, "C156_MORE")
        await switch.write_on(talk.call, C156_MORE="+".join(filter(None, (more, number))))
        return number

    def of(self, agent: AgentName) -> Offer | None:
        """The talk that an agent has."""
        found = self.keeper.floor.agents.get(agent)
        offer = self.keeper.floor.offers.get(found.offer) if found and found.offer else None
        return offer if offer is not None and offer.state is OfferState.ANSWERED else None

    # --- what legs do ---
    def hear(self, signal: LegJoined | LegGone | TalkNews) -> None:
        """What a leg does, or says."""
        match signal:
            case LegJoined(leg=leg):
                self.leg_joined(leg)
            case LegGone(leg=leg):
                self.leg_gone(leg)
            case TalkNews(what="consulted"):
                consult, _, result = signal.detail.partition(":")
                self.consulted(signal.call, OfferId(consult), result)
            case TalkNews(what="keys"):
                self.on_keys(signal.agent, signal.detail)
            case _:
                log.warning("unknown news of a talk", extra={"what": signal.what})

    def leg_joined(self, leg: Leg) -> None:
        """A leg is up and joined; a consult's is the answer."""
        self.legs.setdefault(leg.call, {})[leg.booking] = leg
        floor = self.keeper.floor
        if leg.role == MAIN or self.keeper.knows(leg.booking):
            return
        if leg.booking in floor.consults:
            self.keeper.tell(ConsultAnswered(leg.booking))
            return
        agent, outside = (leg.who, "") if leg.role != "outside" else ("", leg.who)
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
            self._beside.do(self._joins(talk))

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
        self.left.pop(call, None)
        if call in self.moved:
            self.moved.discard(call)
            for leg in legs.values():
                self._beside.do(self.keeper.switch.hang_up(leg.channel))

    def held(self, call: CallId) -> asyncio.Event:
        """A step attends to a held citizen; the answer is set when the agent has left for good."""
        self.moved.add(call)
        return self.left.setdefault(call, asyncio.Event())

    def unheld(self, call: CallId) -> None:
        """The step is over."""
        self.left.pop(call, None)

    # --- how it works ---
    async def _talk(self, agent: AgentName) -> tuple[Offer, str]:
        talk = self.of(agent)
        if talk is None:
            raise Refused(f"{agent} não está em conversa com um cidadão")
        await self._find_leg(talk)
        stage = await self.keeper.switch.read_on(talk.call, "C156_STAGE")
        return talk, stage.partition(":")[0]

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

    def _answered_consult(self, talk: Offer) -> Consult:
        consult = consult_of(self.keeper.floor, talk.call)
        if consult is None:
            raise Refused("não há consulta em curso")
        if not consult.answered:
            raise Refused(f"{consult.agent or consult.outside} ainda não atendeu")
        return consult

    async def _hold(self, talk: Offer, where: str) -> None:
        """Both legs at once: the citizen to the loop, the agent to the desk."""
        self.moved.add(talk.call)
        await self.keeper.switch.write_on(talk.call, C156_STAGE=_staged(Stage.HELD, talk))
        citizen = await self._citizen(talk.call)
        await self.keeper.switch.send(self._leg(talk), where, citizen, "hold")

    async def _together(self, talk: Offer) -> None:
        await self.keeper.switch.write_on(talk.call, C156_STAGE=_staged(Stage.CONFERENCE, talk))
        citizen = await self._citizen(talk.call)
        await self.keeper.switch.send(self._leg(talk), "answers", citizen, "room")

    async def _joins(self, talk: Offer) -> None:
        """The agent goes to the room by the dialplan; so does the citizen."""
        await self.keeper.switch.write_on(talk.call, C156_STAGE=_staged(Stage.CONFERENCE, talk))
        await self.keeper.switch.send(await self._citizen(talk.call), "room")

    async def _attend(self, talk: Offer) -> None:
        """A held citizen whom no step attends to, as after an outage: together, or on hold."""
        self.moved.add(talk.call)
        if consult_of(self.keeper.floor, talk.call):
            await self.keeper.switch.send(await self._citizen(talk.call), "hold")
        else:
            await self._together(talk)

    async def _hand_on(self, talk: Offer, consult: Consult, by: str) -> None:
        """From now on the call is with whoever was asked: on its channel, then on the floor."""
        stage = f"{Stage.CONFERENCE}:{consult.consult}:{consult.agent}"
        if consult.outside:
            stage = f"{Stage.OUTSIDE}:talk:{consult.outside}"
        await self.keeper.switch.write_on(talk.call, C156_STAGE=stage)
        self.keeper.tell(TalkMoved(consult.consult), by=by)

    async def _stays_with(self, talk: Offer, consult: Consult) -> None:
        """The agent has hung up; whoever was asked is in the room, or on the way there."""
        waits = talk.call in self.left
        await self._hand_on(talk, consult, talk.agent)
        if waits:
            await self.keeper.switch.send(await self._citizen(talk.call), "room")

    async def _let_go(self, consult: Consult) -> None:
        await self.keeper.switch.hang_up(self._leg_of(consult.call, consult.consult))

    def _shown(self, talk: Offer) -> str:
        entry = self.book.calls.get(talk.call)
        number = shown(entry.protocol) if entry is not None and entry.protocol else ""
        line = entry.line if entry is not None else ""
        return " ".join(part for part in ("consulta de", talk.agent, line, number) if part)

    def _note(self, talk: Offer, kind: Kind, by: str, **details: object) -> None:
        now = self.keeper.clock()
        self.keeper.record(Fact(now, kind, talk.call, talk.agent, by, details))


def _staged(stage: Stage, talk: Offer) -> str:
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
