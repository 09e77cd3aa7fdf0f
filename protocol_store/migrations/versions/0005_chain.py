"""Facts become a chain, and nobody changes or removes them any more (protocol_store/chain.py).

Facts that are there already are chained here, in their order, as the site that upgrades: from now
on every one of them is attested, though not what became of them before.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import context, op

from protocol_store import chain

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_AT_ONCE: Final = 2_000
_KEPT: Final = (
    "id, writer, sequence, at, kind, call_id, agent, by_whom, violation, site, ordinal, digest"
)
_REFUSED: Final = "facts are never changed or removed"
_NOT_ERASING: Final = "NOT EXISTS (SELECT 1 FROM fact_erasing)"
_GUARDS: Final = ("facts_stay", "facts_keep_all", "facts_keep_details")


def upgrade() -> None:
    """Tables, columns, the chain of what is there, then the guard."""
    _make_tables()
    op.add_column("facts", sa.Column("site", sa.Text))
    op.add_column("facts", sa.Column("ordinal", sa.BigInteger))
    op.add_column("facts", sa.Column("digest", sa.Text))
    _chain_what_is_there(context.config.attributes.get("site") or chain.SITE)
    op.create_index("facts_site_ordinal", "facts", ["site", "ordinal"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    """Facts stay, as rows that anyone may change again."""
    if op.get_bind().dialect.name == "sqlite":
        for name in _GUARDS:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name in (*_GUARDS, "facts_are_not_truncated"):
            op.execute(f"DROP TRIGGER {name} ON facts")
        op.execute("DROP FUNCTION refuse_change_of_facts()")
    op.drop_index("facts_site_ordinal", "facts")
    for column in ("digest", "ordinal", "site"):
        op.drop_column("facts", column)
    for table in ("fact_erasing", "fact_days", "sites"):
        op.drop_table(table)


def _make_tables() -> None:
    op.create_table(
        "sites",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("first_number", sa.BigInteger),
        sa.Column("last_number", sa.BigInteger),
        sa.Column("ordinal", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("digest", sa.Text, nullable=False, server_default=""),
        sa.Column("day", sa.Text, nullable=False, server_default=""),
        sa.Column("day_first", sa.BigInteger, nullable=False, server_default="1"),
    )
    op.create_table(
        "fact_days",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("first_ordinal", sa.BigInteger, nullable=False),
        sa.Column("last_ordinal", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("signed_at", _MOMENT),
        sa.Column("signature", sa.Text),
        sa.Column("key", sa.Text),
    )
    op.create_table("fact_erasing", sa.Column("act", sa.Text, primary_key=True))


def _chain_what_is_there(site: str) -> None:
    connection, after, digest, ordinal = op.get_bind(), 0, "", 0
    while rows := chain.rows_after(connection, after, _AT_ONCE):
        links = []
        for row in rows:
            ordinal += 1
            link = chain.link_of(row, connection.dialect.name, site, ordinal)
            digest = chain.digest_after(digest, chain.content_of(link))
            links.append({"of": row.id, "at_site": site, "nth": ordinal, "sum": digest})
        _write(connection, links)
        after = rows[-1].id
    if ordinal:
        head = {"site": site, "nth": ordinal, "sum": digest, "day": chain.today()}
        connection.execute(
            sa.text(
                "INSERT INTO sites (site, ordinal, digest, day) VALUES (:site, :nth, :sum, :day)"
            ),
            head,
        )


def _write(connection: sa.Connection, links: list[dict[str, Any]]) -> None:
    connection.execute(
        sa.text("UPDATE facts SET site = :at_site, ordinal = :nth, digest = :sum WHERE id = :of"),
        links,
    )


def _guard_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    op.execute(f"CREATE TRIGGER facts_stay BEFORE DELETE ON facts {refuse}")
    op.execute(f"CREATE TRIGGER facts_keep_all BEFORE UPDATE OF {_KEPT} ON facts {refuse}")
    op.execute(
        "CREATE TRIGGER facts_keep_details BEFORE UPDATE OF details ON facts "
        f"WHEN {_NOT_ERASING} {refuse}"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change_of_facts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_ARGV[0] = 'always' OR {_NOT_ERASING} THEN "
        f"RAISE EXCEPTION '{_REFUSED}'; END IF; RETURN NEW; END $$"
    )
    run = "EXECUTE FUNCTION refuse_change_of_facts"
    row = "ON facts FOR EACH ROW"
    op.execute(f"CREATE TRIGGER facts_stay BEFORE DELETE {row} {run}('always')")
    op.execute(f"CREATE TRIGGER facts_keep_all BEFORE UPDATE OF {_KEPT} {row} {run}('always')")
    op.execute(f"CREATE TRIGGER facts_keep_details BEFORE UPDATE OF details {row} {run}('unless')")
    op.execute(f"CREATE TRIGGER facts_are_not_truncated BEFORE TRUNCATE ON facts {run}('always')")
