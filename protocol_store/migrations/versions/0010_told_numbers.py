"""When the city's own system was told of a number that we gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    """Nothing was told yet."""
    op.add_column("protocols", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.create_index(
        "protocols_untold",
        "protocols",
        ["given_at"],
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_index("protocols_untold", "protocols")
    op.drop_column("protocols", "told_at")
