"""Heads: where a site's chain stood at the end of a day, or just now, signed and exportable.

A head says: on this day the site linked the facts from one ordinal to another, and the digest of
the last was this. Kept outside the database, it finds what the chain alone cannot: an end that was
cut off, a day that was taken out, a chain that was made anew from some fact on.

The key is not in the database: whoever signs is handed in (`Sign`; vault/signing.py).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, select

from protocol_store import chain, schema
from protocol_store.chain_tables import fact_days, sites
from protocol_store.chain_walk import Walk, feed_next
from protocol_store.requests import Do
from protocol_store.tables import facts
from terms.names import Instant

FORMAT: Final = "central156 head 1"
HEADS_AT_ONCE: Final = 500  # of one question

Sign = Callable[[bytes], tuple[str, str]]
"""The key's public half and its signature of these bytes, both as text."""


@dataclass(frozen=True, slots=True)
class Head:
    """One day of one site's chain, so far. `key` and `signature` are '' while it is not signed."""

    site: str
    day: str
    first: int
    last: int
    digest: str
    signed_at: Instant = 0.0
    key: str = ""
    signature: str = ""

    def said(self) -> bytes:
        """What is signed."""
        said = (FORMAT, self.site, self.day, self.first, self.last, self.digest)
        return json.dumps([*said, chain.moment_text(self.signed_at)]).encode("ascii")

    def exported(self) -> dict[str, Any]:
        """As plain JSON, for keeping elsewhere."""
        return {
            "format": FORMAT,
            "site": self.site,
            "day": self.day,
            "first": self.first,
            "last": self.last,
            "digest": self.digest,
            "signed_at": self.signed_at,
            "key": self.key,
            "signature": self.signature,
        }


def read_head(said: Mapping[str, Any]) -> Head:
    """A head that was exported. ValueError when it is none."""
    try:
        if said["format"] != FORMAT:
            raise ValueError("not a head")
        texts = [str(said[name]) for name in ("site", "day", "digest", "key", "signature")]
        first, last, at = int(said["first"]), int(said["last"]), float(said["signed_at"])
    except (KeyError, TypeError) as wrong:
        raise ValueError("not a head") from wrong
    site, day, digest, key, signature = texts
    return Head(site, day, first, last, digest, at, key, signature)


def all_days(connection: Connection, site: str = "") -> list[Head]:
    """The days of every site, or of one, in the order of its chain."""
    asked = select(fact_days).order_by(fact_days.c.site, fact_days.c.first_ordinal)
    rows = connection.execute(asked.where(fact_days.c.site == site) if site else asked)
    return [_head(row) for row in rows]


def signed_now(connection: Connection, site: str, sign: Sign, now: Instant) -> list[Head]:
    """Sign what is not signed yet: days that are over, and where the chain stands now.

    In the caller's transaction; the chain stands still until it ends.
    """
    stands = chain.head_of(connection, site)
    days = {head.day: head for head in all_days(connection, site)}
    going_on = _going_on(stands)
    if going_on is not None and _differs(going_on, days.get(going_on.day)):
        days[going_on.day] = going_on
    at = round(now, 6)  # both databases give back no more
    done = []
    for day in days.values():
        if day.signature:
            continue
        timed = replace(day, signed_at=at)
        key, signature = sign(timed.said())
        done.append(replace(timed, key=key, signature=signature))
        chain.write_day(connection, row_of(done[-1]))
    return done


def _going_on(stands: Row[Any]) -> Head | None:
    """The day that the chain's last facts are of; None before the first fact."""
    if stands.ordinal < stands.day_first or not stands.day:
        return None
    return Head(stands.site, stands.day, stands.day_first, stands.ordinal, stands.digest)


def _differs(head: Head, stored: Head | None) -> bool:
    return stored is None or stored.last != head.last


def row_of(head: Head) -> dict[str, Any]:
    """A head as its row of `fact_days`."""
    return {
        "site": head.site,
        "day": head.day,
        "first_ordinal": head.first,
        "last_ordinal": head.last,
        "count": head.last - head.first + 1,
        "head": head.digest,
        "signed_at": head.signed_at or None,
        "signature": head.signature or None,
        "key": head.key or None,
    }


def _head(row: Row[Any]) -> Head:
    where = (row.site, row.day, row.first_ordinal, row.last_ordinal, row.head)
    return Head(*where, row.signed_at or 0.0, row.key or "", row.signature or "")


def standing(connection: Connection) -> list[dict[str, Any]]:
    """Each site's end and range, as plain values."""
    found = connection.execute(select(sites).order_by(sites.c.site)).mappings()
    return [dict(row) for row in found]


def latest_signed(connection: Connection, site: str) -> Head | None:
    """The newest signed head of a site."""
    row = connection.execute(
        select(fact_days)
        .where(fact_days.c.site == site, fact_days.c.signature.is_not(None))
        .order_by(fact_days.c.last_ordinal.desc())
        .limit(1)
    ).first()
    return None if row is None else _head(row)


def contradicted(connection: Connection, kept: Sequence[Head]) -> list[Head]:
    """Of heads that were kept elsewhere, those whose last fact is not there, or is another."""
    found = []
    for begin in range(0, len(kept), HEADS_AT_ONCE):
        some = kept[begin : begin + HEADS_AT_ONCE]
        here = facts.c.site.in_({one.site for one in some})
        rows = connection.execute(
            select(facts.c.site, facts.c.ordinal, facts.c.digest).where(
                here, facts.c.ordinal.in_({one.last for one in some})
            )
        )
        there = {(row.site, row.ordinal): row.digest for row in rows}
        found += [one for one in some if there.get((one.site, one.last)) != one.digest]
    return found


def prepare(engine: Engine, site: str, numbers: range) -> None:
    """Bring the tables up to date, and write the site's range of numbers down. Blocking."""
    schema.upgrade(engine, site=site)
    with engine.begin() as connection:
        chain.begin_site(connection, site, numbers)


class HeadBook:
    """The part of the store that signs. `ask` and `read` are the store's own."""

    def __init__(
        self,
        ask: Callable[[Do, Any], Awaitable[Any]],
        read: Callable[..., Awaitable[Any]],
        site: str,
        numbers: range,
        clock: Callable[[], Instant],
    ) -> None:
        self._ask, self._read, self._clock = ask, read, clock
        self._site, self._numbers = site, numbers
        self._walk = Walk()
        self.broken = 0
        """Facts seen by `look` that do not follow from those before them, and kept heads that are
        of other facts."""
        self._contradicted = 0
        self.signed_at: Instant | None = None

    def prepare(self, engine: Engine) -> None:
        """Bring the tables up to date, and write the site's range down. Blocking."""
        prepare(engine, self._site, self._numbers)

    async def sign(self, sign: Sign) -> list[Head]:
        """The heads that were signed by this, durable; none when nothing is new.

        Raises StoreOverdue and StoreFailing as every question does.
        """
        signed: list[Head] = await self._ask(self._sign, sign)
        self.signed_at = self._clock()
        return signed

    async def latest(self) -> Head | None:
        """The newest signed head of this site."""
        found: Head | None = await self._read(latest_signed, self._site)
        return found

    async def look(self) -> int:
        """Follow this site's chain for CHAIN_ROWS more facts, from its newest signed head on; how
        many there were. What is wrong is counted in `broken`.
        """
        if not self._walk.stands(self._site)[0] and (head := await self.latest()) is not None:
            self._walk.begin(head.site, head.last - 1, "")  # the head's own fact is looked at too
            self._walk.want(head.site, head.last, head.digest)
        doubts = self._walk.doubtful
        seen: int = await self._read(feed_next, self._walk, self._site)
        # What is doubtful since this look may still be an erasure, attested by a fact to come.
        found = len(self._walk.findings) + min(doubts, self._walk.doubtful)
        self.broken = found + self._contradicted
        return seen

    async def agree_with(self, kept: Sequence[Head]) -> bool:
        """Whether these heads of this site, which were kept outside the database, are still of its
        facts. If not, what is there was made anew, and nobody should sign it."""
        ours = [one for one in kept if one.site == self._site]
        self._contradicted = len(await self._read(contradicted, ours))
        return not self._contradicted

    def _sign(self, connection: Connection, asked: Sequence[Sign]) -> Sequence[Any]:
        heads = signed_now(connection, self._site, asked[0], self._clock())
        return [heads for _ in asked]
