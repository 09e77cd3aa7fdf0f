"""Text messages in the store: ordered once, claimed by one, changed only as the table allows."""

from __future__ import annotations

import time

import pytest
from store_bed import NewStore

from protocol_store import Store
from protocol_store.sms_heard import Heard, Received
from protocol_store.sms_rows import NewText, SmsOrder, reference_of, text_id
from protocol_store.sms_writes import Claim, Turn
from terms.names import ERASED, Instant
from terms.text_message import (
    How,
    Inbound,
    PartAnswer,
    Receipt,
    TextId,
    TextKind,
    TextStatus,
    Told,
)

S = TextStatus
NUMBER = "11987654321"


def order(name: str = "o", at: Instant = 0.0, **more: Instant) -> SmsOrder:
    at = at or time.time()
    when = {"scheduled": at, "deadline": at + 3_600, **more}
    return SmsOrder(name, TextKind.NOTICE, "SMS", "teste", at, "ana", **when)


def texts(count: int) -> list[NewText]:
    return [NewText(place, f"1198765{place:04}", "oi", f"r{place}") for place in range(count)]


def turn(message: TextId, status: S, *answers: PartAnswer, attempts: int = 1) -> Turn:
    now = time.time()
    return Turn(message, status, "", attempts, now, now, 1, answers, "smpp")


async def test_an_order_told_twice_is_one_and_nothing_of_half_an_order_is_sent(
    store: Store,
) -> None:
    asked, now = order(), time.time() + 1
    assert await store.sms.order(asked, texts(3), 3, whole=False) == 3
    assert await store.sms.due(now, 10) == []
    assert await store.sms.order(asked, texts(5), 3) == 2
    assert await store.sms.order(asked, texts(5), 3) == 0
    assert len(await store.sms.due(now, 10)) == 5
    (row,) = await store.sms.orders()
    assert (row["messages"], row["by_status"]) == (5, {"aguarda": 5})


async def test_what_is_urgent_goes_first_and_nothing_before_its_time(store: Store) -> None:
    now = time.time()
    await store.sms.order(order("late", scheduled=now + 600), texts(1), 0)
    await store.sms.order(order("dull"), texts(1), 4)
    await store.sms.order(order("hot"), texts(1), 0)
    assert [one.order for one in await store.sms.due(now + 1, 10)] == ["hot", "dull"]


async def test_of_two_leaders_one_gets_a_message(new_store: NewStore) -> None:
    first, second = await new_store("a"), await new_store("b")
    await first.sms.order(order(), texts(2), 0)
    names = [text_id("o", place) for place in range(2)]
    got = await first.sms.claim(Claim(names[:1], 1, "smpp", time.time()))
    rest = await second.sms.claim(Claim(names, 2, "smpp", time.time()))
    assert got == {names[0]}
    assert rest == {names[1]}
    assert await second.sms.doubt_the_orphans(2, time.time()) == 1
    (doubtful,) = await second.sms.doubtful(time.time() + 1, 10)
    assert (doubtful.id, doubtful.attempts) == (names[0], 1)


@pytest.mark.parametrize("status", [S.DELIVERED, S.STOPPED, S.BARRED])
async def test_what_is_over_stays_so(store: Store, status: S) -> None:
    await store.sms.order(order(), texts(1), 0)
    name = text_id("o", 0)
    if status is S.DELIVERED:
        await store.sms.claim(Claim([name], 1, "smpp", time.time()))
    assert await store.sms.turn(turn(name, status))
    assert not await store.sms.turn(turn(name, S.WAITING))
    assert not await store.sms.turn(turn(name, S.ACCEPTED))
    found = await store.sms.message(str(name))
    assert found is not None
    assert (found["status"], found["done_at"] is None) == (status.value, False)


async def test_receipts_find_their_part_by_id_or_by_reference(store: Store) -> None:
    await store.sms.order(order(), [NewText(0, NUMBER, "oi"), NewText(1, NUMBER, "oi")], 0)
    known, lost = text_id("o", 0), text_id("o", 1)
    await store.sms.claim(Claim([known, lost], 1, "smpp", time.time()))
    await store.sms.turn(turn(known, S.ACCEPTED, PartAnswer(1, 1, How.ACCEPTED, "x1")))
    await store.sms.turn(turn(lost, S.DOUBTFUL, PartAnswer(1, 1, How.LOST)))
    by_id = Receipt("x1", Told.DELIVERED)
    assert await store.sms.heard(Heard(by_id, "smpp", NUMBER, time.time())) == known
    assert await store.sms.heard(Heard(by_id, "http", NUMBER, time.time())) is None
    by_reference = Receipt("x2", Told.DELIVERED, NUMBER, reference_of(lost))
    elsewhere = Heard(by_reference, "smpp", "11987650000", time.time())
    assert await store.sms.heard(elsewhere) is None
    assert await store.sms.heard(Heard(by_reference, "smpp", NUMBER, time.time())) == lost
    assert await store.sms.heard(Heard(by_reference, "smpp", NUMBER, time.time())) == lost
    assert await store.sms.told_parts(lost, 1) == ["entregue"]


async def test_parts_that_a_carrier_has_are_not_sent_again(store: Store) -> None:
    await store.sms.order(order(), texts(1), 0)
    name = text_id("o", 0)
    await store.sms.claim(Claim([name], 1, "smpp", time.time()))
    said = (PartAnswer(1, 3, How.ACCEPTED, "x1"), PartAnswer(2, 3, How.THROTTLED))
    await store.sms.turn(turn(name, S.WAITING, *said, attempts=0))
    (again,) = await store.sms.due(time.time() + 1, 10)
    assert again.already == {1}


async def test_a_citizen_who_refuses_and_comes_back(store: Store) -> None:
    text = Received(Inbound(NUMBER, "SAIR", "k1"), NUMBER, "SAIR", time.time())
    assert await store.sms.received(text)
    assert not await store.sms.received(text)  # told twice
    assert (await store.sms.barred([NUMBER], [])).refuse == {NUMBER}
    assert await store.sms.refuse(NUMBER, False, "ana", time.time())
    assert not await store.sms.refuse(NUMBER, False, "ana", time.time())
    assert not await store.sms.received(text)
    assert not (await store.sms.barred([NUMBER], [])).refuse
    assert await store.sms.refusals() == []
    assert len(await store.sms.texts_received()) == 1


async def test_a_stopped_order(store: Store) -> None:
    await store.sms.order(order(), texts(3), 0)
    name = text_id("o", 0)
    await store.sms.claim(Claim([name], 1, "smpp", time.time()))
    assert await store.sms.stop("o", "ana", time.time()) == 2
    assert await store.sms.stop("o", "ana", time.time()) == 0
    assert await store.sms.stop("none", "ana", time.time()) is None
    (row,) = await store.sms.orders("o")
    assert row["by_status"] == {"enviando": 1, "parada": 2}
    assert await store.sms.counted() == {"enviando": 1}


async def test_a_citizens_texts_are_taken_out(store: Store) -> None:
    await store.sms.order(order(), [NewText(0, NUMBER, "oi", "r0"), NewText(1, NUMBER, "oi")], 0)
    await store.sms.turn(turn(text_id("o", 0), S.BARRED))
    text = Received(Inbound(NUMBER, "SAIR", "k1"), NUMBER, "SAIR", time.time())
    await store.sms.received(text)
    assert await store.sms.forget(NUMBER) == 1
    found = await store.sms.message("o-0")
    assert found is not None
    assert (found["number"], found["text"], found["status"]) == (ERASED, "", "nao_enviar")
    assert await store.sms.texts_received() == []
    assert (await store.sms.barred([NUMBER], [])).refuse == {NUMBER}  # its own wish
