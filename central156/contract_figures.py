"""A month under the contract: the store's counts, put before the room that judges them.

Month(connection, terms, …)   .judged()      every indicator, with and without exceptional days
                              .compared      each day beside its like
                              .bill()        what is paid
                              .uptime(day)   minutes of availability
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Final

from contract.availability import Outage, Uptime, Why, uptime
from contract.billing import Bill, bill, repeats
from contract.definitions import Contract, Indicator, Terms, months_on
from contract.exceptional import Compared, compared, year_before
from contract.indicators import ByDay, Judged, judged, points_of
from ivr.hours import Calendar
from protocol_store import indicator_counts as counts
from protocol_store.billable_counts import Billable, billable
from protocol_store.indicator_counts import Database
from protocol_store.outages import stretches
from protocol_store.reports.asked import CITY
from terms.counted import Counted
from terms.names import Instant, Seconds

CALLS: Final = frozenset(
    {
        Counted.RECEIVED,
        Counted.QUEUED,
        Counted.ANSWERED,
        Counted.ANSWERED_WITHIN,
        Counted.WITH_PROTOCOL,
        Counted.ABANDONED,
        Counted.ABANDONED_BEYOND,
    }
)
CALL_BACKS: Final = frozenset({Counted.OWED, Counted.OWED_DONE})
SURVEY: Final = frozenset({Counted.SURVEYED, Counted.SATISFIED, Counted.MARKS, Counted.GOOD_MARKS})
CARRIER: Final = frozenset(
    {Counted.CARRIER_OFFERED, Counted.CARRIER_FAILED, Counted.SHUT_OUT, Counted.FAILED_ANYWHERE}
)
MINUTES: Final = frozenset(
    {Counted.MINUTES, Counted.MINUTES_UP, Counted.ALL_MINUTES, Counted.ALL_MINUTES_UP}
)


def midnight(day: date) -> Instant:
    """When a day begins on the city's clock."""
    return datetime.combine(day, time(), CITY).astimezone(UTC).timestamp()


def months_of(since: Instant, until: Instant) -> list[date]:
    """The first day of every month that a period touches."""
    month, last = months_on(counts.day_at(since), 0), counts.day_at(until - 0.001)
    found = []
    while month <= last:
        found.append(month)
        month = months_on(month, 1)
    return found


@dataclass
class Month:
    """One month, as far as it has passed. `first`: its first day; `now`: this instant."""

    connection: Database
    contract: Contract
    terms: Terms
    calendar: Calendar
    first: date
    now: Instant

    @property
    def since(self) -> Instant:
        """When it begins."""
        return midnight(self.first)

    @cached_property
    def until(self) -> Instant:
        """When it ends, or now."""
        return min(midnight(months_on(self.first, 1)), self.now)

    @property
    def whole(self) -> bool:
        """Whether it is over."""
        return self.now >= midnight(months_on(self.first, 1))

    # --- indicators ---
    def judged(self) -> list[Judged]:
        """Every indicator of the terms."""
        return [self._judged(one) for one in self.terms.indicators]

    def _judged(self, indicator: Indicator) -> Judged:
        days = self._days(indicator)
        before = [
            _within(days, months_on(self.first, -ago), months_on(self.first, 1 - ago))
            for ago in range(1, self.terms.recurs_in + 1)
        ]
        here = _within(days, self.first, months_on(self.first, 1))
        return judged(indicator, here, self.terms, before, self.exceptional)

    @property
    def _counted_since(self) -> Instant:
        """The months before tell whether a miss is a repeated one."""
        return midnight(months_on(self.first, -self.terms.recurs_in))

    def _days(self, indicator: Indicator) -> ByDay:
        formulas = [indicator.formula, *([indicator.other] if indicator.other else [])]
        asked = {each for one in formulas for each in (one.count, one.of)}
        period = (self.connection, self._counted_since, self.until)
        lines = indicator.lines
        parts: list[counts.Days] = []
        if asked & CALLS:
            by_line = self._calls(indicator.within)
            parts += [by_line[line] for line in lines or by_line if line in by_line]
        if asked & CALL_BACKS:
            parts.append(counts.call_back_counts(*period, lines, self.now))
        if asked & SURVEY:
            rule = self.terms.satisfaction
            parts.append(counts.survey_counts(*period, lines, rule.mark, rule.share))
        if asked & CARRIER:
            parts.append(counts.carrier_counts(*period, lines))
        if asked & MINUTES:
            parts.append(self._minutes())
        return counts.added(*parts)

    def _calls(self, within: Seconds) -> dict[str, counts.Days]:
        if within not in self._calls_by_x:
            self._calls_by_x[within] = counts.call_counts(
                self.connection, self._counted_since, self.until, within
            )
        return self._calls_by_x[within]

    @cached_property
    def _calls_by_x(self) -> dict[Seconds, dict[str, counts.Days]]:
        return {}

    # --- exceptional days ---
    @cached_property
    def compared(self) -> tuple[Compared, ...]:
        """Each day of the month that is over, beside its like in the months before."""
        rule, beginning = self.terms.exceptional, counts.first_day(self.connection)
        if beginning is None:
            return ()
        since = max(year_before(self.first, rule.months), beginning)
        over = counts.day_at(self.until)  # a day that is not over is beside nothing
        if since >= over:
            return ()
        found = counts.volumes(self.connection, midnight(since), midnight(over))
        calls = {day: found.get(day, 0) for day in _days_between(since, over)}
        return compared(calls, self.first, over, rule, self.calendar.holidays.name)

    @property
    def exceptional(self) -> list[date]:
        """The month's exceptional days."""
        return [one.day for one in self.compared if one.exceptional]

    # --- availability ---
    def uptime(self, day: date) -> Uptime:
        """The minutes of a day, as far as it has passed."""
        until = min(midnight(day + timedelta(days=1)), self.until)
        return uptime(self.outages, self.contract.windows, midnight(day), until)

    def days(self, since: date | None = None) -> list[date]:
        """The days of the month (from `since` on) that have begun, and not before the first call
        ever: nothing is known of earlier ones."""
        beginning = counts.first_day(self.connection)
        if beginning is None:
            return []
        last = counts.day_at(self.until - 0.001) + timedelta(days=1)
        return _days_between(max(since or self.first, beginning), last)

    @cached_property
    def outages(self) -> Sequence[Outage]:
        """When calls were not served by the whole system, in the months that are looked at."""
        found = stretches(self.connection, self._counted_since, self.until)
        return [
            Outage(one.since, one.until, Why.ALONE if one.alone else Why.SWITCH) for one in found
        ]

    def _minutes(self) -> counts.Days:
        return {
            day: {
                Counted.MINUTES: found.counted,
                Counted.MINUTES_UP: found.counted_up,
                Counted.ALL_MINUTES: found.minutes,
                Counted.ALL_MINUTES_UP: found.minutes - found.down,
            }
            for day in self.days(counts.day_at(self._counted_since))
            for found in (self.uptime(day),)
        }

    # --- the bill ---
    def bill(self, found: Iterable[Judged], without: bool) -> Bill:
        """What is paid for the month; `without`: by the points without exceptional days."""
        paid, repeated = self._paid
        points = points_of([*found], without)
        return bill(self.first, self.terms, points, paid.calls_in, repeated, paid.calls_out)

    @cached_property
    def _paid(self) -> tuple[Billable, int]:
        rule = self.terms.billing
        paid = billable(self.connection, self.since, self.until, rule.outcomes, rule.apart)
        return paid, repeats(paid.close, rule.apart, self.since)


def _days_between(since: date, until: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((until - since).days)]


def _within(days: ByDay, since: date, until: date) -> ByDay:
    return {day: figures for day, figures in days.items() if since <= day < until}
