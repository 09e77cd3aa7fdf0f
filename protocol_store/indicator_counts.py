"""What the contract's indicators count, day by day on the city's clock (terms/counted.py).

    call_counts       received, queued, answered … of calls, for an X                     R70, R71
    call_back_counts  call-backs owed and made in time                                    R60, R61
    survey_counts     marks, and whose survey is satisfied                                R62
    carrier_counts    what the carrier did not deliver, and whom we turned away            R75
    volumes           calls that came in, for exceptional days                             R73

A call counts on the day on which it came in, for the line that was dialled. Each is one question,
or two; none reads test calls. Nothing is judged here: that is contract/'s. What would be paid is
counted in billable_counts.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select
from sqlalchemy.sql.elements import KeyedColumnElement

from protocol_store.contract_tables import carrier_days, refused_minutes
from protocol_store.reports.asked import CITY, DAY, Buckets, buckets
from protocol_store.tables import calls, tasks
from protocol_store.visit_tables import survey_answers
from terms.counted import Counted
from terms.names import Instant, Seconds
from terms.outcome import CallOutcome
from terms.sheet import Asked

Days = dict[date, dict[Counted, int]]

Database = Connection
"""What whoever puts these questions together hands on, and does not look into."""

INWARD: Final = "in"
CALL_BACK: Final = "call_back"
NOBODY: Final = ("", "anonymous")
"""Callers without a number: nobody can say that two of them are one."""

_HAIR: Final = 0.0005
"""Waits are differences of instants, which are kept to the microsecond."""


def days_of(since: Instant, until: Instant) -> Buckets:
    """The period's days on the city's clock."""
    return buckets(Asked(since, until, DAY))


def day_at(at: Instant) -> date:
    """The day of an instant on the city's clock."""
    return datetime.fromtimestamp(at, CITY).date()


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _of_lines(column: ColumnElement[str], lines: Sequence[str]) -> list[ColumnElement[bool]]:
    return [column.in_(lines)] if lines else []


def _by_day(connection: Connection, question: Any, days: Buckets, names: Sequence[Counted]) -> Days:
    """The rows of a question that gives a day's key, and then a figure for each name."""
    return {
        day_at(days.begins(row[0])): {
            name: int(figure or 0) for name, figure in zip(names, row[1:], strict=True)
        }
        for row in connection.execute(question)
    }


def call_counts(
    connection: Connection, since: Instant, until: Instant, within: Seconds
) -> dict[str, Days]:
    """Calls by line and day; `within`: X. A wait of just X is one within it."""
    days = days_of(since, until)
    answered, waited = calls.c.answered_at.is_not(None), calls.c.wait_seconds
    in_time = func.coalesce(waited, 0.0) <= within + _HAIR
    gave_up = calls.c.outcome == CallOutcome.ABANDONED.value
    figures: dict[Counted, ColumnElement[Any]] = {
        Counted.RECEIVED: func.count(),
        Counted.QUEUED: _sum(or_(calls.c.queued_at.is_not(None), answered, gave_up)),
        Counted.ANSWERED: _sum(answered),
        Counted.ANSWERED_WITHIN: _sum(and_(answered, in_time)),
        Counted.WITH_PROTOCOL: _sum(and_(answered, func.coalesce(calls.c.protocol, "") != "")),
        Counted.ABANDONED: _sum(gave_up),
        Counted.ABANDONED_BEYOND: _sum(and_(gave_up, waited > within + _HAIR)),
    }
    key, line = days.key(calls.c.arrived_minute), calls.c.line
    question = select(line, key, *figures.values()).where(*_came_in(days, ())).group_by(line, key)
    found: dict[str, Days] = {}
    for whose, day, *row in connection.execute(question):
        counts = {name: int(figure or 0) for name, figure in zip(figures, row, strict=True)}
        found.setdefault(whose, {})[day_at(days.begins(day))] = counts
    return found


def _came_in(days: Buckets, lines: Sequence[str]) -> list[ColumnElement[bool]]:
    return [
        days.within(calls.c.arrived_minute),
        calls.c.test == false(),
        calls.c.direction == INWARD,
        *_of_lines(calls.c.line, lines),
    ]


def call_back_counts(
    connection: Connection, since: Instant, until: Instant, lines: Sequence[str], now: Instant
) -> Days:
    """Call-backs owed to callers who gave up, by the day of their call. What is open and not due
    yet is not owed yet."""
    days = days_of(since, until)
    due, done = tasks.c.due_at, tasks.c.done_at
    key = days.key(calls.c.arrived_minute)
    owed = and_(
        tasks.c.kind == CALL_BACK,
        tasks.c.because == CallOutcome.ABANDONED.value,
        calls.c.last_line == calls.c.line,  # one handed over to 199 is called back at once (R34)
        or_(done.is_not(None), due.is_(None), due <= now),
    )
    in_time = and_(done.is_not(None), or_(due.is_(None), done <= due))
    joined = calls.join(tasks, tasks.c.call_id == calls.c.call_id)
    question = (
        select(key, func.count(), _sum(in_time))
        .select_from(joined)
        .where(*_came_in(days, lines), owed)
        .group_by(key)
    )
    return _by_day(connection, question, days, (Counted.OWED, Counted.OWED_DONE))


def survey_counts(
    connection: Connection,
    since: Instant,
    until: Instant,
    lines: Sequence[str],
    mark: int,
    share: Fraction,
) -> Days:
    """Surveys by the day of their answers: good is `mark` or more; satisfied is whoever gave good
    marks to at least `share` of the questions that they answered."""
    days = days_of(since, until)
    answers = survey_answers.c
    first, given = func.min(answers.minute).label("minute"), func.count().label("marks")
    good = _sum(answers.mark >= mark).label("good")
    one = (
        select(first, given, good)
        .where(
            days.within(answers.minute),
            answers.test == false(),
            answers.mark.is_not(None),
            *_of_lines(answers.line, lines),
        )
        .group_by(answers.call_id)
        .subquery()
    )
    minute: KeyedColumnElement[Any] = one.c.minute
    key = days.key(minute)
    enough = one.c.good * share.denominator >= one.c.marks * share.numerator
    figures = {
        Counted.SURVEYED: func.count(),
        Counted.SATISFIED: _sum(enough),
        Counted.MARKS: func.sum(one.c.marks),
        Counted.GOOD_MARKS: func.sum(one.c.good),
    }
    question = select(key, *figures.values()).group_by(key)
    return _by_day(connection, question, days, tuple(figures))


def carrier_counts(
    connection: Connection, since: Instant, until: Instant, lines: Sequence[str]
) -> Days:
    """What the carrier's files say of these days; calls that our switch turned away, apart. Days
    that no file tells of have no share of the carrier's."""
    days = days_of(since, until)
    key = days.key(refused_minutes.c.minute)
    refused = (
        select(key, func.sum(refused_minutes.c.calls))
        .where(days.within(refused_minutes.c.minute), *_of_lines(refused_minutes.c.line, lines))
        .group_by(key)
    )
    found = _by_day(connection, refused, days, (Counted.SHUT_OUT,))
    first, last = day_at(since), day_at(until - 0.001)
    told = carrier_days.c
    failed = func.sum(told.busy + told.no_answer + told.failed)
    told_days = (
        select(told.day, func.sum(told.offered), failed)
        .where(
            told.day >= first.isoformat(),
            told.day <= last.isoformat(),
            *_of_lines(told.line, lines),
        )
        .group_by(told.day)
    )
    for text, offered, lost in connection.execute(told_days):
        counts = found.setdefault(date.fromisoformat(text), {})
        counts[Counted.CARRIER_OFFERED] = int(offered)
        counts[Counted.CARRIER_FAILED] = int(lost)
        counts[Counted.FAILED_ANYWHERE] = int(lost) + counts.get(Counted.SHUT_OUT, 0)
    return found


def volumes(connection: Connection, since: Instant, until: Instant) -> dict[date, int]:
    """Calls that came in by day, on all lines; days without one are not there."""
    days = days_of(since, until)
    key = days.key(calls.c.arrived_minute)
    question = select(key, func.count()).where(*_came_in(days, ())).group_by(key)
    found = _by_day(connection, question, days, (Counted.RECEIVED,))
    return {day: counts[Counted.RECEIVED] for day, counts in found.items()}


def first_day(connection: Connection) -> date | None:
    """The day of the first call ever; nothing is known of those before it."""
    first = connection.execute(select(func.min(calls.c.arrived_minute))).scalar()
    return None if first is None else day_at(first * 60.0)


def added(*parts: Mapping[date, Mapping[Counted, int]]) -> Days:
    """Counts of several lines, or of several questions, added up day by day."""
    found: Days = {}
    for part in parts:
        for day, counts in part.items():
            here = found.setdefault(day, {})
            for name, figure in counts.items():
                here[name] = here.get(name, 0) + figure
    return found
