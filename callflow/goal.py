"""Where an agent sends a citizen, as a text that stands on the citizen's channel (C156_GOAL).

It is written before the agent's leg is hung up; the step that follows the talk reads it. A control
that dies in between changes nothing: the next one reads it, and without any the switch's own queue
serves the citizen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from acd.consults import is_emergency, may_be_taken
from acd.floor import Floor
from callflow.serving import Plans
from terms.names import AgentName, CallId, Instant, QueueName, is_agent_name

QUEUE, AGENT, NODE, OUTSIDE = "fila", "agente", "etapa", "externo"
KINDS: Final = (QUEUE, AGENT, NODE, OUTSIDE)

ATTENDED_ONLY: Final = frozenset({"190", "191", "192", "193", "197", "198"})
"""Emergency services of others: the agent stays until the other side speaks (R35)."""


class Refused(Exception):
    """It cannot be done with this talk; why, in Portuguese."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A queue, an agent, a node of the call's line, or a number on the city's list, by name.
    `returns`: from the node's end the citizen comes back to the queue; else the call ends."""

    kind: str
    to: str
    returns: bool = False

    @property
    def queue(self) -> QueueName:
        """The queue's name, where it is one."""
        return QueueName(self.to)

    def to_text(self, by: str) -> str:
        """As it stands on the channel, and who sends."""
        return f"{self.kind}:{self.to}:{int(self.returns)}:{by}"

    @staticmethod
    def from_text(text: str) -> tuple[Goal, str] | None:
        """Read it back; None when it is none."""
        kind, _, rest = text.partition(":")
        to, _, rest = rest.partition(":")
        returns, _, by = rest.partition(":")
        return (Goal(kind, to, returns == "1"), by) if kind in KINDS and to else None


def check_goal(
    goal: Goal, plans: Plans, floor: Floor, call: CallId, now: Instant, blind: bool = False
) -> None:
    """Refused when there is no such goal, or this call cannot reach it now. `blind`: the agent
    does not stay until somebody speaks."""
    match goal.kind:
        case "fila" if goal.to not in {rule.name for rule in plans.queues.rules}:
            raise Refused(f"não há fila com o nome {goal.to}")
        case "agente":
            agent = floor.agents.get(AgentName(goal.to))
            if not is_agent_name(goal.to) or agent is None:
                raise Refused(f"não há agente de serviço com o nome {goal.to}")
            if not agent.may_be_offered(now):
                raise Refused(f"{goal.to} não está livre agora; tente uma fila")
            if not may_be_taken(floor, agent, is_emergency(floor, call), now):
                raise Refused(f"{goal.to} está reservado para emergências agora; tente uma fila")
        case "externo":
            number = plans.destinations.get(goal.to)
            if number is None:
                raise Refused(f"{goal.to} não está na lista de destinos")
            if blind and number in ATTENDED_ONLY:
                raise Refused(
                    f"para {goal.to} ({number}) a transferência é só com consulta: "
                    "fique até que o outro lado fale"
                )
        case "etapa" if not any(goal.to in line.nodes for line in plans.lines.values()):
            raise Refused(f"não há etapa com o nome {goal.to}")
        case kind if kind not in KINDS:
            raise Refused(f"destino de tipo desconhecido: {kind}")
