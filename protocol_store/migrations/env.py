"""What Alembic runs. schema.py hands over a connection that is already in a transaction."""

from __future__ import annotations

from alembic import context

from protocol_store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
