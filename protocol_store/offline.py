"""A store's database for one command, without the centre: opened, looked at, let go.

with opened(url) as engine: …
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine as Engine
from sqlalchemy import inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from protocol_store.engines import POSTGRES, make_engine
from protocol_store.errors import StoreFailing


@contextmanager
def opened(database_url: str, *, reading: bool = True, new: bool = False) -> Iterator[Engine]:
    """The database's engine. Raises StoreFailing, in Portuguese, for whatever goes wrong with it.

    A database that is not there is not made, unless it is wanted `new`.
    """
    try:
        url = make_url(database_url)
        where = url.render_as_string(hide_password=True)
        file = url.database or ""
        if url.drivername.startswith("sqlite") and not (new or Path(file).is_file()):
            raise StoreFailing(f"não há banco de dados em {file}")
        engine = make_engine(database_url, reading=reading)
    except ArgumentError:
        raise StoreFailing("endereço de banco de dados ilegível") from None
    try:
        if not new and not inspect(engine).has_table("sites"):
            raise StoreFailing(
                f"o banco {where} ainda não é desta versão: ligue a central uma vez sobre ele"
            )
        yield engine
    except SQLAlchemyError as problem:
        # The database's own words may quote what it was given: only their kind is passed on.
        raise StoreFailing(f"o banco {where} falhou: {type(problem).__name__}") from problem
    finally:
        engine.dispose()


def others_in(engine: Engine) -> int:
    """How many other connections there are to this database, of ours or not.

    Of a SQLite file nobody can tell; the folder's lock does (central156/supervisor.py).
    """
    if engine.dialect.name != POSTGRES:
        return 0
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
        return int(found.scalar_one())
