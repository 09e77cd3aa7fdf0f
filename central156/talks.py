"""What agents do with talks, and supervisors beside them, as the API asks for it.

It decides nothing: it asks callflow, and says in words why something cannot be done.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from callflow.agent_desk import AgentDesk
from callflow.goal import ATTENDED_ONLY, Goal, Refused
from callflow.supervise import Supervision
from callflow.talk import Talks
from central156.refusals import asked
from console.ports import Plain, Refusal
from pbx.ami_wire import AmiFault
from terms.names import AgentName

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class TalkActs:
    """console.ports.TalkActs over callflow."""

    def __init__(self, talks: Talks, desk: AgentDesk) -> None:
        self._talks = talks
        self._supervision = Supervision(talks)
        self._desk = desk
        self._simple: dict[str, Callable[[AgentName, str], Awaitable[None]]] = {
            "hold": talks.hold,
            "unhold": talks.back,
            "back": talks.back,
            "complete": talks.complete,
            "conference": talks.conference,
        }

    async def act(self, agent: AgentName, act: str, by: str) -> Plain:
        """hold, unhold, back, complete, conference."""
        self._known(agent)
        await self._may(self._simple[act](agent, by))
        return {"agent": agent, "done": act}

    async def consult(self, agent: AgentName, kind: str, to: str, by: str) -> Plain:
        """Ask somebody; who is rung."""
        self._known(agent)
        who = await self._may(self._talks.consult(agent, Goal(kind, to), by))
        return {"agent": agent, "done": "consult", "to": who}

    async def transfer(self, agent: AgentName, kind: str, to: str, returns: bool, by: str) -> Plain:
        """The citizen goes on."""
        self._known(agent)
        await self._may(self._talks.transfer(agent, Goal(kind, to, returns), by))
        return {"agent": agent, "done": "transfer", "to": to}

    async def protocol(self, agent: AgentName, note: str, by: str) -> Plain:
        """One more protocol in the call."""
        self._known(agent)
        number = await self._may(asked(self._talks.protocol(agent, note, by)))
        return {"agent": agent, "done": "protocol", "protocol": number}

    async def supervise(
        self, agent: AgentName, phone: AgentName, mode: str, because: str, by: str
    ) -> Plain:
        """Ring the supervisor's phone, to be beside this agent's talk."""
        self._known(agent)
        self._known(phone)
        work = self._supervision.begin(agent, phone, mode, because, by)
        return {"supervision": await self._may(work), "agent": agent, "mode": mode}

    async def leave(self, supervision: str) -> Plain:
        """The supervisor leaves the talk."""
        await self._may(self._supervision.end(supervision))
        return {"supervision": supervision, "ended": True}

    def supervisions(self) -> Sequence[Plain]:
        """Who is beside which talk now."""
        return [
            {
                "supervision": one.name,
                "agent": one.agent,
                "call": one.call,
                "mode": one.mode,
                "because": one.because,
                "by": one.by,
                "since": one.began,
            }
            for one in self._supervision.open.values()
        ]

    def destinations(self) -> Plain:
        """Where talks may go: queues and the list of outside numbers, with how."""
        plans = self._talks.plans.current
        return {
            "queues": [{"queue": rule.name, "line": rule.line} for rule in plans.queues.rules],
            "outside": [
                {"name": name, "number": number, "attended_only": number in ATTENDED_ONLY}
                for name, number in plans.destinations.items()
            ],
        }

    async def _may(self, work: Awaitable[Answer]) -> Answer:
        try:
            return await work
        except Refused as refused:
            raise Refusal(409, str(refused)) from None
        except AmiFault as fault:
            log.warning("a talk's leg was not moved", extra={"why": str(fault)})
            raise Refusal(503, "o Asterisk não fez o que foi pedido; tente de novo") from None

    def _known(self, agent: AgentName) -> None:
        if agent not in self._desk.names():
            raise Refusal(404, f"não há agente com o nome {agent}")
