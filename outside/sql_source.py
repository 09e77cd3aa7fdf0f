"""A database as a source: one bound statement, on a thread of its own, cut off when it is late.

What is late is stopped three times over: the database is told the time (`statement_timeout`, or
how long to wait for a lock), the connection is cut from outside when the seconds are over, and
nothing is committed after that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.types import NullType

from outside.engines import POSTGRES, database_url, outside_engine
from outside.port import Question, Trouble
from outside.threads import in_thread
from terms.limits import OUTSIDE_CONNECT_TIMEOUT
from terms.services import CALL, ServiceSpec, refusal, sql_pieces

OVERDUE = "sem resposta no prazo"
SQLITE_WRONG_STATEMENT = 1
"""SQLITE_ERROR: the statement, not the database, is at fault."""

_here = threading.local()  # the question that this thread is at work on


class SqlSource:
    """One database. ValueError, in Portuguese, for an address that is not accepted."""

    def __init__(self, address: str, password: str = "") -> None:
        url = database_url(address, password)
        self._reading = outside_engine(url, writing=False)
        self._writing = outside_engine(url, writing=True)
        for engine in (self._reading, self._writing):
            # First of all, so that it can be cut even while the library still makes friends.
            event.listen(engine, "connect", _hold_new, insert=True)

    async def ask(self, question: Question) -> Mapping[str, object] | None:
        """See port.Source. Reading: the only row, or the first if the statement says ORDER BY.
        Writing: found if a row was written (or was so already), with what it may return."""
        if why := _not_for_a_database(question.spec):
            raise Trouble(why)
        work = _Work(question, time.monotonic() + question.seconds)
        future = in_thread(lambda: self._run(work))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            work.give_up()
            await asyncio.wait({future})  # the place is free when the thread is
            if future.done() and not future.cancelled():
                future.exception()
            raise

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        await asyncio.gather(*(in_thread(one.dispose) for one in (self._reading, self._writing)))

    def _run(self, work: _Work) -> Mapping[str, object] | None:
        _here.work = work
        try:
            try:
                return self._once(work)
            except DBAPIError as problem:
                # A connection that was kept may have died since; what we ask may be repeated.
                if work.late or not problem.connection_invalidated:
                    raise
                return self._once(work)
        except SQLAlchemyError as problem:
            raise _trouble(problem, work.late) from None

    def _once(self, work: _Work) -> Mapping[str, object] | None:
        engine = self._writing if work.question.spec.writes else self._reading
        with engine.connect() as connection:
            return work.do(connection)


class _Work:
    """A question on its thread; `give_up` comes from another."""

    def __init__(self, question: Question, until: float) -> None:
        self.question = question
        self._until = until
        self._lock = threading.Lock()
        self._cut: Callable[[], None] | None = None
        self._given_up = False

    @property
    def late(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._given_up or time.monotonic() >= self._until

    def hold(self, cut: Callable[[], None] | None) -> None:
        """`cut` ends what the database is doing for us; None: it does nothing any more."""
        with self._lock:
            self._cut = cut
            if cut is not None and self._given_up:
                cut()

    def give_up(self) -> None:
        """The seconds are over, or the caller has left."""
        with self._lock:
            self._given_up = True
            if self._cut is not None:
                self._cut()

    def do(self, connection: Connection) -> Mapping[str, object] | None:
        """Ask, and keep what was written if it is still wanted."""
        self.hold(_cutter(connection.connection.driver_connection))
        try:
            self._tell_the_time(connection)
            found = self._fetch(connection)
            if self.question.spec.writes:
                if self.late:
                    raise Trouble(OVERDUE, gone=True)
                connection.commit()
            else:
                connection.rollback()  # here, where a server that falls silent can be cut off
            return found
        except BaseException:
            if self.late:
                connection.invalidate()  # perhaps cut: nobody else shall get it
            raise
        finally:
            self.hold(None)

    def _tell_the_time(self, connection: Connection) -> None:
        left = max(1, int((self._until - time.monotonic()) * 1000))
        if connection.dialect.name == POSTGRES:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {left}")
        else:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {left}")

    def _fetch(self, connection: Connection) -> Mapping[str, object] | None:
        spec = self.question.spec
        statement = bound(spec.sql, (*spec.given, CALL))
        result = connection.execute(statement, dict(self.question.given))
        if not result.returns_rows:
            return {} if result.rowcount > 0 else None
        rows = result.mappings().fetchmany(2)
        if len(rows) > 1 and not re.search(r"\border\s+by\b", spec.sql, re.IGNORECASE):
            # Whose row it is cannot be known; somebody else's must not be read aloud.
            raise Trouble("mais de uma linha, e o sql não diz ORDER BY")
        return dict(rows[0]) if rows else None


@lru_cache(maxsize=256)
def bound(sql: str, names: tuple[str, ...]) -> TextClause:
    """The statement with its parameters. The database decides their types, as for a literal."""
    escaped = "".join(
        piece.replace(":", r"\:") if quoted else piece for quoted, piece in sql_pieces(sql)
    )
    clause = text(escaped.rstrip().removesuffix(";"))
    used = [name for name in names if name in clause._bindparams]
    return clause.bindparams(*(bindparam(name, type_=NullType()) for name in used))


@lru_cache(maxsize=256)
def _not_for_a_database(spec: ServiceSpec) -> str:
    return refusal(spec) if spec.sql else "a fonte é um banco de dados e o serviço não tem sql"


def _hold_new(driver_connection: Any, _record: Any) -> None:
    work: _Work | None = getattr(_here, "work", None)
    if work is not None:
        work.hold(_cutter(driver_connection))


def _cutter(driver_connection: Any) -> Callable[[], None]:
    """What ends a connection's work from another thread."""
    if hasattr(driver_connection, "interrupt"):
        return driver_connection.interrupt  # type: ignore[no-any-return]

    def cut() -> None:
        # Whoever waits for the server reads the end of the stream. Closing the descriptor itself
        # would pull it from under the library.
        with (
            contextlib.suppress(Exception),
            socket.socket(fileno=os.dup(driver_connection.fileno())) as line,
        ):
            line.shutdown(socket.SHUT_RDWR)

    return cut


def _trouble(problem: SQLAlchemyError, late: bool) -> Trouble:
    """Kinds only: a database's own words may quote what it was given."""
    if late:
        return Trouble(OVERDUE, gone=True)
    original = getattr(problem, "orig", None)
    code = getattr(original, "sqlite_errorcode", None)
    state = getattr(original, "sqlstate", None)
    kind = type(original or problem).__name__ + (f" {state}" if state else "")
    gone = isinstance(problem, OperationalError | InterfaceError) or not isinstance(
        problem, DBAPIError
    )
    return Trouble(
        f"o banco de dados recusou ({kind})", gone=gone and code != SQLITE_WRONG_STATEMENT
    )


assert OUTSIDE_CONNECT_TIMEOUT >= 2, "libpq knows no shorter one"
