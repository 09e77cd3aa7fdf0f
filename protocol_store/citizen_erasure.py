"""Takes one citizen's data out of what is stored, and leaves all that is counted.

What goes: the number (a keyed pseudonym stands in its place, so that repeated calls still count as
one number's), what was typed, what a promise knew. What stays: calls, protocols, waits, talks, and
every total. A recording goes by the destruction of its key, which is not done here.

Not yet erased: a call that is not over, one that we still owe something, and one under a legal
hold, which beats erasure. They are told, and the erasure is asked for again later.

The facts stay a chain: `data_erased` attests what is left of each (chain.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from protocol_store import chain
from protocol_store.citizen_tables import erasures
from protocol_store.citizens import Subject, calls_of, is_waited_for, personal
from protocol_store.engines import SQLITE
from protocol_store.fact_log import FactLog
from protocol_store.promise_tables import promises
from protocol_store.recording_questions import is_held
from protocol_store.tables import calls, facts
from protocol_store.upserts import upsert
from terms.facts import PERSONAL, Fact, Kind
from terms.names import ANONYMOUS, ERASED, CallId, Instant

ATTESTED_AT_ONCE: Final = 40
"""Rows that one fact attests: as many digests as limits.FACT_DETAIL_BYTES has room for."""


@dataclass(frozen=True, slots=True)
class CitizenErasure:
    """One wish to be erased. `act` is drawn by who asks: a repeat is no second. `pseudonym`:
    what stands for the subject from now on, a keyed hash."""

    act: str
    subject: Subject
    pseudonym: str
    by: str
    because: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of it. `kept`: calls that could not be erased yet, each with the reason."""

    calls: tuple[CallId, ...]
    facts: int
    kept: Mapping[CallId, str]


def erasable(connection: Connection, subject: Subject) -> Erased:
    """What an erasure would do now: the rehearsal of `erase`. Changes nothing."""
    found, kept = _sorted(connection, calls_of(connection, subject))
    touched = sum(1 for _ in _personal_facts(connection, found))
    return Erased(tuple(found), touched, kept)


def erase(connection: Connection, wish: CitizenErasure, log: FactLog) -> Erased:
    """Erase, and store the facts and the register's line that tell of it, in one transaction."""
    if connection.dialect.name == SQLITE:
        # What is overwritten is really gone from the file, and not only from its index.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    found, kept = _sorted(connection, calls_of(connection, wish.subject))
    replaced = {
        (row.site, row.ordinal): _without(row.details, wish.pseudonym)
        for row in _personal_facts(connection, found)
    }
    attested = chain.replace_details(connection, replaced) if replaced else {}
    _forget_in_tables(connection, found, wish.pseudonym)
    told = [
        Fact(wish.at, Kind.DATA_ERASED, by=wish.by, details={"rows": part, "because": wish.because})
        for part in _parts(attested)
    ]
    log.write(connection, log.number(told))
    _register(connection, wish, len(found), len(attested), len(kept))
    return Erased(tuple(found), len(attested), kept)


def _sorted(
    connection: Connection, found: Sequence[CallId]
) -> tuple[list[CallId], dict[CallId, str]]:
    """Which can be erased now, and why the others cannot."""
    ready, kept = [], {}
    for call in found:
        if because := _keeps(connection, call):
            kept[call] = because
        else:
            ready.append(call)
    return ready, kept


def _keeps(connection: Connection, call: CallId) -> str:
    ended = connection.execute(select(calls.c.ended_at).where(calls.c.call_id == call)).scalar()
    if ended is None:
        return "a ligação ainda não terminou"
    if is_held(connection, call):
        return "retenção legal"
    if is_waited_for(connection, call):
        return "há um retorno ou uma tarefa por fazer"
    return ""


def _personal_facts(connection: Connection, found: Iterable[CallId]) -> Iterator[Any]:
    for call in found:
        rows = connection.execute(
            select(facts.c.site, facts.c.ordinal, facts.c.details).where(facts.c.call_id == call)
        ).all()
        yield from (row for row in rows if _is_whole(row.details))


def _is_whole(details: Mapping[str, Any]) -> bool:
    """Whether something is left to take out: erased twice is erased once."""
    named = [str(details[name]) for name in PERSONAL if details.get(name)]
    return personal(details) and not all(
        one.startswith(ERASED) or one == ANONYMOUS for one in named
    )


def _without(details: Mapping[str, Any], pseudonym: str) -> dict[str, Any]:
    """The same details; the number is a pseudonym now, whatever else was personal is gone."""
    left = dict(details)
    for name in PERSONAL & left.keys():
        if left[name] not in (None, "", ANONYMOUS):
            left[name] = pseudonym if name == "caller" else ERASED
    return left


def _forget_in_tables(connection: Connection, found: Sequence[CallId], pseudonym: str) -> None:
    if not found:
        return
    rows = [{"of": call} for call in found]
    connection.execute(
        update(calls)
        .where(calls.c.call_id == bindparam("of"))
        .where(calls.c.caller != "", calls.c.caller != ANONYMOUS)
        .values(caller=pseudonym),
        rows,
    )
    connection.execute(
        update(promises).where(promises.c.call_id == bindparam("of")).values(data=""), rows
    )


def _register(
    connection: Connection, wish: CitizenErasure, done: int, changed: int, kept: int
) -> None:
    row = {
        "act": wish.act,
        "kind": str(wish.subject.kind),
        "subject": wish.pseudonym,
        "at": wish.at,
        "by_whom": wish.by,
        "because": wish.because,
        "calls": done,
        "facts": changed,
        "recordings": 0,
        "kept": kept,
    }
    connection.execute(upsert(connection, erasures, ("act",), ()), row)


def count_recordings(connection: Connection, act: str, count: int) -> None:
    """Add to the register how many recordings went with it."""
    connection.execute(update(erasures).where(erasures.c.act == act).values(recordings=count))


def _parts(attested: Mapping[str, str]) -> Iterator[dict[str, str]]:
    left = iter(attested.items())
    while part := dict(islice(left, ATTESTED_AT_ONCE)):
        yield part
