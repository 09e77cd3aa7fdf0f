"""What a waiting caller of 156 is told of the wait: when, in which words, and what comes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from full_plan import FULL_153, FULL_156, FULL_199, TABLE, details, place_of, until
from line_fakes import GERAL, Centre, Channel, Nothing, mender_of, said

from acd.effects import SendAway
from acd.estimate import Expected
from acd.events import AgentPaused, ConfigurationChanged
from acd.history import sent_away
from acd.queues import Exit, QueueTable, Where
from callflow.agent_desk import AgentDesk
from callflow.call_back import CallBacks
from callflow.dial_out import DialOut, OutCaps
from callflow.foretold import Foretold
from callflow.hear import Ear
from ivr.forecast import Range
from ivr.menu import LinePlan, QueueNode
from ivr.texts import Text, pieces_of
from ivr.waiting import CallBackPlan, ForecastPlan
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId
from terms.signals import CallEnded, KeyPressed

CALL = CallId("n1-b-1.1")
DUTY = {"ana": "p156_geral", "eva": "p156_protocolo", "rui": "e199_risco"}
FORETELLS = ForecastPlan(
    ahead_text=(Text({"pt": pieces_of("na frente {na_frente:pessoas}")}),),
    wait_text=(Text({"pt": pieces_of("espera {espera:minutos}")}),),
    forecast_seconds=10.0,
)
CALLS_BACK = CallBackPlan(
    call_back_key="1",
    longer_than=300.0,
    offer_seconds=30.0,
    offer_text=said("tecle um para o retorno"),
    confirm_text=(Text({"pt": pieces_of("vamos ligar para {telefone:digitos}")}),),
    promised_text=said("vamos ligar"),
    unpromised_text=said("não deu certo"),
)


def telling(plan: LinePlan) -> LinePlan:
    """The same line, foretelling and calling back."""
    nodes = dict(plan.nodes)
    if isinstance(geral := nodes.get("geral"), QueueNode):
        nodes["geral"] = replace(geral, options={}, text=())
    waiting = replace(
        plan.waiting, before=said("aguarde"), forecast=FORETELLS, call_back=CALLS_BACK, repeat=()
    )
    return replace(plan, nodes=nodes, waiting=waiting)


class Promises:
    """A store of promises with memory, which may be away."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.away = False

    async def remember(self, *facts: Fact) -> None:
        if self.away:
            raise TimeoutError("the store is overdue")
        self.facts += facts

    async def resume_call(self, *_more: Any) -> None:
        raise AssertionError("nobody calls again here")


class NoSwitch:
    """Nobody is called here."""

    async def call_out(self, *_more: Any) -> None:
        raise AssertionError("somebody was called")


class Told(Centre):
    """A centre whose floor expects what it is told to expect, and where an agent is on duty."""

    def __init__(self, position: int, low: float, high: float, duty: bool = True) -> None:
        lines = tuple(telling(plan) for plan in (FULL_156, FULL_199, FULL_153))
        super().__init__(lines=lines, table=TABLE)
        self.expects(position, low, high)
        self.promises = Promises()
        out = DialOut(NoSwitch(), self.tools.clock, OutCaps(trunk=True))
        self.tools.call_backs = CallBacks(self.keeper, self.promises, self.tools.book, out)
        if duty:
            for name, skill in DUTY.items():
                self.log_in(name, skill)
                self.keeper.tell(AgentPaused(AgentName(name), "banheiro"))

    def expects(self, position: int, low: float, high: float) -> None:
        found = Expected(position, low, high, (low + high) / 2)
        self.keeper.floor.expected = lambda call, now: found  # type: ignore[method-assign]

    def press(self, key: str) -> None:
        desk = AgentDesk(self.keeper, {})
        ear = Ear(self.keeper, desk, self.tools.book, mender_of(self, Nothing()), 1)
        ear.hear(KeyPressed(CALL, key, self.now))


def heard(channel: Channel) -> str:
    """All that was played, as one text; the protocol's digits left out."""
    names = [name.rpartition("/")[2] for name in channel.played]
    return " ".join(names).partition(" aguarde")[0]


async def waits(centre: Centre, **about: Any) -> tuple[Channel, asyncio.Task[str]]:
    channel = centre.channel(keys=["1"], **about)
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.music_on or step.done())
    return channel, step


async def leaves(channel: Channel, step: asyncio.Task[str]) -> None:
    channel.gone.set()
    await step


# --- what is told ---
async def test_position_and_range_come_first_and_stand_in_a_fact() -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    assert heard(channel) == "opções na frente 2 espera 3 - 5"
    assert details(centre, Kind.WAIT_TOLD) == [{"position": 3, "low": 180.0, "high": 300.0}]
    last = Foretold.from_text(place_of(channel).told_last)
    assert last is not None
    assert (last.range, last.ahead) == (Range(3, 5), 2)
    await leaves(channel, step)


@pytest.mark.parametrize("line", ["199", "153"])
async def test_the_emergency_lines_tell_nothing_whatever_their_plan_says(line: str) -> None:
    centre = Told(9, 400.0, 900.0)
    channel, step = await waits(centre, line=line)
    assert "espera" not in " ".join(channel.played)
    assert "retorno" not in " ".join(channel.played)
    assert details(centre, Kind.WAIT_TOLD) == []
    await leaves(channel, step)


async def test_nothing_is_told_that_nobody_knows() -> None:
    for centre in (Told(1, 0.0, 60.0, duty=False), Told(1, 10.0, 4_000.0)):
        channel, step = await waits(centre)
        assert heard(channel).replace(" tecle um para o retorno", "") == "opções"
        assert details(centre, Kind.WAIT_TOLD) == []
        await leaves(channel, step)


async def test_the_same_words_are_not_told_again_and_the_position_only_falls() -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    for expects, more in (
        ((3, 200.0, 290.0), ""),  # the same words
        ((5, 200.0, 290.0), ""),  # two came between: nothing is said of it
        ((5, 310.0, 500.0), "espera 5 - 1 0"),  # … but that it takes longer is
        ((2, 310.0, 500.0), "na frente 1 espera 5 - 1 0"),
        ((1, 20.0, 50.0), "na frente 0 espera 0 - 1"),
    ):
        channel.played.clear()
        centre.expects(*expects)
        centre.now += 11.0
        centre.press("5")  # wakes the step, and means nothing
        await until(lambda: centre.keeper.floor.callers[CALL] and channel.music_on)
        await asyncio.sleep(0.05)
        told = [name.rpartition("/")[2] for name in channel.played]
        assert " ".join(told).replace("tecle um para o retorno", "").strip() == more, expects
    await leaves(channel, step)


async def test_a_step_that_finds_the_call_tells_it_only_when_due() -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    await leaves(channel, step)
    channel.gone.clear()
    channel.played.clear()
    channel.music_on = False
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.music_on)
    assert channel.played == []
    assert CALL in centre.keeper.promises.told  # of the first forecast, read from the channel
    await leaves(channel, step)


async def test_an_agent_cuts_the_forecast_off_and_nothing_was_promised() -> None:
    centre = Told(3, 190.0, 280.0)
    channel = centre.channel(keys=["1"], slow=True)
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.played[-1:] == ["/sounds/na frente"])
    centre.log_in("bia")
    assert await step == "dial"
    assert details(centre, Kind.WAIT_TOLD) == []


async def test_a_key_cuts_the_forecast_off_which_is_told_again() -> None:
    centre = Told(3, 190.0, 280.0)
    channel = centre.channel(keys=["1"], slow=True)
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.played[-1:] == ["/sounds/na frente"])
    centre.press("7")
    await until(lambda: channel.played[-1:] == ["/sounds/protocolo"])
    channel.slow = False
    channel.stop.set()
    await until(lambda: channel.music_on)
    assert " ".join(channel.played).count("/sounds/na frente") == 2
    assert len(details(centre, Kind.WAIT_TOLD)) == 1
    await leaves(channel, step)


async def test_the_other_texts_come_when_they_are_due_whatever_is_foretold() -> None:
    for duty, told in ((True, 1), (False, 0)):  # what is not known takes nobody's turn
        centre = Told(3, 190.0, 280.0, duty=duty)
        plans = centre.tools.plans.current.lines
        waiting = replace(plans["156"].waiting, repeat=said("ainda"), every_seconds=10.0)
        plans["156"] = replace(plans["156"], waiting=waiting)  # type: ignore[index]
        channel, step = await waits(centre)
        channel.played.clear()
        centre.now += 10.5
        centre.press("5")
        await until(partial(channel.played.__contains__, "/sounds/ainda"))
        assert len(details(centre, Kind.WAIT_TOLD)) == told
        await leaves(channel, step)


# --- what comes of it ---
@pytest.mark.parametrize(("waited", "held"), [(100.0, False), (200.0, True), (400.0, False)])
async def test_the_promise_is_judged_at_the_answer(waited: float, held: bool) -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    centre.now += waited
    centre.log_in("bia")
    assert await step == "dial"
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1", "ANSWEREDTIME_MS": "5000"}
    following = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: details(centre, Kind.WAIT_KEPT))
    (kept,) = details(centre, Kind.WAIT_KEPT)
    assert (kept["low"], kept["high"]) == (180.0, 300.0)
    assert kept["waited"] == pytest.approx(waited, abs=2.0)
    assert (kept["held"], kept["answered"]) == (held, True)
    kinds = [fact.kind for fact in centre.store.facts]
    assert kinds.index(Kind.WAIT_KEPT) == kinds.index(Kind.ANSWERED) + 1
    channel.gone.set()
    await following


@pytest.mark.parametrize(("waited", "judged"), [(250.0, 0), (400.0, 1)])
async def test_who_hangs_up_after_the_range_was_not_answered_in_it(
    waited: float, judged: int
) -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    centre.now += waited
    await leaves(channel, step)
    mender_of(centre, Nothing()).call_ended(CallEnded(CALL, centre.now, "waiting"))
    kept = details(centre, Kind.WAIT_KEPT)
    assert [(one["held"], one["answered"]) for one in kept] == [(False, False)] * judged
    assert centre.store.facts[-1].kind is Kind.CALL_ENDED
    assert centre.keeper.promises.told == {}


# --- the offer to be called back ---
OFFER, NUMBER = "/sounds/tecle um para o retorno", "/sounds/vamos ligar para"
PROMISED = "/sounds/vamos ligar"


async def test_it_is_offered_beyond_the_limit_and_again_at_intervals() -> None:
    centre = Told(3, 190.0, 290.0)
    channel, step = await waits(centre)
    assert OFFER not in channel.played
    for seconds, high, times in ((11.0, 310.0, 1), (11.0, 500.0, 1), (20.0, 800.0, 2)):
        centre.expects(3, 190.0, high)
        centre.now += seconds
        centre.press("5")
        await asyncio.sleep(0.1)
        assert channel.played.count(OFFER) == times
    await leaves(channel, step)


@pytest.mark.parametrize(
    "about", [{"caller": "anonymous"}, {"caller": "142"}, {"line": "199"}, {"line": "153"}]
)
async def test_it_is_not_offered_to_whom_we_cannot_call_nor_to_an_emergency(
    about: dict[str, str],
) -> None:
    centre = Told(3, 310.0, 800.0)
    channel, step = await waits(centre, **about)
    centre.press("1")
    await asyncio.sleep(0.1)
    assert {OFFER, NUMBER}.isdisjoint(channel.played)
    await leaves(channel, step)


async def test_its_key_asks_for_a_yes_and_anything_else_waits_on() -> None:
    centre = Told(3, 310.0, 800.0)
    channel, step = await waits(centre)
    for answer in ("2", ""):
        channel.played.clear()
        centre.press("1")
        await until(lambda: NUMBER in channel.played and channel.played[-1] != NUMBER)
        await until(lambda: channel.music_on)
        digits = channel.played[channel.played.index(NUMBER) + 1 :]
        assert digits == [f"/sounds/{digit}" for digit in "11987654321"]
        if answer:
            centre.press(answer)
        else:
            centre.now += 8.0  # says nothing for as long as a key is waited for
            centre.press("5")
        await asyncio.sleep(0.05)
        centre.press("7")  # the keys mean what they meant before
        await until(lambda: "/sounds/protocolo" in channel.played)
    assert not step.done()
    await leaves(channel, step)


async def test_an_agent_comes_before_the_yes() -> None:
    centre = Told(3, 310.0, 800.0)
    channel, step = await waits(centre)
    centre.press("1")
    await until(lambda: NUMBER in channel.played)
    centre.log_in("bia")
    centre.press("1")
    assert await step == "dial"


async def test_the_promise_is_durable_then_spoken_and_the_place_stays() -> None:
    centre = Told(3, 310.0, 800.0)
    channel, step = await waits(centre)
    joined = place_of(channel).joined
    channel.played.clear()
    centre.press("1")
    await until(lambda: NUMBER in channel.played)
    centre.press("1")
    assert await step == "end"
    protocol = [f"/sounds/{digit}" for digit in centre.store.given[CALL]]
    assert channel.played[-len(protocol) - 2 :] == [PROMISED, "/sounds/protocolo", *protocol]
    assert [fact.kind for fact in centre.promises.facts] == [Kind.CALL_BACK_PROMISED]
    caller = centre.keeper.floor.callers[CALL]
    assert (caller.absent, caller.joined) == (True, joined)
    mender_of(centre, Nothing()).call_ended(CallEnded(CALL, centre.now, "ended"))
    assert details(centre, Kind.CALL_ENDED)[0]["outcome"] == "promised"
    assert details(centre, Kind.WAIT_KEPT) == []  # nobody can say


async def test_who_cannot_be_promised_waits_on_and_hears_so() -> None:
    centre = Told(3, 310.0, 800.0)
    centre.promises.away = True
    channel, step = await waits(centre)
    joined = place_of(channel).joined
    centre.press("1")
    await until(lambda: NUMBER in channel.played)
    channel.music_on = False
    centre.press("1")
    await until(lambda: channel.music_on)
    assert channel.played[-1] == "/sounds/não deu certo"
    caller = centre.keeper.floor.callers[CALL]
    assert (caller.absent, caller.joined, caller.where) == (False, joined, Where.WAITING)
    assert PROMISED not in channel.played
    centre.log_in("bia")
    assert await step == "dial"


async def test_who_hangs_up_in_the_words_that_follow_has_the_promise() -> None:
    centre = Told(3, 310.0, 800.0)
    channel, step = await waits(centre)
    centre.press("1")
    await until(lambda: NUMBER in channel.played)
    channel.dies_after = channel.commands + 12
    centre.press("1")
    await step
    assert channel.variables["C156_STAGE"] == "ended"
    mender_of(centre, Nothing()).call_ended(CallEnded(CALL, centre.now, "ended"))
    assert details(centre, Kind.CALL_ENDED)[0]["outcome"] == "promised"
    assert centre.keeper.floor.callers[CALL].absent


# --- what else ---
async def test_the_queue_s_limit_leads_on_and_is_heard_at_once() -> None:
    centre = Told(3, 190.0, 280.0)
    channel = centre.channel(keys=["1"], slow=True)
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.played[-1:] == ["/sounds/na frente"])
    joined = place_of(channel).joined
    centre.keeper._send_away(SendAway(CALL, "fila2", "espera há 600 s"))
    channel.slow = False
    await until(lambda: channel.music_on)
    place = place_of(channel)
    assert (place.queue, place.joined) == ("p156_protocolo", joined)
    caller = centre.keeper.floor.callers[CALL]
    assert (caller.rule.name, caller.joined) == ("p156_protocolo", joined)
    await leaves(channel, step)


async def test_who_finds_too_many_waiting_is_led_on_by_the_floor_itself() -> None:
    centre = Told(3, 190.0, 280.0)
    rules = [
        replace(rule, largest=Exit(1, "fila2")) if rule.name == GERAL.name else rule
        for rule in TABLE.rules
    ]
    centre.keeper.tell(ConfigurationChanged(QueueTable(tuple(rules))))
    channel, step = await waits(centre)
    other = centre.channel(call="n1-b-1.2", keys=["1"])
    another = asyncio.create_task(other.step(centre.tools))
    await until(lambda: other.music_on)
    assert (place_of(channel).queue, place_of(other).queue) == ("p156_geral", "p156_protocolo")
    (sent,) = details(centre, Kind.SENT_AWAY)
    assert (sent["queue"], sent["exit"]) == ("p156_geral", "fila2")
    await leaves(channel, step)
    await leaves(other, another)


async def test_a_step_that_the_plan_has_not_is_a_person() -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    channel.music_on = False
    centre.keeper._send_away(SendAway(CALL, "nenhures", "já esperam 9"))
    await until(lambda: channel.music_on)
    assert place_of(channel).queue == "p156_geral"
    await leaves(channel, step)


@pytest.mark.parametrize(("waited", "broken"), [(100.0, 0), (400.0, 1)])
async def test_who_goes_to_another_queue_is_told_anew(waited: float, broken: int) -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    centre.now += waited
    centre.expects(9, 400.0, 600.0)
    channel.music_on = False
    channel.played.clear()
    sent = SendAway(CALL, "fila2", "espera há 600 s")
    centre.keeper.record(sent_away(sent, GERAL.name, centre.now))
    centre.keeper._send_away(sent)
    await until(lambda: channel.music_on)
    assert heard(channel).startswith("na frente 8 espera 5 - 1 0")
    assert len(details(centre, Kind.WAIT_KEPT)) == broken
    assert centre.keeper.promises.told[CALL].range == Range(5, 10)
    await leaves(channel, step)


async def test_a_wait_after_the_talk_is_another_one() -> None:
    centre = Told(3, 190.0, 280.0)
    channel, step = await waits(centre)
    centre.log_in("bia")
    assert await step == "dial"
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1", "ANSWEREDTIME_MS": "5000"}
    channel.keys = ["", "9"]
    channel.music_on = False
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.music_on or step.done())
    told = details(centre, Kind.WAIT_TOLD)
    assert len(told) == 2
    assert len(details(centre, Kind.WAIT_KEPT)) == 1
    promise = centre.keeper.promises.told[CALL]
    assert promise.at > centre.store.of(Kind.ANSWERED)[0].at
    await leaves(channel, step)


def test_what_stands_on_the_channel_is_read_back() -> None:
    for one in (
        Foretold(1.25, Range(3, 5), 2),
        Foretold(2.0, Range(20)),
        Foretold(0.5, Range(0, 1), 0),
    ):
        assert Foretold.from_text(one.to_text()) == one
    for text in ("", "x", "1:2", "1.0:3-5:x", ":", "1.0::"):
        assert Foretold.from_text(text) is None


def test_a_fact_of_a_call_without_a_promise_passes() -> None:
    centre = Told(1, 0.0, 50.0)
    fact = Fact(1.0, Kind.ANSWERED, CallId("other"))
    assert tuple(centre.keeper.promises.judged((fact,))) == (fact,)
