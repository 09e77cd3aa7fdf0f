"""Call-backs from promise to talk, with a switch and a store that have a memory: durable before it
is spoken, each attempt told of once, the citizen who calls again, a restart in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from line_fakes import Centre, Channel, Nothing, Session, mender_of

from acd.promises import How
from callflow.book import OpenCall
from callflow.call_back import CallBacks, promise
from callflow.cases import Cases
from callflow.dial_out import DialOut, NotDialled, NumberRefused, OutCall, OutCaps
from callflow.mend import Mender
from callflow.suspects import Marks, NoMarks
from callflow.visit import Visit
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId
from terms.outcome import CallOutcome, Tried
from terms.signals import CallEnded, CallOutTold, SeenCall, SwitchSeen
from terms.stages import Stage

CALL, CALLER = CallId("n1-b-1.1"), "11987654321"
NEW = CallId("n1-b-2.9")


@dataclass
class Remembered:
    """The store's part: what was written durably, or nothing while it fails."""

    facts: list[Fact] = field(default_factory=list)
    resumed: list[tuple[Any, ...]] = field(default_factory=list)
    failing: bool = False

    async def remember(self, *facts: Fact) -> None:
        await asyncio.sleep(0)
        if self.failing:
            raise TimeoutError("the store is overdue")
        self.facts += facts

    async def resume_call(self, *about: Any) -> None:
        self.resumed.append(about)


@dataclass
class Out:
    """The switch's way out: which attempts were ordered."""

    orders: list[tuple[AgentName, OfferId, Mapping[str, str]]] = field(default_factory=list)
    fails: bool = False

    async def call_out(
        self, agent: AgentName, attempt: OfferId, seconds: float, order: Mapping[str, str]
    ) -> None:
        if self.fails:
            raise ConnectionError("no link")
        self.orders.append((agent, attempt, order))


@dataclass
class Bed:
    centre: Centre = field(default_factory=Centre)
    store: Remembered = field(default_factory=Remembered)
    out: Out = field(default_factory=Out)
    backs: CallBacks = field(init=False)
    mender: Mender = field(init=False)

    def __post_init__(self) -> None:
        tools, caps = self.centre.tools, OutCaps(trunk=True, identities={"156": "1131560000"})
        out = DialOut(self.out, tools.clock, caps, lambda: self.centre.keeper.floor.out_held)
        self.backs = CallBacks(tools.keeper, self.store, tools.book, out, Cases())
        tools.call_backs = self.backs
        tools.keeper.call_out = self.backs.obey
        tools.keeper.watch(self.backs.read)
        self.mender = mender_of(self.centre, Nothing())
        self.mender.call_backs = self.backs

    async def waits(self, call: str = CALL, line: str = "156") -> tuple[Channel, asyncio.Task[str]]:
        """A citizen in the queue."""
        channel = self.centre.channel(call=call, line=line, caller=CALLER, keys=["1"])
        step = asyncio.create_task(channel.step(self.centre.tools))
        while CallId(call) not in self.centre.keeper.floor.callers:
            assert not step.done(), step.exception()
            await asyncio.sleep(0)
        return channel, step

    async def promised(self) -> Channel:
        """A citizen who waited, was promised a call, and has gone."""
        channel, step = await self.waits()
        visit = self.centre.tools.present[CALL]
        step.cancel()
        await asyncio.gather(step, return_exceptions=True)
        visit.session = _session(channel)
        assert await promise(visit) is Stage.ENDED
        self.ends(CALL, "ended")
        return channel

    def ends(self, call: str, stage: str) -> None:
        self.mender.call_ended(CallEnded(CallId(call), self.centre.tools.clock(), stage))

    async def ordered(self, count: int = 1) -> OfferId:
        """The latest attempt, once so many were ordered."""
        for _ in range(200):
            if len(self.out.orders) == count:
                return self.out.orders[-1][1]
            await asyncio.sleep(0)
        raise AssertionError(f"{len(self.out.orders)} attempts, not {count}")

    def told(self, offer: OfferId, what: str, result: str = "", cause: str = "") -> None:
        self.backs.told(CallOutTold(offer, AgentName("ana"), what, result, cause, 1.0))

    def kinds(self, call: str = CALL) -> list[str]:
        return [str(fact.kind) for fact in self.centre.store.facts if fact.call == call]

    def over(self) -> list[str]:
        found = self.centre.store.of(Kind.CALL_BACK_OVER)
        return [str(fact.details["how"]) for fact in found]

    def results(self) -> list[str]:
        found = self.centre.store.of(Kind.CALL_BACK_RESULT)
        return [str(fact.details["result"]) for fact in found]


def _session(channel: Channel) -> Session:
    return Session(channel, {})


@pytest.fixture
async def bed() -> Bed:
    return Bed()


async def test_durable_before_it_is_said_and_the_place_is_kept(bed: Bed) -> None:
    channel, step = await bed.waits()
    joined = bed.centre.keeper.floor.callers[CALL].joined
    visit: Visit = bed.centre.tools.present[CALL]
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    visit.session = _session(channel)
    assert await promise(visit) is Stage.ENDED
    (fact,) = bed.store.facts
    assert (fact.kind, fact.details["joined"]) == (Kind.CALL_BACK_PROMISED, joined)
    assert channel.variables["C156_STAGE"] == "ended"
    bed.centre.log_in("ana")
    await asyncio.sleep(0)
    assert bed.out.orders == []  # they still hear it
    bed.ends(CALL, "ended")
    (ended,) = bed.centre.store.of(Kind.CALL_ENDED)
    assert ended.details["outcome"] == CallOutcome.PROMISED
    await bed.ordered()
    agent, offer, order = bed.out.orders[0]
    assert (agent, order["C156_OUT_NUMBER"], order["C156_OFFER"]) == ("ana", CALLER, offer)
    assert order["C156_OUT_FROM"] == "1131560000"
    assert f"of={CALL}" in order["C156_OUT_PLACE"]


async def test_what_cannot_be_written_down_is_not_promised(bed: Bed) -> None:
    channel, step = await bed.waits()
    visit = bed.centre.tools.present[CALL]
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    visit.session, bed.store.failing = _session(channel), True
    assert await promise(visit) is Stage.WAITING
    assert bed.backs.open == {}
    assert not bed.centre.keeper.floor.callers[CALL].absent


async def test_a_talk_of_the_new_channel_under_the_same_protocol(bed: Bed) -> None:
    await bed.promised()
    bed.centre.log_in("ana")
    offer = await bed.ordered()
    bed.told(offer, "up")
    assert bed.backs.answered(NEW, offer, bed.centre.now)
    assert not bed.backs.answered(NEW, offer, bed.centre.now)  # told twice
    entry = bed.centre.tools.book.calls[NEW]
    assert (entry.of, entry.protocol) == (CALL, bed.centre.store.given[CALL])
    assert bed.kinds(NEW)[:3] == ["call_arrived", "call_resumed", "queued"]
    assert bed.over() == ["reached"]
    assert bed.backs.out.live == {}
    assert list(bed.centre.keeper.floor.callers) == [NEW]


@pytest.mark.parametrize(
    ("result", "cause", "word"),
    [
        ("BUSY", "17", "busy"),
        ("CHANUNAVAIL", "21", "busy"),
        ("NOANSWER", "19", "no_answer"),
        ("CHANUNAVAIL", "1", "invalid"),
        ("CHANUNAVAIL", "20", "unreachable"),
        ("CONGESTION", "34", "shut"),
    ],
)
async def test_results_are_told_apart(bed: Bed, result: str, cause: str, word: str) -> None:
    await bed.promised()
    bed.centre.log_in("ana")
    offer = await bed.ordered()
    bed.told(offer, "up")
    bed.told(offer, "citizen", result, cause)
    bed.told(offer, "citizen", result, cause)
    bed.told(offer, "over", "CANCEL")
    assert bed.results() == [word]
    assert bed.over() == (["no_contact"] if word == "invalid" else [])
    agent = bed.centre.keeper.floor.agents[AgentName("ana")]
    assert (agent.status, agent.state) == ("available", "idle")


async def test_an_agent_who_does_not_answer_costs_no_try(bed: Bed) -> None:
    await bed.promised()
    bed.centre.log_in("ana")
    first = await bed.ordered()
    bed.told(first, "agent", "NOANSWER")
    assert bed.centre.keeper.floor.agents[AgentName("ana")].reason == "não-atendeu"
    bed.centre.log_in("bia")
    assert await bed.ordered(2) != first
    assert (bed.results(), bed.backs.open[CALL].tries) == (["agent"], 0)


async def test_an_attempt_nobody_tells_of_ends_once(bed: Bed) -> None:
    await bed.promised()
    bed.out.fails = True
    bed.centre.log_in("ana")
    while not bed.backs._attempts:
        await asyncio.sleep(0)
    await bed.backs.settled()
    bed.centre.now += 120.0
    bed.centre.keeper._wake()
    assert bed.results() == ["lost"]
    assert bed.backs._attempts == {}


async def test_who_calls_again_is_not_called(bed: Bed) -> None:
    await bed.promised()
    joined = bed.centre.keeper.floor.callers[CALL].joined
    channel, step = await bed.waits(NEW)
    assert channel.variables["C156_STAGE"] == "waiting"
    assert bed.store.resumed[0][0] == NEW
    assert bed.store.resumed[0][8:] == (CALL, bed.centre.store.given[CALL], "returned")
    assert NEW not in bed.centre.store.given  # no number of its own
    assert bed.centre.keeper.floor.callers[NEW].joined == joined
    assert bed.over() == ["returned"]
    bed.centre.log_in("ana")
    assert await step == "dial"
    assert bed.out.orders == []


async def test_after_a_restart_every_promise_has_its_place(bed: Bed) -> None:
    await bed.promised()
    made = bed.backs.open[CALL]
    again = Bed(Centre(epoch=2))
    again.backs.restore([made])
    again.centre.log_in("ana")
    assert (await again.ordered()).startswith("2-")


async def test_the_switch_dies_under_an_attempt_that_has_just_begun(bed: Bed) -> None:
    """The agent is free at once, not when the attempt's time is up."""
    bed.backs.agree(SwitchSeen(bed.centre.now, "boot", ()))
    await bed.promised()
    bed.centre.log_in("ana")
    await bed.ordered()
    bed.backs.agree(SwitchSeen(bed.centre.now, "boot", ()))
    assert bed.results() == []  # younger than the look: it is only not there yet
    bed.backs.agree(SwitchSeen(bed.centre.now, "another boot", ()))
    assert bed.results() == ["lost"]
    assert bed.centre.keeper.floor.agents[AgentName("ana")].state == "idle"


async def test_the_citizen_calls_while_the_agent_is_rung_for_them(bed: Bed) -> None:
    """Both directions at once: the attempt is taken back, and its agent is free when it ends."""
    await bed.promised()
    bed.centre.log_in("ana")
    offer = await bed.ordered()
    bed.told(offer, "up")
    _, step = await bed.waits(NEW)
    assert bed.over() == ["returned"]
    bed.told(offer, "over", "CANCEL")
    agent = bed.centre.keeper.floor.agents[AgentName("ana")]
    assert agent.offer != offer
    assert await step == "dial"
    assert len(bed.out.orders) == 1


async def test_agents_who_do_not_pick_up_do_not_use_up_the_hour_of_a_number(bed: Bed) -> None:
    await bed.promised()
    for count in range(1, 10):
        bed.centre.log_in(f"a{count}")
        bed.centre.now += 1.0
        bed.told(await bed.ordered(count), "agent", "NOANSWER")
    assert bed.backs.open[CALL].tries == 0


async def test_a_carrier_that_takes_no_call_costs_no_try_and_rings_no_agent(bed: Bed) -> None:
    await bed.promised()
    bed.centre.log_in("ana")
    offer = await bed.ordered()
    bed.told(offer, "up")
    bed.told(offer, "citizen", "CONGESTION", "34")
    assert (bed.results(), bed.backs.open[CALL].tries) == (["shut"], 0)
    bed.backs.out.came_to(Tried.SHUT)
    with pytest.raises(NotDialled, match="shut"):
        await bed.backs.out.dial(_call("1-8", "1133334444"))
    await bed.backs.out.dial(_call("1-9", "1133334444", urgent=True))
    bed.out.orders.pop()
    bed.centre.now += 31.0
    bed.centre.keeper._wake()
    assert await bed.ordered(2) != offer


async def test_what_a_control_had_held_is_not_held_by_the_next(bed: Bed) -> None:
    """A hold outlives whoever gave it on the switch; a look says what is so now."""
    bed.backs.agree(SwitchSeen(bed.centre.now, "boot", ()))
    await bed.backs.settled()
    assert bed.centre.switch.globals["C156_OUT_HELD"] == ""


async def test_a_number_that_156_is_closed_to_has_no_place_by_dialling_again(bed: Bed) -> None:
    await bed.promised()
    bed.centre.tools.numbers = Blocked()
    channel = bed.centre.channel(call=NEW, line="156", caller=CALLER, keys=[])
    assert await channel.step(bed.centre.tools) == "end"
    assert bed.over() == []
    (told,) = bed.centre.store.of(Kind.NUMBER_SUSPECT)
    assert told.details["blocked"] is True


class Blocked(NoMarks):
    """156 is closed to everybody."""

    refusal = "Não podemos atender este número."

    def marks(self, caller: str) -> Marks:
        return Marks(blocked=True)


async def test_an_attempt_in_course_at_the_crash_ends_exactly_once(bed: Bed) -> None:
    await bed.promised()
    bed.centre.log_in("ana")
    offer = await bed.ordered()
    made = bed.backs.open[CALL]
    assert made.attempt == offer
    again = Bed(Centre(epoch=2, now=5_000.0))
    again.backs.restore([made])
    again.centre.log_in("ana")
    again.centre.now += 10
    seen = SwitchSeen(again.centre.now, "boot", (), {}, calling=frozenset({offer}))
    again.backs.agree(seen)
    await asyncio.sleep(0)
    assert again.out.orders == []  # it lives: nobody is rung twice
    again.backs.agree(SwitchSeen(again.centre.now, "boot", ()))
    again.backs.agree(SwitchSeen(again.centre.now, "boot", ()))
    assert again.results() == ["lost"]
    other = Bed(Centre(epoch=3, now=6_000.0))
    other.backs.restore([made])
    call = SeenCall(NEW, "156", f"offered:{offer}:ana", f"of={CALL}", "PJSIP/x", 6_000.0)
    other.backs.agree(SwitchSeen(6_001.0, "boot", (call,)))
    assert other.over() == ["reached"]
    assert other.centre.keeper.floor.callers == {}


async def test_a_dropped_emergency_is_promised_and_a_marked_one_is_not(bed: Bed) -> None:
    channel, step = await bed.waits(line="199")
    channel.gone.set()
    await step
    bed.ends(CALL, "waiting")
    await bed.backs.settled()
    made = bed.backs.open[CALL]
    assert (made.how, made.queue, made.priority) == (How.EMERGENCY, "e_retorno", 98)
    (task,) = bed.centre.store.of(Kind.TASK_OPENED)
    assert task.details["because"] == "abandoned"
    bed.backs.bar(CALL, CALLER, "nao_pode_falar", True, "rita")
    assert bed.over() == ["cancelled"]
    assert bed.backs.open == {}
    channel, step = await bed.waits(NEW, line="199")
    channel.gone.set()
    await step
    bed.ends(NEW, "waiting")
    await bed.backs.settled()
    assert bed.backs.open == {}
    assert "supervisor" in bed.centre.store.of(Kind.TASK_OPENED)[1].details["because"]


async def test_redial_after_a_drop_keeps_protocol_and_time_waited(bed: Bed) -> None:
    channel, step = await bed.waits()
    joined = bed.centre.keeper.floor.callers[CALL].joined
    channel.gone.set()
    await step
    bed.ends(CALL, "waiting")
    await bed.waits(NEW)
    assert bed.store.resumed[0][8:] == (CALL, bed.centre.store.given[CALL], "redial")
    assert bed.centre.keeper.floor.callers[NEW].joined == joined


async def test_the_time_between_two_calls_is_no_wait_of_the_second(bed: Bed) -> None:
    channel, step = await bed.waits()
    channel.gone.set()
    await step
    bed.ends(CALL, "waiting")
    bed.centre.now += 60.0
    await bed.waits(NEW)
    caller = bed.centre.keeper.floor.callers[NEW]
    assert caller.joined < bed.centre.now - 59.0  # the place
    assert caller.waited(bed.centre.now) < 1.0
    told = bed.centre.store.of(Kind.QUEUED)[-1]
    assert told.details["joined"] >= bed.centre.now - 1.0


async def test_much_later_it_is_another_matter(bed: Bed) -> None:
    channel, step = await bed.waits()
    channel.gone.set()
    await step
    bed.ends(CALL, "waiting")
    bed.centre.now += 301.0
    await bed.waits(NEW)
    assert bed.store.resumed == []
    assert bed.centre.store.given[NEW] != bed.centre.store.given[CALL]


async def test_the_agent_who_knows_the_citizen_is_preferred(bed: Bed) -> None:
    entry = OpenCall(CallId("x"), "156", 1.0, CALLER, agent=AgentName("bia"), answered=2.0)
    bed.backs.ended(entry, bed.centre.now, CallOutcome.SERVED)
    await bed.waits()
    assert bed.centre.keeper.floor.callers[CALL].preferred == "bia"


# --- the road out ---
def _call(offer: str, caller: str = CALLER, **more: Any) -> OutCall:
    return OutCall(
        OfferId(offer),
        AgentName("ana"),
        10.0,
        "156",
        caller,
        "x",
        "",
        "",
        "",
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        ("+5511987654321", "11987654321"),
        ("011987654321", "11987654321"),
        ("1133334444", "1133334444"),
        ("33334444", "1133334444"),
        ("987654321", "11987654321"),
        ("0900123456", ""),
        ("08001234567", ""),
        ("190", ""),
        ("anonymous", ""),
        ("+12125550100", ""),
        ("+351211234567", ""),
        ("11087654321", ""),
    ],
)
def test_the_numbers_that_are_dialled(caller: str, number: str) -> None:
    assert DialOut(Out(), lambda: 1.0, OutCaps(trunk=True)).dialable(caller) == number
    assert DialOut(Out(), lambda: 1.0, OutCaps(trunk=False)).dialable(caller) == ""


async def test_caps_in_python_too() -> None:
    now = [1_000.0]
    caps = OutCaps(trunk=True, channels=3, per_second=2, per_hour=4, per_number=2)
    held = [False]
    road = DialOut(Out(), lambda: now[0], caps, lambda: held[0])

    async def refused(offer: str, caller: str = CALLER, **more: Any) -> str:
        with pytest.raises(NotDialled) as stopped:
            await road.dial(_call(offer, caller, **more))
        return stopped.value.why

    await road.dial(_call("1-1"))
    assert await refused("1-2") == "twice"
    assert await refused("1-3", "190") == "number"
    with pytest.raises(NumberRefused):
        await road.dial(_call("1-3", "190"))
    await road.dial(_call("1-4", "1133334444"))
    assert await refused("1-5", "1133334445") == "second"
    now[0] += 2
    held[0] = True
    assert await refused("1-5", "1133334445") == "held"
    await road.dial(_call("1-5", "1133334445", urgent=True))
    held[0] = False
    assert await refused("1-6", "1133334446") == "channels"
    road.over(OfferId("1-1"))
    await road.dial(_call("1-7"))
    road.over(OfferId("1-7"))
    assert await refused("1-8") == "often"
    now[0] += 2
    assert await refused("1-9", "1133334447") == "hour"
    now[0] += 3_600
    await road.dial(_call("1-9", "1133334447"))
