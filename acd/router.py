"""The choice: which caller is put through to which agent, and why.

Emergencies before everything, then priority with what it has gained by waiting; between equals
the choice rule in force (choice.py) decides, then who joined first. Of the agents who fit, the
narrowest ring, then the rank of the subject (R22), then the rule, then who has been idle longest
(R23). Ranks are tuples, so nothing is weighed against anything that it must not outweigh.

`choose` looks at the rows it is given. Given all rows it is the plain statement of what is right;
matching.py gives it only those in which something can have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from acd.choice import ChoiceRule, Demand, idleness_imbalance, index_of, missed, queue_imbalance
from acd.needs import Ask, Fit, Profile
from acd.offers import Offer
from acd.passed_over import Skipped, agents_passed, callers_passed, told, whose_turn
from acd.pools import IdlePools
from acd.queues import Caller
from acd.rows import QueueLine, Row, Standing
from terms.names import AgentName, Instant, QueueName, Skill

Rank = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """This caller to this agent; the reason in words for whoever asks later; who was passed over
    and why, a few; and by which rule."""

    caller: Caller
    agent: AgentName
    because: str
    skipped: tuple[Skipped, ...] = ()
    rule: ChoiceRule = ChoiceRule.INDEX


@dataclass(slots=True)
class House:
    """What a choice is made in: all lines, who is idle, the rule, how many idle agents with
    emergency skills 156 must leave, and the time."""

    standing: Standing
    lines: Mapping[QueueName, QueueLine]
    idle: IdlePools
    rule: ChoiceRule
    kept: int
    now: Instant
    demand: Demand
    _shares: dict[Skill, float] | None = None

    def may_serve(self, profile: Profile, emergency: bool) -> bool:
        """Whether agents of this profile are kept back from such a call."""
        return emergency or not profile.emergency or self.idle.emergency_idle > self.kept

    def shares(self) -> dict[Skill, float]:
        """What part of all demand is for each skill (0..1)."""
        if self._shares is None:
            loads = ((line.rule.skill, line.load) for line in self.lines.values())
            self._shares = self.demand.shares(loads, self.now)
        return self._shares


def choose(rows: Iterable[Row], house: House) -> Choice | None:
    """The next offer to make in these rows, which have been looked at; None while nobody idle fits
    anybody there."""
    best: tuple[Rank, Row] | None = None
    for row in rows:
        rank = caller_rank(row, house)
        if (best is None or rank < best[0]) and _somebody_fits(row, house):
            best = rank, row
    return None if best is None else _choice(best[1], house)


def caller_rank(row: Row, house: House) -> Rank:
    """What heads are compared by; the least is served first."""
    head, line, now = row.head, row.line, house.now
    number = 0.0
    if row.emergency:
        pass
    elif house.rule is ChoiceRule.INDEX:
        number = index_of(now - head.joined, len(line))
    elif house.rule is ChoiceRule.QIR:
        waiting = sum(map(len, house.lines.values()))
        number = queue_imbalance(len(line), waiting, _patience_share(line, house))
    return (*head.urgency(now), number, head.joined, head.order)


def _patience_share(line: QueueLine, house: House) -> float:
    """The queue's share of all who wait, if every wait kept the ratio of the targets."""

    def weight(one: QueueLine) -> float:
        return one.load.rate(house.now) * one.rule.target_seconds

    return weight(line) / sum(map(weight, house.lines.values()))


def _somebody_fits(row: Row, house: House) -> bool:
    emergency = row.emergency
    return any(house.may_serve(profile, emergency) for _, profile in house.idle.who_fits(row.asks))


def _choice(row: Row, house: House) -> Choice:
    """The agent for the head of this row: whoever knows the citizen, else the best by rank."""
    caller, idle, ask, emergency = row.head, house.idle, row.asks, row.emergency
    fitting = [
        (fit, profile) for fit, profile in idle.who_fits(ask) if house.may_serve(profile, emergency)
    ]
    known = idle.idle_as(caller.preferred) if caller.preferred else None
    if known is not None and any(profile is known[1] for _, profile in fitting):
        since, profile = known
        fit = next(one for one, other in fitting if other is profile)
        agent, preferred = caller.preferred, True
    else:
        fit, profile, (since, agent) = _best_agent(fitting, ask, house)
        preferred = False
    passed = agents_passed((fit, since, agent), fitting, house, preferred)
    skipped = (*callers_passed(caller, profile, house), *passed)
    because = told(caller, since, fit, ask, house, whose_turn(preferred, passed))
    return Choice(caller, agent, because, skipped, house.rule)


def _best_agent(
    fitting: list[tuple[Fit, Profile]], ask: Ask, house: House
) -> tuple[Fit, Profile, tuple[Instant, AgentName]]:
    best = min(fit for fit, _ in fitting)
    equal = [profile for fit, profile in fitting if fit == best]
    pool = house.idle.pool
    if len(equal) == 1:
        return best, equal[0], pool(equal[0])[0]
    numbers = _agent_numbers(equal, ask.ways[best.way].need.skill, house)
    _, longest, at = min(
        (number, pool(profile)[0], at)
        for at, (number, profile) in enumerate(zip(numbers, equal, strict=True))
    )
    return best, equal[at], longest


def _agent_numbers(profiles: list[Profile], skill: Skill, house: House) -> list[float]:
    """What agents who fit equally are compared by; the least is taken."""
    idle = house.idle
    if house.rule is ChoiceRule.QIR:
        return [
            idleness_imbalance(len(idle.pool(one)), len(idle), idle.share_at_work(one))
            for one in profiles
        ]
    if house.rule is ChoiceRule.FIFO:
        return [0.0] * len(profiles)
    shares, by_skill, numbers = house.shares(), {skill: 0.0}, []
    for one in profiles:  # `scarcity`, with what each skill is missed worked out once
        number = 0.0
        for other in one.skills:
            if other not in by_skill:
                share, spare = shares.get(other, 0.0), idle.idle_with(other)
                by_skill[other] = missed(share, spare, len(shares))
            number += by_skill[other]
        numbers.append(number)
    return numbers


def offer_to_withdraw(ask: Ask, least_loss_first: Iterable[Offer], idle: IdlePools) -> Offer | None:
    """For an emergency that nobody is free for: the first of these whose agent fits."""
    for offer in least_loss_first:
        profile = idle.at_work_as(offer.agent)
        if profile is not None and ask.fit(profile) is not None:
            return offer
    return None
