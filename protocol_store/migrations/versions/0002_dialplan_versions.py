"""Published dialplans, what supervisors order for a while, and the version each call began on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DETAILS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Versions first: what served refers to them."""
    op.add_column("calls", sa.Column("dialplan_version", sa.Text))
    _versions()
    _serving()
    _operations()


def downgrade() -> None:
    """The menus that were published go; calls lose only the word of what they began on."""
    for table in ("operations", "dialplan_serving", "dialplan_versions"):
        op.drop_table(table)
    op.drop_column("calls", "dialplan_version")


def _text(name: str) -> sa.Column[str]:
    """A text column that is empty rather than missing."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _versions() -> None:
    op.create_table(
        "dialplan_versions",
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("files", _DETAILS, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        _text("note"),
        sa.Column("created_at", _MOMENT, nullable=False),
        _text("before"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("needs_approval", _DETAILS, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", _MOMENT),
    )


def _serving() -> None:
    version = sa.ForeignKey("dialplan_versions.version")
    op.create_table(
        "dialplan_serving",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("version", sa.Text, version, nullable=False),
        _text("before"),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        _text("by_whom"),
        sa.UniqueConstraint("act", name="dialplan_serving_act"),
    )


def _operations() -> None:
    op.create_table(
        "operations",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        _text("node"),
        _text("text"),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.UniqueConstraint("act", name="operations_act"),
    )
    op.create_index("operations_name", "operations", ["name"])
