"""Versions of the dialplans and supervisors' orders: kept whole, once, by whoever leads."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest
from store_bed import AT, NewStore, execute, open_call, rows

from protocol_store import (
    NameTaken,
    NameUnknown,
    NotLeading,
    Order,
    Served,
    Store,
    Version,
    VersionDecided,
    VersionState,
    VersionUnknown,
    schema,
)
from protocol_store.engines import make_engine
from protocol_store.operations import BLOCK, QUEUE, STORM, SUSPECT
from terms.facts import Fact, Kind
from terms.names import CallId

FILES = {"156.yaml": "linha: 156 # ã\n", "queues.yaml": "filas: {}\n"}


def version(
    name: str = "v1", state: VersionState = VersionState.APPROVED, at: float = AT
) -> Version:
    lines = ("199",) if state is VersionState.PROPOSED else ()
    return Version(name, "adao", "por quê", at, "v0", state, lines)


def served(name: str, act: str, how: str = "publish", before: str = "") -> Served:
    return Served(act, name, before, AT, how, "adao")


def told(name: str) -> Fact:
    return Fact(AT, Kind.DIALPLAN_PUBLISHED, by="adao", details={"version": name})


def announcement(act: str, name: str, **more: Any) -> Order:
    order = Order(act, "emergencia", name, "199", "entrada", "Chove.", AT, AT + 60, "sofia")
    return replace(order, **more)


def kinds(url: str) -> list[str]:
    return [str(kind) for (kind,) in rows(url, "SELECT kind FROM facts ORDER BY id")]


async def test_a_version_serves_with_its_files_as_they_were(
    store: Store, database_url: str
) -> None:
    await store.published.hand_in(version(), FILES, served("v1", "a"), told("v1"))
    assert await store.published.files("v1") == FILES
    assert await store.published.version("v1") == version()
    assert await store.published.served() == [served("v1", "a")]
    assert kinds(database_url) == ["dialplan_published"]
    assert await store.published.files("v2") is None
    assert await store.published.version("v2") is None


async def test_who_asks_twice_gets_it_once(store: Store, database_url: str) -> None:
    """The writer repeats what it does not know the end of."""
    for _ in range(2):
        await store.published.hand_in(version(), FILES, served("v1", "a"), told("v1"))
    for _ in range(2):
        await store.published.serve(served("v1", "b", "rollback"), told("v1"))
    for _ in range(2):
        await store.published.order(announcement("x", "chuva"), Fact(AT, Kind.ANNOUNCED))
    for at in (AT + 1, AT + 2):
        fact = Fact(at, Kind.ANNOUNCEMENT_ENDED)
        await store.published.end_order("x", at, "sofia", fact)
    assert [one.act for one in await store.published.served()] == ["b", "a"]
    assert kinds(database_url) == [
        "dialplan_published",
        "dialplan_published",
        "announced",
        "announcement_ended",
    ]
    (order,) = await store.published.orders()
    assert (order.ended_at, order.ended_by) == (AT + 1, "sofia")


async def test_what_is_proposed_serves_only_when_approved(store: Store) -> None:
    published = store.published
    await published.hand_in(version("v1", VersionState.PROPOSED), FILES, None)
    assert await published.served() == []
    with pytest.raises(VersionDecided, match="não foi aprovada"):
        await published.serve(served("v1", "a"))
    await published.approve("v1", "sofia", served("v1", "b"), told("v1"))
    found = await published.version("v1")
    assert found is not None
    assert (found.state, found.decided_by, found.decided_at) == ("approved", "sofia", AT)
    assert found.needs_approval == ("199",)
    with pytest.raises(VersionDecided):
        await published.reject("v1", "sofia", AT)
    with pytest.raises(VersionDecided):
        await published.approve("v1", "outra", served("v1", "c"))
    assert [one.act for one in await published.served()] == ["b"]


async def test_what_was_rejected_may_come_again(store: Store) -> None:
    published = store.published
    await published.hand_in(version("v1", VersionState.PROPOSED), FILES, None)
    await published.reject("v1", "sofia", AT + 1)
    with pytest.raises(VersionDecided):
        await published.approve("v1", "sofia", served("v1", "a"))
    await published.hand_in(version("v1", VersionState.PROPOSED, AT + 2), FILES, None)
    found = await published.version("v1")
    assert found is not None
    assert (found.state, found.created_at, found.decided_by) == ("proposed", AT + 2, None)


async def test_what_is_there_is_not_handed_in_again(store: Store) -> None:
    await store.published.hand_in(version(), FILES, served("v1", "a"))
    with pytest.raises(VersionDecided, match="já foi publicada"):
        await store.published.hand_in(version(at=AT + 5), {}, served("v1", "b"))
    assert await store.published.files("v1") == FILES
    assert len(await store.published.served()) == 1


async def test_unknown_names(store: Store) -> None:
    published = store.published
    with pytest.raises(VersionUnknown):
        await published.serve(served("v9", "a"))
    with pytest.raises(VersionUnknown):
        await published.approve("v9", "sofia", served("v9", "a"))
    with pytest.raises(NameUnknown):
        await published.end_order("x", AT, "sofia")


async def test_an_older_leader_publishes_nothing(new_store: NewStore, database_url: str) -> None:
    old, new = await new_store("a"), await new_store("b")
    await old.take_epoch()
    await new.take_epoch()
    with pytest.raises(NotLeading):
        await old.published.hand_in(version(), FILES, served("v1", "a"), told("v1"))
    assert await new.published.served() == []
    await new.published.hand_in(version(), FILES, served("v1", "a"), told("v1"))
    with pytest.raises(NotLeading):
        await old.published.serve(served("v1", "b", "rollback"))
    assert kinds(database_url) == ["dialplan_published"]


async def test_the_newest_switch_is_what_serves(store: Store) -> None:
    for count in range(1, 4):
        name = f"v{count}"
        await store.published.hand_in(version(name, at=AT + count), FILES, served(name, name))
    await store.published.serve(served("v1", "back", "rollback", "v3"))
    assert [one.version for one in await store.published.served()] == ["v1", "v3", "v2", "v1"]
    assert [one.version for one in await store.published.versions()] == ["v3", "v2", "v1"]


async def test_orders_stay_until_they_are_ended(new_store: NewStore) -> None:
    store = await new_store("a")
    await store.published.order(announcement("x", "chuva"))
    with pytest.raises(NameTaken, match="chuva"):
        await store.published.order(announcement("y", "chuva"))
    await store.published.order(announcement("z", "vento"))
    await store.published.end_order("x", AT + 1, "")
    await store.published.order(announcement("y", "chuva"))
    await store.close()
    again = await new_store("b")
    assert [one.act for one in await again.published.open_orders()] == ["z", "y"]
    assert [one.act for one in await again.published.orders()] == ["y", "z", "x"]
    assert await again.published.count_orders() == 3


async def test_a_short_menu_takes_the_place_of_the_lines_earlier_one(store: Store) -> None:
    for act, line in (("a", "156"), ("b", "199"), ("c", "156")):
        order = announcement(act, "", kind="short", line=line, node="", text="")
        await store.published.order(order)
    assert [one.act for one in await store.published.open_orders()] == ["b", "c"]


async def test_each_call_says_which_version_it_began_on(store: Store, database_url: str) -> None:
    await store.open_call(CallId("boot-1"), "156", "156", "11987654321", AT, False, "v7")
    await open_call(store, "boot-2")
    first, second = await store.open_calls()
    assert (first.dialplan_version, second.dialplan_version) == ("v7", None)
    story = await store.story("boot-1")
    assert story is not None
    assert story.facts[0].details["version"] == "v7"


async def test_many_at_once(store: Store) -> None:
    """Requests of one kind are written together; one that is refused harms no other."""
    names = [f"v{count % 5}" for count in range(10)]
    asked = [
        store.published.hand_in(version(name, at=AT + count), FILES, served(name, str(count)))
        for count, name in enumerate(names)
    ]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, VersionDecided) for one in answers) == 5
    assert len(await store.published.served()) == 5


async def test_what_a_database_does_not_take_blocks_nobody(store: Store) -> None:
    """PostgreSQL's JSON knows no NUL. (Publishing refuses it before.)"""
    with contextlib.suppress(Exception):
        await store.published.hand_in(version(), {"a": "\0"}, None)
    await store.published.hand_in(version("v2"), FILES, served("v2", "a"))
    assert [one.version for one in await store.published.served()] == ["v2"]


def test_the_rows_survive_the_way_down_and_up(database_url: str) -> None:

    engine = make_engine(database_url)
    schema.upgrade(engine, "0001")
    execute(
        database_url,
        "INSERT INTO calls (call_id, arrived_at, line) VALUES ('boot-1', '2026-11-24', '156')",
    )
    schema.upgrade(engine)
    assert rows(database_url, "SELECT dialplan_version FROM calls") == [(None,)]
    schema.downgrade(engine, "0001")
    assert rows(database_url, "SELECT line FROM calls") == [("156",)]
    engine.dispose()


async def test_orders_of_other_kinds_are_listed_apart(store: Store) -> None:
    """Storms, rules of a queue and blocks take an earlier one's place; suspicions add up."""
    published = store.published
    for number, (kind, line, name) in enumerate(
        [
            *((STORM, "199", ""), (STORM, "199", ""), (STORM, "156", "")),
            *((QUEUE, "156", "a"), (QUEUE, "156", "a"), (QUEUE, "156", "b")),
            *((BLOCK, "156", "h"), (BLOCK, "156", "h"), (SUSPECT, "", "h"), (SUSPECT, "", "h")),
        ]
    ):
        order = Order(f"act-{number}", kind, name, line, "", "why", AT, AT + 60, "sofia")
        for _ in range(2):  # the second try of a commit that nobody heard of is none
            await published.order(order)
    found = {
        kind: [(one.line, one.name) for one in await published.open_orders((kind,))]
        for kind in (STORM, QUEUE, BLOCK, SUSPECT)
    }
    assert found == {
        STORM: [("199", ""), ("156", "")],
        QUEUE: [("156", "a"), ("156", "b")],
        BLOCK: [("156", "h")],
        SUSPECT: [("", "h"), ("", "h")],
    }
    assert await published.open_orders() == await published.orders() == []
    assert (await published.count_orders(), await published.count_orders((STORM,))) == (0, 3)
