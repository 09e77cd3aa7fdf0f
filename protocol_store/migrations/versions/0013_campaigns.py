"""Campaigns: their contacts and attempts, who is not to be called, what trunks carried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_DETAILS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("life_safety", sa.Text, nullable=False, server_default=""),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False, server_default=""),
    )


def _contact_lists() -> None:
    op.create_table(
        "contact_lists",
        sa.Column("list", sa.Text, primary_key=True),
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False),
        sa.Column("contacts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("wrong", sa.Integer, nullable=False, server_default="0"),
        sa.Column("repeated", sa.Integer, nullable=False, server_default="0"),
        sa.Column("there_before", sa.Integer, nullable=False, server_default="0"),
        sa.Column("loaded_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.name"], name="contact_lists_campaign_fkey"
        ),
    )
    op.create_index("contact_lists_campaign", "contact_lists", ["campaign"])


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact", sa.Text, primary_key=True),
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("list", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("fields", _DETAILS, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("ordered", sa.Integer, nullable=False, server_default="0"),
        sa.Column("results", sa.Text, nullable=False, server_default=""),
        sa.Column("attempt", sa.Text),
        sa.Column("ending", sa.Text),
        sa.Column("because", sa.Text, nullable=False, server_default=""),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.name"], name="contacts_campaign_fkey"),
        sa.ForeignKeyConstraint(["list"], ["contact_lists.list"], name="contacts_list_fkey"),
        sa.UniqueConstraint("number", "campaign", name="contacts_number_campaign"),
    )
    op.create_index(
        "contacts_in_course",
        "contacts",
        ["attempt"],
        unique=True,
        sqlite_where=sa.text("attempt IS NOT NULL"),
        postgresql_where=sa.text("attempt IS NOT NULL"),
    )
    op.create_index(
        "contacts_waiting",
        "contacts",
        ["campaign", "due_at", "contact"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("attempt", sa.Text, primary_key=True),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("trunk", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("ordered_at", _MOMENT, nullable=False),
        sa.Column("ordered_minute", sa.BigInteger, nullable=False),
        sa.Column("answered_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("result", sa.Text),
        sa.Column("because", sa.Text, nullable=False, server_default=""),
        sa.Column("talk_seconds", sa.Float),
        sa.Column("short", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("call_id", sa.Text),
    )
    op.create_index("attempts_contact", "attempts", ["contact"])
    op.create_index(
        "attempts_counted", "attempts", ["ordered_minute", "campaign", "result", "trunk"]
    )
    op.create_index("attempts_number", "attempts", ["number", "ordered_at"])
    op.create_index(
        "one_open_attempt_per_number",
        "attempts",
        ["number"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _do_not_call() -> None:
    op.create_table(
        "do_not_call",
        sa.Column("act", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.Column("ended_because", sa.Text),
    )
    op.create_index(
        "do_not_call_now",
        "do_not_call",
        ["number"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _trunk_months() -> None:
    op.create_table(
        "trunk_months",
        sa.Column("counted", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("trunk", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("answered", sa.Integer, nullable=False, server_default="0"),
        sa.Column("short", sa.Integer, nullable=False, server_default="0"),
    )


def upgrade() -> None:
    """Make them."""
    _campaigns()
    _contact_lists()
    _contacts()
    _attempts()
    _do_not_call()
    _trunk_months()


def downgrade() -> None:
    """Remove them, with all that they hold."""
    for table in (
        "trunk_months",
        "do_not_call",
        "attempts",
        "contacts",
        "contact_lists",
        "campaigns",
    ):
        op.drop_table(table)
