"""What an agent says of a campaign's call, at the screen or by the phone: dial the contact that is
shown or leave it, what has picked up, this person wants no more calls.

    *191 liga            *193 caixa postal    *195 muda            *197 não ligar mais
    *192 fica p/ depois  *194 fax             *196 número errado

An agent's word stands above any machine's (R66); it is heard during the talk and for a while after
it. Who wants no more calls is written down even when that while is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from callflow.agent_desk import NotAllowed
from callflow.beside import Beside
from callflow.campaign_ports import Running
from callflow.courses import Course
from callflow.dialler import Dialler
from callflow.floor_keeper import FloorKeeper
from callflow.relay import national
from dialer.campaign import KeyMeans
from terms.limits import PREVIEW_HANDSET
from terms.names import AgentName, CallId, Instant
from terms.outcome import Tried
from terms.signals import Phone

PERSON: Final = "pessoa"
DO_NOT_CALL: Final = "nao_ligar"
HEARD: Final[Mapping[str, Tried]] = {
    PERSON: Tried.ANSWERED,
    "caixa_postal": Tried.MACHINE,
    "fax": Tried.FAX,
    "muda": Tried.SILENT,
    "numero_errado": Tried.INVALID,
}
"""What picked up, in an agent's words."""

CODES: Final = {
    "3": "caixa_postal",
    "4": "fax",
    "5": "muda",
    "6": "numero_errado",
    "7": DO_NOT_CALL,
}
DIAL, SKIP = "1", "2"
BECAUSE: Final = "pediu ao atendente"
_LOOK: Final = 0.1

CallerOf = Callable[[CallId], Awaitable[str | None]]
NO_CALL: Final = "não há ligação de campanha de que dizer isso, ou já é tarde"
NO_LOOK: Final = "não há contato à espera da sua decisão"


@dataclass(slots=True)
class AgentWords:
    """See the file's top. `caller_of`: whose number a stored call has."""

    dialler: Dialler
    keeper: FloorKeeper
    caller_of: CallerOf
    _beside: Beside = field(default_factory=lambda: Beside("an agent's word was not heard"))

    # --- the contact that is shown ---
    def shown_to(self, agent: AgentName) -> Running | None:
        """The contact that this agent looks at before it is dialled, once the floor has reserved
        the agent for it."""
        contact = self.dialler.shown_to(agent)
        found = self.keeper.floor.agents.get(agent)
        if contact is None or found is None or found.call != CallId(contact.next_attempt):
            return None
        setting = self.dialler.settings.get(contact.campaign)
        if setting is None:
            return None
        return Running(
            attempt=contact.next_attempt,
            contact=contact.contact,
            campaign=setting.campaign,
            line=self.dialler.line_of(setting.campaign),
            spoken=setting.spoken,
            fields=contact.fields,
            number=contact.number,
            agent=agent,
        )

    def looks_until(self, about: Running) -> Instant | None:
        """When a contact that is shown is put back, undecided."""
        found = self.dialler.dialling.previews.get(about.contact)
        return None if found is None else found[1]

    def look_done(self, agent: AgentName, dial: bool) -> None:
        """Dial it, or leave it for later. NotAllowed when none is shown."""
        if not self.dialler.look_done(agent, dial):
            raise NotAllowed(NO_LOOK)

    # --- the call ---
    def about(self, agent: AgentName) -> Running | None:
        """What the agent's call is about, from the ringing of their phone until its end is kept."""
        course = self._course(agent)
        return None if course is None else self.dialler.campaign_of(course.attempt)

    async def judge(self, agent: AgentName, word: str, by: str) -> None:
        """What has picked up. NotAllowed without such a call, or too late for it."""
        course = self._answered(agent)
        if word == DO_NOT_CALL:
            await self._bar(agent, course, by)
        elif course is None or not self.dialler.judged(course.attempt, HEARD[word], by):
            raise NotAllowed(NO_CALL)

    async def _bar(self, agent: AgentName, course: Course | None, by: str) -> None:
        """Durable first; then whoever dials knows it at once."""
        number = course.number if course is not None else await self._last_number(agent)
        if not number:
            raise NotAllowed("não há ligação de que dizer isso")
        await self.dialler.store.bar(number, self.keeper.clock(), by, BECAUSE)
        if course is not None:
            await self.dialler.pressed(course.attempt, KeyMeans.DO_NOT_CALL)
        await self.dialler.read_lists()

    async def _last_number(self, agent: AgentName) -> str:
        found = self.keeper.floor.agents.get(agent)
        call = (found.call or found.last_call) if found is not None else None
        caller = None if call is None else await self.caller_of(call)
        return self.dialler.out.dialable(caller or "") or national(caller or "")

    # --- the phone ---
    def coded(self, agent: AgentName, digit: str) -> None:
        """A code was dialled, or typed in the talk; what takes time is done beside. NotAllowed."""
        if digit in (DIAL, SKIP):
            if self.dialler.shown_to(agent) is None:
                raise NotAllowed(NO_LOOK)
            self._beside.do(self._looked(agent, digit == DIAL))
        elif digit not in CODES:
            raise NotAllowed("este código não existe")
        elif CODES[digit] != DO_NOT_CALL and self._answered(agent) is None:
            raise NotAllowed(NO_CALL)
        else:
            self._beside.do(self.judge(agent, CODES[digit], by=agent))

    async def _looked(self, agent: AgentName, dial: bool) -> None:
        """The phone that dialled the code is let down first: it is rung next."""
        for _ in range(round(PREVIEW_HANDSET / _LOOK)):
            await asyncio.sleep(_LOOK)
            found = self.keeper.floor.agents.get(agent)
            if not dial or found is None or found.phone is Phone.IDLE:
                break
        self.dialler.look_done(agent, dial)

    # --- how it works ---
    def _course(self, agent: AgentName) -> Course | None:
        """The agent's attempt; of several the one that is not over."""
        found = [one for one in self.dialler.courses.of.values() if one.agent == agent]
        return min(found, key=lambda one: one.ended_at is not None, default=None)

    def _answered(self, agent: AgentName) -> Course | None:
        """The talk that the agent's word is about: while the next phone rings, still the last."""
        found = [
            one
            for one in self.dialler.courses.of.values()
            if one.agent == agent and one.answered_at is not None and one.result is None
        ]
        return max(found, key=lambda one: one.answered_at or 0.0, default=None)
