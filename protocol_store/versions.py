"""Published dialplans: their content, who answers for them, and which one serves.

    handed in ──► proposed ──► approved          the content of a version never changes;
        │            └───────► rejected          which version serves is a list that only grows
        └──► approved at once, when nobody else has to agree

What is decided, what serves from then on, and the fact that tells of it are one transaction: a
process that dies in between has either done all of it or nothing. A process that leads no more
is refused here as well (`epoch`), whatever it still believes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from protocol_store.errors import NotLeading, VersionDecided, VersionUnknown
from protocol_store.fact_log import FactLog
from protocol_store.tables import dialplan_serving, dialplan_versions, leadership
from terms.facts import Fact
from terms.limits import VERSIONS_LISTED
from terms.names import Instant

SAME_INSTANT: Final = 0.001
"""A database gives instants back to the microsecond, not as they went in."""


class VersionState(StrEnum):
    """Whether a version may serve."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of a version beside its files. `before`: what served when it was handed in;
    `needs_approval`: the lines for whose sake a second person has to agree."""

    version: str
    author: str
    note: str
    created_at: Instant
    before: str
    state: VersionState
    needs_approval: tuple[str, ...] = ()
    decided_by: str | None = None
    decided_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A version began to serve. `act`: what whoever asked for it drew, so that a repeat is none."""

    act: str
    version: str
    before: str
    since: Instant
    how: str
    by: str


@dataclass(frozen=True, slots=True)
class HandIn:
    """A version to keep; with `serve`, it serves from now on. A rejected one may come again."""

    version: Version
    files: Mapping[str, str]
    facts: tuple[Fact, ...]
    serve: Served | None = None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposed version is approved, and then serves, or rejected."""

    version: str
    state: VersionState
    by: str
    at: Instant
    facts: tuple[Fact, ...]
    serve: Served | None = None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Switch:
    """An approved version serves again."""

    serve: Served
    facts: tuple[Fact, ...]
    epoch: int = 0


Answer = Exception | None


def hand_in(connection: Connection, asked: Sequence[HandIn], log: FactLog) -> list[Answer]:
    """Keep versions. VersionDecided in the place of one that is there and was not rejected."""
    return [_each(connection, one, log, _hand_in) for one in asked]


def decide(connection: Connection, asked: Sequence[Decision], log: FactLog) -> list[Answer]:
    """Approve or reject. VersionUnknown, or VersionDecided for what is not proposed."""
    return [_each(connection, one, log, _decide) for one in asked]


def switch(connection: Connection, asked: Sequence[Switch], log: FactLog) -> list[Answer]:
    """Serve versions. VersionUnknown, or VersionDecided for what is not approved."""
    return [_each(connection, one, log, _switch) for one in asked]


def _each(connection: Connection, one: Any, log: FactLog, do: Callable[..., Answer]) -> Answer:
    if one.epoch and one.epoch < (connection.execute(_NEWEST_EPOCH).scalar() or 0):
        return NotLeading("esta central passou o comando a outra; tente de novo")
    if one.serve is not None and _is_repeat(connection, one.serve):
        return None
    trouble = do(connection, one)
    if trouble is None:
        if one.serve is not None:
            connection.execute(insert(dialplan_serving).values(**_row(one.serve)))
        log.write(connection, log.number(one.facts))
    return trouble


def _hand_in(connection: Connection, one: HandIn) -> Answer:
    new = one.version
    row = {
        "version": new.version,
        "files": dict(one.files),
        "author": new.author,
        "note": new.note,
        "created_at": new.created_at,
        "before": new.before,
        "state": new.state.value,
        "needs_approval": list(new.needs_approval),
        "decided_by": new.decided_by,
        "decided_at": new.decided_at,
    }
    there = version(connection, new.version)
    if there is None:
        connection.execute(insert(dialplan_versions).values(row))
        return None
    if there.state is not VersionState.REJECTED:
        same = there.author == new.author and abs(there.created_at - new.created_at) < SAME_INSTANT
        return None if same else VersionDecided(f"a versão {new.version} já foi publicada")
    del row["files"]  # the same ones: the version is their hash
    connection.execute(_of(new.version).values(row))
    return None


def _decide(connection: Connection, one: Decision) -> Answer:
    there = version(connection, one.version)
    if there is None:
        return VersionUnknown(f"não há versão {one.version}")
    if there.state is not VersionState.PROPOSED:
        same = (there.state, there.decided_by) == (one.state, one.by)
        same = same and abs((there.decided_at or 0.0) - one.at) < SAME_INSTANT
        return None if same else VersionDecided(f"a versão {one.version} já foi decidida")
    decided = {"state": one.state.value, "decided_by": one.by, "decided_at": one.at}
    connection.execute(_of(one.version).values(decided))
    return None


def _switch(connection: Connection, one: Switch) -> Answer:
    there = version(connection, one.serve.version)
    if there is None:
        return VersionUnknown(f"não há versão {one.serve.version}")
    if there.state is not VersionState.APPROVED:
        return VersionDecided(f"a versão {one.serve.version} não foi aprovada")
    return None


_NEWEST_EPOCH = select(func.max(leadership.c.epoch))


def _of(name: str) -> Any:
    return update(dialplan_versions).where(dialplan_versions.c.version == name)


def _is_repeat(connection: Connection, served: Served) -> bool:
    """Our own first try, whose commit we never heard of."""
    acts = select(dialplan_serving.c.id).where(dialplan_serving.c.act == served.act)
    return connection.execute(acts).first() is not None


def _row(served: Served) -> dict[str, Any]:
    return {
        "act": served.act,
        "version": served.version,
        "before": served.before,
        "since": served.since,
        "how": served.how,
        "by_whom": served.by,
    }


# --- questions ---
def version(connection: Connection, name: str) -> Version | None:
    """What is known of a version; None when there is none of that name."""
    row = connection.execute(_known().where(dialplan_versions.c.version == name)).first()
    return None if row is None else _version(row)


def versions(connection: Connection) -> list[Version]:
    """The newest VERSIONS_LISTED versions, the newest first."""
    newest = _known().order_by(dialplan_versions.c.created_at.desc(), dialplan_versions.c.version)
    return [_version(row) for row in connection.execute(newest.limit(VERSIONS_LISTED))]


def files_of(connection: Connection, name: str) -> dict[str, str] | None:
    """A version's files as they were handed in; None when there is none of that name."""
    kept = select(dialplan_versions.c.files).where(dialplan_versions.c.version == name)
    found = connection.execute(kept).scalar()
    return None if found is None else {str(file): str(text) for file, text in found.items()}


def served(connection: Connection) -> list[Served]:
    """What served since when, the newest (that is: what serves) first, VERSIONS_LISTED of them."""
    newest = select(dialplan_serving).order_by(dialplan_serving.c.id.desc()).limit(VERSIONS_LISTED)
    return [
        Served(row.act, row.version, row.before, row.since, row.how, row.by_whom)
        for row in connection.execute(newest)
    ]


def _known() -> Any:
    return select(*(column for column in dialplan_versions.c if column.name != "files"))


def _version(row: Row[Any]) -> Version:
    return Version(
        version=row.version,
        author=row.author,
        note=row.note,
        created_at=row.created_at,
        before=row.before,
        state=VersionState(row.state),
        needs_approval=tuple(row.needs_approval),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
