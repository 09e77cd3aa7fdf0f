"""Tasks for callers of 156 who gave up: one a number, due when the rule says, closed by a served
call (R60, R61)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from line_fakes import Centre

from callflow.book import OpenCall
from callflow.owed import CALLED_AGAIN, Owed, due_of
from ivr.hours import CITY, Calendar, Holidays
from terms.facts import Kind
from terms.names import CallId
from terms.outcome import CallOutcome

CALENDAR = Calendar(holidays=Holidays(single={date(2026, 11, 30): "feriado"}))


def _at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=CITY).timestamp()


@pytest.mark.parametrize(
    ("gave_up", "due"),
    [
        ("2026-11-24T10:00:00", "2026-11-25T10:00:00"),  # a Tuesday
        ("2026-11-27T10:00:00", "2026-12-01T23:59:59"),  # a Friday before a holiday Monday
        ("2026-11-21T23:00:00", "2026-11-23T23:59:59"),  # a Saturday
        ("2026-11-30T08:00:00", "2026-12-01T23:59:59"),  # the holiday itself
    ],
)
def test_due(gave_up: str, due: str) -> None:
    assert due_of(_at(gave_up), CALENDAR) == _at(due)


async def test_one_task_a_number_closed_by_a_served_call() -> None:
    centre = Centre()
    owed = Owed(centre.keeper, lambda: CALENDAR)
    centre.keeper.watch(owed.read)

    def ends(call: str, outcome: CallOutcome, waited: float, **more: object) -> None:
        entry = OpenCall(CallId(call), "156", 1_000.0, "11987654321", joined=1_000.0)
        for name, value in more.items():
            setattr(entry, name, value)
        owed.ended(entry, 1_000.0 + waited, outcome)

    ends("a", CallOutcome.ABANDONED, 14.0)  # within 15 s: not counted
    ends("b", CallOutcome.ABANDONED, 60.0, caller="anonymous")
    ends("c", CallOutcome.ABANDONED, 60.0, test=True)
    ends("d", CallOutcome.PROMISED, 60.0)
    assert centre.store.of(Kind.TASK_OPENED) == []
    ends("e", CallOutcome.ABANDONED, 60.0)
    ends("f", CallOutcome.ABANDONED, 90.0)
    (opened,) = centre.store.of(Kind.TASK_OPENED)
    assert opened.call == "e"
    ends("g", CallOutcome.SERVED, 30.0, caller="+5511987654321")
    (closed,) = centre.store.of(Kind.TASK_CLOSED)
    assert (closed.call, closed.details["how"]) == ("e", CALLED_AGAIN)
    ends("h", CallOutcome.ABANDONED, 60.0)
    assert len(centre.store.of(Kind.TASK_OPENED)) == 2
