"""Where a caller goes when their queue is closed: to the one that registers what they want."""

from __future__ import annotations

from dataclasses import replace

from acd.queues import QueueRule, QueueTable
from ivr.hours import Calendar
from ivr.turn import JoinQueue
from terms.names import Instant

OUT_OF_HOURS = "fora do horário: registrar"
"""What the agent who takes the call instead reads before its subject."""


def open_queue(then: JoinQueue, queues: QueueTable, calendar: Calendar, at: Instant) -> JoinQueue:
    """The queue to join now: this one, or the one that stands in for it out of its hours, with
    that one's priority. A queue that nothing stands in for is joined, closed or not."""
    rules = {rule.name: rule for rule in queues.rules}
    rule, seen = rules.get(then.queue), {then.queue}
    while rule is not None and _closed(rule, calendar, at) and rule.out_of_hours not in seen:
        rule = rules.get(rule.out_of_hours)
        if rule is not None:
            seen.add(rule.name)
            note = then.note.removeprefix(f"{OUT_OF_HOURS} — ")
            then = replace(
                then,
                queue=rule.name,
                priority=rule.priority,
                note=f"{OUT_OF_HOURS} — {note}" if note else OUT_OF_HOURS,
            )
    return then


def _closed(rule: QueueRule, calendar: Calendar, at: Instant) -> bool:
    return bool(rule.hours and rule.out_of_hours) and not calendar.is_open(rule.hours, at)
