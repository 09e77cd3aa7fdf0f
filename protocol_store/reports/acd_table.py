"""A report that is nothing but figures: of stays in queues, or of calls that came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from protocol_store.reports.acd_visits import NO_TESTS, TAKES, calls_by, visits_by
from protocol_store.reports.asked import buckets
from protocol_store.reports.counting import Figure, sheet_by_interval, sheet_by_names
from protocol_store.reports.report import Report
from protocol_store.visit_tables import queue_visits as visits
from terms.names import Seconds
from terms.sheet import Asked, Chart, Column, Drawn, Sheet

LINE: Final = Column("line", "Linha")
QUEUE: Final = Column("queue", "Ilha (fila)")
ISLANDS: Final = {"line": visits.c.line, "queue": visits.c.queue}


@dataclass(frozen=True, slots=True)
class Table:
    """By interval (or by these intervals, whatever is asked), or with a row an island."""

    name: str
    title: str
    clause: str
    figures: tuple[Figure, ...]
    over: tuple[str, ...]  # of the figures, those in the chart
    notes: tuple[str, ...]
    takes: frozenset[str] = TAKES
    drawn: Drawn = Drawn.LINES
    of_calls: bool = False
    by_island: bool = False
    every: Seconds | None = None

    def report(self) -> Report:
        """The report that this describes."""
        fixed = self.by_island or self.every is not None
        takes = self.takes - {"interval"} if fixed else self.takes
        return Report(self.name, self.title, self.clause, takes, self._make)

    def _make(self, connection: Connection, asked: Asked) -> Sheet:
        spans = buckets(asked, self.every)
        along = QUEUE.name if self.by_island else "interval"
        chart = Chart(self.drawn, along, self.over, self.title)
        sheet = Sheet(self.name, self.title, (), (), None, chart, notes=(*self.notes, NO_TESTS))
        if self.by_island:
            sums = visits_by(connection, asked, spans, self.figures, ISLANDS)
            return sheet_by_names(sheet, (LINE, QUEUE), self.figures, sums)
        ask = calls_by if self.of_calls else visits_by
        found = ask(connection, asked, spans, self.figures)
        return sheet_by_interval(sheet, spans, self.figures, found)
