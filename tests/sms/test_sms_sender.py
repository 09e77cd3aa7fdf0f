"""From an order to a phone over a real SMSC: nothing lost, nothing doubled, nothing late (R68)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter

import pytest
from sms_bed import QUEUES, Bed, account
from smsc_bed import Smsc

from central156.sms_sender import SmsSender
from sms.smpp_account import Long
from sms.smpp_link import SmppLink
from terms.facts import Fact, Kind
from terms.limits import SMS_DOUBT_WAITS
from terms.names import CallId
from terms.text_message import How, Outgoing, TextId, TextKind

pytestmark = [pytest.mark.slow]


async def test_an_order_reaches_phones_and_receipts_close_it(bed: Bed) -> None:
    await bed.smsc.do("auto", stat="DELIVRD")
    await bed.start()
    order = await bed.order("Protocolo 123", "Consulta amanhã às 9h, não falte", "ã" * 100)
    await bed.come_to(order, entregue=3)
    whole = await bed.store.sms.message(f"{order}-1")
    assert whole is not None
    assert whole["scheduled_at"] <= whole["sent_at"] <= whole["done_at"] < whole["deadline"]
    assert (whole["attempts"], whole["body"]) == (1, "SMS")
    texts = [one["text"] for one in bed.smsc.submits]
    assert "Consulta amanhã às 9h, não falte" in texts
    long = [one for one in bed.smsc.submits if one["udh"]]
    assert [one["udh"][-4:] for one in long] == ["0201", "0202"]
    assert "".join(one["text"] for one in long) == "ã" * 100
    assert {one["registered"] for one in bed.smsc.submits} == {1}


async def test_a_whole_text_where_the_carrier_cuts_it_itself(smsc: Smsc) -> None:
    link = SmppLink(account(smsc.port, Long.PAYLOAD))
    running = asyncio.create_task(link.run(_Deaf()))
    await smsc.until(lambda: smsc.of("bind"))
    await asyncio.sleep(0.1)
    (answer,) = await link.send(Outgoing(TextId("a"), "11987654321", "é " * 200, 2e9, 9))
    assert answer.how is How.ACCEPTED
    assert (smsc.submits[0]["payload"], smsc.submits[0]["text"]) == (True, "é " * 200)
    await _end(running)


async def test_a_carrier_that_throttles_gets_all_of_it_more_slowly(bed: Bed) -> None:
    await bed.smsc.do("rate", most=10)
    bed.sender.pace.most = bed.sender.pace.rate = 20.0
    await bed.start()
    order = await bed.order(*(f"Aviso {one}" for one in range(30)))
    await bed.come_to(order, seconds=25, aceita=30)
    taken = [one for one in bed.smsc.submits if not one["status"]]
    assert Counter(one["to"] for one in taken).most_common(1)[0][1] == 1
    assert len(bed.smsc.submits) - len(taken) < 15  # it was not simply hammered
    assert {one["attempts"] for one in await bed.store.sms.messages(order)} == {1}


async def test_what_was_lost_is_known_by_its_receipt_and_not_sent_again(bed: Bed) -> None:
    await bed.smsc.do("cut")
    await bed.start()
    order = await bed.order("Protocolo 123")
    await bed.come_to(order, sem_resposta=1)
    await bed.until(lambda: bed.link.up)
    (seen,) = bed.smsc.submits
    about = {"id": seen["id"], "number": seen["to"], "reference": seen["reference"]}
    await bed.smsc.do("receipt", stat="DELIVRD", date="261125120000", **about)
    await bed.come_to(order, entregue=1)
    assert len(bed.smsc.submits) == 1


async def test_what_nobody_answers_for_ends_as_uncertain_unless_it_may_be_repeated(
    bed: Bed,
) -> None:
    await bed.smsc.do("silent", times=2)
    await bed.start()
    once = await bed.order("Protocolo 123", deadline=bed.clock() + 7_200)
    await bed.come_to(once, sem_resposta=1)
    twice = await bed.order(
        "Alerta", kind=TextKind.ALERT, repeats=True, deadline=bed.clock() + 9_000
    )
    await bed.come_to(twice, sem_resposta=1)
    bed.skip(SMS_DOUBT_WAITS + 60)
    await bed.come_to(once, incerta=1)
    bed.skip(400)
    await bed.come_to(twice, aceita=1)
    assert [one["text"] for one in bed.smsc.submits] == ["Protocolo 123", "Alerta", "Alerta"]


async def test_an_answer_that_comes_late_is_taken(bed: Bed) -> None:
    await bed.smsc.do("slow", wait=1_600)
    await bed.start()
    order = await bed.order("Protocolo 123")
    await bed.come_to(order, sem_resposta=1)
    await bed.come_to(order, aceita=1)
    assert len(bed.smsc.submits) == 1


async def test_links_that_are_cut_lose_nothing_and_double_nothing(bed: Bed) -> None:
    await bed.start()
    order = await bed.order(*(f"Aviso {one}" for one in range(60)))
    for _ in range(3):
        await asyncio.sleep(0.15)
        await bed.smsc.do("cut_now")
    async with asyncio.timeout(30):
        while set(found := await bed.statuses(order)) - {"aceita", "sem_resposta"}:
            await asyncio.sleep(0.1)
            bed.skip(1)
    counted = Counter(one["to"] for one in bed.smsc.submits)
    assert max(counted.values()) == 1
    assert len(counted) <= sum(found.values()) == 60
    assert found["aceita"] <= len(counted)


async def test_a_silent_link_is_made_again(bed: Bed) -> None:
    await bed.start()
    await bed.smsc.do("deaf", on=True)
    await bed.smsc.until(lambda: bed.smsc.of("gone"))
    await bed.smsc.do("deaf", on=False)
    await bed.smsc.until(lambda: len(bed.smsc.of("bind")) > 1)
    order = await bed.order("Protocolo 123")
    await bed.come_to(order, aceita=1)


async def test_no_more_than_three_attempts(bed: Bed) -> None:
    await bed.smsc.do("answer", status=8, times=9)  # ESME_RSYSERR
    await bed.start()
    order = await bed.order("Protocolo 123", deadline=bed.clock() + 86_000)
    for attempts in (1, 2, 3):
        await bed.smsc.until(lambda wanted=attempts: len(bed.smsc.submits) == wanted)
        await asyncio.sleep(0.2)
        bed.skip(2_000)
    await bed.come_to(order, nao_entregue=1)
    assert len(bed.smsc.submits) == 3


async def test_nothing_goes_after_the_deadline_or_to_whoever_gets_none(bed: Bed) -> None:
    late = await bed.order("Tarde", deadline=bed.clock() + 5)
    bed.skip(10)
    await _call(bed, "marked", "11987650010", "p156_geral")
    await bed.store.promises.remember(
        _fact(bed, Kind.CALL_BACK_BARRED, "marked", mark="nao_pode_falar", on=True)
    )
    await _call(bed, "discreet", "011987650011", "p156_mulher")
    await _call(bed, "other", "11987650019", "p156_mulher")
    barred = await bed.order("a", "b", numbers=["11987650010", "11987650011"])
    about = await bed.order("c", numbers=["11987650012"], call="other")
    await bed.store.sms.refuse("11987650013", True, "ana", bed.clock())
    refused = await bed.order("d", numbers=["11987650013"])
    alert = await bed.order("e", numbers=["11987650013"], life_safety="Ana", kind=TextKind.ALERT)
    await bed.start()
    await bed.come_to(late, vencida=1)
    await bed.come_to(barred, nao_enviar=2)
    await bed.come_to(about, nao_enviar=1)
    await bed.come_to(refused, nao_enviar=1)
    await bed.come_to(alert, aceita=1)
    assert [one["text"] for one in bed.smsc.submits] == ["e"]
    assert QUEUES == ("p156_mulher",)


async def test_a_citizen_who_says_stop_gets_no_more(bed: Bed) -> None:
    await bed.start()
    for text in ("Sair, por favor", "Sair, por favor"):
        await bed.smsc.do("text", **{"from": "5511987650000", "text": text})
    await bed.smsc.do("text", **{"from": "5511987650001", "text": "CANCELAR CONSULTA"})
    await bed.smsc.until(lambda: len(bed.smsc.of("ack")) == 3)
    order = await bed.order("a", "b")
    await bed.come_to(order, nao_enviar=1, aceita=1)
    assert [one["number"] for one in await bed.store.sms.refusals()] == ["11987650000"]
    assert {one["status"] for one in bed.smsc.of("ack")} == {0}


async def test_control_that_dies_in_the_middle_sends_nothing_twice(bed: Bed) -> None:
    await bed.smsc.do("silent", times=5)
    await bed.start()
    order = await bed.order(*(f"Aviso {one}" for one in range(5)))
    await bed.smsc.until(lambda: len(bed.smsc.submits) == 5)
    for task in bed.sender.in_course.values():
        task.cancel()  # as kill -9 would: nothing more is written down
    await bed.stop()
    link = SmppLink(account(bed.smsc.port))
    again = SmsSender(bed.store, link, bed.clock, 2, lambda _: False, lambda: QUEUES)
    running = asyncio.create_task(again.run())
    await bed.come_to(order, sem_resposta=5)
    for seen in bed.smsc.submits:
        about = {"id": seen["id"], "number": seen["to"], "reference": seen["reference"]}
        await bed.until(lambda: link.up)
        await bed.smsc.do("receipt", stat="DELIVRD", **about)
    await bed.come_to(order, entregue=5)
    assert len(bed.smsc.submits) == 5
    await _end(running)


async def test_a_stopped_order_ends_within_a_second(bed: Bed) -> None:
    await bed.start()
    bed.sender.pace.most = bed.sender.pace.rate = 10.0
    order = await bed.order(*(f"Aviso {one}" for one in range(100)))
    await bed.smsc.until(lambda: len(bed.smsc.submits) > 3)
    stopped = await bed.store.sms.stop(order, "ana", bed.clock())
    assert stopped is not None
    assert stopped > 50
    await asyncio.sleep(0.3)
    sent = len(bed.smsc.submits)
    await asyncio.sleep(0.7)
    assert len(bed.smsc.submits) == sent
    assert (await bed.statuses(order))["parada"] == stopped


async def test_a_wrong_password_is_no_link(smsc: Smsc) -> None:
    link = SmppLink(account(smsc.port, password="errada"))
    running = asyncio.create_task(link.run(_Deaf()))
    await smsc.until(lambda: smsc.of("bind"))
    await asyncio.sleep(0.1)
    assert not link.up
    (answer,) = await link.send(Outgoing(TextId("a"), "11987654321", "oi", 2e9, 9))
    assert answer.how is How.NOT_SENT
    await _end(running)


class _Deaf:
    async def receipt(self, receipt: object) -> None: ...
    async def inbound(self, inbound: object) -> None: ...
    async def late(self, message: object, answer: object) -> None: ...


async def _end(running: asyncio.Task[None]) -> None:
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _fact(bed: Bed, kind: Kind, call: str, **details: object) -> Fact:
    return Fact(bed.clock(), kind, CallId(call), details=details)


async def _call(bed: Bed, call: str, caller: str, queue: str) -> None:
    await bed.store.open_call(CallId(call), "156", "156", caller, bed.clock(), False)
    await bed.store.promises.remember(
        _fact(bed, Kind.QUEUED, call, queue=queue, priority=0, note="", joined=bed.clock())
    )


async def test_nothing_is_written_to_the_link_after_its_deadline(smsc: Smsc) -> None:
    link = SmppLink(account(smsc.port))
    running = asyncio.create_task(link.run(_Deaf()))
    await smsc.until(lambda: smsc.of("bind"))
    await asyncio.sleep(0.1)
    (answer,) = await link.send(Outgoing(TextId("a"), "11987654321", "oi", 1.0, 9))
    assert (answer.how, smsc.submits) == (How.NOT_SENT, [])
    await _end(running)
