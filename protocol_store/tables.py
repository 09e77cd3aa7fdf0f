"""The tables, and what each is for. migrations/ builds the same ones; a test compares the two.

`facts` is the history and the only truth. The other tables are what the facts come to, written in
the same transaction (projections.py); they could be made anew from the facts. Exceptions, which
are truths of their own: `protocols`, `protocol_blocks`, `leadership`, `agents`, `persons`.

Every instant is UTC: `timestamp with time zone` in PostgreSQL, text such as
`2026-11-24 02:28:31.123456` in SQLite, so that anyone who opens the database can read it. In
Python it is terms.names.Instant, a float; it comes back to the microsecond.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal_column,
)
from sqlalchemy.dialects import postgresql

from terms.names import Instant


class Moment(TypeDecorator[Instant]):
    """An Instant in a column that people can read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Instant | None, dialect: Dialect) -> datetime | None:
        """Seconds since 1970 → an aware UTC datetime."""
        return None if value is None else datetime.fromtimestamp(value, UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> Instant | None:
        """SQLite gives back what it was given without its zone, which is always UTC."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


# A SQLite primary key counts by itself only if it is called INTEGER.
RowNumber: Final = BigInteger().with_variant(Integer(), "sqlite")
Details: Final = JSON().with_variant(postgresql.JSONB(), "postgresql")

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def _of_call(**more: Any) -> Column[str]:
    return Column("call_id", Text, ForeignKey("calls.call_id"), nullable=False, **more)


facts = Table(
    "facts",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("writer", Text, nullable=False),  # which run of which node wrote it
    Column("sequence", BigInteger, nullable=False),  # its own count: a repeat cannot double
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    # No foreign key: a fact about a call that nobody announced is still a fact.
    Column("call_id", Text, index=True),
    Column("agent", Text),
    Column("by_whom", Text, nullable=False, server_default=""),
    Column("details", Details, nullable=False),
    Column("violation", Text),  # why it could not be projected, or stored whole
    Column("site", Text),  # whose chain it is in (chain.py) …
    Column("ordinal", BigInteger),  # … its place there, from 1 …
    Column("digest", Text),  # … and the chain's digest up to it
    UniqueConstraint("writer", "sequence"),
    Index("facts_site_ordinal", "site", "ordinal", unique=True),
)

calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("line", Text, nullable=False, server_default=""),  # "" = not known (yet)
    Column("entry", Text, nullable=False, server_default=""),  # the number that was dialled
    Column("caller", Text, nullable=False, server_default="", index=True),
    Column("test", Boolean, nullable=False, server_default=false()),  # left out of all figures
    Column("static", Boolean, nullable=False, server_default=false()),  # served without control
    Column("protocol", Text),
    Column("arrived_at", Moment, nullable=False, index=True),
    Column("queue", Text),
    Column("queued_at", Moment),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("outcome", Text),
    Column("blame", Text),
    Column("ended_where", Text),
    Column("seconds", Float),
    Column("wait_seconds", Float),  # first queueing until the answer, or until the caller left
    Column("talk_seconds", Float),
    Column("agent", Text),  # who talked last
    Column("dialplan_version", Text),  # that it began on; empty when served without control
    Column("of_call", Text),  # the call that this one goes on with, on another channel
    Column("arrived_minute", BigInteger, nullable=False, server_default="0"),  # since 1970, UTC
    Column("direction", Text, nullable=False, server_default="in"),  # out: we called the citizen
    Column("area", Text, nullable=False, server_default=""),  # the two digits before the number
    Column("first_queue", Text),
    Column("left_at_node", Text),  # of a call that ended in the menu: where in it
    Column("transfers", Integer, nullable=False, server_default="0"),  # by agents
    Column("last_line", Text, nullable=False, server_default=""),  # whose it is after hand-overs
    Column("campaign", Text, nullable=False, server_default=""),  # that made it; "" = no one's
)
# Said in a question as it is in the index: else SQLite does not go by it.
OF_CAMPAIGN: Final = calls.c.campaign != literal_column("''")
_OF_ONE: Final[dict[str, Any]] = {"sqlite_where": OF_CAMPAIGN, "postgresql_where": OF_CAMPAIGN}
Index("calls_campaign", calls.c.campaign, calls.c.arrived_minute, **_OF_ONE)
Index(
    "calls_open",
    calls.c.call_id,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

protocols = Table(
    "protocols",
    metadata,
    Column("protocol", Text, primary_key=True),
    _of_call(),
    # 0 = the number of the visit; 1… = a further procedure in the same call; empty = drawn for
    # the call but never told, because the rescue script had given another one meanwhile.
    Column("ordinal", Integer),
    Column("issuer", Text, nullable=False),  # block | rescue | city
    Column("given_at", Moment, nullable=False),
    Column("told_at", Moment),  # when the city's own system was told of it; see told_numbers.py
    UniqueConstraint("call_id", "ordinal"),
)
Index(
    "protocols_untold",
    protocols.c.given_at,
    sqlite_where=protocols.c.told_at.is_(None),
    postgresql_where=protocols.c.told_at.is_(None),
)

protocol_blocks = Table(
    "protocol_blocks",
    metadata,
    Column("first_number", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("node", Text, nullable=False),
    Column("holder", Text),  # the writer that may use it; empty = given back, with numbers left
    Column("drawn_at", Moment, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("offer_id", Text, primary_key=True),
    _of_call(index=True),
    Column("agent", Text, nullable=False),
    Column("queue", Text),
    Column("because", Text),  # why this call went to this agent
    Column("ring_seconds", Float),
    Column("offered_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", Text),
    Column("blame", Text),
    Column("ended_because", Text),
    Column("offered_minute", BigInteger, nullable=False, server_default="0"),  # since 1970, UTC
)
# The trip-wire. Booking is the floor's, the switch's gate enforces it; this only tells if both
# ever failed: the fact is then stored with its violation, and an error is logged.
Index(
    "one_open_offer_per_agent",
    offers.c.agent,
    unique=True,
    sqlite_where=offers.c.ended_at.is_(None),
    postgresql_where=offers.c.ended_at.is_(None),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", RowNumber, primary_key=True),
    _of_call(),
    Column("file", Text, nullable=False),
    Column("kind", Text, nullable=False),  # talk | message
    Column("seconds", Float),
    Column("talk_seconds", Float),
    Column("ok", Boolean),
    Column("problem", Text),
    Column("recorded_at", Moment, nullable=False),
    Column("name", Text, index=True),  # terms.recording_name; empty = there is no file
    UniqueConstraint("call_id", "file"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", RowNumber, primary_key=True),
    _of_call(),
    Column("kind", Text, nullable=False),  # call_back
    Column("because", Text, nullable=False, server_default=""),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("done_at", Moment),
    Column("done_by", Text),
    Column("result", Text),  # how it was closed
    UniqueConstraint("call_id", "kind"),
)

agents = Table(
    "agents",
    metadata,
    Column("name", Text, primary_key=True),
    Column("full_name", Text, nullable=False),
    Column("skills", Details, nullable=False),
    Column("secret_digest", Text, nullable=False),  # people.secret_digest: never the password
    Column("added_at", Moment, nullable=False),
    Column("subjects", Details),  # in order of rank (R22); empty = none
    Column("reserve", Boolean, nullable=False, server_default=false()),
    Column("blocked", Text, nullable=False, server_default=""),  # why; "" = may work
)

agent_status = Table(
    "agent_status",
    metadata,
    # No foreign key: the switch may report a phone whose agent is not (or no longer) listed.
    Column("agent", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("by_whom", Text, nullable=False, server_default=""),
    Column("since", Moment, nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("scope", Details),  # {"lines": […], "queues": […]} they see; empty = all
)

leadership = Table(
    "leadership",
    metadata,
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("node", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
)

dialplan_versions = Table(
    "dialplan_versions",
    metadata,
    Column("version", Text, primary_key=True),  # the content's own hash
    Column("files", Details, nullable=False),  # name → text as it was handed in; never changes
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    # What served when it was handed in: approved later, it must not undo what came meanwhile.
    Column("before", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),  # proposed | approved | rejected
    Column("needs_approval", Details, nullable=False),  # lines whose callers it touches
    Column("decided_by", Text),
    Column("decided_at", Moment),
)

dialplan_serving = Table(
    "dialplan_serving",
    metadata,
    Column("id", RowNumber, primary_key=True),  # the greatest is what serves
    Column("act", Text, nullable=False, unique=True),  # drawn by who asks: a repeat is no second
    Column("version", Text, ForeignKey("dialplan_versions.version"), nullable=False),
    Column("before", Text, nullable=False, server_default=""),
    Column("since", Moment, nullable=False),
    Column("how", Text, nullable=False),  # start | publish | rollback | alarm
    Column("by_whom", Text, nullable=False, server_default=""),
)
