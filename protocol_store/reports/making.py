"""Makes one report from a database, with a connection of its own that can only read.

A report may ask for longer than a call can wait, so the limits on questions are the report's, not
those of the store (`engines.py`). Whoever calls this must not be the process that serves calls.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from protocol_store import schema
from protocol_store.engines import POSTGRES, SQLITE, make_engine
from protocol_store.errors import SchemaUnknown, StoreFailing
from protocol_store.reports.report import Report
from terms import limits
from terms.names import Instant
from terms.sheet import Asked, Sheet


def make(database_url: str, report: Report, asked: Asked, now: Instant) -> Sheet:
    """The report's sheet.

    Raises WrongQuestion, StoreFailing when the database does not answer, and SchemaUnknown when its
    tables are another release's.
    """
    report.check(asked)
    url = make_url(database_url)
    if url.get_backend_name() == SQLITE and not Path(url.database or "").is_file():
        raise StoreFailing(f"não há banco de dados em {url.database}")
    engine = make_engine(database_url, reading=True)
    try:
        with engine.connect() as connection:
            _patiently(connection)
            _must_be_ours(connection)
            return report.run(connection, asked, now)
    except SQLAlchemyError as problem:
        # never its text: it may quote what was looked for
        raise StoreFailing(
            f"o banco de dados não respondeu ao relatório ({type(problem).__name__})"
        ) from problem
    finally:
        engine.dispose()


def _patiently(connection: Connection) -> None:
    """Give the database the report's time instead of a call's."""
    if connection.dialect.name == POSTGRES:
        most = int(limits.REPORT_BUDGET * 1000)
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {name} = {most}")


def _must_be_ours(connection: Connection) -> None:
    """A report never changes tables: a database that is behind is brought up by the centre."""
    try:
        with connection.begin_nested():
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except DBAPIError:
        found = None
    if found != schema.newest_revision():
        raise SchemaUnknown(
            "as tabelas deste banco são de outra versão do programa; ligue a central uma vez "
            "(central156 run), que as atualiza"
        )
