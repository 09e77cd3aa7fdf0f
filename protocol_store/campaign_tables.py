"""Campaigns, their contacts, every attempt at one, who is not to be called, what trunks carried.

Truths of their own: no fact tells a list of a million. A contact's name is made of its list's and
its line, and an attempt's of the contact's, so that a load or an order that is done twice, before
and after a crash, is done once. The same names keep two sites apart when their stores are merged.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from protocol_store.tables import Details, Moment, metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # dialer.campaign.Kind
    Column("mode", Text, nullable=False),
    Column("body", Text, nullable=False),  # which part of the city asked for it
    Column("subject", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("life_safety", Text, nullable=False, server_default=""),  # the supervisor who answers
    Column("file", Text, nullable=False),  # its YAML, as it was handed in
    Column("state", Text, nullable=False),  # dialer.campaign.CampaignState
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("because", Text, nullable=False, server_default=""),  # of the last change of state
)

contact_lists = Table(
    "contact_lists",
    metadata,
    Column("list", Text, primary_key=True),  # from campaign and digest: the same file is one list
    Column("campaign", Text, ForeignKey("campaigns.name"), nullable=False, index=True),
    Column("file", Text, nullable=False),  # its name
    Column("digest", Text, nullable=False),  # SHA-256 of its bytes
    Column("at", Moment, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("contacts", Integer, nullable=False, server_default="0"),
    Column("wrong", Integer, nullable=False, server_default="0"),  # rows that cannot be called …
    Column("repeated", Integer, nullable=False, server_default="0"),  # … of them, in the list …
    Column("there_before", Integer, nullable=False, server_default="0"),  # … or in the campaign
    Column("loaded_at", Moment),  # empty: being loaded, or broken off; nobody of it is called
    Column("forgotten_at", Moment),  # since then nobody's number is in it (outgoing_ages.py)
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact", Text, primary_key=True),  # <list>.<line, in seven digits>
    Column("campaign", Text, ForeignKey("campaigns.name"), nullable=False),
    Column("list", Text, ForeignKey("contact_lists.list"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("number", Text, nullable=False),  # national digits
    Column("fields", Details, nullable=False),  # what the agent is shown
    Column("state", Text, nullable=False),  # dialer.contacts.ContactState
    Column("due_at", Moment),  # when it is looked at next; empty: in an attempt, or done
    Column("ordered", Integer, nullable=False, server_default="0"),  # attempts written down
    Column("results", Text, nullable=False, server_default=""),  # of attempts that reached for it
    Column("attempt", Text),  # in course
    Column("ending", Text),  # dialer.contacts.Ending
    Column("because", Text, nullable=False, server_default=""),
    Column("changed_at", Moment, nullable=False),
    # By the number first: whose it is is asked too, and a third index would cost a million dear.
    UniqueConstraint("number", "campaign"),
)
Index(
    "contacts_waiting",
    contacts.c.campaign,
    contacts.c.due_at,
    contacts.c.contact,
    sqlite_where=contacts.c.due_at.is_not(None),
    postgresql_where=contacts.c.due_at.is_not(None),
)
Index(  # a list's contacts by how they stand: appended while it is loaded, so it costs little
    "contacts_standing",
    contacts.c.list,
    contacts.c.state,
    contacts.c.ending,
    contacts.c.ordered,
)
Index(
    "contacts_in_course",
    contacts.c.attempt,
    unique=True,
    sqlite_where=contacts.c.attempt.is_not(None),
    postgresql_where=contacts.c.attempt.is_not(None),
)

attempts = Table(
    "attempts",
    metadata,
    Column("attempt", Text, primary_key=True),  # <contact>-<count>: the channel's id, too
    # No foreign key: a contact may be erased, and its attempts are counted still.
    Column("contact", Text, nullable=False, index=True),
    Column("campaign", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("agent", Text),
    Column("ordered_at", Moment, nullable=False),
    Column("ordered_minute", BigInteger, nullable=False),  # since 1970, UTC
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("result", Text),  # terms.outcome.Tried
    Column("because", Text, nullable=False, server_default=""),
    Column("talk_seconds", Float),
    Column("short", Boolean, nullable=False, server_default=false()),  # Anatel's 6 s
    Column("call_id", Text),  # the call that came of it, whose protocol the citizen has
    Column("said", Text, nullable=False, server_default=""),  # confirma, recusa, nao_ligar, …
    Column("advice", Text, nullable=False, server_default=""),  # of machines: nobody is sure
)
Index(
    "attempts_call",
    attempts.c.call_id,
    sqlite_where=attempts.c.call_id.is_not(None),
    postgresql_where=attempts.c.call_id.is_not(None),
)
Index("attempts_number", attempts.c.number, attempts.c.ordered_at)
Index(
    "attempts_counted",
    attempts.c.ordered_minute,
    attempts.c.campaign,
    attempts.c.result,
    attempts.c.trunk,
    attempts.c.agent,
    attempts.c.talk_seconds,
    attempts.c.short,
    attempts.c.said,
)
# The trip-wire: a number is never in two calls at once. The dialler sees to it; this only tells.
Index(
    "one_open_attempt_per_number",
    attempts.c.number,
    unique=True,
    sqlite_where=attempts.c.ended_at.is_(None),
    postgresql_where=attempts.c.ended_at.is_(None),
)

do_not_call = Table(
    "do_not_call",
    metadata,
    Column("act", Text, primary_key=True),  # drawn by who asks: a repeat is no second
    Column("number", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text),
    Column("ended_because", Text),
)
Index(
    "do_not_call_now",
    do_not_call.c.number,
    sqlite_where=do_not_call.c.ended_at.is_(None),
    postgresql_where=do_not_call.c.ended_at.is_(None),
)

trunk_months = Table(
    "trunk_months",
    metadata,
    Column("counted", Text, primary_key=True),  # <site>/<trunk>/<month>
    Column("site", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("month", Text, nullable=False),  # 2026-11, on the city's clock
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("answered", Integer, nullable=False, server_default="0"),
    Column("short", Integer, nullable=False, server_default="0"),
)

trunk_operators = Table(
    "trunk_operators",
    metadata,
    Column("trunk", Text, primary_key=True),
    Column("operator", Text, nullable=False),  # the carrier, whose calls Anatel adds up
)

trunk_days = Table(
    "trunk_days",
    metadata,
    Column("counted", Text, primary_key=True),  # <site>/<trunk>/<day>
    Column("site", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("day", Text, nullable=False, index=True),  # 2026-11-24, on the city's clock
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("answered", Integer, nullable=False, server_default="0"),
    Column("short", Integer, nullable=False, server_default="0"),
)

dialler_state = Table(
    "dialler_state",
    metadata,
    Column("site", Text, primary_key=True),
    Column("stopped", Text, nullable=False, server_default=""),  # why no campaign dials; "" = may
    Column("at", Moment, nullable=False),
    Column("by_whom", Text, nullable=False, server_default=""),
)
