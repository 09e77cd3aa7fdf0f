"""The small parts of the dialler: lanes, numbers in call, agents who are taken, what holds."""

from __future__ import annotations

import asyncio

import pytest
from dial_bed import GERAL, NAME, DialBed, campaign, contact, number
from line_fakes import Centre

from acd.events import CallJoined
from callflow.beside import Beside
from callflow.book import OpenCall
from callflow.busy_agents import BusyAgents
from callflow.dial_out import DialOut, NotDialled, OutCall, OutCaps
from callflow.holding import Holding
from callflow.in_call import InCall
from callflow.lanes import Lanes
from dialer.campaign import Mode
from terms.facts import Fact, Kind
from terms.names import AgentName, AttemptId, CallId, OfferId, Protocol, QueueName
from terms.outcome import Tried

CALL = CallId("n1-b1-1")


async def test_a_lane_keeps_its_order_and_lanes_wait_for_nobody() -> None:
    done: list[str] = []
    heard: list[object] = []
    lanes, gate = Lanes("failed", heard.append), asyncio.Event()

    async def work(what: str, waits: bool = False, fails: bool = False) -> None:
        if waits:
            await gate.wait()
        done.append(what)
        if fails:
            raise ValueError(what)

    lanes.do("a", work("a1", waits=True))
    lanes.do("a", work("a2", fails=True))
    lanes.do("a", work("a3"))
    lanes.do("b", work("b1"))
    await asyncio.sleep(0.01)
    assert done == ["b1"]
    assert "a" in lanes
    assert "b" not in lanes
    gate.set()
    await lanes.settled()
    assert done == ["b1", "a1", "a2", "a3"]
    assert heard == ["b", "a"]


def _arrived(caller: str, call: CallId = CALL) -> Fact:
    return Fact(1.0, Kind.CALL_ARRIVED, call, details={"caller": caller})


def test_numbers_in_call_are_those_on_the_line_and_those_we_ring() -> None:
    calling: dict[str, str] = {}
    numbers, heard = InCall(calling), list[str]()
    numbers.arrived = heard.append
    numbers.restore([OpenCall(CallId("old"), "156", 0.0, "+5511987650001")])
    numbers.read((_arrived("87650002"), _arrived("87650002")))
    calling["x-1"] = number(7)
    assert all(one in numbers for one in ("11987650001", "11987650002", number(7)))
    assert "11987650003" not in numbers
    assert heard[0] == "11987650002"
    numbers.read((Fact(2.0, Kind.CALL_ENDED, CALL),))
    numbers.read((Fact(2.0, Kind.CALL_ENDED, CALL),))
    assert "11987650002" not in numbers
    assert "11987650001" in numbers
    assert "8765" not in repr(numbers)


def test_agents_who_are_taken_are_counted_on_by_what_calls_take() -> None:
    centre = Centre()
    ana = centre.log_in("ana")
    busy = BusyAgents(centre.keeper.floor)
    idle = {"state": "idle"}
    (before,) = busy.soon([GERAL], 100.0)
    assert before.agents == 0.0
    for at in range(0, 2_000, 40):  # each call takes 20 s
        busy.read((Fact(at, Kind.ANSWERED, CALL, ana),))
        busy.read((Fact(at + 20.0, Kind.AGENT_STATE, None, ana, details=idle),))
    busy.read((Fact(2_000.0, Kind.ANSWERED, CALL, ana),))
    (fresh,), (old,) = busy.soon([GERAL], 2_001.0), busy.soon([GERAL], 2_019.0)
    assert 0.0 <= fresh.agents < old.agents <= 1.0
    assert busy.soon([QueueName("e199_risco")], 2_019.0)[0].agents == 0.0


async def test_what_holds_is_told_once_and_again_to_a_switch_that_starts() -> None:
    centre = Centre()
    beside = Beside("failed")
    holding = Holding(centre.keeper, beside)
    told = centre.switch.globals
    holding.say()
    await beside.settled()
    assert told == {"C156_OUT_HELD": ""}
    told.clear()
    holding.say()
    await beside.settled()
    assert told == {}
    centre.keeper.tell(CallJoined(CALL, QueueName("e199_risco"), 100, 1.0, "199"))
    holding.say()
    await beside.settled()
    assert told == {"C156_OUT_HELD": "emergency"}
    told.clear()
    holding.say_again()
    await beside.settled()
    assert told == {"C156_OUT_HELD": "emergency"}


@pytest.mark.parametrize(
    ("life", "emergency", "goes"), [(False, False, False), (True, False, True), (True, True, False)]
)
async def test_what_saves_lives_passes_a_storm_and_no_emergency(
    life: bool, emergency: bool, goes: bool
) -> None:
    bed = DialBed()
    out = DialOut(bed.public, lambda: 1.0, OutCaps(trunk=True), lambda: True, lambda: emergency)
    attempt = AttemptId("c-1")
    call = OutCall(
        *(OfferId(""), AgentName(""), 0.0, "199", number(1), "", "", "", Protocol("")),
        attempt=attempt,
        kind="aviso",
        life=life,
    )
    out.switch = Alone([])
    if goes:
        await out.dial(call)
        assert out.switch.ordered == [attempt]
    else:
        with pytest.raises(NotDialled, match="held"):
            await out.dial(call)
    await bed.dialler.leave()


class Alone:
    """A switch that takes everything."""

    def __init__(self, ordered: list[AttemptId]) -> None:
        self.ordered = ordered

    async def call_out(self, *_: object) -> None:
        raise AssertionError("an agent was rung")

    async def call_alone(self, attempt: AttemptId, *_: object) -> None:
        self.ordered.append(attempt)

    async def hang_up_attempt(self, attempt: AttemptId) -> None:
        raise AssertionError("hung up")


async def test_an_agent_whom_the_floor_found_by_itself_is_no_drop() -> None:
    """Predictive: an answer counts when somebody is found, a drop when nobody came to talk."""
    bed = DialBed((campaign(mode=Mode.PREDICTIVE),))
    bed.add(contact(1), contact(2))
    bed.agent("ana")
    await bed.start()
    first = bed.last
    turns = bed.dialler.dialling.campaigns[campaign().name]
    bed.dialler.dialling.agents.clear()  # taken by a caller at this instant
    bed.told(first, "answered")
    call = CallId(f"n1-b1-{first}")
    bed.keeper.record(Fact(bed.centre.now, Kind.OFFER_MADE, call, AgentName("ana"), details={}))
    assert (turns.hour.answers, turns.hour.dropped) == (1, 0)
    await bed.settle(3.0)
    assert not bed.dialler.dropped(first).is_set()
    bed.hangs_up(first)  # and the agent did not come
    await bed.settle()
    assert (turns.hour.answers, turns.hour.dropped) == (1, 1)
    assert bed.stored.results()[first] is Tried.DROPPED
    assert NAME in bed.stored.settings
    await bed.dialler.leave()
