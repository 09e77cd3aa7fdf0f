"""One citizen's data: found however the number was written, told whole, erased without a trace, and
without a change to anything that is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seeded import CPF
from seeded import OTHER_CALLER as OTHERS
from store_bed import AT, CALLER, about, open_call, rows

from protocol_store import Store
from protocol_store.citizen_erasure import CitizenErasure
from protocol_store.citizens import Known, Subject, national
from protocol_store.engines import make_engine
from protocol_store.verify import verify
from terms.facts import Fact, Kind

TOLD = Fact(AT, Kind.CITIZEN_TOLD, by="rita", details={"what": "found", "kind": "phone"})
PHONE = Subject.of(Known.PHONE, "+55 (11) 98765-4321")


async def _served(store: Store, call: str, caller: str = CALLER, cpf: str = CPF) -> None:
    """A call in which a CPF was typed, and that is over."""
    await open_call(store, call, caller=caller)
    store.append(
        about(Kind.DATA_TYPED, call, 1, node="cpf", variable="cpf", value=cpf),
        about(Kind.QUEUED, call, 2, queue="p156_geral", priority=30, note="Buraco na rua"),
        about(Kind.ANSWERED, call, 5, "ana", offer="1", waited=3.0),
        about(Kind.TALK_ENDED, call, 65, "ana", offer="1", talk_seconds=60.0),
        about(Kind.CALL_ENDED, call, 66, outcome="served", where="talking", seconds=66.0),
    )
    assert await store.settled()


def _wish(subject: Subject = PHONE, act: str = "a1") -> CitizenErasure:
    return CitizenErasure(act, subject, "apagado-0123456789abcdef", "rita", "pedido 17", AT + 99)


async def test_found_by_phone_document_and_protocol(store: Store) -> None:
    await _served(store, "c1")
    await _served(store, "c2", caller=f"+55{CALLER}", cpf="11144477735")
    await _served(store, "c3", caller=OTHERS)
    by_phone = await store.citizens.find(PHONE, TOLD)
    assert [call.call for call in by_phone] == ["c1", "c2"]
    assert by_phone[0].typed[0]["value"] == CPF
    assert by_phone[0].notes == ("Buraco na rua",)
    by_document = await store.citizens.find(Subject.of(Known.DOCUMENT, "529.982.247-25"), TOLD)
    assert [call.call for call in by_document] == ["c1", "c3"]
    number = by_phone[1].protocols[0]
    by_protocol = await store.citizens.find(Subject.of(Known.PROTOCOL, number), TOLD)
    assert [call.call for call in by_protocol] == ["c2"]


async def test_erased_and_nothing_counted_changes(store: Store, database_url: str) -> None:
    await _served(store, "c1")
    await _served(store, "c2", caller=OTHERS, cpf="11144477735")
    counted = (
        "SELECT call_id, line, protocol, queue, wait_seconds, talk_seconds, outcome FROM calls "
        "ORDER BY call_id"
    )
    before = rows(database_url, counted)
    rehearsed = await store.citizens.erasable(PHONE)
    done = await store.citizens.erase(_wish())
    assert (done.calls, done.facts) == (rehearsed.calls, rehearsed.facts) == (("c1",), 2)
    assert rows(database_url, counted) == before
    everything = str(rows(database_url, "SELECT * FROM calls, facts"))
    assert CALLER not in everything
    assert CPF not in everything
    assert OTHERS in everything
    assert await store.citizens.find(PHONE, TOLD) == []
    again = await store.citizens.erase(_wish(act="a2"))
    assert again.calls == ()
    assert [row.calls for row in await store.citizens.register()] == [0, 1]


async def test_the_chain_attests_what_was_erased(store: Store, database_url: str) -> None:
    await _served(store, "c1")
    await store.citizens.erase(_wish())
    assert await store.settled()
    engine = make_engine(database_url, reading=True)
    found = verify(engine, lambda *_: True)
    engine.dispose()
    assert (found.findings, found.erased) == ((), 2)


async def test_what_cannot_be_erased_yet_is_told(store: Store) -> None:
    await open_call(store, "c1")
    await _served(store, "c2")
    owed = about(Kind.TASK_OPENED, "c2", 70, task="call_back", due=AT + 90, because="dropped")
    store.append(owed)
    assert await store.settled()
    done = await store.citizens.erase(_wish())
    assert done.calls == ()
    assert set(done.kept) == {"c1", "c2"}
    store.append(about(Kind.TASK_CLOSED, "c2", 80, task="call_back", how="falou"))
    assert await store.settled()
    assert (await store.citizens.erase(_wish(act="a2"))).calls == ("c2",)


async def test_what_a_file_held_is_gone_from_it(tmp_path: Path, store_at) -> None:
    """SQLite leaves what was overwritten in its file and its log, unless it is told not to."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store: Store = await store_at(url)
    for number in range(50):
        await _served(store, f"c{number}")
    await store.citizens.erase(_wish())
    left = b"".join(map(Path.read_bytes, _files(tmp_path)))
    assert CALLER.encode() not in left
    assert CPF.encode() not in left


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("store.sqlite*"))


async def test_the_values_to_compare_after_a_backup_came_back(store: Store) -> None:
    await _served(store, "c1")
    assert [one async for one in store.citizens.values(Known.PHONE)] == [CALLER]
    assert [one async for one in store.citizens.values(Known.DOCUMENT)] == [CPF]
    await store.citizens.erase(_wish())
    assert [one async for one in store.citizens.values(Known.PHONE)] == []
    assert [one async for one in store.citizens.values(Known.DOCUMENT)] == []


@given(st.from_regex(r"[1-9][0-9]{9,10}", fullmatch=True))
def test_a_number_is_the_same_however_it_is_written(number: str) -> None:
    ways = (number, f"0{number}", f"+55{number}", f"0055{number}", f"55 {number}")
    assert {Subject.of(Known.PHONE, way).value for way in ways} == {national(number)}


@pytest.mark.parametrize(
    ("kind", "written"),
    [(Known.PHONE, "abc"), (Known.PHONE, "123"), (Known.DOCUMENT, "123"), (Known.PROTOCOL, "")],
)
def test_what_is_none_is_refused(kind: Known, written: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Subject.of(kind, written)
