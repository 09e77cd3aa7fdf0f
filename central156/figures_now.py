"""The figures of this moment for /metrics, and the words that may be labels there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from acd.agents import Status
from acd.floor import Floor
from acd.pauses import PAUSES
from acd.view import FloorView
from callflow.serving import Plans
from console.ports import Labels
from ivr.menu import SurveyNode
from protocol_store.operations import BLOCK, SUSPECT
from terms.names import LINES, Seconds

OTHER_REASON = "outro"
EVER: Seconds = 1e9
"""Whoever may answer after the longest wait may answer at all."""

Queue = tuple[str, str]


def labels_of(plans: Plans, floor: Floor) -> Labels:
    """What the configuration that serves knows by name."""
    questions = {
        question.name
        for plan in plans.lines.values()
        for node in plan.nodes.values()
        if isinstance(node, SurveyNode)
        for question in node.questions
    }
    return Labels(
        lines=frozenset({*LINES, *plans.lines}),
        queues=frozenset(str(rule.name) for rule in floor.queues.rules),
        services=frozenset(plans.services),
        questions=frozenset(questions),
    )


def agents_by(view: FloorView) -> Mapping[tuple[str, str, str], int]:
    """(status, state, reason of the pause) → agents."""
    return Counter(
        (str(one.status), str(one.state), _reason(one.reason) if one.status == "paused" else "")
        for one in view.agents
    )


def able(floor: Floor) -> Mapping[Queue, int]:
    """(line, queue) → agents at work who may answer there, now or once its rings are open."""
    profiles = Counter(
        (frozenset(agent.skills.items()), agent.reserve)
        for agent in floor.agents.values()
        if agent.status is not Status.LOGGED_OUT
    )
    return {
        (rule.line, rule.name): sum(
            count
            for (skills, reserve), count in profiles.items()
            if rule.fits(dict(skills), EVER, reserve=reserve)
        )
        for rule in floor.queues.rules
    }


def targets(floor: Floor) -> Mapping[Queue, tuple[Seconds, float]]:
    """(line, queue) → within how long, and what share."""
    return {
        (rule.line, rule.name): (rule.target_seconds, rule.target_share)
        for rule in floor.queues.rules
    }


def call_backs(floor: Floor) -> Mapping[str, int]:
    """Line → callers whose place is kept while they are away."""
    there = Counter(caller.rule.line for caller in floor.callers.values() if caller.absent)
    return {line: there[line] for line in LINES}


def marked_by_kind(marked: Any) -> Mapping[str, int]:
    """Kind of mark → numbers that have it."""
    return {
        SUSPECT: sum(one["suspicions"] > 0 for one in marked),
        BLOCK: sum(one["blocked"] for one in marked),
    }


def _reason(reason: str) -> str:
    return reason if reason in PAUSES else OTHER_REASON
