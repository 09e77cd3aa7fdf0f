"""The part of the store that keeps recordings' keys: which is sealed, held, due, or erased.

What changes a key's row stores the fact that tells of it in the same transaction, so neither can
be there without the other. To erase is to forget the key: the row, the call and all counts stay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from protocol_store import recording_questions as questions
from protocol_store.fact_log import FactLog
from protocol_store.recording_rows import CallState, Erasure, Hold, KeyRow
from protocol_store.recording_search import Page, Wanted, search
from protocol_store.recording_tables import recording_holds, recording_keys
from protocol_store.upserts import upsert
from terms.facts import Fact
from terms.names import CallId, Instant

Ask = Callable[..., Awaitable[Any]]


_SAYS = tuple(column.name for column in recording_keys.columns if column.name != "name")


class RecordingBook:
    """See the file's top. `ask` and `read` are the store's own: StoreOverdue, StoreFailing."""

    def __init__(self, ask: Ask, read: Callable[..., Awaitable[Any]], facts: FactLog) -> None:
        self._ask, self._read, self._facts = ask, read, facts

    # --- reading ---
    async def search(self, wanted: Wanted) -> Page:
        """Recordings that fit, the newest first, a page at a time."""
        found: Page = await self._read(search, wanted)
        return found

    async def key(self, name: str) -> KeyRow | None:
        """A sealed recording's row; None when it was never sealed."""
        found: KeyRow | None = await self._read(questions.key, name)
        return found

    async def sealed(self, names: Collection[str]) -> dict[str, bool]:
        """Which of these are sealed → whether they were erased since."""
        found: dict[str, bool] = await self._read(questions.sealed, names)
        return found

    async def calls(self, wanted: Collection[CallId]) -> dict[CallId, CallState]:
        """What is stored of these calls; unknown ones are left out."""
        found: dict[CallId, CallState] = await self._read(questions.calls_of, wanted)
        return found

    async def unchecked(self, since: Instant, until: Instant) -> list[CallId]:
        """Calls that an agent answered, over between these, of whose talk's recording nothing is
        known: neither that it is whole nor what is wrong with it."""
        found: list[CallId] = await self._read(questions.unchecked, since, until)
        return found

    async def holds(self, open_only: bool = True) -> list[Hold]:
        """Holds, the newest first."""
        found: list[Hold] = await self._read(questions.holds, open_only)
        return found

    async def held(self, call: CallId) -> bool:
        """Whether a hold is open on this call."""
        found: bool = await self._read(questions.is_held, call)
        return found

    async def due(
        self, retention_class: str, before: Instant, archived: bool | None, after: str = ""
    ) -> list[KeyRow]:
        """Some recordings of a class made before then, neither erased nor held, by name; `after`:
        beyond this one. `archived` None: whether or not they are archived."""
        found: list[KeyRow] = await self._read(
            questions.due, retention_class, before, archived, after
        )
        return found

    async def leftovers(self) -> list[KeyRow]:
        """Some erased recordings whose sealed files may still be there."""
        found: list[KeyRow] = await self._read(questions.leftovers)
        return found

    async def count(
        self, retention_class: str, before: Instant, archived: bool | None
    ) -> tuple[int, int]:
        """How many those are, all told, and how many of them are held."""
        found: tuple[int, int] = await self._read(
            questions.count, retention_class, before, archived
        )
        return found

    async def wrapped_by_others(self, master: str, after: str = "") -> list[KeyRow]:
        """Some of those whose keys another master key wraps, by name; `after`: beyond this one."""
        found: list[KeyRow] = await self._read(questions.wrapped_by_others, master, after)
        return found

    async def masters(self) -> list[str]:
        """The names of all master keys that something is wrapped by."""
        found: list[str] = await self._read(questions.masters)
        return found

    # --- writing: durable when it returns ---
    async def remember(self, *facts: Fact) -> None:
        """Store these facts."""
        await self._ask(self._write, facts)

    async def seal(self, row: KeyRow) -> bool:
        """Keep a recording's wrapped key. False for one that was erased: its key stays away."""
        kept: bool = await self._ask(_seal, row)
        return kept

    async def gone(self, name: str) -> None:
        """An erased recording's sealed file is gone too."""
        await self._ask(_forget_place, name)

    async def archived(self, name: str, fact: Fact) -> None:
        """A recording is in the archive; `fact` says so."""
        await self._ask(self._archive, (name, fact))

    async def rewrap(self, rows: Sequence[KeyRow]) -> None:
        """The same keys, wrapped by another master key."""
        await self._ask(_rewrap, tuple(rows))

    async def erase(self, erasure: Erasure) -> bool:
        """Destroy a recording's key; whether it was there. False for one that is held now, or
        was erased before: then nothing is changed and no fact is stored."""
        done: bool = await self._ask(self._erase, erasure)
        return done

    async def hold(self, act: str, hold: Hold, fact: Fact) -> int:
        """Hold a call's recordings; the hold's number, which the fact is given."""
        number: int = await self._ask(self._hold, (act, hold, fact))
        return number

    async def release(self, hold: Hold, fact: Fact) -> bool:
        """End a hold; False when it is over already, or there is none of that number."""
        done: bool = await self._ask(self._release, (hold, fact))
        return done

    # What the writer does for us: each is harmless to repeat.
    def _write(self, connection: Connection, batches: Sequence[Sequence[Fact]]) -> Sequence[Any]:
        for facts in batches:
            self._facts.write(connection, self._facts.number(facts))
        return batches

    def _archive(self, connection: Connection, asked: Sequence[tuple[str, Fact]]) -> Sequence[Any]:
        for name, fact in asked:
            changed = connection.execute(
                update(recording_keys)
                .where(recording_keys.c.name == name, recording_keys.c.archived_at.is_(None))
                .values(archived_at=fact.at)
            )
            if changed.rowcount:
                self._write(connection, [(fact,)])
        return asked

    def _erase(self, connection: Connection, asked: Sequence[Erasure]) -> Sequence[Any]:
        return [self._erase_one(connection, one) for one in asked]

    def _erase_one(self, connection: Connection, asked: Erasure) -> bool:
        row = asked.row
        if questions.is_held(connection, row.call_id):
            return False
        there = questions.key(connection, row.name)
        if there is not None and there.erased_at is not None:
            return False
        _upsert(connection, row)  # with its key empty
        self._write(connection, [(asked.fact,)])
        return True

    def _hold(
        self, connection: Connection, asked: Sequence[tuple[str, Hold, Fact]]
    ) -> Sequence[Any]:
        return [self._hold_one(connection, *one) for one in asked]

    def _hold_one(self, connection: Connection, act: str, hold: Hold, fact: Fact) -> int:
        number = select(recording_holds.c.id).where(recording_holds.c.act == act)
        there: int | None = connection.execute(number).scalar()
        if there is not None:
            return there
        row = {
            "act": act,
            "call_id": hold.call,
            "reason": hold.reason,
            "since": hold.since,
            "by_whom": hold.by,
        }
        connection.execute(insert(recording_holds).values(row))
        drawn: int = connection.execute(number).scalar_one()
        told = replace(fact, details={**fact.details, "hold": drawn})
        self._write(connection, [(told,)])
        return drawn

    def _release(self, connection: Connection, asked: Sequence[tuple[Hold, Fact]]) -> Sequence[Any]:
        answers = []
        for hold, fact in asked:
            changed = connection.execute(
                update(recording_holds)
                .where(recording_holds.c.id == hold.hold, recording_holds.c.ended_at.is_(None))
                .values(
                    ended_at=hold.ended_at,
                    ended_by=hold.ended_by,
                    ended_because=hold.ended_because,
                )
            )
            if changed.rowcount:
                self._write(connection, [(fact,)])
            answers.append(bool(changed.rowcount))
        return answers


def _seal(connection: Connection, rows: Sequence[KeyRow]) -> Sequence[Any]:
    return [_seal_one(connection, row) for row in rows]


def _seal_one(connection: Connection, row: KeyRow) -> bool:
    there = questions.key(connection, row.name)
    if there is not None and there.erased_at is not None:
        return False
    _upsert(connection, row)
    return True


def _upsert(connection: Connection, row: KeyRow) -> None:
    connection.execute(upsert(connection, recording_keys, ("name",), _SAYS), [asdict(row)])


def _forget_place(connection: Connection, names: Sequence[str]) -> Sequence[Any]:
    connection.execute(
        update(recording_keys)
        .where(recording_keys.c.name.in_(names), recording_keys.c.erased_at.is_not(None))
        .values(place="")
    )
    return names


def _rewrap(connection: Connection, asked: Sequence[Sequence[KeyRow]]) -> Sequence[Any]:
    for rows in asked:
        for row in rows:
            # not one that was erased meanwhile: its key must not come back
            connection.execute(
                update(recording_keys)
                .where(recording_keys.c.name == row.name, recording_keys.c.wrapped.is_not(None))
                .values(master=row.master, wrapped=row.wrapped)
            )
    return asked
