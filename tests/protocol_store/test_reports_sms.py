"""Reports of text messages: every message in one situation, numbers masked, bodies told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest_asyncio
from seeded import CALLER, OTHER_CALLER
from sqlalchemy import Engine
from store_bed import AT, about, execute

from protocol_store import Store
from protocol_store.engines import make_engine
from protocol_store.reports.catalogue import REPORTS
from protocol_store.sms_rows import NewText, SmsOrder
from terms.facts import Kind
from terms.names import Protocol
from terms.protocol_number import shown
from terms.sheet import Asked, Sheet
from terms.sight import Sight
from terms.text_message import TextKind

DAY = (AT - 3_600, AT + 86_400)
Ask = Callable[..., Sheet]
NUMBER = Protocol("123456782")


def order(name: str, kind: TextKind, body: str, at: float) -> SmsOrder:
    about_it = (name, kind, body, "teste", at, "sofia", at + 60, at + 7_200)
    return SmsOrder(*about_it)


@pytest_asyncio.fixture
async def ask(store: Store, database_url: str) -> AsyncIterator[Ask]:
    said = {"line": "156", "entry": "156", "caller": CALLER, "test": False}
    store.append(about(Kind.CALL_ARRIVED, "c1", **said))
    await store.settled()
    book = store.sms
    await book.order(
        order("p-1", TextKind.PROTOCOL, "SP156", AT),
        [NewText(1, CALLER, "texto", NUMBER, "c1")],
        1,
    )
    texts = [NewText(place, f"1197777{place:04}", "oi", f"A{place}") for place in range(1, 5)]
    await book.order(order("o-2", TextKind.REMINDER, "SMS", AT + 4_000), texts, 2)
    await book.order(
        order("velho", TextKind.NOTICE, "SMS", AT - 90_000), [NewText(1, OTHER_CALLER, "x")], 3
    )
    for message, status, tries in (
        ("p-1-1", "entregue", 1),
        ("o-2-1", "entregue", 2),
        ("o-2-2", "nao_entregue", 3),
        ("o-2-3", "nao_enviar", 0),
    ):
        sent = "sent_at = since" if tries else "sent_at = null"
        execute(
            database_url,
            f"update sms_messages set status = '{status}', attempts = {tries}, {sent}"
            f" where message_id = '{message}'",
        )
    engine: Engine = make_engine(database_url, reading=True)

    def asked(name: str, **more: Any) -> Sheet:
        with engine.connect() as connection:
            return REPORTS[name].run(connection, Asked(*DAY, **more))

    yield asked
    engine.dispose()


async def test_by_body_each_message_stands_once(ask: Ask) -> None:
    sheet = ask("sms-por-orgao")
    rows = [(row["body"], row["kind"], row["made"], row["sent"]) for row in sheet.rows]
    assert rows == [("SMS", "lembrete", 4, 2), ("SP156", "protocolo", 1, 1)]
    assert sheet.totals is not None
    assert (sheet.totals["made"], sheet.totals["entregue"], sheet.totals["tries"]) == (5, 2, 6)
    assert sheet.totals["delivered_share"] == 2 / 3
    stands = [one for one in sheet.totals if one in SITUATIONS]
    assert sum(sheet.totals[one] for one in stands) == 5
    assert len(stands) == 10


SITUATIONS = frozenset(
    {"aguarda", "enviando", "sem_resposta", "aceita", "entregue", "nao_entregue"}
    | {"vencida", "nao_enviar", "parada", "incerta"}
)


async def test_by_interval_the_same(ask: Ask) -> None:
    sheet = ask("sms-intervalos", interval=3_600.0)
    assert [row["made"] for row in sheet.rows if row["made"]] == [1, 4]
    assert sheet.totals is not None
    assert sheet.totals["made"] == 5
    of_one = ask("sms-intervalos", interval=3_600.0, more={"orgao": "SP156"})
    assert of_one.totals is not None
    assert of_one.totals["made"] == 1


async def test_each_message_with_its_way(ask: Ask) -> None:
    found = list(ask("sms-mensagens").rows)
    assert [row["message"] for row in found] == ["p-1-1", "o-2-1", "o-2-2", "o-2-3", "o-2-4"]
    first, last = found[0], found[-1]
    assert first["phone"] == f"*******{CALLER[-4:]}"
    assert (first["scheduled"], first["deadline"]) == (AT + 60, AT + 7_200)
    assert (first["ref"], first["by"], first["tries"]) == (shown(NUMBER), "sofia", 1)
    assert (last["status"], last["sent"], last["ref"]) == ("aguarda", None, "A4")
    assert not {"text", "texto"} & set(first)


async def test_whose_number_is_seen(ask: Ask) -> None:
    whole = ask("sms-mensagens", reveal=True)
    assert [row["phone"] for row in whole.rows][:2] == [CALLER, "11977770001"]
    line = Sight(True, lines=("156",))
    assert [row["phone"] for row in ask("sms-mensagens", reveal=line).rows][:2] == [
        CALLER,  # its call was one of theirs
        "*******0001",
    ]
    other = Sight(True, lines=("199",))
    assert ask("sms-mensagens", reveal=other).rows[0]["phone"] != CALLER


async def test_what_is_asked_for(ask: Ask) -> None:
    (one,) = ask("sms-mensagens", phone=CALLER[-6:], reveal=True).rows
    assert one["message"] == "p-1-1"
    assert ask("sms-mensagens", phone=CALLER[-6:], reveal=Sight(True, ("199",))).rows == []
    (one,) = ask("sms-mensagens", protocol=NUMBER).rows
    assert one["message"] == "p-1-1"
    for name, value, count in (
        ("situacao", "nao_enviar", 1),
        ("pedido", "o-2", 4),
        ("tipo", "lembrete", 4),
        ("assunto", "nada", 0),
    ):
        assert len(ask("sms-mensagens", more={name: value}).rows) == count
