"""Takes another store's facts into this one: two sites become one history (R82).

SQLite and PostgreSQL in any pairing. Facts keep their key, their site and their place in its chain,
so what comes out is verified as before, and a merge that is repeated, or was broken off, takes only
what is new. What facts come to is made here from the facts taken (projections.py).

    first     looked at, nothing written: ranges, doubled numbers, the chain (merge_checks.py)
    then      facts and what they come to, some hundred a transaction, a site after the other
    last      what is a truth of its own (merge_truths.py)

Not taken: people's tokens, what serves, leadership, blocks of numbers. They are a site's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from protocol_store import chain, heads, merge_checks, merge_truths
from protocol_store.chain_tables import fact_days, sites
from protocol_store.projecting import known_facts, project
from protocol_store.promise_tables import promises
from protocol_store.tables import calls, facts, protocols
from terms.facts import Kind
from terms.limits import MERGE_ROWS


@dataclass(slots=True)
class Merged:
    """What was taken. `left_out`: facts that came to nothing, because they break a rule."""

    taken: dict[str, int] = field(default_factory=dict)  # site → facts
    left_out: int = 0
    two_people: list[str] = field(default_factory=list)  # agents' names that are two people's


def merge(source: Engine, target: Engine, told: Callable[[int], None] = lambda _: None) -> Merged:
    """Take what `target` does not have yet from `source`. Nobody else may write to `target`.

    `told` hears how many facts were taken so far. Raises MergeRefused, before anything is written.
    """
    merge_checks.same_release(source, target)
    with source.connect() as reading, target.connect() as writing:
        theirs, days = heads.standing(reading), heads.all_days(reading)
        ours = {row["site"]: row for row in heads.standing(writing)}
    merge_checks.ranges_apart(theirs, list(ours.values()))
    begun = {row["site"]: int(ours.get(row["site"], {}).get("ordinal") or 0) for row in theirs}
    for row in theirs:
        merge_checks.one_chain(source, target, row, ours.get(row["site"]))
    merge_checks.no_number_twice(source, target)
    merge_checks.looks_well(source, target, theirs, begun)
    merged = Merged()
    for row in theirs:
        name = row["site"]
        merged.taken[name] = 0
        for count in _take(source, target, row, begun[name], merged):
            merged.taken[name] += count
            told(sum(merged.taken.values()))
        if begun[name] <= row["ordinal"]:
            _end_site(target, row, [one for one in days if one.site == name])
    merged.two_people = merge_truths.copy_truths(source, target)
    return merged


def _take(
    source: Engine, target: Engine, theirs: Mapping[str, Any], begun: int, merged: Merged
) -> Iterator[int]:
    after, end = begun, int(theirs["ordinal"])
    while after < end:
        with source.connect() as reading, target.begin() as writing:
            rows = _next(reading, theirs["site"], after, end)
            if not rows:
                return
            writing.execute(insert(facts), [_without_id(row) for row in rows])
            merged.left_out += project(writing, known_facts(rows))
            _copy_protocols(reading, writing, {row["call_id"] for row in rows} - {None})
            for row in rows:
                if row["kind"] == Kind.DATA_ERASED:
                    _erase_too(reading, writing, row["details"].get("rows") or {})
            chain.begin_site(writing, theirs["site"])
            after = rows[-1]["ordinal"]
            writing.execute(
                update(sites)
                .where(sites.c.site == theirs["site"])
                .values(ordinal=after, digest=rows[-1]["digest"])
            )
        yield len(rows)


def _next(reading: Connection, site: str, after: int, end: int) -> Sequence[RowMapping]:
    return (
        reading.execute(
            select(facts)
            .where(facts.c.site == site, facts.c.ordinal > after, facts.c.ordinal <= end)
            .order_by(facts.c.ordinal)
            .limit(MERGE_ROWS)
        )
        .mappings()
        .all()
    )


def _without_id(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _copy_protocols(reading: Connection, writing: Connection, of_calls: set[str]) -> None:
    """The numbers of these calls, as the source has them; those without an ordinal first, because
    another number may have taken theirs."""
    rows = reading.execute(
        select(protocols)
        .where(protocols.c.call_id.in_(of_calls))
        .order_by(protocols.c.ordinal.is_not(None), protocols.c.ordinal)
    ).mappings()
    known = set(
        writing.execute(select(calls.c.call_id).where(calls.c.call_id.in_(of_calls))).scalars()
    )
    found = [dict(row) for row in rows if row["call_id"] in known]
    if found:
        merge_truths.write(writing, protocols, ("protocol",), found)


def _erase_too(reading: Connection, writing: Connection, attested: Mapping[str, str]) -> None:
    """What was erased at the source since we took it goes here too."""
    replaced, of_calls = {}, set()
    for name in attested:
        site, _, ordinal = name.rpartition(":")
        row = reading.execute(
            select(facts.c.details, facts.c.call_id).where(
                facts.c.site == site, facts.c.ordinal == int(ordinal)
            )
        ).first()
        if row is not None:
            replaced[site, int(ordinal)] = row.details
            of_calls.add(row.call_id)
    if replaced:
        chain.replace_details(writing, replaced)
    for table, column in ((calls, calls.c.caller), (promises, promises.c.data)):
        for row in reading.execute(
            select(table.c.call_id, column).where(table.c.call_id.in_(of_calls - {None}))
        ):
            writing.execute(
                update(table).where(table.c.call_id == row.call_id).values({column: row[1]})
            )


def _end_site(target: Engine, theirs: Mapping[str, Any], days: Sequence[heads.Head]) -> None:
    """The site's range, its days and where its day stands, as the source has them."""
    with target.begin() as writing:
        chain.begin_site(writing, theirs["site"])
        names = ("first_number", "last_number", "day", "day_first")
        writing.execute(
            update(sites)
            .where(sites.c.site == theirs["site"])
            .values({name: theirs[name] for name in names})
        )
        rows = [heads.row_of(one) for one in days if one.last <= theirs["ordinal"]]
        if rows:
            merge_truths.write(writing, fact_days, ("site", "day"), rows)
