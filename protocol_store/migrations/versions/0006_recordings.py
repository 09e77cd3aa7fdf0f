"""Recordings have names, keys of their own, and may be held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 5_000
_ENDING = ".wav"
_recordings = sa.table(
    "recordings",
    sa.column("id", sa.Integer),
    sa.column("file", sa.Text),
    sa.column("name", sa.Text),
)


def upgrade() -> None:
    """New tables; the recordings that are there are named by their files."""
    op.add_column("recordings", sa.Column("name", sa.Text))
    op.create_index("recordings_name", "recordings", ["name"])
    op.create_index("recordings_recorded_at", "recordings", ["recorded_at", "id"])
    op.create_index("calls_ended_at", "calls", ["ended_at"])
    _keys()
    _holds()
    _name_all()


def _keys() -> None:
    op.create_table(
        "recording_keys",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("retention_class", sa.Text, nullable=False),
        _text("place"),
        _text("master"),
        sa.Column("wrapped", sa.Text),
        sa.Column("bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("seconds", sa.Float),
        _text("digest"),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("sealed_at", _MOMENT, nullable=False),
        sa.Column("archived_at", _MOMENT),
        sa.Column("erased_at", _MOMENT),
        sa.Column("erased_by", sa.Text),
        sa.Column("erased_how", sa.Text),
        sa.Column("erased_because", sa.Text),
    )
    op.create_index("recording_keys_call_id", "recording_keys", ["call_id"])
    op.create_index(
        "recording_keys_due",
        "recording_keys",
        ["retention_class", "recorded_at"],
        sqlite_where=sa.text("erased_at IS NULL"),
        postgresql_where=sa.text("erased_at IS NULL"),
    )


def _holds() -> None:
    op.create_table(
        "recording_holds",
        sa.Column("id", _ROW_NUMBER, primary_key=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("by_whom", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("ended_by", sa.Text),
        sa.Column("ended_because", sa.Text),
        sa.UniqueConstraint("act", name="recording_holds_act"),
    )
    op.create_index("recording_holds_call_id", "recording_holds", ["call_id"])


def downgrade() -> None:
    """Keys go, and with them what is sealed: keep a backup of the table, or unseal before."""
    op.drop_table("recording_holds")
    op.drop_table("recording_keys")
    op.drop_index("calls_ended_at", "calls")
    op.drop_index("recordings_recorded_at", "recordings")
    op.drop_index("recordings_name", "recordings")
    op.drop_column("recordings", "name")


def _name_all() -> None:
    connection, last = op.get_bind(), 0
    change = (
        sa.update(_recordings)
        .where(_recordings.c.id == sa.bindparam("row"))
        .values(name=sa.bindparam("called"))
    )
    while rows := connection.execute(
        sa.select(_recordings.c.id, _recordings.c.file)
        .where(_recordings.c.id > last)
        .order_by(_recordings.c.id)
        .limit(_AT_ONCE)
    ).all():
        last = rows[-1].id
        named = [
            {"row": row.id, "called": row.file.rpartition("/")[2].removesuffix(_ENDING)}
            for row in rows
            if row.file.endswith(_ENDING)
        ]
        if named:
            connection.execute(change, named)


def _text(name: str) -> sa.Column[str]:
    """A text column that is empty rather than missing."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")
