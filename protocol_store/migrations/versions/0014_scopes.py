"""Persons may have a scope of lines and queues (R84); calls are found by their number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_DETAILS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Whoever is there already sees all lines, as before."""
    op.add_column("persons", sa.Column("scope", _DETAILS))
    op.create_index("calls_caller", "calls", ["caller"])


def downgrade() -> None:
    """All see all lines."""
    op.drop_index("calls_caller", "calls")
    op.drop_column("persons", "scope")
