"""Connections to databases that are not ours, made so that reading cannot write.

SQLite: the file is opened `mode=ro` (it is never made), or `mode=rw` for a service that writes.
PostgreSQL: through psycopg 3; a reading transaction is begun READ ONLY.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Engine, QueuePool, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from terms.limits import (
    LOOK_UP_SECONDS_MAX,
    OUTSIDE_AT_ONCE,
    OUTSIDE_CONNECT_TIMEOUT,
    OUTSIDE_CONNECTIONS_KEPT,
    OUTSIDE_IDLE_KEPT,
)

SQLITE = "sqlite"
SQLITE_FILE = "sqlite:///"
POSTGRES = "postgresql"


def database_url(address: str, password: str = "") -> URL:
    """The parsed address. ValueError, in Portuguese, for one that is not accepted."""
    if address.startswith(SQLITE_FILE):
        path = address.removeprefix(SQLITE_FILE)  # as it stands: an odd name is a name
        if not path or path == ":memory:" or "?" in path:
            raise ValueError("use sqlite:///arquivo")
        return URL.create(SQLITE, database=path)
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ValueError("não é um endereço de banco de dados") from None
    if url.drivername != "postgresql+psycopg":
        raise ValueError("use sqlite:///arquivo ou postgresql+psycopg://usuario@servidor/banco")
    return url.set(password=password) if password else url


def outside_engine(url: URL, *, writing: bool) -> Engine:
    """An engine for one source; connections are made when they are needed."""
    pool = {
        "poolclass": QueuePool,
        "pool_size": OUTSIDE_CONNECTIONS_KEPT,
        "max_overflow": OUTSIDE_AT_ONCE - OUTSIDE_CONNECTIONS_KEPT,
        "pool_timeout": OUTSIDE_CONNECT_TIMEOUT,
        "pool_recycle": OUTSIDE_IDLE_KEPT,
        "hide_parameters": True,  # an error's text would hold what the citizen typed
    }
    if url.get_backend_name() == SQLITE:
        return _sqlite_engine(url, writing, pool)
    engine = create_engine(
        url,
        connect_args={
            "connect_timeout": int(OUTSIDE_CONNECT_TIMEOUT),
            "application_name": "central156",
            "prepare_threshold": None,  # there may be a pooler in between
            "tcp_user_timeout": int(LOOK_UP_SECONDS_MAX * 1000),
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
        },
        **pool,
    )
    return engine if writing else engine.execution_options(postgresql_readonly=True)


def _sqlite_engine(url: URL, writing: bool, pool: dict[str, object]) -> Engine:
    mode = "rw" if writing else "ro"
    address = f"file:{quote(str(Path(url.database or '').absolute()))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(address, uri=True, check_same_thread=False)
        if not writing:
            made.execute("PRAGMA query_only = ON")
        return made

    return create_engine("sqlite://", creator=connect, **pool)
