"""Brings the database's tables up to date with Alembic (`migrations/`), or refuses plainly."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from protocol_store.engines import POSTGRES
from protocol_store.errors import SchemaUnknown

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 156  # any number, the same for all nodes: two never upgrade at once


def upgrade(engine: Engine, revision: str = "head", site: str = "") -> None:
    """Bring the tables up to `revision`, all or nothing. `site`: whose facts are there already.

    Raises SchemaUnknown if a newer release made them.
    """
    with engine.begin() as connection:
        _only_we(connection)
        try:
            command.upgrade(_config(connection, site), revision)
        except CommandError as problem:
            raise SchemaUnknown(
                "o banco de dados foi criado por outra versão deste programa e não será usado: "
                f"{problem}"
            ) from problem


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to `revision` (`base`: remove them with all that they hold)."""
    with engine.begin() as connection:
        _only_we(connection)
        command.downgrade(_config(connection), revision)


def newest_revision() -> str:
    """The revision that this release works with."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None
    return head


def _only_we(connection: Connection) -> None:
    if connection.dialect.name == POSTGRES:
        # A migration may rightly last longer than a call can wait.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))


def _config(connection: Connection | None, site: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes |= {"connection": connection, "site": site}
    return config
