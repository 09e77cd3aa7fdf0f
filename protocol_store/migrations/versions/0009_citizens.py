"""The register of erasures, and indexes for what citizens typed and for what auditors read."""

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
_AUDITED = sa.text(
    "kind IN ('recording_heard', 'recording_held', 'recording_released', 'recording_erased', "
    "'citizen_told', 'data_erased', 'report_exported', 'supervision_began', 'supervision_ended')"
)


def upgrade() -> None:
    """Make them."""
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
    op.create_index(
        "facts_audited", "facts", ["at"], sqlite_where=_AUDITED, postgresql_where=_AUDITED
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index("facts_audited", "facts")
    op.drop_index("facts_typed", "facts")
    op.drop_table("erasures")
