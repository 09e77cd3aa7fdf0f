"""The register of erasures, and an index for what citizens typed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TYPED = sa.text("kind = 'data_typed'")


def upgrade() -> None:
    """Make both."""
    op.create_table(
        "erasures",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("facts", sa.Integer, nullable=False),
        sa.Column("recordings", sa.Integer, nullable=False),
        sa.Column("kept", sa.Integer, nullable=False),
        sa.UniqueConstraint("act", name="erasures_act"),
    )
    op.create_index(
        "facts_typed", "facts", ["call_id"], sqlite_where=_TYPED, postgresql_where=_TYPED
    )


def downgrade() -> None:
    """Remove both."""
    op.drop_index("facts_typed", "facts")
    op.drop_table("erasures")
