"""Where agents log in and out, pause and come back; by the API, by phone code, or at a start.

The floor is told, and the switch's own contingency queues are kept in step, so that a call finds
the same people when control is dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acd.events import AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentResumed, Event
from acd.pauses import BATHROOM, Who, reason_of_code
from acd.refusals import refusal
from acd.work_events import AgentRestored
from callflow.beside import Beside
from callflow.floor_keeper import FloorKeeper
from terms.facts import Fact, Kind
from terms.names import AgentName, Skill

log = logging.getLogger(__name__)

NOT_IN_STEP = "the contingency queues are not in step yet"
LOGGED_OUT, AVAILABLE, PAUSED = "logged_out", "available", "paused"
RESTART = "restart"


class UnknownAgent(Exception):
    """Nobody with this name is an agent."""


class NotAllowed(Exception):
    """The floor refused; the text says why, in Portuguese."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What an agent can do. Levels: 1 is the best; subjects in order of rank (R22)."""

    skills: Mapping[Skill, int]
    subjects: tuple[Skill, ...] = ()
    reserve: bool = False


OnSwitch = tuple[bool, bool]
"""An agent in the contingency queues: there, and paused."""


@dataclass(slots=True)
class AgentDesk:
    """Agents and their statuses. `lines_of` tells which lines a set of skills serves."""

    keeper: FloorKeeper
    lines_of: Mapping[Skill, str]
    profiles: dict[AgentName, Profile] = field(default_factory=dict)
    status: dict[AgentName, tuple[str, str]] = field(default_factory=dict)
    _told: dict[AgentName, OnSwitch] = field(default_factory=dict)  # what the switch had from us
    _in_step: bool = False  # the switch's own changes were taken over; ours may be written there
    _beside: Beside = field(default_factory=lambda: Beside(NOT_IN_STEP, logging.WARNING))
    _sync: asyncio.Lock = field(default_factory=asyncio.Lock)

    def names(self) -> tuple[AgentName, ...]:
        """All agents, logged in or not."""
        return tuple(self.profiles)

    def enroll(
        self,
        agent: AgentName,
        skills: Mapping[Skill, int],
        subjects: tuple[Skill, ...] = (),
        reserve: bool = False,
    ) -> None:
        """Make an agent known (who is logged out until they log in)."""
        self.profiles[agent] = Profile(dict(skills), subjects, reserve)
        self.status.setdefault(agent, (LOGGED_OUT, ""))

    def restore(self, found: Iterable[AgentRestored]) -> None:
        """At a start: how agents were when the process before us ended, told to the floor."""
        for one in found:
            if one.agent not in self.profiles:
                continue
            if one.status != LOGGED_OUT:
                self._told[one.agent] = (True, one.status == PAUSED)
            self.keeper.tell(one, by=RESTART)

    # --- what agents do, and others to them: NotAllowed says why it may not be ---
    def log_in(self, agent: AgentName, by: str, seat: str = "") -> None:
        """The agent is available from now on. UnknownAgent if nobody has that name."""
        one = self.profile(agent)
        who = self.who(agent, by)
        self.do(AgentLoggedIn(agent, one.skills, one.subjects, one.reserve, seat, who), by)

    def log_out(self, agent: AgentName, by: str, because: str = "") -> None:
        """The agent gets no more calls; a talk in course goes on. `because`: a supervisor's."""
        self.profile(agent)
        self.do(AgentLoggedOut(agent, self.who(agent, by), because), by)

    def pause(self, agent: AgentName, reason: str, by: str) -> None:
        """The agent rests, for one of acd.pauses.PAUSES; a talk in course goes on."""
        self.profile(agent)
        self.do(AgentPaused(agent, reason, self.who(agent, by)), by)

    def resume(self, agent: AgentName, by: str) -> None:
        """The agent is back from a pause."""
        self.profile(agent)
        self.do(AgentResumed(agent, self.who(agent, by)), by)

    def do(self, event: Any, by: str) -> None:
        """Tell the floor. What it refuses stands in a fact, and is raised as NotAllowed."""
        told: Event = event
        because = refusal(self.keeper.floor, told, self.keeper.clock())
        self.keeper.tell(told, by=by)
        if because:
            raise NotAllowed(because)

    def who(self, agent: AgentName, by: str) -> Who:
        """As whom this person acts on this agent."""
        if by == RESTART:
            return Who.SYSTEM
        return Who.AGENT if by == agent else Who.SUPERVISOR

    def profile(self, agent: AgentName) -> Profile:
        """What this agent can do. UnknownAgent."""
        try:
            return self.profiles[agent]
        except KeyError:
            raise UnknownAgent(agent) from None

    def read(self, facts: Iterable[Fact]) -> None:
        """Keep the statuses as the floor's facts tell them, and the switch's queues in step."""
        changed = False
        for fact in facts:
            if fact.kind is Kind.AGENT_STATUS and fact.agent is not None:
                found = (str(fact.details["status"]), str(fact.details.get("reason", "")))
                changed = changed or self.status.get(fact.agent) != found
                self.status[fact.agent] = found
            elif fact.kind is Kind.AGENT_SKILLS and fact.agent in self.profiles:
                self.profiles[fact.agent] = _profile_of(fact)
                changed = True
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
            reasons = await self._reasons(found)
            for agent in self.profiles:
                with contextlib.suppress(NotAllowed):  # `sync_contingency` then takes it back
                    on_switch = found.get(agent, (False, False))
                    self._take_over(agent, on_switch, same_switch, reasons.get(agent, ""))
            self._in_step = True
        await self.sync_contingency()

    async def _reasons(self, found: Mapping[AgentName, OnSwitch]) -> dict[AgentName, str]:
        """Why those who paused by code while nobody listened did; asked only if there are any."""
        new = [one for one, (_, paused) in found.items() if paused and not self._was_paused(one)]
        return await self.keeper.switch.contingency_reasons() if new else {}

    def _was_paused(self, agent: AgentName) -> bool:
        return self._told.get(agent, (False, False))[1]

    def _take_over(self, agent: AgentName, found: OnSwitch, same_switch: bool, reason: str) -> None:
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
            self.pause(agent, reason_of_code(reason) or BATHROOM, by=agent)
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
            for line in {self.lines_of[s] for s in self._skills(agent) if s in self.lines_of}
        }

    def _skills(self, agent: AgentName) -> Mapping[Skill, int]:
        return self.profiles[agent].skills if agent in self.profiles else {}


def _profile_of(fact: Fact) -> Profile:
    said = fact.details
    skills = {Skill(skill): int(level) for skill, level in said["skills"].items()}
    return Profile(skills, tuple(map(Skill, said["subjects"])), bool(said["reserve"]))


def _per_agent(queues: Mapping[tuple[str, AgentName], bool]) -> dict[AgentName, OnSwitch]:
    """(queue, agent) → paused, as agent → (there, paused)."""
    return {agent: (True, paused) for (_, agent), paused in queues.items()}
