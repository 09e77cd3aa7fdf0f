"""Calls know their campaign, attempts what was said; what stops the dialler; trunks by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_OF_CAMPAIGN = sa.text("campaign != ''")
_COUNTED = ["ordered_minute", "campaign", "result", "trunk"]
_HAS_CALL = sa.text("call_id IS NOT NULL")


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _columns() -> None:
    op.add_column("calls", _word("campaign"))
    op.create_index(
        "calls_campaign",
        "calls",
        ["campaign", "arrived_minute"],
        sqlite_where=_OF_CAMPAIGN,
        postgresql_where=_OF_CAMPAIGN,
    )
    for table in ("contact_lists", "sms_orders"):
        op.add_column(table, sa.Column("forgotten_at", _MOMENT))
    for name in ("said", "advice"):
        op.add_column("attempts", _word(name))
    op.create_index(
        "attempts_call",
        "attempts",
        ["call_id"],
        sqlite_where=_HAS_CALL,
        postgresql_where=_HAS_CALL,
    )


def _counted() -> None:
    """What reports ask of attempts and contacts stands whole in an index."""
    op.drop_index("attempts_counted", "attempts")
    more = ["agent", "talk_seconds", "short", "said"]
    op.create_index("attempts_counted", "attempts", [*_COUNTED, *more])
    op.create_index("contacts_standing", "contacts", ["list", "state", "ending", "ordered"])


def _dialler_state() -> None:
    op.create_table(
        "dialler_state",
        sa.Column("site", sa.Text, primary_key=True),
        _word("stopped"),
        sa.Column("at", _MOMENT, nullable=False),
        _word("by_whom"),
    )


def _trunks() -> None:
    op.create_table(
        "trunk_operators",
        sa.Column("trunk", sa.Text, primary_key=True),
        sa.Column("operator", sa.Text, nullable=False),
    )
    op.create_table(
        "trunk_days",
        sa.Column("counted", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("trunk", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("answered", sa.Integer, nullable=False, server_default="0"),
        sa.Column("short", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("trunk_days_day", "trunk_days", ["day"])


def upgrade() -> None:
    """No campaign has called anybody yet."""
    _columns()
    _counted()
    _dialler_state()
    _trunks()


def downgrade() -> None:
    """Nobody knows any more which call was whose campaign's."""
    op.drop_table("trunk_days")
    op.drop_table("trunk_operators")
    op.drop_table("dialler_state")
    op.drop_index("contacts_standing", "contacts")
    op.drop_index("attempts_counted", "attempts")
    op.create_index("attempts_counted", "attempts", _COUNTED)
    op.drop_index("attempts_call", "attempts")
    for name in ("advice", "said"):
        op.drop_column("attempts", name)
    for table in ("sms_orders", "contact_lists"):
        op.drop_column(table, "forgotten_at")
    op.drop_index("calls_campaign", "calls")
    op.drop_column("calls", "campaign")
