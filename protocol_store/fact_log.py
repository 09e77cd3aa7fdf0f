"""Stores facts: each once, in order, with what they come to, in the caller's transaction.

A fact's key is (writer, sequence): which run of which node it comes from, and that run's own
count. A repeat after a commit of unknown outcome is found by that key, and cannot double.
No single fact can block the others: one that breaks a rule of the tables, or cannot be stored
whole, is stored with its `violation`, logged as an error and counted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from protocol_store import chain
from protocol_store.projections import Unprojectable, fold, write_changes
from protocol_store.tables import facts as facts_table
from terms import limits
from terms.facts import Fact
from terms.names import AgentName, CallId, Instant

log = logging.getLogger(__name__)

LAST_INSTANT: Final = 253_402_300_799.0  # the end of the year 9999, where both databases stop


KEY_LENGTH: Final = 200  # of a call's or an agent's name: PostgreSQL indexes no long texts

TOO_MUCH: Final = "54"  # PostgreSQL's class of errors for what is too long or too deep for it


DIRECT: Final = ":direct"
"""Behind a run's name: its facts that are written with a request, and not through the journal."""


def last_stored(connection: Connection, writers: Iterable[str]) -> dict[str, int]:
    """The last fact that the database has of each of these runs; a run without any is left out.

    Facts of one run are stored in their order: it then has all that are before."""
    found = connection.execute(
        select(facts_table.c.writer, func.max(facts_table.c.sequence))
        .where(facts_table.c.writer.in_(list(writers)))
        .group_by(facts_table.c.writer)
    )
    return {writer: int(sequence) for writer, sequence in found}


def is_failing(problem: BaseException) -> bool:
    """Whether the database, and not what it was given, is what is wrong."""
    if isinstance(problem, OperationalError):
        return not str(getattr(problem.orig, "sqlstate", None)).startswith(TOO_MUCH)
    return isinstance(problem, InterfaceError | InternalError | PoolTimeout)


@dataclass(frozen=True, slots=True)
class StorableFact:
    """A fact with its key, cleaned of what no database takes. `trouble`: what was lost by that."""

    sequence: int
    fact: Fact
    trouble: str | None
    writer: str


class FactLog:
    """The facts of one run of one node. `violations` counts facts that broke a rule."""

    def __init__(self, writer: str, site: str = chain.SITE) -> None:
        """`site`: in whose chain the facts are linked."""
        self._writer = writer
        self._site = site
        self._count = count(1)
        self.violations = 0

    def number(self, facts: Iterable[Fact]) -> list[StorableFact]:
        """Give each fact its key, for good. Never raises for what a fact holds."""
        return [self._storable(next(self._count), fact) for fact in facts]

    def write(self, connection: Connection, storable: Sequence[StorableFact]) -> None:
        """Store facts, this run's or an earlier one's, and what they come to, in order.

        Raises only if the database is failing, or has one of them already.
        """
        if not storable:
            return
        try:
            with connection.begin_nested():
                self._insert(connection, [self._row(one) for one in storable])
                write_changes(connection, fold(one.fact for one in storable))
        except Exception as problem:
            if is_failing(problem):
                raise
            if len(storable) == 1:
                self._write_marked(connection, storable[0], problem)
                return
            # Somewhere in here is a fact that breaks a rule: halve until it stands alone.
            half = len(storable) // 2
            self.write(connection, storable[:half])
            self.write(connection, storable[half:])

    def _write_marked(
        self, connection: Connection, storable: StorableFact, problem: Exception
    ) -> None:
        why = str(problem) if isinstance(problem, Unprojectable) else type(problem).__name__
        self._count_violation(storable.fact, why)
        self._insert(connection, [self._row(storable) | {"violation": why}])

    def _insert(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        connection.execute(insert(facts_table), chain.linked(connection, self._site, rows))

    def _storable(self, sequence: int, fact: Fact) -> StorableFact:
        details, trouble = _storable_details(fact.details)
        at, impossible = _storable_instant(fact.at)
        longest = max(len(fact.call or ""), len(fact.agent or ""))
        too_long = "name too long" if longest > KEY_LENGTH else None
        trouble = impossible or too_long or trouble
        if trouble:
            self._count_violation(fact, trouble)
        cleaned = Fact(
            at=at,
            kind=fact.kind,
            call=CallId(_clean(fact.call[:KEY_LENGTH])) if fact.call else None,
            agent=AgentName(_clean(fact.agent[:KEY_LENGTH])) if fact.agent else None,
            by=_clean(fact.by[:KEY_LENGTH]),
            details=details,
        )
        return StorableFact(sequence, cleaned, trouble, self._writer)

    def _count_violation(self, fact: Fact, why: str) -> None:
        self.violations += 1
        log.error("a fact broke a rule of the store: kind %s, %s", fact.kind, why)

    def _row(self, storable: StorableFact) -> dict[str, Any]:
        fact = storable.fact
        return {
            "writer": storable.writer,
            "sequence": storable.sequence,
            "at": fact.at,
            "kind": str(fact.kind),
            "call_id": fact.call,
            "agent": fact.agent,
            "by_whom": fact.by,
            "details": fact.details,
            "violation": storable.trouble,
        }


def _storable_instant(at: Instant) -> tuple[Instant, str | None]:
    if 0.0 <= at <= LAST_INSTANT:  # false for "not a number" too
        return at, None
    return 0.0, "impossible instant"


def _storable_details(details: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Details that both databases take, and what had to be given up for that."""
    try:
        read = dict(details)
        written = json.dumps(read, allow_nan=False)
        if len(written) > limits.FACT_DETAIL_BYTES:
            return {"cut": written[: limits.FACT_DETAIL_BYTES]}, "details too long"
        if "\\u0000" in written or "\\ud" in written:
            read = json.loads(written, object_hook=_clean_values)
        return read, None
    except (TypeError, ValueError, RecursionError):
        return {"unreadable": _as_seen(details)}, "not plain JSON"


def _as_seen(details: Any) -> str:
    try:
        return _clean(repr(details))[: limits.FACT_DETAIL_BYTES]
    except Exception:  # whatever it is, the fact that carries it is kept
        return type(details).__name__


def _clean_values(read: dict[str, Any]) -> dict[str, Any]:
    return {_clean(key): _cleaned(value) for key, value in read.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    return [_cleaned(one) for one in value] if isinstance(value, list) else value


def _clean(text: str) -> str:
    """Text without the characters that PostgreSQL refuses: NUL and halves of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
