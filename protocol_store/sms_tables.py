"""Text messages: who ordered them, each one's way, what carriers said, who wants none (R68).

Truths of their own: they are ordered by the hundred thousand, and no fact tells them. A message's
name is made of its order's and its place there, so that an order told twice is one.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from protocol_store.tables import Moment, metadata

sms_orders = Table(
    "sms_orders",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # terms.text_message.TextKind
    Column("body", Text, nullable=False),  # which part of the city asked for it
    Column("subject", Text, nullable=False),
    Column("ordered_at", Moment, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("source", Text, nullable=False, server_default=""),  # the file's name; empty: the API
    Column("scheduled_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("life_safety", Text, nullable=False, server_default=""),  # the supervisor who answers
    Column("repeats", Boolean, nullable=False, server_default=false()),  # what may be lost, again
    Column("messages", Integer, nullable=False, server_default="0"),
    Column("loaded_at", Moment),  # empty: being stored, or broken off; nothing of it is sent
    Column("stopped_at", Moment),
    Column("stopped_by", Text, nullable=False, server_default=""),
    Column("forgotten_at", Moment),  # since then nobody's number is in it (outgoing_ages.py)
)
Index("sms_orders_ordered", sms_orders.c.ordered_at)

sms_messages = Table(
    "sms_messages",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("order_id", Text, ForeignKey("sms_orders.order_id"), nullable=False),
    Column("ref", Text, nullable=False, server_default=""),  # the id that whoever ordered gave it
    Column("number", Text, nullable=False),  # national: personal
    Column("text", Text, nullable=False),  # personal
    Column("call_id", Text),  # the call that it is about; no foreign key, as everywhere
    Column("reference", Integer, nullable=False),  # that goes with each part: 1–65535
    Column("urgency", Integer, nullable=False),  # the smallest goes first
    Column("scheduled_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("status", Text, nullable=False),  # terms.text_message.TextStatus …
    Column("since", Moment, nullable=False),  # … since when …
    Column("because", Text, nullable=False, server_default=""),  # … and why
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Moment, nullable=False),  # it is not looked at sooner
    Column("carrier", Text, nullable=False, server_default=""),
    Column("epoch", BigInteger, nullable=False, server_default="0"),  # of the leader that sends it
    Column("sent_at", Moment),  # handed to a carrier, the first time
    Column("done_at", Moment),
)
_WAITS = sms_messages.c.status == "aguarda"
_OPEN = sms_messages.c.status.in_(("enviando", "sem_resposta"))
Index(
    "sms_messages_due",
    sms_messages.c.urgency,
    sms_messages.c.not_before,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
Index("sms_messages_open", sms_messages.c.status, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("sms_messages_order", sms_messages.c.order_id, sms_messages.c.status)
Index("sms_messages_number", sms_messages.c.number)
Index("sms_messages_call", sms_messages.c.call_id)

sms_parts = Table(
    "sms_parts",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("of", Integer, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("carrier_id", Text, nullable=False, server_default=""),
    Column("how", Text, nullable=False),  # terms.text_message.How
    Column("why", Text, nullable=False, server_default=""),
    Column("at", Moment, nullable=False),
    Column("told", Text),  # by its receipt: terms.text_message.Told …
    Column("told_at", Moment),  # … and when
)
Index("sms_parts_carrier", sms_parts.c.carrier_id, sms_parts.c.carrier)

sms_refusals = Table(
    "sms_refusals",
    metadata,
    Column("number", Text, primary_key=True),  # personal
    Column("since", Moment, nullable=False),
    Column("how", Text, nullable=False),  # the word that the citizen sent, or `pessoa`
    Column("by_whom", Text, nullable=False, server_default=""),
    Column("ended_at", Moment),
    Column("ended_by", Text, nullable=False, server_default=""),
)

sms_received = Table(
    "sms_received",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("number", Text, nullable=False),  # personal
    Column("text", Text, nullable=False),  # personal
    Column("refuses", Boolean, nullable=False, server_default=false()),
)
Index("sms_received_at", sms_received.c.at)
