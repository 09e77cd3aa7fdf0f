"""Where agents log in and out, pause and come back; by the API, by phone code, or at a start.

The floor is told, and the switch's own contingency queues are kept in step, so that a call finds
the same people when control is dead.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from acd.events import AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentResumed
from callflow.beside import Beside
from callflow.floor_keeper import FloorKeeper
from terms.facts import Fact, Kind
from terms.names import AgentName, Skill

log = logging.getLogger(__name__)

NOT_IN_STEP = "the contingency queues are not in step yet"
LOGGED_OUT, AVAILABLE, PAUSED = "logged_out", "available", "paused"


class UnknownAgent(Exception):
    """Nobody with this name is an agent."""


OnSwitch = tuple[bool, bool]
"""An agent in the contingency queues: there, and paused."""


@dataclass(slots=True)
class AgentDesk:
    """Agents and their statuses. `lines_of` tells which lines a set of skills serves."""

    keeper: FloorKeeper
    lines_of: Mapping[Skill, str]
    skills: dict[AgentName, dict[Skill, int]] = field(default_factory=dict)
    status: dict[AgentName, tuple[str, str]] = field(default_factory=dict)
    _told: dict[AgentName, OnSwitch] = field(default_factory=dict)  # what the switch had from us
    _in_step: bool = False  # the switch's own changes were taken over; ours may be written there
    _beside: Beside = field(default_factory=lambda: Beside(NOT_IN_STEP, logging.WARNING))
    _sync: asyncio.Lock = field(default_factory=asyncio.Lock)

    def names(self) -> tuple[AgentName, ...]:
        """All agents, logged in or not."""
        return tuple(self.skills)

    def enroll(self, agent: AgentName, skills: Mapping[Skill, int]) -> None:
        """Make an agent known (who is logged out until they log in)."""
        self.skills[agent] = dict(skills)
        self.status.setdefault(agent, (LOGGED_OUT, ""))

    def restore(self, statuses: Iterable[tuple[AgentName, str, str]]) -> None:
        """At a start: the statuses that were in force, told to the floor again."""
        for agent, status, reason in statuses:
            if agent not in self.skills or status == LOGGED_OUT:
                continue
            self._told[agent] = (True, status == PAUSED)
            self.log_in(agent, by="restart")
            if status == PAUSED:
                self.pause(agent, reason, by="restart")

    def log_in(self, agent: AgentName, by: str) -> None:
        """The agent is available from now on. UnknownAgent if nobody has that name."""
        self.keeper.tell(AgentLoggedIn(agent, self._skills(agent)), by=by)

    def log_out(self, agent: AgentName, by: str) -> None:
        """The agent gets no more calls; a talk in course goes on."""
        self._skills(agent)
        self.keeper.tell(AgentLoggedOut(agent), by=by)

    def pause(self, agent: AgentName, reason: str, by: str) -> None:
        """The agent rests; a talk in course goes on."""
        self._skills(agent)
        self.keeper.tell(AgentPaused(agent, reason), by=by)

    def resume(self, agent: AgentName, by: str) -> None:
        """The agent is back from a pause."""
        self._skills(agent)
        self.keeper.tell(AgentResumed(agent), by=by)

    def by_phone(self, agent: AgentName, code: str, reason: str) -> None:
        """A code was dialled on the agent's own phone; the phone's account is who it is."""
        try:
            match code:
                case "login":
                    self.log_in(agent, by=agent)
                case "logout":
                    self.log_out(agent, by=agent)
                case "pause":
                    self.pause(agent, reason, by=agent)
                case "resume":
                    self.resume(agent, by=agent)
                case _:
                    log.warning("unknown phone code", extra={"agent": agent, "code": code})
        except UnknownAgent:
            log.warning("a phone code from no agent of ours", extra={"agent": agent})

    def read(self, facts: Iterable[Fact]) -> None:
        """Keep the statuses as the floor's facts tell them, and the switch's queues in step."""
        changed = False
        for fact in facts:
            if fact.kind is Kind.AGENT_STATUS and fact.agent is not None:
                found = (str(fact.details["status"]), str(fact.details.get("reason", "")))
                changed = changed or self.status.get(fact.agent) != found
                self.status[fact.agent] = found
        if changed:
            self._beside.do(self.sync_contingency())

    @property
    def in_step(self) -> bool:
        """Whether what the switch's queues say and what we know have been put together."""
        return self._in_step

    def link_lost(self) -> None:
        """From now on codes are dialled that nobody tells us of."""
        self._in_step = False

    async def agree(self, same_switch: bool) -> None:
        """The link is there (again): first what was changed by code meanwhile, then what by us.

        `same_switch`: it is the one that had our queues before, so whoever is missing has left.
        """
        async with self._sync:
            found = _per_agent(await self.keeper.switch.contingency_list())
            for agent in self.skills:
                self._take_over(agent, found.get(agent, (False, False)), same_switch)
            self._in_step = True
        await self.sync_contingency()

    def _take_over(self, agent: AgentName, found: OnSwitch, same_switch: bool) -> None:
        """What differs from what we last wrote there was dialled on the agent's own phone."""
        told = self._told.get(agent, (False, False))
        there, paused = found
        if there and not told[0]:
            self.log_in(agent, by=agent)
        elif told[0] and not there:
            if same_switch:
                self.log_out(agent, by=agent)
            return
        if paused and not told[1]:
            self.pause(agent, "", by=agent)
        elif told[1] and not paused:
            self.resume(agent, by=agent)

    async def sync_contingency(self) -> None:
        """Make the switch's contingency queues agree with who is logged in and paused."""
        if not self._in_step:
            return  # `agree` does it, once the link is there
        async with self._sync:
            switch = self.keeper.switch
            wanted = self._wanted()
            found = await switch.contingency_list()
            for queue, agent in found.keys() - wanted.keys():
                await switch.contingency_remove(queue, agent)
            for queue, agent in wanted.keys() - found.keys():
                await switch.contingency_add(queue, agent)
            paused_now = {agent for (_, agent), paused in found.items() if paused}
            for agent in {agent for _, agent in wanted}:
                status, reason = self.status[agent]
                if (status == PAUSED) != (agent in paused_now):
                    await switch.contingency_pause(agent, status == PAUSED, reason)
            self._told = _per_agent(wanted)

    def _wanted(self) -> dict[tuple[str, AgentName], bool]:
        return {
            (f"c156-{line}", agent): status == PAUSED
            for agent, (status, _) in self.status.items()
            if status != LOGGED_OUT
            for line in {self.lines_of[s] for s in self.skills.get(agent, {}) if s in self.lines_of}
        }

    def _skills(self, agent: AgentName) -> dict[Skill, int]:
        try:
            return self.skills[agent]
        except KeyError:
            raise UnknownAgent(agent) from None


def _per_agent(queues: Mapping[tuple[str, AgentName], bool]) -> dict[AgentName, OnSwitch]:
    """(queue, agent) → paused, as agent → (there, paused)."""
    return {agent: (True, paused) for (_, agent), paused in queues.items()}
