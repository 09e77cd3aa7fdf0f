"""Whom a campaign has called is no caller who dropped out: nobody who hangs up on a notice of the
civil defence is an emergency that 199 must call back, nor goes on with the notice's protocol when
they call 156 about something else (R34, R74)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from line_fakes import Centre, Nothing, mender_of

from callflow.book import OpenCall
from callflow.call_back import CallBacks
from callflow.cases import Cases
from callflow.dial_out import DialOut, OutCaps
from callflow.mend import Mender
from dialer.campaign import KeyMeans
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, CampaignName, Protocol, QueueName
from terms.signals import CallEnded, LastWords

CALL, CALLER = CallId("n1-b-1.1"), "11987654321"
NOTICE = CampaignName("chuva_forte")


@dataclass
class Remembered:
    facts: list[Fact] = field(default_factory=list)

    async def remember(self, *facts: Fact) -> None:
        self.facts += facts


@dataclass
class Bed:
    centre: Centre = field(default_factory=Centre)
    store: Remembered = field(default_factory=Remembered)
    backs: CallBacks = field(init=False)
    mender: Mender = field(init=False)

    def __post_init__(self) -> None:
        tools = self.centre.tools
        nobody: Any = None
        store: Any = self.store
        out = DialOut(nobody, tools.clock, OutCaps(trunk=True))
        self.backs = CallBacks(tools.keeper, store, tools.book, out, Cases())
        self.mender = mender_of(self.centre, Nothing())
        self.mender.call_backs = self.backs

    async def hangs_up(self, stage: str, campaign: str = NOTICE, **about: Any) -> None:
        entry = OpenCall(CALL, "199", self.centre.now, CALLER, Protocol("123"), campaign=campaign)
        for name, value in about.items():
            setattr(entry, name, value)
        self.centre.tools.book.open(entry)
        self.mender.call_ended(CallEnded(CALL, self.centre.now + 5.0, stage))
        for _ in range(20):
            await asyncio.sleep(0)

    @property
    def tasks(self) -> list[str]:
        return [one.details["because"] for one in self.centre.store.of(Kind.TASK_OPENED)]

    @property
    def promised(self) -> list[Fact]:
        return [one for one in self.store.facts if one.kind is Kind.CALL_BACK_PROMISED]

    def goes_on(self) -> bool:
        now = self.centre.now + 60.0
        return self.backs.cases.dropped(CALLER, "199", now) is not None


@pytest.mark.parametrize("stage", ["menu", "arrived", ""])
async def test_a_notice_that_is_hung_up_on_is_no_emergency(stage: str) -> None:
    bed = Bed()
    await bed.hangs_up(stage)
    assert (bed.tasks, bed.promised, bed.goes_on()) == ([], [], False)


@pytest.mark.parametrize("stage", ["menu", "arrived", ""])
async def test_whoever_calls_199_and_drops_out_still_is(stage: str) -> None:
    bed = Bed()
    await bed.hangs_up(stage, campaign="")
    assert bed.tasks
    assert bed.promised
    assert bed.goes_on()


async def test_whoever_found_no_agent_is_called_again_by_the_campaign() -> None:
    bed = Bed()
    await bed.hangs_up("waiting", queue=QueueName("p199_geral"), joined=bed.centre.now)
    assert (bed.tasks, bed.promised, bed.goes_on()) == ([], [], False)


async def test_whoever_asked_the_notice_for_a_person_of_199_and_got_none_is_too() -> None:
    bed = Bed()
    about: dict[str, Any] = {"queue": QueueName("p199_geral"), "joined": bed.centre.now}
    await bed.hangs_up("waiting", said=(KeyMeans.PERSON.value,), **about)
    assert bed.tasks
    assert bed.promised
    assert bed.goes_on()


class Noted(Nothing):
    """The switch has noted a talk of a campaign's."""

    async def take_in(self) -> list[OpenCall]:
        return [OpenCall(CALL, "156", 100.0, CALLER, Protocol("900"), campaign=NOTICE)]


@pytest.mark.parametrize("diary", [True, False])
async def test_a_talk_that_no_control_heard_is_taken_in_with_its_end(
    diary: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callflow.mend.DIARY_WAIT", 0.0)
    bed = Bed()
    noted, heard = Noted(), list[Fact]()
    if diary:
        noted.words = {CALL: LastWords(103.0, 100.0, AgentName("ana"), 3.0)}
    bed.mender = mender_of(bed.centre, noted)
    bed.mender.call_backs = bed.backs
    bed.centre.keeper.watch(heard.extend)
    await bed.mender._end_from_diary([], 200.0)
    assert heard[0].kind is Kind.CALL_ARRIVED
    assert heard[0].details["campaign"] == NOTICE
    (ended,) = bed.centre.store.of(Kind.CALL_ENDED)
    assert ended.details["outcome"] == ("served" if diary else "left_in_menu")
    assert bed.tasks == []
