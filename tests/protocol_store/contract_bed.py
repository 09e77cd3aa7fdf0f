"""What the tests of the contract's figures share: calls with an ending, and stores that are told
once for all tests of a module, on either database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from protocol_store import Served, Store, Version
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def new_url(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> str:
    """A database that nobody has used, of the kind that is the fixture's parameter."""
    if request.param == "sqlite":
        return f"sqlite:///{folders.mktemp('contract') / 'store.sqlite'}"
    url: str = request.getfixturevalue("postgres").new_database()
    return url


def tell(
    url: str,
    facts: Iterable[Fact],
    version: Version | None = None,
    files: dict[str, str] | None = None,
) -> None:
    """Store these facts; before them, a version of the dialplans that serves."""

    async def told() -> None:
        store = Store(url, "a")
        await store.start()
        if version is not None:
            name, since = version.version, version.created_at
            served = Served(f"act-{name}", name, "", since, "publish", version.author)
            await store.published.hand_in(version, files or {}, served)
        store.append(*facts)
        await store.settled()
        await store.close()

    asyncio.run(told())


def call(
    name: str,
    when: Instant,
    outcome: str = "served",
    wait: float | None = 5.0,
    line: str = "156",
    caller: str = "11911110000",
    *,
    test: bool = False,
    entry: str = "156",
) -> list[Fact]:
    """A call that ends so. `wait` None: it joined no queue."""
    who, agent = CallId(name), AgentName("ana")
    said = {"line": line, "entry": entry, "caller": caller, "test": test}
    facts = [
        Fact(when, Kind.CALL_ARRIVED, who, details=said),
        Fact(when, Kind.PROTOCOL_GIVEN, who, details={"protocol": name, "issuer": "block"}),
    ]
    end = when + 30.0 + (wait or 0.0)
    if wait is not None:
        joined = {"queue": "q", "joined": when + 30.0, "priority": 1, "note": ""}
        facts.append(Fact(when + 30.0, Kind.QUEUED, who, details=joined))
    if outcome == "served":
        told = {"offer": "", "waited": wait}
        facts.append(Fact(end, Kind.ANSWERED, who, agent, details=told))
        facts.append(Fact(end + 60, Kind.TALK_ENDED, who, agent, details={"talk_seconds": 60.0}))
        end += 60.0
    ended = {"outcome": outcome, "blame": "nobody", "where": "x", "seconds": end - when}
    facts.append(Fact(end, Kind.CALL_ENDED, who, details=ended))
    return facts
