"""Further protocols of a call: one for each new procedure that begins in it (R52).

The visit's own number has the ordinal 0; these follow it. All lead to the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from protocol_store.protocols import BlockIssuer
from protocol_store.tables import protocols
from terms.names import CallId, Instant, Protocol
from terms.protocol_number import protocol_of


@dataclass(frozen=True, slots=True)
class Further:
    """One more number for a call, as its `ordinal`-th."""

    call: CallId
    ordinal: int


def next_ordinal(connection: Connection, call: CallId) -> int:
    """Which one the call's next number would be."""
    last = connection.execute(
        select(func.max(protocols.c.ordinal)).where(protocols.c.call_id == call)
    ).scalar()
    return 0 if last is None else int(last) + 1


def give_together(
    connection: Connection,
    asked: Sequence[Further],
    issuer: BlockIssuer,
    clock: Callable[[], Instant],
) -> list[Protocol]:
    """A number for each; asked twice (at once, or after a crash) it is the same number."""
    given: dict[Further, Protocol] = {}
    for one in asked:
        given[one] = _given(connection, one) or given.get(one) or Protocol("")
        if given[one]:
            continue
        (number,) = issuer.take(connection, 1)
        given[one] = protocol_of(number)
        row = {
            "protocol": given[one],
            "call_id": one.call,
            "ordinal": one.ordinal,
            "issuer": "block",
            "given_at": clock(),
        }
        connection.execute(insert(protocols), [row])
    return [given[one] for one in asked]


def _given(connection: Connection, asked: Further) -> Protocol | None:
    found = connection.execute(
        select(protocols.c.protocol).where(
            protocols.c.call_id == asked.call, protocols.c.ordinal == asked.ordinal
        )
    ).scalar()
    return None if found is None else Protocol(found)
