"""One decision with 10,000 agents logged in and 100,000 callers waiting (P13).

Measured is the whole of what the production floor does when an agent frees while all others talk,
and when a caller comes while all agents are idle: the event, the choice with its reason, the offer
and its facts. Beside it, in the same run, the same choice made as app_queue makes it, by walking
through the people one by one for the best rank (app_queue.c: `try_calling` looks at all of a
queue's agents for every call). Half of the people in as many profiles cost the same.

All figures are the thread's own CPU time: the machine is shared, and what others take of it is no
part of a decision. Three runs; the one in the middle is told.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from dataclasses import dataclass

from acd import events as ev
from acd.agents import State, Status
from acd.choice import ChoiceRule
from acd.effects import MakeOffer
from acd.floor import Floor
from acd.queues import EmergencyReserve, QueueRule, QueueTable, Ring
from bench.figures import Figure, load, percentile
from terms.names import AgentName, CallId, OfferId, QueueName, Skill
from terms.signals import Phone

QUEUES, PROFILES, DECISIONS, RUNS, SCANS = 40, 200, 6_000, 3, 40
GOAL = 100.0
"""Microseconds, of the slowest in a hundred."""


def table(rule: ChoiceRule) -> QueueTable:
    """Forty queues, two lines; each with two rings."""
    rules = []
    for number in range(QUEUES):
        skill = Skill(f"h{number}")
        rings = (
            Ring(45.0, (Skill(f"h{(number + 1) % QUEUES}"),)),
            Ring(120.0, (Skill(f"h{(number + 7) % QUEUES}"),), reserve=True),
        )
        line = "199" if number < 2 else "156"
        rules.append(QueueRule(QueueName(f"q{number}"), line, skill, 40, rings=rings))
    return QueueTable(tuple(rules), rule, EmergencyReserve(4, 3))


@dataclass
class Crowd:
    """A floor full of people, and what is needed to turn it on."""

    floor: Floor
    talks: list[tuple[AgentName, OfferId]]
    now: float


def crowd(agents: int, callers: int, talking: bool = True, seed: int = 1) -> Crowd:
    """All agents talk, or none does; and so many wait."""
    chance = random.Random(seed)
    floor, now = Floor(table(ChoiceRule.INDEX), 1), 1_000_000.0
    profiles = [
        {Skill(f"h{one}"): chance.randint(1, 3) for one in chance.sample(range(QUEUES), 3)}
        for _ in range(PROFILES)
    ]
    for number in range(agents):
        name = AgentName(f"a{number}")
        floor.handle(ev.AgentPhone(name, Phone.IDLE), now)
        floor.handle(ev.AgentLoggedIn(name, profiles[number % PROFILES]), now)
    talks = []
    for number in range(agents + callers if talking else 0):
        now += 0.01
        queue = chance.choice(floor.queues.rules[2:])
        joined = ev.CallJoined(CallId(f"c{number}"), queue.name, 40, now, queue.line)
        for result in floor.handle(joined, now):
            if isinstance(result, MakeOffer):
                floor.handle(ev.OfferAnswered(result.offer), now)
                talks.append((result.agent, result.offer))
    return Crowd(floor, talks, now)


def decisions(made: Crowd, many: int, seed: int = 2) -> list[float]:
    """Microseconds that the floor takes for each agent who becomes free."""
    chance, floor, spent = random.Random(seed), made.floor, []
    for _ in range(many):
        made.now += 0.05
        floor.wake(made.now)
        at = chance.randrange(len(made.talks))
        agent, offer = made.talks[at]
        floor.handle(ev.TalkEnded(offer), made.now)
        began = time.thread_time_ns()
        results = floor.handle(ev.WrapUpDone(agent), made.now)
        spent.append((time.thread_time_ns() - began) / 1e3)
        for result in results:
            if isinstance(result, MakeOffer):
                floor.handle(ev.OfferAnswered(result.offer), made.now)
                made.talks[at] = (result.agent, result.offer)
    return spent


def arrivals(made: Crowd, many: int, seed: int = 3) -> list[float]:
    """Microseconds that the floor takes for each caller who comes while agents are idle; the
    agents are not told that their phones fell silent, so that all stay as many as they were."""
    chance, floor, spent = random.Random(seed), made.floor, []
    for number in range(many):
        made.now += 0.05
        floor.wake(made.now)
        queue = chance.choice(floor.queues.rules)
        event = ev.CallJoined(CallId(f"n{number}"), queue.name, 40, made.now, queue.line)
        began = time.thread_time_ns()
        results = floor.handle(event, made.now)
        spent.append((time.thread_time_ns() - began) / 1e3)
        for result in results:
            if isinstance(result, MakeOffer):
                floor.handle(ev.CallLeft(result.call), made.now)
    return spent


def scans(made: Crowd, many: int) -> list[float]:
    """Microseconds of the same choice made by walking through everybody."""
    floor, spent = made.floor, []
    waiting = [caller for line in floor.lines.values() for caller in line.callers()]
    for agent in list(floor.agents.values())[:many]:
        began = time.thread_time_ns()
        best = None
        for caller in waiting:
            if caller.rule.skill in agent.skills and (best is None or caller.rank < best.rank):
                best = caller
        if best is not None:
            idle = [
                other
                for other in floor.agents.values()
                if other.status is Status.AVAILABLE
                and other.state is State.IDLE
                and best.rule.skill in other.skills
            ]
            min(idle, key=lambda other: other.idle_since, default=agent)
        spent.append((time.thread_time_ns() - began) / 1e3)
    return spent


def measure() -> list[Figure]:
    """Both kinds of decision, at two sizes, and the linear anchor."""
    rows = []
    for agents, callers in ((10_000, 100_000), (5_000, 50_000)):
        made, free = crowd(agents, callers), crowd(agents, 0, talking=False)
        gc.collect()
        gc.freeze()  # the crowd is not what a decision makes
        linear = statistics.median(scans(made, SCANS))
        for what, ours in (
            (f"an agent frees, {callers:,} wait", decisions(made, DECISIONS)),
            (f"a caller comes, {agents:,} are idle", arrivals(free, DECISIONS)),
        ):
            rows.append(_row(f"{what} ({agents:,} agents)", ours, linear))
        gc.unfreeze()
    return rows


def _row(what: str, ours: list[float], linear: float) -> Figure:
    third = len(ours) // RUNS
    runs = [ours[at * third : (at + 1) * third] for at in range(RUNS)]
    p50, p99 = (statistics.median(percentile(run, part) for run in runs) for part in (0.5, 0.99))
    return Figure(
        "P13",
        f"decision in {PROFILES} profiles: {what}",
        f"one look at everybody {linear:,.0f} µs",
        f"p50 {p50:.0f}, p99 {p99:.0f} µs",
        f"p99 ≤ {GOAL:.0f} µs",
        p99 <= GOAL,
        {"p50": p50, "p99": p99, "linear": linear, "load": load()},
    )
