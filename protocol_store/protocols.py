"""Issues protocol numbers: drawn in blocks by a node, given to calls in order within a block.

A block belongs to one run of one node, so two nodes (or two processes of one) can never give
the same number, whatever their clocks and networks do. A run that ends well gives the rest of its
block back; a crash loses the rest, at most limits.PROTOCOL_BLOCK numbers. Blocks never reach the
rescue script's range (terms/protocol_number.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select, update

from protocol_store.engines import lock_for_numbering
from protocol_store.errors import NumbersExhausted
from protocol_store.fact_log import FactLog
from protocol_store.tables import protocol_blocks, protocols
from terms import limits
from terms.facts import Fact, Kind
from terms.names import CallId, Instant, Protocol
from terms.protocol_number import DIGITS, RESCUE_FIRST, protocol_of

FIRST_NUMBER: Final = 1_000
"""Numbers below are never given: 00000000 looks like a mistake when it is read out."""

NUMBERS: Final = range(FIRST_NUMBER, RESCUE_FIRST)
"""All that blocks may be drawn from. Two sites have each a part of it (R82)."""


# Built once: building it anew took a quarter of the time of a new number.
_NUMBERS_OF: Final = select(protocols.c.call_id, protocols.c.protocol).where(
    protocols.c.call_id.in_(bindparam("calls", expanding=True)), protocols.c.ordinal == 0
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of a call at the door."""

    call: CallId
    line: str
    entry: str
    caller: str
    at: Instant
    test: bool
    version: str = ""  # of the dialplan that it begins on; '' when control did not serve it
    relay: bool = False  # an interpreter speaks for a deaf citizen


class BlockIssuer:
    """Numbers for one run (`writer`) of a node. What it holds in memory is only a copy of what the
    database says: after any failed transaction `forget` it, and it is read again."""

    def __init__(
        self, node: str, writer: str, clock: Callable[[], Instant], numbers: range = NUMBERS
    ) -> None:
        """`numbers`: the site's own range; nothing outside is drawn or taken up again."""
        self._numbers = numbers
        self._node = node
        self._writer = writer
        self._clock = clock
        self._next = 0
        self._end = 0  # the first number that is not ours any more

    def forget(self) -> None:
        """Believe the database again."""
        self._next = self._end = 0

    def take(self, connection: Connection, count: int) -> list[int]:
        """The next `count` numbers; drawing a block, if need be, in the same transaction."""
        taken: list[int] = []
        while len(taken) < count:
            if self._next >= self._end:
                self._find_block(connection)
            upto = min(self._end, self._next + count - len(taken))
            taken += range(self._next, upto)
            self._next = upto
        return taken

    def give_back(self, connection: Connection) -> None:
        """Leave what is left of our block to the node's next run."""
        block = self._newest_block(connection, protocol_blocks.c.holder == self._writer)
        if block is not None and _first_unused(connection, block) < _end(block):
            _hand_over(connection, block, self._writer, None)
        self.forget()

    def _find_block(self, connection: Connection) -> None:
        """Our own block if it has numbers left, else one that was given back, else a new one."""
        block = self._newest_block(connection, protocol_blocks.c.holder == self._writer)
        if block is None or _first_unused(connection, block) >= _end(block):
            block = self._newest_block(connection, protocol_blocks.c.holder.is_(None))
            # Of two runs that see the same block given back, the database lets one have it.
            if block is None or not _hand_over(connection, block, None, self._writer):
                self._next, self._end = self._draw(connection)
                return
        self._next, self._end = _first_unused(connection, block), _end(block)

    def _newest_block(self, connection: Connection, held: ColumnElement[bool]) -> Row[Any] | None:
        return connection.execute(
            select(protocol_blocks)
            .where(protocol_blocks.c.node == self._node, held, self._ours())
            .order_by(protocol_blocks.c.first_number.desc())
            .limit(1)
        ).first()

    def _ours(self) -> ColumnElement[bool]:
        return protocol_blocks.c.first_number.between(self._numbers.start, self._numbers.stop - 1)

    def _draw(self, connection: Connection) -> tuple[int, int]:
        lock_for_numbering(connection, protocol_blocks.name)
        after_last = func.max(protocol_blocks.c.first_number + protocol_blocks.c.size)
        last = connection.execute(select(after_last).where(self._ours())).scalar()
        first = int(last or self._numbers.start)
        size = min(limits.PROTOCOL_BLOCK, self._numbers.stop - first)
        if size <= 0:
            raise NumbersExhausted("não há mais números na faixa de protocolos deste sítio")
        connection.execute(
            insert(protocol_blocks).values(
                first_number=first,
                size=size,
                node=self._node,
                holder=self._writer,
                drawn_at=self._clock(),
            )
        )
        return first, first + size


def open_together(
    connection: Connection, openings: Sequence[Opening], issuer: BlockIssuer, log: FactLog
) -> list[Protocol]:
    """One protocol for each call, the one it has already if it has; in the order asked.

    The call id is the key: asked twice, at once or after a crash, a call gets the same number.
    """
    given = protocols_of(connection, [opening.call for opening in openings])
    new = {opening.call: opening for opening in openings if opening.call not in given}
    numbers = issuer.take(connection, len(new))
    given |= {call: protocol_of(number) for call, number in zip(new, numbers, strict=True)}
    log.write(
        connection,
        log.number(
            fact for one in new.values() for fact in arrival_facts(one, given[one.call], "block")
        ),
    )
    if new:
        rows = [
            {
                "protocol": given[one.call],
                "call_id": one.call,
                "ordinal": 0,
                "issuer": "block",
                "given_at": one.at,
            }
            for one in new.values()
        ]
        connection.execute(insert(protocols), rows)
    return [given[opening.call] for opening in openings]


def protocols_of(connection: Connection, calls: Sequence[CallId]) -> dict[CallId, Protocol]:
    """The number of each call's visit, for those that have one."""
    found = connection.execute(_NUMBERS_OF, {"calls": list(calls)})
    return {CallId(row.call_id): Protocol(row.protocol) for row in found}


def arrival_facts(opening: Opening, protocol: Protocol, issuer: str) -> list[Fact]:
    """How every call's story begins, whoever gave it its number."""
    about = {"line": opening.line, "entry": opening.entry, "caller": opening.caller}
    more = {"test": opening.test, "version": opening.version, "relay": opening.relay}
    given = {"protocol": protocol, "issuer": issuer}
    return [
        Fact(opening.at, Kind.CALL_ARRIVED, opening.call, details=about | more),
        Fact(opening.at, Kind.PROTOCOL_GIVEN, opening.call, details=given),
    ]


def _end(block: Row[Any]) -> int:
    return int(block.first_number + block.size)


def _first_unused(connection: Connection, block: Row[Any]) -> int:
    """Protocols are digits of one length, so that as texts they stand in the order of numbers."""
    last = connection.execute(
        select(func.max(protocols.c.protocol)).where(
            protocols.c.protocol >= protocol_of(block.first_number)[:DIGITS],
            protocols.c.protocol < protocol_of(_end(block))[:DIGITS],
        )
    ).scalar()
    return int(block.first_number) if last is None else int(last[:DIGITS]) + 1


def _hand_over(connection: Connection, block: Row[Any], holder: str | None, to: str | None) -> bool:
    handed = connection.execute(
        update(protocol_blocks)
        .where(
            protocol_blocks.c.first_number == block.first_number,
            protocol_blocks.c.holder.is_not_distinct_from(holder),
        )
        .values(holder=to)
    )
    return handed.rowcount == 1
