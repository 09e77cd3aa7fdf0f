"""Agents at work: sessions, pauses, plans, hours, marks on calls; agents' subjects and reserve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DETAILS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_NEW = ("agent_sessions", "pauses", "planned_pauses", "hours_exceptions", "call_marks", "seats")


def upgrade() -> None:
    """Those who are logged in or paused now have neither session nor pause: both begin anew."""
    op.add_column("agents", sa.Column("subjects", _DETAILS))
    op.add_column(
        "agents", sa.Column("reserve", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("agents", _text("blocked"))
    _sessions()
    _pauses()
    _plans()
    _exceptions()
    _marks()
    op.create_table(
        "seats",
        sa.Column("seat", sa.Text, primary_key=True),
        sa.Column("opens", sa.Text, nullable=False),
        sa.Column("closes", sa.Text, nullable=False),
        sa.Column("days", sa.Text, nullable=False),
        _text("by_whom"),
    )


def downgrade() -> None:
    """What was told of agents at work stays in the facts."""
    for table in reversed(_NEW):
        op.drop_table(table)
    for column in ("blocked", "reserve", "subjects"):
        op.drop_column("agents", column)


def _text(name: str) -> sa.Column[str]:
    """A text column that is empty rather than missing."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _sessions() -> None:
    op.create_table(
        "agent_sessions",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        _text("seat"),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("because", sa.Text),
        _text("by_whom"),
        _text("ended_by"),
        sa.UniqueConstraint("agent", "began_at", name="agent_sessions_agent_began_at"),
    )
    op.create_index("agent_sessions_began_at", "agent_sessions", ["began_at"])


def _pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("planned_at", _MOMENT),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("because", sa.Text),
        _text("by_whom"),
        _text("ended_by"),
        sa.UniqueConstraint("agent", "began_at", name="pauses_agent_began_at"),
    )
    op.create_index("pauses_began_at", "pauses", ["began_at"])


def _plans() -> None:
    key = ("agent", "shift_begins", "reason")
    op.create_table(
        "planned_pauses",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("shift_begins", _MOMENT, nullable=False),
        sa.Column("shift_ends", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("planned_at", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        _text("by_whom"),
        sa.UniqueConstraint(*key, name="planned_pauses_agent_shift_begins_reason"),
    )
    op.create_index("planned_pauses_shift_begins", "planned_pauses", ["shift_begins"])


def _exceptions() -> None:
    op.create_table(
        "hours_exceptions",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        _text("by_whom"),
        sa.UniqueConstraint("agent", "given_at", name="hours_exceptions_agent_given_at"),
    )
    op.create_index("hours_exceptions_given_at", "hours_exceptions", ["given_at"])


def _marks() -> None:
    op.create_table(
        "call_marks",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _text("by_whom"),
        sa.UniqueConstraint("call_id", "agent", "kind", name="call_marks_call_id_agent_kind"),
    )
    op.create_index("call_marks_at", "call_marks", ["at"])
