"""Why a call went where it went: its stored story, told by choices.

    why(story)   when it joined a queue, who was asked each time and why, who was passed over, how
                 each offer ended, what it was told of its wait and whether that held, call-backs,
                 transfers, silence in its talks, its end

Made of the facts alone, so it works years later and for calls that are still in course. What the
caller typed is not in it, nor the caller's number; `only` leaves every agent but one unnamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from protocol_store.answers import CallStory, StoredFact
from terms.facts import PERSONAL, Kind
from terms.names import AgentName, Instant, Seconds

Details = Mapping[str, Any]

LEFT_OUT: Final = frozenset(
    {
        *(Kind.PROTOCOL_GIVEN, Kind.NODE_ENTERED, Kind.KEY_PRESSED, Kind.DIGITS_TYPED),
        *(Kind.DATA_TYPED, Kind.LOOKED_UP, Kind.SURVEY_ANSWERED, Kind.RECORDED),
        *(Kind.PROTOCOL_ADDED, Kind.DISPOSITION, Kind.CALL_MARKED),
        *(Kind.SUPERVISION_BEGAN, Kind.SUPERVISION_ENDED),
        *(Kind.RECORDING_SEALED, Kind.RECORDING_HEARD, Kind.RECORDING_ARCHIVED),
        *(Kind.RECORDING_HELD, Kind.RECORDING_RELEASED, Kind.RECORDING_ERASED),
        *(Kind.AGENT_STATE, Kind.AGENT_STATUS),
    }
)
"""What a call did, or had done to it, beside being distributed: its whole story has it
(`central156 protocol`). Who listens in, then or later, is nothing that its agent is
told here."""

ANOTHER: Final = "outro"
"""Stands for an agent whom the one who asks need not know."""

GOAL_AGENT: Final = "agente"
_NAMES_AGENTS: Final = ("agent", "from", "to")
_CHOICE: Final = ("because", "rule", "queue", "offer", "ring_seconds")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the distribution. `kind`: a fact's, or CHOICE."""

    at: Instant
    after: Seconds  # since the call came in
    kind: str
    agent: str | None
    by: str
    details: Details


CHOICE: Final = "choice"
"""The kind of the step at which an agent was chosen."""


def why(story: CallStory, only: AgentName | None = None) -> dict[str, Any]:
    """The steps in their order, as plain values, with what stands above them."""
    call = story.call
    facts = sorted(story.facts, key=lambda fact: fact.at)
    steps = [_named(step, only) for step in _steps(facts, call.arrived_at)]
    return {
        "call": call.call,
        "protocol": call.protocol,
        "line": call.line,
        "test": call.test,
        "arrived_at": call.arrived_at,
        "ended_at": call.ended_at,
        "outcome": call.outcome,
        "agent": call.agent if only in (None, call.agent) else ANOTHER,
        "wait_seconds": call.wait_seconds,
        "steps": [
            {
                "at": step.at,
                "after": step.after,
                "kind": step.kind,
                "agent": step.agent,
                "by": step.by,
                "details": dict(step.details),
            }
            for step in steps
        ],
    }


def _steps(facts: Iterable[StoredFact], arrived: Instant) -> Iterable[Step]:
    for fact in facts:
        if fact.kind in LEFT_OUT:
            continue
        details = {name: value for name, value in fact.details.items() if name not in PERSONAL}
        after, chosen = max(0.0, fact.at - arrived), fact.kind == Kind.OFFER_MADE
        yield Step(
            fact.at,
            after,
            CHOICE if chosen else str(fact.kind),
            fact.agent,
            fact.by,
            _choice(details) if chosen else details,
        )


def _choice(details: Details) -> Details:
    known = {name: details.get(name) for name in _CHOICE if details.get(name) is not None}
    return {**known, "skipped": [dict(one) for one in details.get("skipped") or ()]}


def _named(step: Step, only: AgentName | None) -> Step:
    """The step with no agent named but `only`, if there is one."""
    if only is None:
        return step
    details = dict(step.details)
    for name in _NAMES_AGENTS:
        if name == "to" and details.get("goal", GOAL_AGENT) != GOAL_AGENT:
            continue  # a queue, a node or a number: nobody's name
        if details.get(name) not in (None, "", only):
            details[name] = ANOTHER
    details["skipped"] = [_unnamed(one, only) for one in details.get("skipped", ())]
    if not details["skipped"]:
        del details["skipped"]
    agent = step.agent if step.agent in (None, only) else ANOTHER
    by = step.by if step.by in ("", only) else ANOTHER
    return replace(step, agent=agent, by=by, details=details)


def _unnamed(passed: Details, only: AgentName) -> Details:
    return {
        name: value if name == "reason" or value == only else ANOTHER
        for name, value in passed.items()
    }
