"""Callers of 156 who gave up are owed a call (R60, R61): one task a number, due within a day.

A task closes by itself when the citizen calls again and is served. Who gave up on a Friday, at the
weekend or on a holiday is due by the end of the next working day, by the city's own calendar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from callflow.book import OpenCall
from callflow.floor_keeper import FloorKeeper
from callflow.relay import national
from ivr.hours import Calendar
from terms.facts import Fact, Kind
from terms.limits import ABANDONED_AFTER, ABANDONED_DUE
from terms.names import CallId, Instant
from terms.outcome import CallOutcome

LINE: Final = "156"
TASK: Final = "call_back"
BECAUSE: Final = str(CallOutcome.ABANDONED)
CALLED_AGAIN: Final = "ligou de novo e foi atendido"
FRIDAY: Final = 4


@dataclass(slots=True)
class Owed:
    """Which numbers have an open task for having given up. `calendar`: the one in force."""

    keeper: FloorKeeper
    calendar: Callable[[], Calendar]
    open: dict[str, CallId] = field(default_factory=dict)  # number → the call with the task

    def ended(self, entry: OpenCall, at: Instant, outcome: CallOutcome) -> None:
        """A call of 156 is over: a task is opened for it, or one is closed by it."""
        number = national(entry.caller)
        if not number or entry.line != LINE or entry.test or entry.campaign:
            return  # what comes of a campaign's call its own contact says
        waited = at - (entry.joined or at)
        if outcome is CallOutcome.SERVED:
            self._close(number, at)
        elif outcome is CallOutcome.ABANDONED and waited > ABANDONED_AFTER:
            self._open(number, entry.call, at)

    def _open(self, number: str, call: CallId, at: Instant) -> None:
        if number in self.open:
            return
        self.open[number] = call
        due = due_of(at, self.calendar())
        task = {"task": TASK, "due": due, "because": BECAUSE, "line": LINE}
        self.keeper.record(Fact(at, Kind.TASK_OPENED, call, details=task))

    def _close(self, number: str, at: Instant) -> None:
        call = self.open.pop(number, None)
        if call is not None:
            details = {"task": TASK, "how": CALLED_AGAIN}
            self.keeper.record(Fact(at, Kind.TASK_CLOSED, call, details=details))

    def read(self, facts: tuple[Fact, ...]) -> None:
        """A person has closed a task."""
        closed = {fact.call for fact in facts if fact.kind is Kind.TASK_CLOSED}
        if closed:
            self.open = {one: call for one, call in self.open.items() if call not in closed}


def due_of(at: Instant, calendar: Calendar) -> Instant:
    """Until when who gave up then is to be called: 24 h, or the next working day's end."""
    local = calendar.local(at)
    if local.weekday() < FRIDAY and not calendar.holiday(at):
        return at + ABANDONED_DUE
    day = local.date() + timedelta(days=1)
    while day.weekday() > FRIDAY or calendar.holidays.name(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(23, 59, 59), local.tzinfo).timestamp()
