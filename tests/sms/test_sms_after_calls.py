"""After a served call its protocol goes to who agreed, and to nobody else (R50, R34)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from seeded import CALLER
from sms_bed import QUEUES, Bed, account

from acd import events as ev
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from callflow.book import Book, OpenCall
from callflow.floor_keeper import FloorKeeper
from central156.settings import SettingsMistakes, load_settings
from central156.settings_sms import split_rules
from central156.sms_acts import SmsActs
from central156.sms_after_calls import AfterCalls
from central156.sms_sender import SmsSender
from console.metrics_sms import sms_figures
from console.ports import Refusal
from console.ports_sms import SmsGauges
from protocol_store import Store
from sms.smpp_link import SmppLink
from terms.facts import Fact, Kind
from terms.limits import SMS_AFTER_CALL, SMS_AGREE_WAIT
from terms.names import AgentName, CallId, OfferId, Protocol, QueueName, Skill
from terms.protocol_number import shown
from terms.signals import Phone

ANA = AgentName("ana")
NUMBERS = tuple(map(Protocol, ("123456782", "223456780")))
TABLE = QueueTable((QueueRule(QueueName("geral"), "156", Skill("geral"), 30, 15, 0),))
CALL = CallId("n1-c-1")


class House:
    """A floor with one agent, and calls that come and go."""

    def __init__(self, store: Store, rules: str, result: str = "", carrier: bool = True) -> None:
        switch: Any = None
        self.store, self.book, self.now = store, Book(), time.time()
        floor = Floor(TABLE, 7)
        self.keeper = FloorKeeper(floor, store, switch, lambda: self.now, lambda: None)
        self.keeper.watch(self.book.read)
        link = SmppLink(account(24_299))  # never begun: all waits
        sender = SmsSender(store, link, lambda: self.now, 1, lambda _: False, lambda: QUEUES)
        clock = lambda: self.now  # noqa: E731
        self.sms = SmsActs(store, clock, sender if carrier else None, lambda: QUEUES, "11")
        self.after = AfterCalls(self.sms, self.keeper, self.book, split_rules(rules), result)
        self.stack = contextlib.AsyncExitStack()
        self.after.begin(self.stack)
        self.keeper.tell(ev.AgentPhone(ANA, Phone.IDLE))
        self.keeper.tell(ev.AgentLoggedIn(ANA, {Skill("geral"): 1}))

    def talks(self, line: str = "156", caller: str = CALLER, **more: Any) -> None:
        """A citizen and Ana."""
        entry = OpenCall(CALL, line, self.now, caller, NUMBERS[0], **more)
        self.book.open(entry)
        said = {"line": line, "entry": line, "caller": caller, "test": entry.test}
        self.note(Kind.CALL_ARRIVED, **said)
        self.keeper.tell(ev.TalkFound(CALL, ANA, OfferId("6-1"), self.now, QueueName("geral")))

    def note(self, kind: Kind, agent: AgentName | None = None, **details: Any) -> None:
        self.keeper.record(Fact(self.now, kind, CALL, agent, details=details))

    async def ends(self, outcome: str = "served") -> None:
        self.keeper.tell(ev.TalkEnded(OfferId("6-1")))
        self.book.close(CALL)
        self.note(Kind.CALL_ENDED, outcome=outcome, blame="nobody", where="after", seconds=60)
        await self.settled()

    async def settled(self) -> None:
        await self.after.settled()
        await self.store.settled()

    async def sent(self) -> list[str]:
        """The texts that were ordered."""
        await self.settled()
        found = []
        for order in await self.store.sms.orders():
            found += await self.store.sms.messages(order["order_id"])
        assert all(one["call_id"] == CALL and one["number"] == CALLER for one in found)
        return [one["text"] for one in found]


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}", "a", journal=tmp_path / "journal")
    await store.start()
    yield store
    await store.close()


ASKED, ALL = "156=se_aceitou,199=se_aceitou", "156=sempre"


@pytest.mark.parametrize(
    ("rules", "call", "agrees", "count"),
    [
        (ALL, {}, False, 1),
        (ASKED, {}, False, 0),
        (ASKED, {}, True, 1),
        (ASKED, {"data": {"aceita_sms": "1"}}, False, 1),
        (ASKED, {"data": {"aceita_sms": "2"}}, False, 0),
        ("156=nunca", {}, True, 0),
        ("", {}, True, 0),
        (ASKED, {"line": "199"}, True, 1),
        (ASKED, {"line": "153"}, True, 0),
        (ALL, {"line": "199"}, False, 0),
        (ALL, {"test": True}, False, 0),
        (ALL, {"caller": "1133334444"}, False, 0),
        (ALL, {"caller": "anonymous"}, False, 0),
        (ALL, {"campaign": "pesquisa"}, False, 0),
        (ALL, {"campaign": "pesquisa"}, True, 1),
    ],
)
async def test_who_gets_the_number(
    store: Store, rules: str, call: dict[str, Any], agrees: bool, count: int
) -> None:
    house = House(store, rules)
    house.talks(**call)
    if agrees:
        house.sms.agreed(ANA, "ana")
    await house.ends()
    texts = await house.sent()
    assert len(texts) == count
    assert all(shown(NUMBERS[0]) in text for text in texts)


async def test_only_after_a_served_call(store: Store) -> None:
    house = House(store, ALL)
    house.talks()
    await house.ends("interrupted")
    assert await house.sent() == []


async def test_a_call_that_was_an_emergency_once_asks_its_rule_too(store: Store) -> None:
    house = House(store, "156=sempre,199=nunca")
    house.talks("199")
    house.note(Kind.HANDED_OVER, from_line="199", to_line="156", queue="geral", priority=35)
    house.book.calls[CALL].line = "156"
    await house.ends()
    assert await house.sent() == []


async def test_further_numbers_of_the_call_go_with_it(store: Store) -> None:
    house = House(store, ALL)
    house.talks()
    house.note(Kind.PROTOCOL_ADDED, ANA, protocol=NUMBERS[1], ordinal=1, note="")
    await house.ends()
    (text,) = await house.sent()
    assert all(shown(number) in text for number in NUMBERS)
    assert text.isascii()  # 160 letters, and not 70


async def test_the_agent_says_so_in_the_wrap_up(store: Store) -> None:
    house = House(store, ASKED)
    house.talks()
    await house.ends()
    assert await house.sent() == []
    house.now += 40
    assert house.sms.agreed(ANA, "ana") == {"call": CALL}
    assert len(await house.sent()) == 1
    (order,) = await store.sms.orders()
    assert (order["kind"], order["by_whom"]) == ("protocolo", "ana")
    with pytest.raises(Refusal):
        house.sms.agreed(ANA, "ana")  # once


async def test_the_agent_says_so_by_a_result(store: Store) -> None:
    house = House(store, ASKED, result="quer-sms")
    house.talks()
    house.note(Kind.DISPOSITION, ANA, code="resolvido")
    house.note(Kind.DISPOSITION, ANA, code="quer-sms")
    await house.ends()
    assert len(await house.sent()) == 1


async def test_after_a_while_nobody_says_so_any_more(store: Store) -> None:
    house = House(store, ASKED)
    house.talks()
    await house.ends()
    house.now += SMS_AGREE_WAIT + 1
    house.keeper.record(Fact(house.now, Kind.ANSWERED, CallId("n1-c-2"), ANA, details={}))
    house.book.open(OpenCall(CallId("n1-c-2"), "156", house.now))
    house.keeper.record(Fact(house.now, Kind.ANSWERED, CallId("n1-c-2"), ANA, details={}))
    ended = {"outcome": "served"}
    house.keeper.record(Fact(house.now, Kind.CALL_ENDED, CallId("n1-c-2"), details=ended))
    with pytest.raises(Refusal, match="há muito tempo"):
        house.sms.agreed(ANA, "ana")


async def test_a_talk_of_before_a_restart_counts(store: Store) -> None:
    house = House(store, ALL)
    house.book.open(OpenCall(CALL, "156", house.now, CALLER, NUMBERS[0], answered=house.now))
    house.after.begin(house.stack)
    await house.ends()
    assert len(await house.sent()) == 1


async def test_without_a_carrier_the_agent_is_told(store: Store) -> None:
    house = House(store, ASKED, carrier=False)
    house.talks()
    with pytest.raises(Refusal, match="operadora"):
        house.sms.agreed(ANA, "ana")
    with pytest.raises(Refusal, match="não há chamada"):
        house.sms.agreed(AgentName("bia"), "ana")


@pytest.mark.parametrize(
    "wrong", ["156=talvez", "190=sempre", "199=sempre", "153=sempre", "156=sempre,156"]
)
def test_rules_that_are_none(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsMistakes):
        load_settings(tmp_path, sms_protocol=wrong)


def test_by_default_only_who_agreed_on_156(tmp_path: Path) -> None:
    rules = split_rules(load_settings(tmp_path).sms_protocol)
    assert rules == {"156": "se_aceitou", "199": "nunca", "153": "nunca"}


# --- what is seen of it ---
async def test_what_waits_is_seen_from_outside(store: Store) -> None:
    house = House(store, ALL)
    house.talks()
    await house.ends()
    assert len(await house.sent()) == 1
    until = house.now + SMS_AFTER_CALL
    early = await store.sms.figures(house.now - 60, until - 1)
    assert (early.ordered, early.waiting) == ({("protocolo", "aguarda"): 1}, {"aguarda": 1})
    assert early.late == 0.0
    assert (await store.sms.figures(house.now + 60, until + 90)).ordered == {}
    assert (await store.sms.figures(house.now, until + 90)).late == pytest.approx(90, abs=0.01)
    house.now = until + 90
    house.sms.begin(house.stack)
    async with asyncio.timeout(5), house.stack:
        while not house.sms.gauges().ordered:
            await asyncio.sleep(0.01)
        seen = house.sms.gauges()
    assert (seen.carrier, seen.up, seen.waiting) == ("smpp", False, {"aguarda": 1})
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in sms_figures(seen)
        for sample in family.samples
    }
    assert told["central156_sms_link_up",] == 0
    assert told["central156_sms_today", "protocolo", "aguarda"] == 1
    assert told["central156_sms_late_seconds",] == pytest.approx(90, abs=1)


def test_without_a_carrier_nothing_is_told() -> None:
    assert [one.samples for one in sms_figures(SmsGauges())] == [[]] * 5


# --- up to the carrier ---
async def order_after(bed: Bed, call: CallId = CALL) -> None:
    acts = SmsActs(bed.store, bed.clock, bed.sender, lambda: QUEUES, "11")
    assert await acts.after_call(call, CALLER, NUMBERS[:1], True, "ana") == ""
    assert await acts.after_call(call, CALLER, NUMBERS[:1], True, "ana") == ""  # is one message


async def _called(bed: Bed, queue: str) -> None:
    said = {"line": "156", "entry": "156", "caller": CALLER, "test": False}
    now = bed.clock()
    bed.store.append(
        Fact(now, Kind.CALL_ARRIVED, CALL, details=said),
        Fact(now, Kind.QUEUED, CALL, details={"queue": queue, "priority": 30}),
    )
    await bed.store.settled()


@pytest.mark.slow
async def test_it_is_sent_when_the_wrap_up_is_over(bed: Bed) -> None:
    await bed.smsc.do("auto", stat="DELIVRD")
    await _called(bed, "p156_geral")
    await order_after(bed)
    await bed.start()
    (order,) = await bed.store.sms.orders()
    assert await bed.statuses(order["order_id"]) == {"aguarda": 1}
    bed.skip(SMS_AFTER_CALL)
    await bed.come_to(order["order_id"], entregue=1)
    assert [shown(NUMBERS[0]) in one["text"] for one in bed.smsc.submits] == [True]


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["nao_pode_falar", "retorno_nao_seguro", "", "SAIR"])
async def test_whoever_must_not_get_it_gets_none(bed: Bed, mark: str) -> None:
    """Marked in the wrap-up; a caller of a discreet queue; who has opted out."""
    await _called(bed, QUEUES[0] if not mark else "p156_geral")
    await order_after(bed)
    if mark == "SAIR":
        await bed.store.sms.refuse(CALLER, True, "ana", bed.clock())
    elif mark:
        on = {"mark": mark, "on": True}
        bed.store.append(Fact(bed.clock(), Kind.CALL_BACK_BARRED, CALL, by="ana", details=on))
        await bed.store.settled()
    await bed.start()
    bed.skip(SMS_AFTER_CALL)
    (order,) = await bed.store.sms.orders()
    await bed.come_to(order["order_id"], nao_enviar=1)
    assert bed.smsc.submits == []
