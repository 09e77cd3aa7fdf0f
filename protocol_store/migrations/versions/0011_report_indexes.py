"""What the reports on tasks, promises and broken rules look for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BROKEN = sa.text("violation IS NOT NULL")


def upgrade() -> None:
    """Three indexes; nothing that is stored changes."""
    op.create_index("facts_broken", "facts", ["at"], sqlite_where=_BROKEN, postgresql_where=_BROKEN)
    op.create_index("tasks_opened", "tasks", ["opened_at"])
    op.create_index("promises_made", "promises", ["promised_at"])


def downgrade() -> None:
    """Without them."""
    op.drop_index("promises_made", "promises")
    op.drop_index("tasks_opened", "tasks")
    op.drop_index("facts_broken", "facts")
