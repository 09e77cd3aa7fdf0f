"""What an agent asks for by keys on the phone, during a talk. The citizen never hears them, and has
none of them: the switch listens for them on the agent's leg alone (features.conf).

    *30  espera; de novo, volta                 *33  volta (a consulta acaba)
    *31  consulta, e depois o destino e #       *34  completa: o cidadão fica com o outro
    *32  transfere, e depois o destino e #      *35  conferência
    *36  mais um protocolo

A destination is a name as it stands on the keypad (bia = 242, p156_geral = 715643725) or, of the
city's list, a number. One that more than one name could be is refused.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from callflow.beside import Beside
from callflow.goal import AGENT, OUTSIDE, QUEUE, Goal, Refused
from callflow.talk import Talks
from terms.limits import KEYS_TOGETHER, KEYS_TYPED
from terms.names import AgentName, Instant

log = logging.getLogger(__name__)

_KEYS = dict(zip("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999", strict=True))
CONSULT, TRANSFER = "*31", "*32"
CODE = 3  # keys of a code


def on_keypad(name: str) -> str:
    """A name's letters as keys; digits as they are, anything else left out."""
    return "".join(_KEYS.get(one, one if one.isdigit() else "") for one in name.lower())


@dataclass(slots=True)
class TalkKeys:
    """Carries out what keys ask for. What is refused changes nothing: the log says why, and an
    agent whose citizen is on hold hears three low tones."""

    talks: Talks
    _typed: dict[AgentName, tuple[str, Instant]] = field(default_factory=dict)
    _beside: Beside = field(default_factory=lambda: Beside("a talk's keys were not acted on"))

    def pressed(self, agent: AgentName, key: str, at: Instant) -> None:
        """An agent pressed a key on the leg of a talk; returns at once."""
        typed, last = self._typed.get(agent, ("", at))
        # a star begins anew: no destination has one, and whoever gives up typing it goes back
        typed = key if key == "*" or at - last > KEYS_TOGETHER else typed + key
        if not typed.startswith("*3"[: len(typed)]):
            self._typed.pop(agent, None)
            return
        code, rest = typed[:CODE], typed[CODE:]
        asks = code in (CONSULT, TRANSFER)
        if len(code) < CODE or (asks and not rest.endswith("#")):
            self._typed[agent] = (typed, at)
            if len(typed) > KEYS_TYPED:
                del self._typed[agent]
            elif asks and not rest:
                self._beside.do(self._act(agent, code, ""))
            return
        self._typed.pop(agent, None)
        self._beside.do(self._act(agent, code, rest.rstrip("#")))

    async def _act(self, agent: AgentName, code: str, typed: str) -> None:
        try:
            await self._carry_out(agent, code, typed)
        except Refused as refused:
            log.info("keys refused", extra={"agent": agent, "code": code, "why": str(refused)})
            await self.talks.tell_refused(agent)

    async def _carry_out(self, agent: AgentName, code: str, typed: str) -> None:
        talks = self.talks
        match code:
            case "*30" if await talks.is_held(agent):
                return  # the leg goes back by itself, and says so (`came_back`)
            case "*30":
                await talks.hold(agent, by=agent)
            case "*31" | "*32" if not typed:
                if not await talks.is_held(agent):
                    await talks.hold(agent, by=agent)  # the destination is typed in private
            case "*31":
                await talks.consult(agent, self._goal(typed), by=agent)
            case "*32":
                await talks.transfer(agent, self._goal(typed), by=agent)
            case "*33" if not await talks.is_held(agent) or talks.is_asking(agent):
                await talks.back(agent, by=agent)
            case "*33":
                return  # as *30
            case "*34":
                await talks.complete(agent, by=agent)
            case "*35":
                await talks.conference(agent, by=agent)
            case "*36":
                await talks.protocol(agent, "", by=agent)
            case _:
                raise Refused("este código não existe")

    def _goal(self, typed: str) -> Goal:
        """The one queue, agent or number that these keys name."""
        plans, floor = self.talks.plans.current, self.talks.keeper.floor
        found = [
            *(Goal(QUEUE, rule.name) for rule in plans.queues.rules),
            *(Goal(AGENT, name) for name in floor.agents),
            *(Goal(OUTSIDE, name) for name in plans.destinations),
        ]
        meant = [
            goal
            for goal in found
            if on_keypad(goal.to) == typed or plans.destinations.get(goal.to) == typed
        ]
        if len(meant) != 1:
            raise Refused("nenhum destino com estas teclas, ou mais de um")
        return meant[0]
