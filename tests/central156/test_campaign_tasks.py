"""Who gave up is called by a campaign of kind `retorno` (R60, R61): store, floor and dialler are
real, the switch only remembers its orders."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from seeded import CALLER, OTHER_CALLER

from acd import events as ev
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from callflow.book import Book, OpenCall
from callflow.call_back import CallBacks
from callflow.dial_out import DialOut, OutCaps
from callflow.dialler import Dialler
from callflow.floor_keeper import FloorKeeper
from callflow.owed import Owed
from central156.campaign_store import StoredCampaigns
from central156.campaign_tasks import CampaignTasks, list_of
from dialer.caps import CapRules, Caps
from dialer.dialling import Dialling
from dialer.trunks import Trunk
from ivr.hours import ALWAYS
from protocol_store import Store
from protocol_store.campaign_rows import CampaignRow
from protocol_store.engines import make_engine
from protocol_store.reports.catalogue import REPORTS
from terms.facts import Fact, Kind
from terms.names import (
    AgentName,
    AttemptId,
    CallId,
    CampaignName,
    OfferId,
    QueueName,
    Seconds,
    Skill,
    TrunkName,
)
from terms.outcome import CallOutcome, Tried
from terms.sheet import Asked
from terms.signals import CallOutTold, Phone

CAMPAIGNS = Path(__file__).resolve().parents[2] / "dialplans/campanhas"
GERAL = QueueRule(QueueName("p156_geral"), "156", Skill("p156_geral"), 30, 15, 0)
PRINCIPAL = TrunkName("principal")
ANA = AgentName("ana")
NAME = CampaignName("retorno_de_abandono")
OPEN = "horario: {todos os dias: '0:00 a 24:00', feriados: '0:00 a 24:00'}\n"


@dataclass
class Switch:
    """Orders, in their order; nothing rings."""

    orders: list[Mapping[str, str]] = field(default_factory=list)
    hung_up: list[AttemptId] = field(default_factory=list)

    async def call_out(
        self, agent: AgentName, attempt: OfferId, seconds: Seconds, order: Mapping[str, str]
    ) -> None:
        self.orders.append(order)

    async def hang_up_attempt(self, attempt: AttemptId) -> None:
        self.hung_up.append(attempt)


class House:
    """A centre that owes calls."""

    def __init__(self, store: Store, url: str) -> None:
        self.url = url
        self.store, self.switch, self.book = store, Switch(), Book()
        self.keeper = FloorKeeper(
            *(Floor(QueueTable((GERAL,)), 7), store, self.switch, time.time, lambda: None)
        )
        out = DialOut(self.switch, time.time, OutCaps(trunk=True, per_number=20))
        rules = CapRules({PRINCIPAL: Trunk(PRINCIPAL, "x")}, per_second=100, per_number=20)
        self.dialler = Dialler(
            *(Dialling(Caps(rules)), self.keeper, StoredCampaigns(store, "11"), out, time.time),
            book=self.book,
        )
        self.dialler.linked = True  # this switch hears at once
        backs = CallBacks(self.keeper, store.promises, self.book, out)

        def obey(order: Any) -> None:
            if not self.dialler.obey(order):
                backs.obey(order)

        self.keeper.call_out = obey
        self.owed = Owed(self.keeper, lambda: ALWAYS)
        self.keeper.watch(self.owed.read)
        self.tasks = CampaignTasks(store, self.dialler, self.keeper, "11", time.time)
        self.keeper.watch(self.tasks.read)
        self.calls = 0

    async def campaign(
        self, name: CampaignName = NAME, fila: str = GERAL.name, tries: int = 3
    ) -> None:
        """The example's file, for always."""
        text = (CAMPAIGNS / f"{NAME}.yaml").read_text(encoding="utf-8")
        text = text.replace(f"campanha: {NAME}", f"campanha: {name}") + OPEN
        text = text.replace("fila: p156_geral", f"fila: {fila}")
        text = text.replace("tentativas: 3", f"tentativas: {tries}")
        now = time.time()
        row = CampaignRow(
            *(name, "retorno", "progressivo", "SP156", "Retorno", 1, "", text, "draft"),
            *(now, "sofia", now, "sofia"),
        )
        await self.store.campaigns.make(row)
        await self.dialler.start(name, "sofia")

    async def gives_up(self, caller: str = CALLER) -> CallId:
        """A call of 156 that waited for 40 s in vain."""
        self.calls += 1
        call, now = CallId(f"n1-c-{self.calls}"), time.time()
        entry = OpenCall(call, "156", now - 50, caller, joined=now - 40)
        self.book.open(entry)
        said = {"line": "156", "entry": "156", "caller": caller, "test": False}
        end = {"outcome": "abandoned", "blame": "citizen", "where": "waiting", "seconds": 50.0}
        self.keeper.record(
            Fact(now - 50, Kind.CALL_ARRIVED, call, details=said),
            Fact(now - 40, Kind.QUEUED, call, details={"queue": GERAL.name, "priority": 30}),
            Fact(now, Kind.CALL_ENDED, call, details=end),
        )
        self.owed.ended(entry, now, CallOutcome.ABANDONED)
        await self.look()
        return call

    async def look(self) -> None:
        await self.store.settled()
        await self.tasks.look()
        await self.store.settled()

    def agent(self) -> None:
        self.keeper.tell(ev.AgentPhone(ANA, Phone.IDLE))
        self.keeper.tell(ev.AgentLoggedIn(ANA, {GERAL.skill: 1}))

    async def ordered(self) -> Mapping[str, str]:
        """The next order to the switch."""
        self.dialler.pages.begin_again(NAME)
        await self.dialler.pages.read(NAME)
        self.dialler.look_round()
        async with asyncio.timeout(3):
            while not self.switch.orders:
                await asyncio.sleep(0.01)
        return self.switch.orders.pop(0)

    async def comes_to(self, order: Mapping[str, str], what: str, result: str = "") -> None:
        """The citizen's end of an order."""
        about = (OfferId(order["C156_OFFER"]), AgentName(order["C156_AGENT"]))
        attempt = AttemptId(order["C156_ATTEMPT"])
        self.dialler.told(CallOutTold(*about, what, result, "", time.time(), attempt))
        await self.dialler.settled()
        await self.look()

    async def is_reached(self, order: Mapping[str, str], judged: Tried | None = None) -> None:
        """Somebody answers, and talks for long enough."""
        offer, attempt = OfferId(order["C156_OFFER"]), AttemptId(order["C156_ATTEMPT"])
        call, now = CallId(f"n1-o-{attempt}".replace(".", "-")), time.time()
        self.dialler.answered(call, now - 90, offer, attempt)
        if judged is not None:
            self.dialler.judged(attempt, judged, "ana")
        self.keeper.tell(ev.TalkEnded(offer))
        self.dialler.ended(call, attempt, now)
        self.owed.ended(self.book.calls[call], now, CallOutcome.SERVED)
        await self.dialler.settled()
        await self.look()

    async def contacts(self, name: CampaignName = NAME) -> list[tuple[str, str | None]]:
        """Number and end of all that the campaign has."""
        numbers = [CALLER, OTHER_CALLER]
        found = await self.store.campaigns.of_numbers([name], numbers)
        return [(one.row.number, one.row.ending) for one in found]

    async def icb(self) -> Mapping[str, Any]:
        """The report's totals."""
        now = time.time()
        asked = Asked(now - 3_600, now + 3_600)
        engine = make_engine(self.url, reading=True)
        try:
            with engine.connect() as connection:
                totals = REPORTS["retorno-icb"].run(connection, asked).totals
        finally:
            engine.dispose()
        assert totals is not None
        return totals

    async def results(self) -> dict[str, str | None]:
        """What each task came to; None while it is open."""
        return {one.call: one.result for one in await self.store.tasks(open_only=False)}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = Store(url, "a", journal=tmp_path / "journal")
    await store.start()
    made = House(store, url)
    yield made
    await made.dialler.leave()
    made.keeper.close()
    await store.close()


async def test_who_gave_up_is_called_and_the_task_closed(house: House) -> None:
    call = await house.gives_up()
    assert await house.contacts() == []  # no such campaign runs
    await house.campaign()
    house.agent()
    await house.look()
    assert await house.contacts() == [(CALLER, None)]
    order = await house.ordered()
    assert (order["C156_CAMPAIGN"], order["C156_AGENT"]) == (NAME, ANA)
    await house.is_reached(order)
    assert await house.contacts() == [(CALLER, "reached")]
    await house.look()
    assert await house.results() == {call: "retorno atendido"}
    figures = await house.icb()
    assert (figures["owed"], figures["icb"], figures["icb_spoken"]) == (1, 1.0, 1.0)


async def test_the_agent_is_told_when_they_gave_up(house: House) -> None:
    await house.campaign()
    await house.gives_up()
    (row,) = await house.store.campaigns.waiting(list_of(NAME).name)
    assert row.fields["fila"] == GERAL.name
    assert row.fields["desistiu_em"][-3] == ":"


async def test_a_mailbox_closes_no_task(house: House) -> None:
    await house.campaign()
    call = await house.gives_up()
    house.agent()
    await house.is_reached(await house.ordered(), Tried.MACHINE)
    assert await house.results() == {call: None}
    assert await house.contacts() == [(CALLER, None)]  # and is tried again


@pytest.mark.parametrize(
    ("result", "ending", "how"),
    [("invalid", "wrong_number", "número inválido"), ("busy", "exhausted", "sem contato")],
)
async def test_an_end_without_the_citizen_closes_it_too(
    house: House, result: str, ending: str, how: str
) -> None:
    await house.campaign(tries=1)
    call = await house.gives_up()
    house.agent()
    order = await house.ordered()
    about = ("citizen", "BUSY", "17") if result == "busy" else ("capped", "number", "")
    offer, agent = OfferId(order["C156_OFFER"]), AgentName(order["C156_AGENT"])
    told = CallOutTold(offer, agent, *about, time.time(), AttemptId(order["C156_ATTEMPT"]))
    house.dialler.told(told)
    await house.dialler.settled()
    await house.look()
    assert await house.contacts() == [(CALLER, ending)]
    assert await house.results() == {call: how}
    figures = await house.icb()
    assert (figures["kept"], figures["in_vain"]) == (1, 1)
    assert (figures["icb"], figures["icb_spoken"]) == (1.0, 0.0)


async def test_who_is_served_meanwhile_is_not_called(house: House) -> None:
    await house.campaign()
    call = await house.gives_up()
    await house.dialler.pages.read(NAME)  # the dialler has the contact at hand
    now = time.time()
    again = OpenCall(CallId("n1-c-nova"), "156", now, CALLER)
    house.owed.ended(again, now + 60, CallOutcome.SERVED)
    await house.dialler.settled()
    assert await house.contacts() == [(CALLER, "cancelled")]  # at once
    await house.look()
    assert await house.results() == {call: "ligou de novo e foi atendido"}
    house.agent()
    house.dialler.look_round()
    await house.dialler.settled()
    assert house.switch.orders == []


async def test_a_task_that_a_person_closed_is_called_no_more(house: House) -> None:
    """Nobody told of it: another process, or before a restart."""
    await house.campaign()
    call = await house.gives_up()
    closed = {"task": "call_back", "how": "resolvido por e-mail"}
    house.store.append(Fact(time.time(), Kind.TASK_CLOSED, call, by="sofia", details=closed))
    await house.look()
    assert await house.contacts() == [(CALLER, "cancelled")]


async def test_whoever_gives_up_again_is_called_again(house: House) -> None:
    await house.campaign()
    house.agent()
    first = await house.gives_up()
    await house.is_reached(await house.ordered())
    second = await house.gives_up()
    assert await house.contacts() == [(CALLER, None)]
    order = await house.ordered()
    assert order["C156_ATTEMPT"].endswith("-2")  # no attempt has a name twice
    await house.is_reached(order)
    await house.look()
    assert await house.results() == {first: "retorno atendido", second: "retorno atendido"}


@pytest.mark.parametrize("mark", ["nao_pode_falar", "retorno_nao_seguro"])
async def test_a_marked_number_is_a_persons(house: House, mark: str) -> None:
    await house.campaign()
    call = await house.gives_up()
    on = {"mark": mark, "on": True}
    house.store.append(Fact(time.time(), Kind.CALL_BACK_BARRED, call, by="ana", details=on))
    await house.look()
    assert await house.contacts() == [(CALLER, "cancelled")]
    other = await house.gives_up()
    assert await house.contacts() == [(CALLER, "cancelled")]
    assert (await house.results())[other if other in await house.results() else call] is None


async def test_numbers_that_cannot_be_called_stay_tasks(house: House) -> None:
    await house.campaign()
    await house.gives_up("anonymous")
    assert await house.contacts() == []


async def test_the_campaign_of_the_queue_has_it_and_one_alone(house: House) -> None:
    other = CampaignName("retorno_da_saude")
    await house.campaign(other, fila="p156_saude")
    await house.campaign()
    await house.gives_up()
    await house.look()
    assert await house.contacts(other) == []
    assert await house.contacts() == [(CALLER, None)]


async def test_a_paused_campaign_gets_nobody(house: House) -> None:
    await house.campaign()
    await house.dialler.pause(NAME, "sofia")
    await house.gives_up()
    assert await house.contacts() == []


async def test_a_call_of_a_campaign_owes_nothing(house: House) -> None:
    now = time.time()
    entry = OpenCall(CallId("n1-c-c"), "156", now - 60, CALLER, joined=now - 50, campaign="x")
    house.owed.ended(entry, now, CallOutcome.ABANDONED)
    assert house.owed.open == {}
