"""Keys, holds, retention and search, as the store keeps them: alike on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_bed import AT, CALLER, about, open_call, rows

from protocol_store import Store
from protocol_store.recording_rows import Erasure, Hold, KeyRow
from protocol_store.recording_search import Wanted
from terms.facts import Fact, Kind
from terms.names import CallId

DAY = 86_400.0


def key_row(name: str, days: float = 0.0, kind: str = "atendimento") -> KeyRow:
    """A recording that was made so many days ago."""
    return KeyRow(
        name=name,
        call_id=CallId(name.partition("-consulta")[0]),
        retention_class=kind,
        place=f"2026-11-25/{name}.c156",
        master="m1",
        wrapped=f"key of {name}",
        bytes=1_000,
        seconds=2.5,
        digest="d",
        recorded_at=AT - days * DAY,
        sealed_at=AT,
    )


def erasure(row: KeyRow) -> Erasure:
    fact = Fact(AT, Kind.RECORDING_ERASED, row.call_id, by="x", details={"recording": row.name})
    gone = replace(row, wrapped=None, erased_at=AT, erased_by="x", erased_how="request")
    return Erasure(gone, fact)


async def recorded(store: Store, call: str, after: float = 0.0, **more: object) -> None:
    """What a checked call's recording is to the store."""
    details = {"file": f"/r/2026-11-25/{call}.wav", "seconds": 5.0, "talk_seconds": 5.0}
    store.append(about(Kind.RECORDED, call, after, **{**details, "ok": True, **more}))
    assert await store.settled()


async def kinds(store: Store, call: str) -> list[str]:
    assert await store.settled()
    story = await store.story(call)
    assert story is not None
    return [fact.kind for fact in story.facts if fact.kind.startswith("recording_")]


async def test_a_key_is_kept_found_and_wrapped_anew(store: Store) -> None:
    book, row = store.recordings, key_row("boot-1")
    for _ in range(2):  # harmless to repeat
        assert await book.seal(row)
    assert await book.key("boot-1") == row
    assert await book.key("boot-2") is None
    assert await book.sealed(["boot-1", "boot-2"]) == {"boot-1": False}
    assert await book.wrapped_by_others("m1") == []
    assert await book.wrapped_by_others("m2") == [row]
    assert await book.wrapped_by_others("m2", "boot-1") == []
    await book.rewrap([replace(row, master="m2", wrapped="again")])
    found = await book.key("boot-1")
    assert found is not None
    assert (found.master, found.wrapped) == ("m2", "again")
    assert await book.masters() == ["m2"]


async def test_an_erased_key_never_comes_back(store: Store, database_url: str) -> None:
    await open_call(store, "boot-1")
    book, row = store.recordings, key_row("boot-1")
    await book.seal(row)
    assert await book.erase(erasure(row))
    assert not await book.erase(erasure(row))
    assert not await book.seal(row)
    await book.rewrap([replace(row, master="m2", wrapped="again")])
    found = await book.key("boot-1")
    assert found is not None
    assert (found.wrapped, found.erased_by, found.place) == (None, "x", row.place)
    assert await kinds(store, "boot-1") == ["recording_erased"]
    assert [one.name for one in await book.leftovers()] == ["boot-1"]
    await book.gone("boot-1")
    assert await book.leftovers() == []
    assert await book.masters() == []
    everything = rows(database_url, "SELECT * FROM recording_keys")
    assert "key of boot-1" not in repr(everything)


async def test_a_hold_keeps_all_recordings_of_its_call(store: Store) -> None:
    await open_call(store, "boot-1")
    book = store.recordings
    talk, consult = key_row("boot-1", 100), key_row("boot-1-consulta-1-2", 100)
    for row in (talk, consult, key_row("boot-2", 100)):
        await book.seal(row)
    fact = Fact(AT, Kind.RECORDING_HELD, CallId("boot-1"), by="s", details={"reason": "r"})
    wanted = Hold(0, CallId("boot-1"), "r", AT, "s")
    first = await book.hold("act-1", wanted, fact)
    assert await book.hold("act-1", wanted, fact) == first  # a repeat is no second
    second = await book.hold("act-2", wanted, fact)
    assert [one.hold for one in await book.holds()] == [second, first]
    assert not await book.erase(erasure(consult))
    assert [one.name for one in await book.due("atendimento", AT, None)] == ["boot-2"]
    assert await book.count("atendimento", AT, None) == (3, 2)
    over = Fact(AT, Kind.RECORDING_RELEASED, CallId("boot-1"), by="a", details={"hold": first})
    ended = replace(wanted, hold=first, ended_at=AT, ended_by="a", ended_because="fim")
    assert await book.release(ended, over)
    assert not await book.release(ended, over)
    assert await book.held(CallId("boot-1"))  # by the other
    assert await book.release(replace(ended, hold=second), over)
    assert await book.erase(erasure(consult))
    assert await kinds(store, "boot-1") == [
        *("recording_held", "recording_held"),
        *("recording_released", "recording_released"),
        "recording_erased",
    ]
    story = await store.story("boot-1")
    assert story is not None
    held = [fact.details["hold"] for fact in story.facts if fact.kind == "recording_held"]
    assert held == [first, second]


async def test_what_is_due_is_told_by_class_and_day(store: Store) -> None:
    book = store.recordings
    for name, days, kind in (
        ("a-1", 91, "atendimento"),
        ("a-2", 89, "atendimento"),
        ("t-1", 91, "teste"),
    ):
        await book.seal(key_row(name, days, kind))
    before = AT - 90 * DAY
    assert [one.name for one in await book.due("atendimento", before, False)] == ["a-1"]
    fact = Fact(AT, Kind.RECORDING_ARCHIVED, CallId("a-1"), details={"recording": "a-1"})
    for _ in range(2):
        await book.archived("a-1", fact)
    assert await book.due("atendimento", before, False) == []
    assert [one.name for one in await book.due("atendimento", before, True)] == ["a-1"]
    assert await book.due("atendimento", before, None, "a-1") == []
    assert await book.count("atendimento", AT, None) == (2, 0)


async def test_calls_whose_recording_nobody_checked(store: Store) -> None:
    for number in range(1, 5):
        await open_call(store, f"boot-{number}")
    for number in (1, 2, 3):
        call = f"boot-{number}"
        store.append(about(Kind.ANSWERED, call, 5.0, "ana", offer="1-1", waited=2.0))
    for number in (1, 2, 4):
        ended = {"outcome": "served", "blame": "nobody"}
        store.append(about(Kind.CALL_ENDED, f"boot-{number}", 10.0 + number, **ended))
    await recorded(store, "boot-2")
    book = store.recordings
    assert await book.unchecked(AT, AT + 60) == ["boot-1"]
    assert await book.unchecked(AT + 12, AT + 60) == []
    assert await book.unchecked(AT, AT + 11) == []
    states = await book.calls([CallId(f"boot-{number}") for number in range(1, 9)])
    assert {call: (one.ended_at is not None, one.answered) for call, one in states.items()} == {
        "boot-1": (True, True),
        "boot-2": (True, True),
        "boot-3": (False, True),
        "boot-4": (True, False),
    }


async def test_search_by_every_clause_and_in_pages(store: Store) -> None:
    for number in range(1, 6):
        line = "199" if number == 5 else "156"
        await open_call(store, f"boot-{number}", line, caller=f"1198765432{number}")
    queued = {"queue": "p156_geral", "priority": 30, "note": "Poda de 50% da ÁRVORE"}
    offer = {"offer": "1-1", "queue": "p156_saude", "because": "", "ring_seconds": 1.0}
    store.append(
        about(Kind.CALL_ARRIVED, "boot-1", line="156", entry="156", caller=CALLER, campaign="x"),
        about(Kind.QUEUED, "boot-1", **queued),
        about(Kind.OFFER_MADE, "boot-2", 1.0, "ana", **offer),
        about(Kind.OFFER_ENDED, "boot-2", 2.0, "ana", offer="1-1", outcome="answered", blame="us"),
        about(Kind.DISPOSITION, "boot-3", 3.0, "ana", code="trote"),
        about(Kind.ANSWERED, "boot-4", 3.0, "bia", offer="1-2", waited=1.0),
    )
    for number in range(1, 6):
        await recorded(store, f"boot-{number}", number)
    await recorded(store, "boot-3", 3.5, file="", ok=False, problem="missing")
    await store.recordings.seal(key_row("boot-4"))
    story = await store.story("boot-2")
    assert story is not None
    protocol = str(story.call.protocol)
    for wanted, expected in (
        (Wanted(), [5, 4, 3, 3, 2, 1]),
        (Wanted(line="199"), [5]),
        (Wanted(queue="p156_geral"), [1]),
        (Wanted(queue="p156_saude"), [2]),
        (Wanted(agent="ana"), [2]),
        (Wanted(agent="bia"), [4]),
        (Wanted(campaign="x"), [1]),
        (Wanted(phone="5432-3"), [3, 3]),
        (Wanted(protocol=f"{protocol[:4]} {protocol[4:8]}-{protocol[8:]}"), [2]),
        (Wanted(keyword="poda"), [1]),
        (Wanted(keyword="50%"), [1]),
        (Wanted(keyword="5_%"), []),
        (Wanted(keyword="TROT"), [3, 3]),
        (Wanted(problem="any"), [3]),
        (Wanted(problem="short"), []),
        (Wanted(name="boot-4"), [4]),
        (Wanted(since=AT + 2, until=AT + 4), [3, 3, 2]),
        (Wanted(line="156", agent="ana", until=AT + 2), []),
    ):
        page = await store.recordings.search(wanted)
        assert [int(one.call[-1]) for one in page.recordings] == expected, wanted
        assert page.after == ""
    seen, after = [], ""
    while True:
        page = await store.recordings.search(Wanted(limit=2, after=after, reveal=True))
        seen += page.recordings
        if not (after := page.after):
            break
    assert [one.name for one in seen] == ["boot-5", "boot-4", None, "boot-3", "boot-2", "boot-1"]
    assert seen[0].caller == "11987654325"
    assert (await store.recordings.search(Wanted(limit=1))).recordings[0].caller == "*******4325"
    assert [one.retention_class for one in seen[:2]] == [None, "atendimento"]


async def test_a_page_after_nothing_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="go on"):
        await store.recordings.search(Wanted(after="x"))
