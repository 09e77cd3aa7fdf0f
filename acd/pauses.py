"""The pauses that there are (R40), who may begin and end each, and what a pause in course is.

    reason        lasts        begun by                   ended early by
    NR17-10a/b    10 min       the agent, the plan        nobody (R43)
    lanche-20     20 min       the agent, the plan        nobody (R43)
    banheiro      –            the agent, a supervisor    the agent (R44)
    desgaste      settable     the agent, a supervisor    the agent (R45)
    treinamento   –            a supervisor               anyone; called back for 199/153 (R33)
    feedback      –            a supervisor               anyone; called back for 199/153 (R33)
    sistema       –            the agent, a supervisor    anyone
    não-atendeu   –            the system (R27)           the agent, a supervisor

A pause that is asked for or falls due during a talk has the status at once and begins when the
talk ends: there is no wrap-up then, the result can still be told. Its clock runs from there, so a
rest is as long as it should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from terms.limits import (
    BETWEEN_DAYS,
    DAY_AT_WORK,
    DESGASTE_SECONDS,
    MEAL_PAUSE,
    PAUSE_WARNED_BEFORE,
    SHORT_PAUSE,
    WRAP_UP_MORE,
    WRAP_UP_MORE_MAX,
)
from terms.names import Instant, Seconds

FIRST_PAUSE: Final = "NR17-10a"
SECOND_PAUSE: Final = "NR17-10b"
MEAL: Final = "lanche-20"
BATHROOM: Final = "banheiro"
STRAIN: Final = "desgaste"
TRAINING: Final = "treinamento"
FEEDBACK: Final = "feedback"
SYSTEM: Final = "sistema"
NO_ANSWER: Final = "não-atendeu"
"""The pause that follows a ring without answer, or a refusal (R27)."""


class Who(StrEnum):
    """Who does something to an agent."""

    AGENT = "agent"  # the agent: by phone code, or with a token of their own
    SUPERVISOR = "supervisor"  # whoever else asks the API
    SYSTEM = "system"  # the plan, a deadline, a ring without answer, a start


ANYONE: Final = frozenset(Who)
AGENT_OR_SUPERVISOR: Final = frozenset({Who.AGENT, Who.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class PauseRule:
    """One reason of the closed list. `seconds` None: until somebody ends it."""

    seconds: Seconds | None
    begun_by: frozenset[Who]
    ended_by: frozenset[Who]
    ranked: bool = True  # False: in no report that compares people (R44)
    recalled: bool = False  # an emergency call that waits ends it (R33)
    code: str = ""  # the digit behind the phone's code for a pause

    @property
    def protected(self) -> bool:
        """Once it runs, nothing and nobody ends it early (R43)."""
        return not self.ended_by


_LEGAL: Final = frozenset({Who.AGENT, Who.SYSTEM})
_NOBODY: Final[frozenset[Who]] = frozenset()

PAUSES: Final[Mapping[str, PauseRule]] = {
    FIRST_PAUSE: PauseRule(SHORT_PAUSE, _LEGAL, _NOBODY, code="1"),
    SECOND_PAUSE: PauseRule(SHORT_PAUSE, _LEGAL, _NOBODY, code="2"),
    MEAL: PauseRule(MEAL_PAUSE, _LEGAL, _NOBODY, code="3"),
    BATHROOM: PauseRule(None, AGENT_OR_SUPERVISOR, frozenset({Who.AGENT}), ranked=False, code="4"),
    STRAIN: PauseRule(DESGASTE_SECONDS, ANYONE, frozenset({Who.AGENT}), ranked=False, code="5"),
    TRAINING: PauseRule(None, frozenset({Who.SUPERVISOR}), ANYONE, recalled=True),
    FEEDBACK: PauseRule(None, frozenset({Who.SUPERVISOR}), ANYONE, recalled=True),
    SYSTEM: PauseRule(None, ANYONE, ANYONE, code="8"),
    NO_ANSWER: PauseRule(None, frozenset({Who.SYSTEM}), AGENT_OR_SUPERVISOR),
}
"""The closed list. The table at the top of this file says it in words."""

SHORT_PAUSES: Final = (FIRST_PAUSE, SECOND_PAUSE)
PLANNED_REASONS: Final = (FIRST_PAUSE, MEAL, SECOND_PAUSE)
"""What a plan is made of."""

GIVES_WAY: Final = frozenset({TRAINING, FEEDBACK, SYSTEM})
"""What a planned pause that falls due takes the place of; it waits for the end of all others."""

UNPAUSED: Final[PauseRule] = PauseRule(None, ANYONE, ANYONE)
"""Of a reason that an earlier release knew and this one does not."""


def rule_of(reason: str) -> PauseRule:
    """What holds for this reason."""
    return PAUSES.get(reason, UNPAUSED)


def reason_of_code(digits: str) -> str:
    """The pause that is meant by the digits behind the phone's code for a pause; without any,
    `banheiro`: whoever is in a hurry is asked nothing. '' when the digits mean none."""
    if not digits:
        return BATHROOM
    return next((reason for reason, rule in PAUSES.items() if rule.code == digits), "")


@dataclass(slots=True)
class Pause:
    """A pause of one agent: asked for, and begun as soon as no talk is in its way."""

    reason: str
    asked: Instant
    planned: Instant | None = None  # when the plan has it; None: it is not of the plan
    began: Instant | None = None
    ends: Instant | None = None  # of a timed one, once it has begun

    @property
    def runs(self) -> bool:
        """Its clock runs."""
        return self.began is not None


def is_kept(pause: Pause | None) -> bool:
    """Whether this is a pause that nobody may cut, or take back once it is due (R42, R43)."""
    return pause is not None and rule_of(pause.reason).protected


@dataclass(frozen=True, slots=True)
class WorkRules:
    """What may differ from city to city. `day` 0: nobody's hours are watched."""

    day: Seconds = DAY_AT_WORK
    between_days: Seconds = BETWEEN_DAYS
    strain: Seconds = DESGASTE_SECONDS
    warned_before: Seconds = PAUSE_WARNED_BEFORE
    wrap_up_more: Seconds = WRAP_UP_MORE
    wrap_up_more_max: Seconds = WRAP_UP_MORE_MAX

    def seconds(self, reason: str) -> Seconds | None:
        """How long a pause of this reason lasts; None: until somebody ends it."""
        return self.strain if reason == STRAIN else rule_of(reason).seconds


LAWFUL: Final = WorkRules()
UNWATCHED: Final = WorkRules(day=0.0)
"""For a floor that stands for months, as in a simulation: its agents never go home."""
