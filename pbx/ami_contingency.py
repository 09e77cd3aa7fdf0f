"""Orders about the contingency queues: who answers when the switch serves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx import ami_look
from pbx.ami_wire import ValueRefused
from terms.names import AgentName, is_agent_name

if TYPE_CHECKING:
    from pbx.ami_session import AmiSession


class ContingencyOrders:
    """Each raises AmiFault when it is not known to be done."""

    def _session(self) -> AmiSession:
        raise NotImplementedError

    async def _ask(self, action: str, headers: dict[str, str], done_already: str) -> None:
        raise NotImplementedError

    async def contingency_add(self, queue: str, agent: AgentName) -> None:
        """Put an agent into a contingency queue; one who is there stays."""
        headers = {
            "Queue": queue,
            "Interface": _entry(agent),
            "MemberName": agent,
            "StateInterface": f"PJSIP/{agent}",
        }
        await self._ask("QueueAdd", headers, "Unable to add interface: Already there")

    async def contingency_remove(self, queue: str, agent: AgentName) -> None:
        """Take an agent out of a contingency queue, if there."""
        headers = {"Queue": queue, "Interface": _entry(agent)}
        await self._ask("QueueRemove", headers, "Unable to remove interface: Not there")

    async def contingency_pause(self, agent: AgentName, paused: bool, reason: str) -> None:
        """Pause an agent in all contingency queues, or end that; in none of them, nothing."""
        headers = {"Interface": _entry(agent), "Paused": "true" if paused else "false"}
        if paused and reason:
            headers["Reason"] = reason
        await self._ask("QueuePause", headers, "Interface not found")

    async def contingency_list(self) -> dict[tuple[str, AgentName], bool]:
        """(queue, agent) → whether paused, of all contingency queues."""
        return await ami_look.contingency(self._session())

    async def contingency_reasons(self) -> dict[AgentName, str]:
        """Why each agent is paused there: a pause's name, or the digits that were dialled."""
        return await ami_look.contingency_reasons(self._session())


def _entry(agent: AgentName) -> str:
    if not is_agent_name(agent):
        raise ValueRefused("this is no agent's name")
    return ami_look.PHONE_QUEUE_ENTRY.format(agent=agent)
