"""Takes one citizen's data out of what is stored, and leaves all that is counted.

What goes: the number (a keyed pseudonym stands in its place, so that repeated calls still count as
one number's), what was typed, what a promise knew. What stays: calls, protocols, waits, talks, the
number's area code, and every total. A recording goes by the destruction of its key, which is not
done here.

Not yet erased: a call that is not over, one that we still owe something, one whose number nobody
may call back (a mark that protects them), and one under a legal hold, which beats erasure. They are
told, and the erasure is asked for again later.

The facts stay a chain: `data_erased` attests what is left of each (chain.py). One transaction takes
a few calls (limits.CITIZEN_CALLS_AT_ONCE): whoever writes what happens is never held up by this.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from protocol_store import chain
from protocol_store.areas import area_of
from protocol_store.citizen_tables import erasures
from protocol_store.citizen_walk import is_number
from protocol_store.citizens import Subject, is_barred, is_waited_for
from protocol_store.engines import SQLITE
from protocol_store.fact_log import FactLog
from protocol_store.promise_tables import promises
from protocol_store.recording_questions import is_held
from protocol_store.tables import calls, facts
from protocol_store.upserts import upsert
from terms.facts import PERSONAL, Fact, Kind
from terms.names import ERASED, CallId, Instant

ATTESTED_AT_ONCE: Final = 40
"""Rows that one fact attests: as many digests as limits.FACT_DETAIL_BYTES has room for."""

NUMBER: Final = "caller"
NOT_OVER: Final = "a ligação ainda não terminou"
ON_HOLD: Final = "retenção legal"
STILL_OWED: Final = "há um retorno ou uma tarefa por fazer"
BARRED: Final = "há a marca de não ligar de volta, que precisa do número"

Pseudonym = Callable[[str], str]
"""What stands for a number from now on: a keyed hash, always the same for one number."""


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

    calls: tuple[CallId, ...] = ()
    facts: int = 0
    kept: Mapping[CallId, str] = field(default_factory=dict)
    recordings: int = 0

    def and_then(self, more: Erased) -> Erased:
        """Both."""
        return Erased(
            self.calls + more.calls,
            self.facts + more.facts,
            {**self.kept, **more.kept},
            self.recordings + more.recordings,
        )


@dataclass(frozen=True, slots=True)
class ErasurePart:
    """Some calls of a wish; `before`: what came of those before them. `recordings`: how many of
    these calls' went already."""

    wish: CitizenErasure
    calls: tuple[CallId, ...]
    before: Erased
    recordings: int = 0


def erasable(connection: Connection, wanted: Sequence[CallId]) -> Erased:
    """What an erasure of these calls would do now. Changes nothing."""
    ready, kept = sorted_out(connection, wanted)
    touched = len(_personal_facts(connection, ready, PERSONAL))
    return Erased(tuple(ready), touched, kept)


def erase(connection: Connection, part: ErasurePart, log: FactLog) -> Erased:
    """Erase, and store the facts and the register's line that tell of it, in one transaction."""
    wish = part.wish
    ready, kept = sorted_out(connection, part.calls)
    told = Fact(wish.at, Kind.DATA_ERASED, by=wish.by, details={"because": wish.because})
    changed = take_out(connection, ready, PERSONAL, lambda _: wish.pseudonym, told, log)
    done = Erased(tuple(ready), changed, kept, part.recordings)
    _register(connection, wish, part.before.and_then(done))
    return done


def sorted_out(
    connection: Connection, wanted: Sequence[CallId], unended: bool = False
) -> tuple[list[CallId], dict[CallId, str]]:
    """Which can be erased now, and why the others cannot. `unended`: also what has no end."""
    ended = select(calls.c.call_id).where(
        calls.c.call_id.in_(wanted), calls.c.ended_at.is_not(None)
    )
    over = set(wanted) if unended else set(connection.execute(ended).scalars())
    ready, kept = [], {}
    for call in wanted:
        if call not in over:
            kept[call] = NOT_OVER
        elif is_held(connection, call):
            kept[call] = ON_HOLD
        elif is_waited_for(connection, call):
            kept[call] = STILL_OWED
        elif is_barred(connection, call):
            kept[call] = BARRED
        else:
            ready.append(call)
    return ready, kept


def take_out(
    connection: Connection,
    wanted: Sequence[CallId],
    names: Collection[str],
    pseudonym: Pseudonym,
    told: Fact,
    log: FactLog,
) -> int:
    """Take these details (terms.facts.PERSONAL) out of these calls' facts and tables; how many
    facts lost something. `told`: the fact that attests it, but for its rows."""
    if not wanted:
        return 0
    if connection.dialect.name == SQLITE:
        # What is overwritten is really gone from the file, and not only from its index.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    replaced = {
        (row.site, row.ordinal): _without(row.details, names, pseudonym)
        for row in _personal_facts(connection, wanted, names)
    }
    attested = chain.replace_details(connection, replaced) if replaced else {}
    if NUMBER in names:
        _forget_numbers(connection, wanted, pseudonym)
    if set(names) - {NUMBER}:
        connection.execute(
            update(promises).where(promises.c.call_id.in_(wanted)).values(data=""),
        )
    facts_told = [
        Fact(told.at, told.kind, by=told.by, details={**told.details, "rows": part})
        for part in _parts(attested)
    ]
    log.write(connection, log.number(facts_told))
    return len(attested)


def _personal_facts(
    connection: Connection, wanted: Sequence[CallId], names: Collection[str]
) -> list[Any]:
    rows = connection.execute(
        select(facts.c.site, facts.c.ordinal, facts.c.details).where(facts.c.call_id.in_(wanted))
    )
    return [row for row in rows if any(_is_whole(row.details.get(name)) for name in names)]


def _is_whole(value: Any) -> bool:
    """Whether something is left to take out: erased twice is erased once."""
    return value is not None and is_number(str(value))


def _without(
    details: Mapping[str, Any], names: Collection[str], pseudonym: Pseudonym
) -> dict[str, Any]:
    """The same details; the number is a pseudonym now, of which the area code is known, whatever
    else was personal is gone."""
    left = dict(details)
    for name in names:
        value = left.get(name)
        if not _is_whole(value):
            continue
        left[name] = pseudonym(str(value)) if name == NUMBER else ERASED
        if name == NUMBER and (area := area_of(str(value))):
            left["area"] = area
    return left


def _forget_numbers(connection: Connection, wanted: Sequence[CallId], pseudonym: Pseudonym) -> None:
    known = connection.execute(
        select(calls.c.call_id, calls.c.caller).where(calls.c.call_id.in_(wanted))
    ).all()
    rows = [
        {"of": row.call_id, "now": pseudonym(row.caller)} for row in known if is_number(row.caller)
    ]
    if rows:
        change = update(calls).where(calls.c.call_id == bindparam("of"))
        connection.execute(change.values(caller=bindparam("now")), rows)


def _register(connection: Connection, wish: CitizenErasure, done: Erased) -> None:
    """The act's line; what it counts only grows, so that a repeat takes nothing back."""
    counts = {
        "calls": len(done.calls),
        "facts": done.facts,
        "recordings": done.recordings,
        "kept": len(done.kept),
    }
    there = connection.execute(
        select(*(erasures.c[name] for name in counts)).where(erasures.c.act == wish.act)
    ).first()
    if there is not None:
        counts = {name: max(count, getattr(there, name)) for name, count in counts.items()}
    row = {
        "act": wish.act,
        "kind": str(wish.subject.kind),
        "subject": wish.pseudonym,
        "at": wish.at,
        "by_whom": wish.by,
        "because": wish.because,
        **counts,
    }
    connection.execute(upsert(connection, erasures, ("act",), tuple(counts)), row)


def _parts(attested: Mapping[str, str]) -> Iterator[dict[str, str]]:
    left = iter(attested.items())
    while part := dict(islice(left, ATTESTED_AT_ONCE)):
        yield part
