"""Further protocols of a call: one for each new procedure that begins in it (R52).

The visit's own number has the ordinal 0; these follow it. All lead to the same call.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from protocol_store.tables import protocols
from terms.facts import Fact, Kind
from terms.names import CallId, Instant, Protocol


def next_ordinal(connection: Connection, call: CallId) -> int:
    """Which one the call's next number would be."""
    last = connection.execute(
        select(func.max(protocols.c.ordinal)).where(protocols.c.call_id == call)
    ).scalar()
    return 0 if last is None else int(last) + 1


def further_fact(call: CallId, protocol: Protocol, ordinal: int, at: Instant) -> Fact:
    """A call has one more number, as its `ordinal`-th."""
    details = {"protocol": protocol, "issuer": "block", "ordinal": ordinal}
    return Fact(at, Kind.PROTOCOL_GIVEN, call, details=details)
