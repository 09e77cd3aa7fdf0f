"""A shift and the pauses planned in it: what is lawful, and a proposal for a whole team.

NR-17, annex II, 5.4: within six hours two pauses of ten minutes, after the first and before the
last sixty minutes, and a break of twenty; up to four hours, one pause (R41). No day at work is
longer than six hours, pauses included (5.3, R46).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from acd.pauses import FIRST_PAUSE, MEAL, PLANNED_REASONS, SECOND_PAUSE, SHORT_PAUSES, rule_of
from terms.limits import DAY_AT_WORK, PAUSE_FREE_EDGE, PAUSE_STEP, SHORT_SHIFT
from terms.names import AgentName, Instant, Seconds

CITY: Final = ZoneInfo("America/Sao_Paulo")


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """One pause of a plan."""

    at: Instant
    reason: str

    @property
    def seconds(self) -> Seconds:
        """How long it lasts."""
        return rule_of(self.reason).seconds or 0.0

    @property
    def ends(self) -> Instant:
        """When it is over, if it begins as planned."""
        return self.at + self.seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """A shift and its pauses, in their order."""

    begins: Instant
    ends: Instant
    pauses: tuple[Planned, ...] = ()

    def of(self, reason: str) -> Planned | None:
        """The pause of this reason, if the plan has it."""
        return next((one for one in self.pauses if one.reason == reason), None)

    def moved(self, reason: str, at: Instant) -> Plan:
        """The same plan with this pause at another instant."""
        others = (one for one in self.pauses if one.reason != reason)
        return Plan(self.begins, self.ends, tuple(sorted((*others, Planned(at, reason)))))


def hour(at: Instant) -> str:
    """An instant as people in the city write it: `14:05`."""
    return datetime.fromtimestamp(at, UTC).astimezone(CITY).strftime("%H:%M")


def reasons_of(length: Seconds) -> tuple[str, ...]:
    """The pauses that a shift of this length has, in their order."""
    return (FIRST_PAUSE,) if length <= SHORT_SHIFT else PLANNED_REASONS


def window(begins: Instant, ends: Instant, reason: str) -> tuple[Instant, Instant]:
    """The first and the last instant at which this pause may begin in such a shift."""
    edge = PAUSE_FREE_EDGE if reason in SHORT_PAUSES else 0.0
    return begins + edge, ends - edge - (rule_of(reason).seconds or 0.0)


def faults(plan: Plan) -> list[str]:
    """What is unlawful in this plan, a sentence each; empty when it may be used (R41)."""
    length = plan.ends - plan.begins
    if length <= 0:
        return ["o turno termina antes de começar"]
    found = []
    if length > DAY_AT_WORK:
        found.append("o turno tem mais de 6 horas (NR-17, anexo II, 5.3)")
    wanted, counted = reasons_of(length), Counter(one.reason for one in plan.pauses)
    found += [f"falta a pausa {one} (NR-17, anexo II, 5.4)" for one in wanted if not counted[one]]
    found += [f"a pausa {one} aparece mais de uma vez" for one in counted if counted[one] > 1]
    found += [
        f"a pausa {one} não faz parte de um plano; há: {', '.join(PLANNED_REASONS)}"
        for one in counted
        if one not in PLANNED_REASONS
    ]
    found += filter(None, (misplaced(plan.begins, plan.ends, one) for one in plan.pauses))
    found += [
        f"as pausas {one.reason} e {next_.reason} se sobrepõem"
        for one, next_ in pairwise(sorted(plan.pauses))
        if next_.at < one.ends
    ]
    first, second = plan.of(FIRST_PAUSE), plan.of(SECOND_PAUSE)
    if first and second and second.at < first.at:
        found.append(f"a pausa {SECOND_PAUSE} vem antes da {FIRST_PAUSE}")
    return found


def misplaced(begins: Instant, ends: Instant, one: Planned) -> str:
    """Why this pause may not begin at its instant in such a shift; '' when it may."""
    if one.reason not in PLANNED_REASONS:
        return ""
    first, last = window(begins, ends, one.reason)
    if first <= one.at <= last:
        return ""
    if one.reason == MEAL:
        return f"o {MEAL} das {hour(one.at)} fica fora do turno"
    which = "primeiros" if one.at < first else "últimos"
    return (
        f"a pausa {one.reason} das {hour(one.at)} fica nos {which} 60 minutos do turno; pode "
        f"começar das {hour(first)} às {hour(last)} (NR-17, anexo II, 5.4)"
    )


def propose(shifts: Mapping[AgentName, tuple[Instant, Instant]]) -> dict[AgentName, Plan]:
    """A lawful plan for each shift, pauses staggered so that few rest at once.

    One agent after the other, in the order of their shifts and names; each pause takes the mark of
    the clock (PAUSE_STEP) at which fewest others rest at the worst moment, and of those the one
    nearest to an even spread over the shift. ValueError, in Portuguese, for a shift that no plan
    can make lawful.
    """
    resting: Counter[int] = Counter()
    plans: dict[AgentName, Plan] = {}
    for name in sorted(shifts, key=lambda one: (shifts[one], one)):
        begins, ends = shifts[name]
        plan = _proposed(begins, ends, resting)
        if wrong := faults(plan):
            raise ValueError(f"{name}: {wrong[0]}")
        plans[name] = plan
        resting.update(step for one in plan.pauses for step in _steps(one.at, one.seconds))
    return plans


def _proposed(begins: Instant, ends: Instant, resting: Counter[int]) -> Plan:
    reasons = reasons_of(ends - begins)
    plan, free_from = Plan(begins, ends), begins
    for count, reason in enumerate(reasons, 1):
        seconds = rule_of(reason).seconds or 0.0
        even = begins + (ends - begins) * count / (len(reasons) + 1) - seconds / 2
        slack = (ends - begins) / (len(reasons) + 1) / 2  # so the next one has room behind it
        first, last = window(begins, ends, reason)
        first, last = max(first, free_from, even - slack), min(last, max(first, even + slack))
        at = min(
            _marks(first, last),
            key=lambda at: (
                max(resting[step] for step in _steps(at, seconds)),
                abs(at - even),
            ),
            default=first,
        )
        plan = plan.moved(reason, at)
        free_from = at + seconds
    return plan


def _marks(first: Instant, last: Instant) -> Iterator[Instant]:
    """The marks of the clock from `first` to `last`, both possible."""
    step = ceil(first / PAUSE_STEP)
    while (at := step * PAUSE_STEP) <= last:
        yield at
        step += 1


def _steps(at: Instant, seconds: Seconds) -> Iterable[int]:
    """The pieces of the clock that a pause touches."""
    return range(int(at // PAUSE_STEP), ceil((at + seconds) / PAUSE_STEP))
