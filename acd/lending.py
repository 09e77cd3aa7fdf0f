"""Which agents the floor can lend to the dialler, and who waits: what is known without asking it.

What is worked out is of profiles and rows, not of people and callers, so it can be asked after
every event; only the answer is as long as there are agents to name.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from acd.absent import must_hold
from acd.matching import house_of
from acd.moves import Moves
from acd.needs import NOTHING, Ask, Profile
from acd.router import House
from terms.names import AgentName, Instant, QueueName


def lendable(
    floor: Moves, queues: Iterable[QueueName], now: Instant
) -> dict[AgentName, frozenset[QueueName]]:
    """Who could be reserved now for calls of which of these queues, the longest idle first: nobody
    whom a caller waits for, nobody who is kept back for emergencies, and nobody at all while an
    emergency waits or a storm is on."""
    if must_hold(floor) or not len(floor.idle):
        return {}
    house, lent = house_of(floor, now), dict[Profile, set[QueueName]]()
    for queue in queues:
        for profile in _who_fits(floor, queue):
            lent.setdefault(profile, set()).add(queue)
    wanted = _asked_for(house)
    free = [profile for profile in lent if why_kept(profile, wanted, house) == ""]
    served = {profile: frozenset(lent[profile]) for profile in free}
    pools = [[(*idle, profile) for idle in floor.idle.pool(profile)] for profile in free]
    spare, found = floor.idle.emergency_idle - house.kept, dict[AgentName, frozenset[QueueName]]()
    for _, agent, profile in heapq.merge(*pools, key=lambda one: one[:2]):
        if profile.emergency:
            spare -= 1
            if spare < 0:
                continue
        found[agent] = served[profile]
    return found


def why_not_lent(floor: Moves, agent: AgentName, queue: QueueName, now: Instant) -> str:
    """Why this agent cannot be reserved now for a call of this queue (Portuguese); '' who can."""
    if must_hold(floor):
        return "uma emergência espera, ou há tempestade: ninguém é chamado"
    place = floor.idle.idle_as(agent)
    if place is None or not floor.agents[agent].may_be_offered(now):
        return "o agente não está livre"
    if place[1] not in _who_fits(floor, queue):
        return f"o agente não atende a fila {queue}"
    house = house_of(floor, now)
    return why_kept(place[1], _asked_for(house), house)


def waiting(floor: Moves) -> tuple[int, int]:
    """How many callers could be offered now, whether there or keeping a place: emergencies, and
    others."""
    lines = floor.lines.values()
    emergencies = sum(len(line) for line in lines if line.rule.emergency)
    return emergencies, sum(map(len, lines)) - emergencies


def why_kept(profile: Profile, wanted: list[Ask], house: House) -> str:
    """Why nobody of this profile is lent: kept back, or a caller waits whom they could serve."""
    if not house.may_serve(profile, emergency=False):
        return "o agente está guardado para emergências"
    if any(ask.fit(profile) is not None for ask in wanted):
        return "alguém espera que este agente pode atender"
    return ""


def _who_fits(floor: Moves, queue: QueueName) -> Iterator[Profile]:
    """Those of whom somebody is idle, who serve the queue itself, none of its wider rings."""
    line = floor.lines.get(queue)
    if line is None:
        return iter(())
    return (profile for _, profile in floor.idle.who_fits(line.asks(NOTHING)[1][0]))


def _asked_for(house: House) -> list[Ask]:
    """What those who are next in each row ask for now."""
    return list(dict.fromkeys(row.ask(row.head, house.now) for row in house.standing.rows))
