"""Call-backs that keep their place, whom nobody calls by itself, and what came of a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """New tables, and a word more of calls and tasks."""
    op.add_column("calls", sa.Column("of_call", sa.Text))
    op.add_column("tasks", sa.Column("result", sa.Text))
    op.create_table(
        "promises",
        sa.Column("call_id", sa.Text, primary_key=True),
        _text("how"),
        _text("line"),
        _text("queue"),
        sa.Column("priority", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("joined_at", _MOMENT),
        sa.Column("promised_at", _MOMENT),
        sa.Column("expires_at", _MOMENT),
        _text("place"),
        _text("data"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        _text("attempt"),
        sa.Column("result", sa.Text),
        sa.Column("not_before", _MOMENT),
        sa.Column("over_at", _MOMENT),
        sa.Column("over_how", sa.Text),
        sa.Column("to_call", sa.Text),
    )
    op.create_index(
        "promises_open",
        "promises",
        ["call_id"],
        sqlite_where=sa.text("over_at IS NULL"),
        postgresql_where=sa.text("over_at IS NULL"),
    )
    op.create_table(
        "call_back_bars",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        _text("by_whom"),
        sa.Column("ended_at", _MOMENT),
        sa.Column("ended_by", sa.Text),
    )


def downgrade() -> None:
    """Promises go; the calls stay."""
    op.drop_table("call_back_bars")
    op.drop_table("promises")
    op.drop_column("tasks", "result")
    op.drop_column("calls", "of_call")


def _text(name: str) -> sa.Column[str]:
    """A text column that is empty rather than missing."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")
