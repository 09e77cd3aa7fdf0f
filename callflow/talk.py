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

import functools
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from acd.consults import Consult, consult_of, is_emergency, new_consult_id, next_of_queue
from acd.events import ConsultAsked, ConsultOver
from acd.offers import Offer, OfferState
from callflow.goal import AGENT, OUTSIDE, QUEUE, Goal, Refused, check_goal
from callflow.talk_legs import TalkLegs
from callflow.talk_rooms import staged
from terms.facts import Kind
from terms.limits import CONSULT_RING, FURTHER_PROTOCOLS, OUTSIDE_RING
from terms.names import AgentName, CallId
from terms.protocol_number import shown
from terms.stages import Stage

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def one_at_a_time(
    act: Callable[Concatenate[Talks, AgentName, Given], Awaitable[Answer]],
) -> Callable[Concatenate[Talks, AgentName, Given], Coroutine[Any, Any, Answer]]:
    """Two acts on one call never cross, whoever asks for them."""

    @functools.wraps(act)
    async def alone(
        talks: Talks, agent: AgentName, /, *given: Given.args, **named: Given.kwargs
    ) -> Answer:
        async with talks.alone_with(talks.talk_of(agent).call):
            return await act(talks, agent, *given, **named)

    return alone


@dataclass(slots=True)
class Talks(TalkLegs):
    """What may be done with talks. Refused, in Portuguese, when it may not."""

    # --- what agents and supervisors do ---
    @one_at_a_time
    async def hold(self, agent: AgentName, by: str) -> None:
        """The citizen hears music, the agent nobody."""
        talk, stage = await self._talk(agent)
        if stage == Stage.HELD:
            raise Refused("a chamada já está em espera")
        if consult_of(self.keeper.floor, talk.call):
            raise Refused("há mais alguém na conversa; use a volta (back) antes da espera")
        await self._hold(talk, "alone", by)

    @one_at_a_time
    async def back(self, agent: AgentName, by: str) -> None:
        """Agent and citizen are together again; whoever was asked is let go."""
        talk, stage = await self._talk(agent)
        consult = consult_of(self.keeper.floor, talk.call)
        if stage not in (Stage.HELD, Stage.CONFERENCE) or (stage != Stage.HELD and not consult):
            raise Refused("a chamada não está em espera")
        if consult is not None and consult.answered:
            await self._let_go(consult)  # the agent's leg then goes to the room by itself
            return
        await self._together(talk, by)
        if consult is not None:
            self.keeper.tell(ConsultOver(consult.consult), by=by)

    @one_at_a_time
    async def consult(self, agent: AgentName, goal: Goal, by: str) -> AgentName | str:
        """Ask another agent, the next of a queue, or a number on the list; who it is."""
        talk, stage = await self._talk(agent)
        floor, now = self.keeper.floor, self.keeper.clock()
        if consult_of(floor, talk.call):
            raise Refused("já há uma consulta em curso")
        check_goal(goal, self.plans.current, floor, talk.call, now)
        who = AgentName(goal.to) if goal.kind == AGENT else AgentName("")
        if goal.kind == QUEUE:
            found = next_of_queue(floor, goal.queue, is_emergency(floor, talk.call), now)
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
                await self._hold(talk, "consult", by)
        except Exception:
            self.keeper.tell(ConsultOver(consult))
            raise
        return who or outside

    @one_at_a_time
    async def complete(self, agent: AgentName, by: str) -> None:
        """Whoever was asked has the call now; the agent is done with it."""
        talk, _ = await self._talk(agent)
        consult = self._answered_consult(talk)
        leg, other = self._leg(talk), self._leg_of(talk.call, consult.consult)
        switch = self.keeper.switch
        await switch.write_on(leg, C156_DONE="1")
        await self._hand_on(talk, consult, by)
        await self._into_room(talk.call, other)
        await switch.hang_up(leg)

    @one_at_a_time
    async def conference(self, agent: AgentName, by: str) -> None:
        """The citizen, the agent, and whoever was asked, in one room."""
        talk, stage = await self._talk(agent)
        consult = self._answered_consult(talk)
        if stage == Stage.CONFERENCE:
            raise Refused("já estão todos na conversa")
        leg, other = self._leg(talk), self._leg_of(talk.call, consult.consult)
        switch = self.keeper.switch
        await switch.write_on(talk.call, C156_STAGE=staged(Stage.CONFERENCE, talk))
        await switch.send(leg, "answers", other, "answers")
        await self._into_room(talk.call)
        self._unheld(talk, by)

    @one_at_a_time
    async def transfer(self, agent: AgentName, goal: Goal, by: str) -> None:
        """The citizen goes on to a queue, an agent, a node, or a number; the agent is done."""
        talk, stage = await self._talk(agent)
        floor = self.keeper.floor
        if consult_of(floor, talk.call):
            raise Refused("há uma consulta em curso: complete-a ou volte (back) antes")
        now = self.keeper.clock()
        check_goal(goal, self.plans.current, floor, talk.call, now, blind=True)
        leg, switch = self._leg(talk), self.keeper.switch
        await switch.write_on(talk.call, C156_GOAL=goal.to_text(by))
        if stage == Stage.HELD:
            await switch.send(await self._citizen(talk.call), "hold")  # its step reads it
        await switch.hang_up(leg)

    @one_at_a_time
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

    async def is_held(self, agent: AgentName) -> bool:
        """Whether the agent's citizen is on hold."""
        return (await self._talk(agent))[1] == Stage.HELD

    async def tell_refused(self, agent: AgentName) -> None:
        """Keys were refused. The agent hears it if nobody else is to be heard now: a tone in the
        middle of a talk would be heard by the citizen, too."""
        talk = self.of(agent)
        if talk is None or self.is_asking(agent) or talk.offer not in self.legs.get(talk.call, {}):
            return
        async with self.alone_with(talk.call):
            if await self._is_held(talk.call):
                await self.keeper.switch.send(self._leg(talk), "refused")

    def is_asking(self, agent: AgentName) -> bool:
        """Whether the agent asks somebody about the call in course."""
        talk = self.of(agent)
        return talk is not None and consult_of(self.keeper.floor, talk.call) is not None

    @one_at_a_time
    async def share(self, agent: AgentName) -> None:
        """Citizen and agent go on in the call's room, where one more may come in."""
        talk, stage = await self._talk(agent)
        if stage == Stage.HELD:
            raise Refused("a chamada está em espera; entre quando ela voltar")
        if stage == Stage.OFFERED:
            self.moved.add(talk.call)
            room = staged(Stage.CONFERENCE, talk)
            await self.keeper.switch.write_on(talk.call, C156_STAGE=room)
            citizen = await self._citizen(talk.call)
            await self.keeper.switch.send(self._leg(talk), "answers", citizen, "room")

    async def leg_channel(self, agent: AgentName) -> str:
        """The channel of the agent's leg."""
        return self._leg((await self._talk(agent))[0])

    def follow(self, channel: str, call: CallId, agent: AgentName) -> None:
        """Whoever listens on this channel listens to this agent's leg from now on."""
        legs = self.legs.get(call, {}).values()
        leg = next((one for one in legs if one.who == agent), None)
        if leg is not None:
            self._beside.do(self.keeper.switch.write_on(channel, C156_SPIED=leg.channel))

    def of(self, agent: AgentName) -> Offer | None:
        """The talk that an agent has."""
        found = self.keeper.floor.agents.get(agent)
        offer = self.keeper.floor.offers.get(found.offer) if found and found.offer else None
        return offer if offer is not None and offer.state is OfferState.ANSWERED else None

    def talk_of(self, agent: AgentName) -> Offer:
        """The same; Refused where there is none."""
        talk = self.of(agent)
        if talk is None:
            raise Refused(f"{agent} não está em conversa com um cidadão")
        return talk

    # --- how it works ---
    async def _talk(self, agent: AgentName) -> tuple[Offer, str]:
        talk = self.talk_of(agent)
        await self._find_leg(talk)
        stage = await self.keeper.switch.read_on(talk.call, "C156_STAGE")
        return talk, stage.partition(":")[0]

    def _answered_consult(self, talk: Offer) -> Consult:
        consult = consult_of(self.keeper.floor, talk.call)
        if consult is None:
            raise Refused("não há consulta em curso")
        if not consult.answered:
            raise Refused(f"{consult.agent or consult.outside} ainda não atendeu")
        return consult

    async def _hold(self, talk: Offer, where: str, by: str) -> None:
        """Both legs at once: the citizen to the loop, the agent to the desk."""
        self.moved.add(talk.call)
        legs = self.legs[talk.call]
        legs[talk.offer] = replace(legs[talk.offer], in_room=False)
        await self.keeper.switch.write_on(talk.call, C156_STAGE=staged(Stage.HELD, talk))
        citizen = await self._citizen(talk.call)
        await self.keeper.switch.send(self._leg(talk), where, citizen, "hold")
        self._note(talk, Kind.TALK_HELD, by, on=True, offer=talk.offer)

    async def _let_go(self, consult: Consult) -> None:
        await self.keeper.switch.hang_up(self._leg_of(consult.call, consult.consult))

    def _shown(self, talk: Offer) -> str:
        entry = self.book.calls.get(talk.call)
        number = shown(entry.protocol) if entry is not None and entry.protocol else ""
        line = entry.line if entry is not None else ""
        return " ".join(part for part in ("consulta de", talk.agent, line, number) if part)
