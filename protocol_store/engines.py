"""Connections to SQLite (the default) or PostgreSQL (by setting), made so that a commit is durable
and nothing waits for ever.

SQLite: one file, write-ahead log, flushed at every commit; a writer takes its lock when it begins
(`BEGIN IMMEDIATE`), because a reader that turns into a writer midway is refused at once.
PostgreSQL: through psycopg 3, with limits on connecting, on locks and on every statement.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from protocol_store.errors import StoreFailing
from terms import limits

SQLITE = "sqlite"
POSTGRES = "postgresql"


def make_engine(database_url: str, *, reading: bool = False) -> Engine:
    """An engine for the writer, or (`reading`) for those who only look.

    Raises StoreFailing for an address that is neither `sqlite:///file` nor
    `postgresql+psycopg://…`.
    """
    url = make_url(database_url)
    if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database not in (
        None,
        "",
        ":memory:",
    ):
        return _sqlite_engine(url, reading)
    if url.drivername == "postgresql+psycopg":
        return _postgres_engine(url, reading)
    raise StoreFailing(
        f"endereço de banco de dados não aceito ({url.drivername}): "
        "use sqlite:///arquivo ou postgresql+psycopg://…"
    )


def lock_for_numbering(connection: Connection, table: str) -> None:
    """From here to the end of the transaction nobody else reads `table` to write its next row.

    In SQLite that is so since the transaction began.
    """
    if connection.dialect.name == POSTGRES:
        connection.exec_driver_sql(f"LOCK TABLE {table} IN EXCLUSIVE MODE")


def _sqlite_engine(url: URL, reading: bool) -> Engine:
    assert url.database is not None
    _make_private_file(Path(url.database))
    engine = create_engine(
        url,
        pool_size=limits.STORE_READERS if reading else 1,
        max_overflow=0,
        hide_parameters=True,  # an error's text would hold callers' numbers
        pool_timeout=limits.DATABASE_CONNECT_TIMEOUT,
        connect_args={"timeout": limits.DATABASE_LOCK_TIMEOUT},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # We begin transactions ourselves; Python's driver would begin them late, and not all.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits
        # checkpoints.py does it sooner; this only bounds the log if that cannot keep up.
        connection.execute(f"PRAGMA wal_autocheckpoint = {limits.SQLITE_LOG_PAGES}")
        connection.execute("PRAGMA foreign_keys = ON")
        # What an erasure overwrites has left no older copy between the rows of its page.
        connection.execute("PRAGMA secure_delete = ON")
        if reading:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _make_private_file(path: Path) -> None:
    """The file holds callers' numbers: nobody but its owner may read it, from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _postgres_engine(url: URL, reading: bool) -> Engine:
    settings = {
        "timezone": "UTC",
        "synchronous_commit": "on",  # whatever the server's own default: a commit is on disk
        "statement_timeout": _milliseconds(limits.DATABASE_STATEMENT_TIMEOUT),
        "lock_timeout": _milliseconds(limits.DATABASE_LOCK_TIMEOUT),
        "idle_in_transaction_session_timeout": _milliseconds(limits.STORE_BUDGET),
    }
    if reading:
        # A month's calls are sorted in memory; compiling a question costs more than it saves.
        settings |= {"work_mem": f"{limits.READING_MEMORY_MB}MB", "jit": "off"}
    engine = create_engine(
        url,
        pool_size=limits.STORE_READERS if reading else 1,
        max_overflow=0,
        hide_parameters=True,  # an error's text would hold callers' numbers
        pool_timeout=limits.DATABASE_CONNECT_TIMEOUT,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": int(limits.DATABASE_CONNECT_TIMEOUT),
            "application_name": "central156",
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            # The server's own limits do not help when its machine or the network is gone.
            "tcp_user_timeout": _milliseconds(limits.DATABASE_STATEMENT_TIMEOUT),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        },
    )
    if reading:  # several questions, one moment: a story must fit together
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
