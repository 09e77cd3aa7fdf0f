"""Protocol numbers in the database: which block is whose, and which number is which call's.

Numbers are drawn in blocks, ahead of need, by a node's journal (journal_book.py), and told from
there without asking the database. A block belongs to one journal, whose token it bears (`holder`),
so two nodes, or a journal and a copy of it, can never give the same number, whatever their clocks
and networks do. Blocks never reach the rescue script's range (terms/protocol_number.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from protocol_store.engines import lock_for_numbering
from protocol_store.errors import NumbersExhausted
from protocol_store.journal_identity import Identity
from protocol_store.tables import protocol_blocks, protocols
from terms import limits
from terms.facts import Fact, Kind
from terms.names import CallId, Instant, Protocol
from terms.protocol_number import DIGITS, RESCUE_FIRST, protocol_of

FIRST_NUMBER: Final = 1_000
"""Numbers below are never given: 00000000 looks like a mistake when it is read out."""

NUMBERS: Final = range(FIRST_NUMBER, RESCUE_FIRST)
"""All that blocks may be drawn from. Two sites have each a part of it (R82)."""

ABANDONED: Final = "abandonado/"
"""Before the token of a holder whose numbers nobody gives any more."""

Block = tuple[int, int]
"""The next number to give, and the first that is not ours any more."""

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
    campaign: str = ""  # that made it
    arrived: bool = False  # it is told already that it did


def arrival_facts(opening: Opening, protocol: Protocol, issuer: str) -> list[Fact]:
    """How every call's story begins, whoever gave it its number."""
    details = {"protocol": protocol, "issuer": issuer}
    given = Fact(opening.at, Kind.PROTOCOL_GIVEN, opening.call, details=details)
    return [given] if opening.arrived else [arrived_fact(opening), given]


def arrived_fact(opening: Opening) -> Fact:
    """A call is at the door."""
    about = {"line": opening.line, "entry": opening.entry, "caller": opening.caller}
    more = {"test": opening.test, "version": opening.version, "relay": opening.relay}
    of = {"campaign": opening.campaign} if opening.campaign else {}
    return Fact(opening.at, Kind.CALL_ARRIVED, opening.call, details=about | more | of)


def protocols_of(connection: Connection, calls: Sequence[CallId]) -> dict[CallId, Protocol]:
    """The number of each call's visit, for those that have one."""
    found = connection.execute(_NUMBERS_OF, {"calls": list(calls)})
    return {CallId(row.call_id): Protocol(row.protocol) for row in found}


def any_call(connection: Connection) -> bool:
    """Whether any call has a number at all."""
    return connection.execute(select(protocols.c.call_id).limit(1)).first() is not None


def draw(
    connection: Connection,
    node: str,
    holder: str,
    numbers: range,
    highest: int,
    at: Instant,
    count: int,
) -> Block:
    """A new block of up to `count` numbers, above all that were ever drawn, told, or are known
    (`highest`) to a journal: a database that was set back must not give them again.

    Raises NumbersExhausted when none is left.
    """
    first = _first_free(connection, numbers, highest)
    size = min(count, numbers.stop - first)
    if size <= 0:
        raise NumbersExhausted("não há mais números na faixa de protocolos deste sítio")
    _insert(connection, node, holder, (first, first + size), at)
    return first, first + size


def _first_free(connection: Connection, numbers: range, highest: int) -> int:
    lock_for_numbering(connection, protocol_blocks.name)
    ours = protocol_blocks.c.first_number.between(numbers.start, numbers.stop - 1)
    after_last = func.max(protocol_blocks.c.first_number + protocol_blocks.c.size)
    last = int(connection.execute(select(after_last).where(ours)).scalar() or 0)
    told = first_untold(connection, (numbers.start, numbers.stop))
    known = highest if numbers.start <= highest <= numbers.stop else 0
    return max(numbers.start, last, told, known)


def take_over(
    connection: Connection,
    node: str,
    journal: Identity,
    genuine: bool,
    token: str,
    numbers: range,
    at: Instant,
) -> tuple[Block, ...] | None:
    """A journal that starts takes its blocks over under a new token. None: it may not, because it
    is not what held them last (`genuine` is False, or the database says so); then nobody gives
    what is left of them any more."""
    lock_for_numbering(connection, protocol_blocks.name)
    holders = journal.holders()
    for block in journal.blocks:
        rows = _overlapping(connection, block)
        if not rows:  # the database was set back to before it was drawn
            _insert(connection, node, journal.token, block, at)
        elif any(row.holder not in holders for row in rows):
            genuine = False
    _hand_over(connection, holders, token if genuine else ABANDONED + journal.token)
    if not genuine:
        return None
    kept = connection.execute(
        select(protocol_blocks)
        .where(protocol_blocks.c.holder == token)
        .order_by(protocol_blocks.c.first_number)
    ).all()
    left = [_left_of(connection, row, journal.blocks) for row in kept]
    inside = [block for block in left if block[0] in numbers]
    return tuple(block for block in inside if block[0] < block[1])


def first_untold(connection: Connection, block: Block) -> int:
    """Behind the last number between these two that a call has. Protocols are digits of one
    length, so that as texts they stand in the order of numbers."""
    start, end = block
    last = connection.execute(
        select(func.max(protocols.c.protocol)).where(
            protocols.c.protocol >= protocol_of(start)[:DIGITS],
            protocols.c.protocol < f"{end:0{DIGITS}d}",
            protocols.c.issuer == "block",  # another's number may be anything
        )
    ).scalar()
    return start if last is None else int(last[:DIGITS]) + 1


def leave_gap(connection: Connection, node: str, numbers: range, at: Instant) -> None:
    """After a database was set back to an old copy: leave out so many numbers that none which was
    drawn since the copy was made is drawn again, whichever node had it. Never more than half of
    what is left: a centre without numbers serves nobody."""
    left = numbers.stop - _first_free(connection, numbers, 0)
    count = min(limits.NUMBERS_LEFT_OUT, left // 2)
    if count > 0:
        draw(connection, node, f"{ABANDONED}{node}", numbers, 0, at, count)


def _left_of(connection: Connection, row: Row[Any], known: Sequence[Block]) -> Block:
    start, end = int(row.first_number), int(row.first_number + row.size)
    given = [following for following, _ in known if start <= following <= end]
    return max([first_untold(connection, (start, end)), *given]), end


def _overlapping(connection: Connection, block: Block) -> Sequence[Row[Any]]:
    start, end = block
    return connection.execute(
        select(protocol_blocks).where(
            protocol_blocks.c.first_number < end,
            protocol_blocks.c.first_number + protocol_blocks.c.size > start,
        )
    ).all()


def _insert(connection: Connection, node: str, holder: str, block: Block, at: Instant) -> None:
    start, end = block
    row = {"first_number": start, "size": end - start, "node": node, "holder": holder}
    connection.execute(insert(protocol_blocks).values(row | {"drawn_at": at}))


def _hand_over(connection: Connection, holders: Collection[str], to: str) -> None:
    connection.execute(
        update(protocol_blocks).where(protocol_blocks.c.holder.in_(holders)).values(holder=to)
    )
