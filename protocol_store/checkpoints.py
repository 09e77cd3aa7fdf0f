"""Moves SQLite's write-ahead log into its file beside the writer, not in a caller's commit.

By default SQLite does it within the commit that fills the log, and the call of that commit waits
(measured: one protocol in a hundred took some milliseconds more). A checkpoint that runs on
another connection, PASSIVE, holds nobody up. PostgreSQL has a process of its own for this.
"""

from __future__ import annotations

import logging
from concurrent.futures import Executor

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from protocol_store.engines import SQLITE
from terms import limits

log = logging.getLogger(__name__)


class Checkpoints:
    """Counts what is written and has the log moved now and then, by a thread of `threads`."""

    def __init__(self, reading: Engine, threads: Executor) -> None:
        self._reading = reading
        self._threads = threads
        self._wanted = reading.dialect.name == SQLITE
        self._written = 0
        self._running = False

    def committed(self, count: int) -> None:
        """So many requests and facts are stored. For the writer's thread."""
        self._written += count
        if self._wanted and not self._running and self._written >= limits.CHECKPOINT_EVERY:
            self._written = 0
            self._running = True
            try:
                self._threads.submit(self._move)
            except RuntimeError:  # closing: the last connection to go moves what is left
                self._wanted = False

    def _move(self) -> None:
        try:
            with self._reading.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except SQLAlchemyError as problem:
            log.warning("the log was not moved: %s", type(problem).__name__)
        finally:
            self._running = False


def empty_log(connection: Connection) -> bool:
    """Move all of it, and cut the log's file: pages of before an erasure are in it, and might be
    for weeks. False when somebody reads or writes just then, and for PostgreSQL, whose log is its
    own affair. A question for a connection that reads."""
    if connection.dialect.name != SQLITE:
        return False
    driver = connection.connection.driver_connection
    assert driver is not None
    busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
