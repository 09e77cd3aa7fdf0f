"""Agents by skill profile: those who may be offered a call, longest idle first, and all at work.

The cost of a choice grows with the number of profiles, not of people: agents of one profile differ
in nothing but since when they are idle. A profile is *touched* when one of its agents becomes
idle: only then can somebody who waits fit somebody new (matching.py looks at what is touched).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from acd.agents import Agent, State, Status
from acd.needs import Ask, Fit, Profile
from acd.pauses import NO_ANSWER, rule_of
from terms.limits import PAUSE_KEEPS_IDLE, PROFILES_KEPT
from terms.names import AgentName, Instant, Skill
from terms.signals import Phone

Idle = tuple[Instant, AgentName]
"""Since when, and who."""

_Key = tuple[tuple[tuple[Skill, int], ...], tuple[Skill, ...], bool]


def keeps_idle_time(agent: Agent, now: Instant) -> bool:
    """Whether an agent who comes back stands where the pause began (R23): it was a pause shorter
    than PAUSE_KEEPS_IDLE, and not for a call that was not picked up."""
    pause = agent.pause
    if agent.status is not Status.PAUSED or pause is None or pause.reason == NO_ANSWER:
        return False
    return pause.began is not None and now - pause.began < PAUSE_KEEPS_IDLE


class IdlePools:
    """See the file's top. `emergency_skills`: those that emergency queues ask for."""

    def __init__(self, emergency_skills: Iterable[Skill] = ()) -> None:
        self._profiles: dict[_Key, Profile] = {}
        self._idle: dict[Profile, list[Idle]] = {}  # none of the lists is empty
        self._idle_by_skill: dict[Skill, dict[Profile, None]] = {}
        self._where: dict[AgentName, tuple[Instant, Profile]] = {}  # of those in the pools
        self._at_work: dict[AgentName, Profile] = {}
        self._working: dict[Profile, int] = {}
        self._idle_with: dict[Skill, int] = {}
        self._emergency_skills = frozenset(emergency_skills)
        self.emergency_idle = 0
        self.touched: dict[Profile, None] = {}
        self.recallable: dict[AgentName, Profile] = {}  # paused for what R33 may interrupt

    # --- what happens ---
    def refresh(self, agent: Agent, now: Instant) -> None:
        """Make the pools agree with the agent; called after every change of one."""
        working = agent.status is Status.AVAILABLE
        paused = agent.status is Status.PAUSED and rule_of(agent.reason).recalled
        profile = self._profile(agent) if working or paused else None
        self._count(agent.name, profile if working else None)
        if paused and profile and agent.state is State.IDLE and agent.phone is Phone.IDLE:
            self.recallable[agent.name] = profile
        else:
            self.recallable.pop(agent.name, None)
        place = (agent.idle_since, profile) if profile and agent.may_be_offered(now) else None
        if self._where.get(agent.name) != place:
            self._take_out(agent.name)
            if place is not None:
                self._put_in(agent.name, *place)

    def remove(self, agent: Agent) -> None:
        """Take an agent out; before its skills change."""
        self._take_out(agent.name)
        self._count(agent.name, None)
        self.recallable.pop(agent.name, None)

    def serve_emergencies(self, skills: Iterable[Skill]) -> None:
        """Other queues are in force: these are the skills that their emergencies ask for."""
        self._emergency_skills = frozenset(skills)
        for profile in self._profiles.values():
            profile.emergency = not self._emergency_skills.isdisjoint(profile.skills)
        self.emergency_idle = sum(
            len(pool) for profile, pool in self._idle.items() if profile.emergency
        )

    # --- what is asked ---
    def idle_profiles(self) -> Iterator[Profile]:
        """Those of whom somebody is idle."""
        return iter(self._idle)

    def who_fits(self, ask: Ask) -> Iterator[tuple[Fit, Profile]]:
        """Those of whom somebody is idle, who fit; each with how well."""
        for skill in ask.skills:
            for profile in self._idle_by_skill.get(skill, ()):
                fit = ask.fit(profile)
                if fit is not None and ask.ways[fit.way].need.skill == skill:
                    yield fit, profile

    def pool(self, profile: Profile) -> list[Idle]:
        """The idle agents of a profile, longest idle first; () when there are none."""
        return self._idle.get(profile, [])

    def idle_as(self, agent: AgentName) -> tuple[Instant, Profile] | None:
        """Since when an agent may be offered a call, and as what; None who may not."""
        return self._where.get(agent)

    def at_work_as(self, agent: AgentName) -> Profile | None:
        """The profile of an agent who is at work, idle or not."""
        return self._at_work.get(agent)

    def idle_with(self, skill: Skill) -> int:
        """How many who may be offered a call have this skill."""
        return self._idle_with.get(skill, 0)

    def share_at_work(self, profile: Profile) -> float:
        """The profile's part (0..1) of all agents at work."""
        return self._working.get(profile, 0) / max(1, len(self._at_work))

    def __len__(self) -> int:
        return len(self._where)

    # --- how it is kept ---
    def _profile(self, agent: Agent) -> Profile:
        key = (tuple(sorted(agent.skills.items())), agent.subjects, agent.reserve)
        found = self._profiles.get(key)
        if found is None:
            if len(self._profiles) >= PROFILES_KEPT:
                self._forget_unused()
            found = self._profiles[key] = Profile(agent.skills, agent.subjects, agent.reserve)
            found.emergency = not self._emergency_skills.isdisjoint(found.skills)
        return found

    def _forget_unused(self) -> None:
        used = {*self._working, *self._idle, *self.recallable.values()}
        self._profiles = {key: one for key, one in self._profiles.items() if one in used}

    def _count(self, agent: AgentName, profile: Profile | None) -> None:
        before = self._at_work.get(agent)
        if before is profile:
            return
        if before is not None:
            del self._at_work[agent]
            self._working[before] -= 1
            if not self._working[before]:
                del self._working[before]
        if profile is not None:
            self._at_work[agent] = profile
            self._working[profile] = self._working.get(profile, 0) + 1

    def _put_in(self, agent: AgentName, since: Instant, profile: Profile) -> None:
        pool = self._idle.get(profile)
        if pool is None:
            pool = self._idle[profile] = []
            for skill in profile.skills:
                self._idle_by_skill.setdefault(skill, {})[profile] = None
        insort(pool, (since, agent))
        self._where[agent] = (since, profile)
        self.touched[profile] = None
        self.emergency_idle += profile.emergency
        for skill in profile.skills:
            self._idle_with[skill] = self._idle_with.get(skill, 0) + 1

    def _take_out(self, agent: AgentName) -> None:
        place = self._where.pop(agent, None)
        if place is None:
            return
        since, profile = place
        pool = self._idle[profile]
        del pool[bisect_left(pool, (since, agent))]
        if not pool:
            del self._idle[profile]
            for skill in profile.skills:
                del self._idle_by_skill[skill][profile]
        self.emergency_idle -= profile.emergency
        for skill in profile.skills:
            self._idle_with[skill] -= 1
