"""What reports count: stays in queues and nodes, legs, answers, agents' states, and minutes.

The new tables are empty after this: `central156 store rebuild` fills them from the facts. Minutes
that lie in a row already are reckoned here.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MINUTE_OF = {
    "sqlite": "CAST(strftime('%s', {0}) AS INTEGER) / 60",
    "postgresql": "CAST(floor(extract(epoch FROM {0}) / 60) AS BIGINT)",
}


def upgrade() -> None:
    """New tables, columns, indexes."""
    _more_of_calls()
    op.add_column("offers", _minute("offered_minute"))
    for table, minute, moment in (
        ("calls", "arrived_minute", "arrived_at"),
        ("offers", "offered_minute", "offered_at"),
    ):
        reckoned = _MINUTE_OF[op.get_bind().dialect.name].format(moment)
        op.execute(sa.text(f"UPDATE {table} SET {minute} = {reckoned}"))
    op.execute(sa.text("UPDATE calls SET last_line = line"))
    op.create_index("calls_counted", "calls", ["arrived_minute", "line", "outcome"])
    op.create_index("offers_counted", "offers", ["offered_minute", "agent", "outcome"])
    _make_queue_visits()
    _make_node_visits()
    _make_legs()
    _make_answers()
    _make_agent_states()


def downgrade() -> None:
    """The facts stay, and with them all that is dropped here."""
    for table in (
        *("agent_states", "lookups", "survey_answers", "legs", "node_visits", "queue_visits"),
    ):
        op.drop_table(table)
    op.drop_index("offers_counted", "offers")
    op.drop_index("calls_counted", "calls")
    op.drop_column("offers", "offered_minute")
    for column in (
        *(
            "last_line",
            "transfers",
            "left_at_node",
            "first_queue",
            "area",
            "direction",
            "arrived_minute",
        ),
    ):
        op.drop_column("calls", column)


def _more_of_calls() -> None:
    op.add_column("calls", _minute("arrived_minute"))
    op.add_column("calls", sa.Column("direction", sa.Text, nullable=False, server_default="in"))
    op.add_column("calls", _text("area"))
    op.add_column("calls", sa.Column("first_queue", sa.Text))
    op.add_column("calls", sa.Column("left_at_node", sa.Text))
    op.add_column("calls", _count("transfers"))
    op.add_column("calls", _text("last_line"))


def _make_queue_visits() -> None:
    _make(
        "queue_visits",
        sa.Column("ordinal", sa.Integer, nullable=False),
        _text("line"),
        sa.Column("queue", sa.Text, nullable=False),
        _text("note"),
        sa.Column("entered_at", _MOMENT, nullable=False),
        _minute("entered_minute"),
        sa.Column("waits_from", _MOMENT, nullable=False),
        sa.Column("left_at", _MOMENT),
        sa.Column("how", sa.Text),
        sa.Column("wait_seconds", sa.Float),
        sa.Column("agent", sa.Text),
        _test(),
        unique=("call_id", "ordinal"),
        counted=("entered_minute", "line", "queue", "how", "test", "wait_seconds", "agent"),
    )
    _index_open("queue_visits", "call_id", "how")


def _make_node_visits() -> None:
    _make(
        "node_visits",
        sa.Column("ordinal", sa.Integer, nullable=False),
        _text("line"),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False),
        _minute("entered_minute"),
        sa.Column("left_at", _MOMENT),
        sa.Column("how", sa.Text),
        _text("key"),
        _count("silences"),
        _count("invalids"),
        _test(),
        unique=("call_id", "ordinal"),
        counted=("entered_minute", "line", "node", "how", "key", "test"),
    )


def _make_legs() -> None:
    _make(
        "legs",
        sa.Column("ordinal", sa.Integer, nullable=False),
        _text("leg"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("agent", sa.Text),
        sa.Column("direction", sa.Text, nullable=False),
        _text("because"),
        sa.Column("began_at", _MOMENT, nullable=False),
        _minute("began_minute"),
        sa.Column("answered_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", sa.Text),
        _test(),
        unique=("call_id", "ordinal"),
        counted=("began_minute", "who", "agent", "because", "outcome", "test"),
    )


def _make_answers() -> None:
    _make(
        "survey_answers",
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("mark", sa.Integer),
        sa.Column("at", _MOMENT, nullable=False),
        _minute("minute"),
        sa.Column("agent", sa.Text),
        sa.Column("queue", sa.Text),
        _text("line"),
        _test(),
        unique=("call_id", "question"),
        counted=("minute", "question", "mark", "agent", "queue", "test"),
    )
    _make(
        "lookups",
        _text("line"),
        sa.Column("node", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _minute("minute"),
        _test(),
        counted=("minute", "place", "how", "test"),
    )
    op.create_index("lookups_call_id", "lookups", ["call_id"])


def _make_agent_states() -> None:
    _make(
        "agent_states",
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        _minute("began_minute"),
        sa.Column("ended_at", _MOMENT),
        about="agent",
        unique=("agent", "began_at"),
        counted=("began_minute", "agent"),
    )
    _index_open("agent_states", "agent", "ended_at")


def _make(
    table: str,
    *columns: sa.Column[Any],
    counted: tuple[str, ...],
    unique: tuple[str, ...] = (),
    about: str = "call_id",
) -> None:
    """A table with its number, whom it is about, its key, and the index that reports use."""
    key = [sa.UniqueConstraint(*unique, name=f"{table}_{'_'.join(unique)}")] if unique else []
    op.create_table(
        table,
        sa.Column("id", _ROW, primary_key=True),
        sa.Column(about, sa.Text, nullable=False),
        *columns,
        *key,
    )
    op.create_index(f"{table}_counted", table, list(counted))


def _index_open(table: str, column: str, empty: str) -> None:
    condition = sa.text(f"{empty} IS NULL")
    name = f"{table}_open"
    op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def _text(name: str) -> sa.Column[str]:
    """A text column that is empty rather than missing."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _minute(name: str) -> sa.Column[int]:
    """A whole minute since 1970, UTC."""
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _count(name: str) -> sa.Column[int]:
    """How often something happened."""
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def _test() -> sa.Column[bool]:
    return sa.Column("test", sa.Boolean, nullable=False, server_default=sa.false())
