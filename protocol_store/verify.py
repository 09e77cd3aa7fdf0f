"""Walks through a whole store and says what was done to its facts, and where.

A few thousand rows a question, so that it holds nobody up and may be done while the centre serves.
Three things are held against the rows: what they say of each other (chain_walk.py), what the
store says of its days and of where each chain ends, and heads that were exported. Only the last
two find an end that was cut off, or a chain that was made anew; only the last if the database's
own words were altered too, because whoever alters them cannot sign.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, select

from protocol_store import chain, heads
from protocol_store.chain_walk import (
    DAY,
    INSERTED,
    SIGNATURE,
    UNKNOWN_KEY,
    UNSIGNED,
    Finding,
    Walk,
)
from protocol_store.heads import Head
from protocol_store.tables import facts
from terms.limits import CHAIN_FINDINGS, CHAIN_ROWS

Holds = Callable[[str, str, bytes], bool]
"""Whether a key's signature of these bytes holds (vault/signing.py)."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk through the store came to. It is well when there are no `findings`."""

    facts: int
    erased: int  # whose content was erased, which a later fact attests
    sites: dict[str, tuple[int, str]]  # each chain's last ordinal and digest
    findings: tuple[Finding, ...]
    untold: int  # findings that are not in the list
    signed: int  # heads whose signature holds, for a key that somebody vouches for
    unvouched: tuple[Finding, ...]  # of other sites: heads whose key nobody vouches for, and
    # facts behind the last head, which anybody may have put there
    unsigned: tuple[str, ...]  # days that are over and not signed yet, `site day`


def verify(
    engine: Engine,
    holds: Holds,
    keys: Collection[str] = (),
    exported: Sequence[Head] = (),
    site: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Look at every fact. Blocking; some 10 microseconds each.

    `keys`: the public keys that the asker vouches for. `exported`: heads that were kept elsewhere.
    `site`: whose heads must be signed with one of these keys; those of another site, merged into
    this store, may be signed with keys that the asker does not have.
    """
    walk = Walk()
    with engine.connect() as connection:
        standing, days = heads.standing(connection), heads.all_days(connection)
    for row in standing:
        if row["ordinal"]:
            walk.want(row["site"], row["ordinal"], row["digest"])
    for head in (*days, *exported):
        walk.want(head.site, head.last, head.digest)
    last = 0
    while True:
        with engine.connect() as connection:
            rows = chain.rows_after(connection, last, CHAIN_ROWS)
        if not rows:
            break
        walk.feed(rows, engine.dialect.name)
        last = rows[-1].id
        progress(walk.count)
    walk.end()
    with engine.connect() as connection:
        unmade = _unmade(connection, walk)
    signed = [head for head in (*days, *exported) if head.signature]
    doubted = [one for head in signed if (one := _signature(head, holds, keys)) is not None]
    broken = [one for one in doubted if one.what == SIGNATURE or one.site == site]
    open_days = {(row["site"], row["day"]) for row in standing}
    findings = (*walk.findings, *unmade, *_uneven_days(days, standing), *broken)
    return Verified(
        facts=walk.count,
        erased=walk.erased,
        sites={row["site"]: walk.stands(row["site"]) for row in standing},
        findings=tuple(_with_day(one, days) for one in findings),
        untold=walk.untold,
        signed=len(signed) - len(doubted),
        unvouched=(
            *(one for one in doubted if one not in broken),
            *_unsigned_ends(standing, signed, site),
        ),
        unsigned=tuple(
            f"{one.site} {one.day}"
            for one in days
            if not one.signature and (one.site, one.day) not in open_days
        ),
    )


def _signature(head: Head, holds: Holds, keys: Collection[str]) -> Finding | None:
    """What is wrong with a signed head; None if nothing is."""
    where = (head.site, head.first, head.last, 0, head.day)
    if not holds(head.key, head.signature, head.said()):
        return Finding(SIGNATURE, *where)
    return None if head.key in keys else Finding(UNKNOWN_KEY, *where)


def _unmade(connection: Connection, walk: Walk) -> list[Finding]:
    """What is well in itself, and was never made by the centre: rows that no walk meets, because
    it never counts below 1; chains of sites that the store does not know, and ends that go on
    behind what it says is a chain's end."""
    early = connection.execute(
        select(facts.c.id, facts.c.site).where(facts.c.id < 1).limit(CHAIN_FINDINGS)
    )
    found = [Finding(INSERTED, row.site or "", 0, 0, row.id) for row in early]
    # Asked anew: whoever writes meanwhile is behind the walk, never before it.
    ends = {row["site"]: int(row["ordinal"]) for row in heads.standing(connection)}
    for site in sorted(walk.sites):
        end, walked = ends.get(site, 0), walk.stands(site)[0]
        if walked > end:
            found.append(Finding(INSERTED, site, end + 1, walked))
    return found


def _unsigned_ends(
    standing: Iterable[dict[str, Any]], signed: Sequence[Head], site: str
) -> list[Finding]:
    """Facts of other sites that no head is of. Ours are signed within minutes."""
    found = []
    for row in standing:
        name, end = row["site"], int(row["ordinal"])
        upto = max((head.last for head in signed if head.site == name), default=0)
        if name != site and upto < end:
            found.append(Finding(UNSIGNED, name, upto + 1, end))
    return found


def _uneven_days(days: Sequence[Head], standing: Iterable[dict[str, Any]]) -> list[Finding]:
    """Days must follow each other without a gap, from a chain's first fact to its open day."""
    found = []
    for row in standing:
        expected = 1
        for head in (one for one in days if one.site == row["site"]):
            if head.first != expected or head.last < head.first:
                span = (expected, max(expected, head.first - 1))
                found.append(Finding(DAY, head.site, *span, 0, head.day))
            expected = head.last + 1
        if row["day_first"] > expected:  # of days that have no row at all
            found.append(Finding(DAY, row["site"], expected, row["day_first"] - 1))
    return found


def _with_day(finding: Finding, days: Sequence[Head]) -> Finding:
    """The finding with the day that its first fact was chained on, if a day's row says so."""
    of_site = [head for head in days if head.site == finding.site]
    place = bisect_right([head.first for head in of_site], finding.first) - 1
    if finding.day or place < 0 or of_site[place].last < finding.first:
        return finding
    return replace(finding, day=of_site[place].day)
