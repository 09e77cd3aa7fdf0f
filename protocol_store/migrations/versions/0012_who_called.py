"""Stays in queues know whether the citizen called or we did: reports of queues count the former."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COUNTED = ["entered_minute", "line", "queue", "how", "test", "wait_seconds", "agent"]


def upgrade() -> None:
    """What a call says of itself is true of its stays."""
    direction = sa.Column("direction", sa.Text, nullable=False, server_default="in")
    op.add_column("queue_visits", direction)
    op.execute(
        sa.text(
            "UPDATE queue_visits SET direction = 'out' WHERE call_id IN "
            "(SELECT call_id FROM calls WHERE direction = 'out')"
        )
    )
    _index([*_COUNTED, "direction"])


def downgrade() -> None:
    """All stays alike."""
    _index(_COUNTED)
    op.drop_column("queue_visits", "direction")


def _index(columns: list[str]) -> None:
    op.drop_index("queue_visits_counted", "queue_visits")
    op.create_index("queue_visits_counted", "queue_visits", columns)
