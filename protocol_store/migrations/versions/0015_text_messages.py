"""Text messages: orders, messages, what carriers said of their parts, refusals, what came in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_WAITS = sa.text("status = 'aguarda'")
_OPEN = sa.text("status IN ('enviando', 'sem_resposta')")


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _orders() -> None:
    op.create_table(
        "sms_orders",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("ordered_at", _MOMENT, nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False),
        _word("source"),
        sa.Column("scheduled_at", _MOMENT, nullable=False),
        sa.Column("deadline", _MOMENT, nullable=False),
        _word("life_safety"),
        _flag("repeats"),
        sa.Column("messages", sa.Integer, nullable=False, server_default="0"),
        sa.Column("loaded_at", _MOMENT),
        sa.Column("stopped_at", _MOMENT),
        _word("stopped_by"),
    )
    op.create_index("sms_orders_ordered", "sms_orders", ["ordered_at"])


def _messages() -> None:
    op.create_table(
        "sms_messages",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Text, nullable=False),
        _word("ref"),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text),
        sa.Column("reference", sa.Integer, nullable=False),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("scheduled_at", _MOMENT, nullable=False),
        sa.Column("deadline", _MOMENT, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        _word("because"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("not_before", _MOMENT, nullable=False),
        _word("carrier"),
        sa.Column("epoch", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sent_at", _MOMENT),
        sa.Column("done_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sms_orders.order_id"], name="sms_messages_order_id_fkey"
        ),
    )
    op.create_index(
        "sms_messages_due",
        "sms_messages",
        ["urgency", "not_before"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_index(
        "sms_messages_open",
        "sms_messages",
        ["status"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("sms_messages_order", "sms_messages", ["order_id", "status"])
    op.create_index("sms_messages_number", "sms_messages", ["number"])
    op.create_index("sms_messages_call", "sms_messages", ["call_id"])


def _parts() -> None:
    op.create_table(
        "sms_parts",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("of", sa.Integer, nullable=False),
        sa.Column("carrier", sa.Text, nullable=False),
        _word("carrier_id"),
        sa.Column("how", sa.Text, nullable=False),
        _word("why"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("told", sa.Text),
        sa.Column("told_at", _MOMENT),
    )
    op.create_index("sms_parts_carrier", "sms_parts", ["carrier_id", "carrier"])


def _citizens() -> None:
    op.create_table(
        "sms_refusals",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        _word("by_whom"),
        sa.Column("ended_at", _MOMENT),
        _word("ended_by"),
    )
    op.create_table(
        "sms_received",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        _flag("refuses"),
    )
    op.create_index("sms_received_at", "sms_received", ["at"])


def upgrade() -> None:
    """Nobody has ordered any yet."""
    _orders()
    _messages()
    _parts()
    _citizens()


def downgrade() -> None:
    """All of it is gone, and with it who wanted none."""
    for table in ("sms_received", "sms_refusals", "sms_parts", "sms_messages", "sms_orders"):
        op.drop_table(table)
