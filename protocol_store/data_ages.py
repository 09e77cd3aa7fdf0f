"""What citizens typed, and their numbers, leave the store when they are old enough.

    numbers older than `numbers_before`    a keyed pseudonym stands in their place
    typed data older than `typed_before`   is gone, in facts and in promises

Age counts from when the call came in. A legal hold, an open promise, an open task and a mark that
nobody may call back beat it, as they beat a citizen's own wish (citizen_erasure.py); a call without
an end is over by then. Nothing that is counted changes, and the chain attests every row. What is
held back today is looked at again at the next walk: a walk remembers nothing, so that calls which
come in late, out of another store or from the switch's own records, are found as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from protocol_store.citizen_erasure import NUMBER, Pseudonym, sorted_out, take_out
from protocol_store.citizen_walk import in_parts, is_number, older, with_typed
from protocol_store.fact_log import FactLog
from terms.facts import PERSONAL, Fact, Kind
from terms.limits import CITIZEN_CALLS_AT_ONCE
from terms.names import CallId, Instant

Place = tuple[Instant, str]
"""Where a walk stands: behind this call."""

BECAUSE_NUMBER: Final = "prazo de guarda dos números"
BECAUSE_TYPED: Final = "prazo de guarda do que foi digitado"


@dataclass(frozen=True, slots=True)
class Ages:
    """What is older than these goes; None: nothing does."""

    typed_before: Instant | None
    numbers_before: Instant | None

    @property
    def first(self) -> Instant:
        """What is younger than this stays whole."""
        return max(self.typed_before or 0.0, self.numbers_before or 0.0)


@dataclass(frozen=True, slots=True)
class Due:
    """A page of a walk: what is to go, and where the next page begins (None: the end)."""

    numbers: tuple[CallId, ...]
    typed: tuple[CallId, ...]
    after: Place | None


@dataclass(frozen=True, slots=True)
class Expired:
    """What went: calls without their number now, and without what was typed; facts that lost
    something; calls that something beats the age of. Contacts, attempts at them and texts
    that are nobody's now (outgoing_ages.py)."""

    numbers: int = 0
    typed: int = 0
    facts: int = 0
    kept: int = 0
    contacts: int = 0
    attempts: int = 0
    texts: int = 0

    def and_then(self, more: Expired) -> Expired:
        """Both."""
        return Expired(
            self.numbers + more.numbers,
            self.typed + more.typed,
            self.facts + more.facts,
            self.kept + more.kept,
            self.contacts + more.contacts,
            self.attempts + more.attempts,
            self.texts + more.texts,
        )


@dataclass(frozen=True, slots=True)
class Expiry:
    """Some calls whose data is due, for the same reason. `number`: it is their numbers."""

    calls: tuple[CallId, ...]
    number: bool
    pseudonym: Pseudonym
    by: str
    at: Instant


def due(connection: Connection, ages: Ages, after: Place = (0.0, "")) -> Due:
    """The next page of what is old enough, held or not."""
    page = older(connection, ages.first, after)
    of_typed = [call for at, call, _ in page if at < (ages.typed_before or 0.0)]
    typed = with_typed(connection, of_typed)
    return Due(
        tuple(
            call
            for at, call, caller in page
            if at < (ages.numbers_before or 0.0) and is_number(caller)
        ),
        tuple(call for call in of_typed if call in typed),
        (page[-1][0], page[-1][1]) if page else None,
    )


def rehearse(connection: Connection, ages: Ages) -> Expired:
    """What a whole walk would come to. Blocking, and long for years of calls; changes nothing."""
    would, after = Expired(), (0.0, "")
    while (page := due(connection, ages, after)).after is not None:
        after = page.after
        for calls, number in ((page.typed, False), (page.numbers, True)):
            for part in in_parts(calls, CITIZEN_CALLS_AT_ONCE):
                ready, kept = sorted_out(connection, part, unended=True)
                would = would.and_then(_counted(len(ready), number, 0, len(kept)))
    return would


def expire(connection: Connection, expiry: Expiry, log: FactLog) -> Expired:
    """Let it go, in one transaction; harmless to repeat."""
    ready, kept = sorted_out(connection, expiry.calls, unended=True)
    names = {NUMBER} if expiry.number else PERSONAL - {NUMBER}
    because = BECAUSE_NUMBER if expiry.number else BECAUSE_TYPED
    told = Fact(expiry.at, Kind.DATA_ERASED, by=expiry.by, details={"because": because})
    changed = take_out(connection, ready, names, expiry.pseudonym, told, log)
    return _counted(len(ready), expiry.number, changed, len(kept))


def _counted(ready: int, number: bool, facts: int, kept: int) -> Expired:
    numbers, typed = (ready, 0) if number else (0, ready)
    return Expired(numbers, typed, facts, kept)
