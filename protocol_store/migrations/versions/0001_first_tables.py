"""The first tables. What each is for stands in protocol_store/tables.py."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DETAILS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Calls first: protocols, offers, recordings and tasks refer to them."""
    _facts()
    _calls()
    _protocols()
    _offers()
    _recordings_and_tasks()
    _people()
    op.create_table(
        "leadership",
        sa.Column("epoch", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
    )


def downgrade() -> None:
    """The other way round; everything that was stored goes with the tables."""
    for table in (
        "leadership",
        "persons",
        "agent_status",
        "agents",
        "tasks",
        "recordings",
        "offers",
        "protocol_blocks",
        "protocols",
        "calls",
        "facts",
    ):
        op.drop_table(table)


def _call_id() -> sa.Column[str]:
    return sa.Column("call_id", sa.Text, sa.ForeignKey("calls.call_id"), nullable=False)


def _text(name: str, **more: Any) -> sa.Column[str]:
    """A text column that is empty rather than missing."""
    return sa.Column(name, sa.Text, nullable=False, server_default="", **more)


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("writer", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text),
        sa.Column("agent", sa.Text),
        _text("by_whom"),
        sa.Column("details", _DETAILS, nullable=False),
        sa.Column("violation", sa.Text),
        sa.UniqueConstraint("writer", "sequence", name="facts_writer_sequence"),
    )
    op.create_index("facts_call_id", "facts", ["call_id"])


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text, primary_key=True),
        _text("line"),
        _text("entry"),
        _text("caller"),
        sa.Column("test", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("static", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("protocol", sa.Text),
        sa.Column("arrived_at", _MOMENT, nullable=False),
        sa.Column("queue", sa.Text),
        sa.Column("queued_at", _MOMENT),
        sa.Column("answered_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("blame", sa.Text),
        sa.Column("ended_where", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column("wait_seconds", sa.Float),
        sa.Column("talk_seconds", sa.Float),
        sa.Column("agent", sa.Text),
    )
    op.create_index("calls_arrived_at", "calls", ["arrived_at"])
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "calls_open",
        "calls",
        ["call_id"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _protocols() -> None:
    op.create_table(
        "protocols",
        sa.Column("protocol", sa.Text, primary_key=True),
        _call_id(),
        sa.Column("ordinal", sa.Integer),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("call_id", "ordinal", name="protocols_call_id_ordinal"),
    )
    op.create_table(
        "protocol_blocks",
        sa.Column("first_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("drawn_at", _MOMENT, nullable=False),
    )


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("offer_id", sa.Text, primary_key=True),
        _call_id(),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("queue", sa.Text),
        sa.Column("because", sa.Text),
        sa.Column("ring_seconds", sa.Float),
        sa.Column("offered_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("blame", sa.Text),
        sa.Column("ended_because", sa.Text),
    )
    op.create_index("offers_call_id", "offers", ["call_id"])
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "one_open_offer_per_agent",
        "offers",
        ["agent"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _recordings_and_tasks() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        _call_id(),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("talk_seconds", sa.Float),
        sa.Column("ok", sa.Boolean),
        sa.Column("problem", sa.Text),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("call_id", "file", name="recordings_call_id_file"),
    )
    op.create_table(
        "tasks",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        _call_id(),
        sa.Column("kind", sa.Text, nullable=False),
        _text("because"),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("done_at", _MOMENT),
        sa.Column("done_by", sa.Text),
        sa.UniqueConstraint("call_id", "kind", name="tasks_call_id_kind"),
    )


def _people() -> None:
    op.create_table(
        "agents",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("full_name", sa.Text, nullable=False),
        sa.Column("skills", _DETAILS, nullable=False),
        sa.Column("secret_digest", sa.Text, nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "agent_status",
        sa.Column("agent", sa.Text, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        _text("reason"),
        _text("by_whom"),
        sa.Column("since", _MOMENT, nullable=False),
    )
    op.create_table(
        "persons",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
    )
