"""The figures of this moment for /metrics, and the words that may be labels there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from acd.agents import Status
from acd.floor import Floor
from acd.pauses import PAUSES
from acd.queues import Where
from callflow.book import Book
from callflow.floor_keeper import FloorKeeper
from callflow.serving import Plans
from console.ports import JournalGauges, Labels
from ivr.menu import SurveyNode
from protocol_store import Lag
from protocol_store.operations import BLOCK, SUSPECT
from terms.names import LINES, Instant, Seconds

OTHER_REASON = "outro"
Queue = tuple[str, str]


def hall(keeper: FloorKeeper, book: Book) -> dict[str, Any]:
    """Callers, agents and lines now, as the fields of console.ports.Gauges; no test calls."""
    floor = keeper.floor
    found = waits(floor, book, keeper.clock())
    return {
        "waiting": {queue: len(each) for queue, each in found.items()},
        "longest_wait": {queue: max(each, default=0.0) for queue, each in found.items()},
        "targets": targets(floor),
        "agents": agents_by(floor),
        "able": able(floor),
        "call_backs": call_backs(floor),
        "storms": {line: int(line in keeper.storms) for line in LINES},
        "open_calls": Counter(one.line for one in book.calls.values() if not one.test),
    }


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


def waits(floor: Floor, book: Book, now: Instant) -> Mapping[Queue, list[Seconds]]:
    """(line, queue) → how long each caller there has waited; test calls are left out."""
    found: dict[Queue, list[Seconds]] = {(rule.line, rule.name): [] for rule in floor.queues.rules}
    for caller in floor.callers.values():
        entry = book.calls.get(caller.call)
        if caller.where is not Where.TALKING and not (entry and entry.test):
            key = caller.rule.line, caller.rule.name
            found.setdefault(key, []).append(max(0.0, now - caller.joined))
    return found


def agents_by(floor: Floor) -> Mapping[tuple[str, str, str], int]:
    """(status, state, reason of the pause) → agents."""
    return Counter(
        (str(one.status), str(one.state), _reason(one.reason) if one.status == "paused" else "")
        for one in floor.agents.values()
    )


def able(floor: Floor) -> Mapping[Queue, int]:
    """(line, queue) → agents at work who may answer there, now or once its rings are open."""
    profiles = Counter(
        (frozenset(agent.skills.items()), agent.reserve)
        for agent in floor.agents.values()
        if agent.status is not Status.LOGGED_OUT
    )
    known = [(dict(skills), reserve, count) for (skills, reserve), count in profiles.items()]
    found: dict[Queue, int] = {}
    for rule in floor.queues.rules:
        widest = rule.widest()
        found[rule.line, rule.name] = sum(
            count for skills, reserve, count in known if widest.takes(skills, reserve)
        )
    return found


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


def journal(lag: Lag) -> JournalGauges:
    """How the journal keeps up."""
    return JournalGauges(
        waiting=lag.journal_waiting,
        seconds=lag.journal_seconds,
        up=not lag.journal_failing,
        size=lag.journal_bytes,
        disk_free=lag.disk_free,
        numbers=lag.numbers_left,
    )
