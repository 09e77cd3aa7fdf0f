"""What the contract's indicators ask for beside calls: carriers' files, whom the switch turned
away, when control and the switch had lost each other.

The last is filled from the facts that are there; of the others there are none yet.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New tables."""
    op.create_table(
        "carrier_days",
        sa.Column("id", _ROW, primary_key=True),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        _count("offered"),
        _count("busy"),
        _count("no_answer"),
        _count("failed"),
        sa.Column("file", sa.Text, nullable=False, server_default=""),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint("day", "number", name="carrier_days_day_number"),
    )
    op.create_table(
        "refused_minutes",
        sa.Column("id", _ROW, primary_key=True),
        sa.Column("minute", sa.BigInteger, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        _count("calls"),
        sa.UniqueConstraint(
            "minute", "line", "because", name="refused_minutes_minute_line_because"
        ),
    )
    op.create_table(
        "switch_marks",
        sa.Column("id", _ROW, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.UniqueConstraint("at", "what", name="switch_marks_at_what"),
    )
    for kind, what in (("switch_lost", "lost"), ("switch_seen", "seen")):
        op.execute(
            sa.text(
                "INSERT INTO switch_marks (at, what) "
                f"SELECT DISTINCT at, '{what}' FROM facts WHERE kind = '{kind}'"
            )
        )


def downgrade() -> None:
    """The facts keep what the tables said."""
    for table in ("switch_marks", "refused_minutes", "carrier_days"):
        op.drop_table(table)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")
