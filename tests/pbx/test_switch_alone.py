"""Calls that go out without an agent, on a real Asterisk: each way of ending is told once, and is
the right one (R66), a person hears the text soon, nothing of an attempt is ever there twice or left
behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from out_exchange import Exchange, exchange_of, until_up
from public_network import DEAD, GREETING, KINDS, public_network, trunks
from scripted_control import ScriptedControl, scripted_control
from sipp_phones import SippRun
from switchbed import Bed, switch_bed

from terms.names import AttemptId
from terms.signals import AttemptLives, CallEnded, CallOutTold

pytestmark = pytest.mark.switch

# odd, so that no phone of any bed (switchbed.PHONE_PORTS) is ever given one of them
PORT, NETWORK, RTP = 25_001, 25_021, 44_100

ENDS = {
    "ocupado": ("BUSY", "17"),
    "recusa": ("CHANUNAVAIL", "21"),
    "nao_atende": ("NOANSWER", "0"),
    "inexistente": ("CHANUNAVAIL", "1"),
    "em_lugar_nenhum": ("CHANUNAVAIL", "1"),
    "anuncio": ("CHANUNAVAIL", "1"),
    "fora": ("CONGESTION", "34"),
    DEAD: ("NOANSWER", "102"),
}
"""Who does not answer: what Dial makes of it, and the cause (callflow/dial_out.py reads both)."""

ADVICE = {
    "pessoa": None,
    "apressada": None,
    "paciente": None,
    "lenta": None,
    "caixa_postal": ("machine", "LONGGREETING"),
    "calada": ("silent", "INITIALSILENCE"),
    "sem_som": ("silent", "NOSOUND"),
    "fax": ("fax", "arrived"),
}
"""Who does: what is told of them between the answer and the text."""

TEXT_AFTER = {"pessoa": 1.9, "lenta": 1.9, "calada": 2.6, "sem_som": 4.6}
"""Seconds from the answer to the step that says the text, at most. The word itself ends at 0.75."""


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    more: dict[str, Any] = {"trunks": trunks(NETWORK), "out_per_second": 100, "out_per_number": 3}
    with switch_bed(tmp_path_factory.mktemp("alone"), PORT, RTP, **more) as running:
        yield running


@pytest.fixture(scope="module")
def network(bed: Bed) -> Iterator[dict[str, SippRun]]:
    with public_network(bed, NETWORK) as running:
        yield running


@pytest.fixture
def control(bed: Bed) -> Iterator[ScriptedControl]:
    """Its steps end each call at once, when the text would be over."""
    with scripted_control(bed.settings.agi_port, lambda step: {"C156_DO": "end"}) as running:
        yield running


@pytest.fixture
async def exchange(bed: Bed, network: dict[str, SippRun]) -> AsyncIterator[Exchange]:
    async with exchange_of(bed) as running:
        yield running


async def test_each_way_of_ending_is_told_once(
    exchange: Exchange, control: ScriptedControl, network: dict[str, SippRun]
) -> None:
    orders = {kind: await exchange.order(kind) for kind in (*KINDS, DEAD)}
    await asyncio.sleep(0.7)
    look = await exchange.link.look()
    assert {orders["nao_atende"], orders["caixa_postal"], orders[DEAD]} <= look.attempts
    assert orders["caixa_postal"] in {call.attempt for call in look.calls}
    ends = {kind: await exchange.ended(name, 20.0) for kind, name in orders.items()}
    for kind, (result, cause) in ENDS.items():
        end = ends[kind]
        assert isinstance(end, CallOutTold)
        assert end.agent == ""
        assert (end.what, end.result, end.cause) == ("citizen", result, cause), kind
        assert len(exchange.of(orders[kind])) == 1, kind
    knocks = {step["attempt"]: step for step in control.steps}
    for kind, advice in ADVICE.items():
        first, *between, last = exchange.of(orders[kind])
        assert isinstance(first, CallOutTold)
        assert isinstance(last, CallEnded)
        assert (first.what, first.call) == ("answered", last.call), kind
        assert last.call, kind
        told = [(one.what, one.result) for one in between if isinstance(one, CallOutTold)]
        assert told == ([advice] if advice else []), kind
        hears_it = kind not in ("fax", "apressada")  # … who had hung up
        assert (orders[kind] in knocks) is hears_it, kind
    for kind, most in TEXT_AFTER.items():
        (run,) = network[kind].calls()
        assert ends[kind].at - run.answered_at < most, kind  # its only step ended it
    # a machine has finished its own greeting when it hears ours
    (run,) = network["caixa_postal"].calls()
    assert GREETING < ends["caixa_postal"].at - run.answered_at < GREETING + 3.5
    asked = knocks[orders["pessoa"]]
    assert (asked["entry"], asked["stage"], asked["place"]) == ("campanha", "menu", "x=1")
    await exchange.quiet()


async def test_an_agent_for_the_answer_is_asked_for_at_once(
    exchange: Exchange, control: ScriptedControl
) -> None:
    attempt = await exchange.order("pessoa", C156_OUT_KIND="preditivo")
    answered = await exchange.until(attempt, "answered")
    end = await exchange.ended(attempt)
    assert end.at - answered.at < 0.5
    assert control.steps[-1]["stage"] == "waiting"
    await exchange.quiet()


async def test_fifty_orders_at_once_are_one_call(
    exchange: Exchange, network: dict[str, SippRun]
) -> None:
    before = len(network["nao_atende"].calls())
    number = {"C156_OUT_NUMBER": "11955550000", "C156_OUT_CALLER": "11955550000"}
    orders = [exchange.order("nao_atende", "lista.uma-1", **number) for _ in range(50)]
    done = await asyncio.gather(*orders, return_exceptions=True)
    assert sum(isinstance(one, AttemptLives) for one in done) == 49
    await asyncio.sleep(0.5)
    assert len(network["nao_atende"].calls()) == before + 1
    # another process, which knows nothing of it, finds it on the switch
    exchange.link._ordered.clear()
    with pytest.raises(AttemptLives):
        await exchange.order("nao_atende", "lista.uma-1", **number)
    await exchange.link.hang_up_attempt(AttemptId("lista.uma-1"))
    assert (await exchange.ended(AttemptId("lista.uma-1"))).at  # one end
    await exchange.quiet()


async def test_a_repeat_of_what_has_become_a_call_does_nothing(
    exchange: Exchange, control: ScriptedControl
) -> None:
    attempt = await exchange.order("caixa_postal")
    await exchange.until(attempt, "answered")
    await asyncio.sleep(0.1)
    exchange.link._ordered.clear()
    assert await exchange.order("pessoa", attempt) == attempt
    await exchange.until(attempt, "again")
    assert exchange.ends(attempt) == []
    assert attempt in (await exchange.link.look()).attempts
    await exchange.cut_off(attempt)


async def test_taken_back_while_it_rings_and_never_when_it_is_a_call(
    exchange: Exchange, control: ScriptedControl
) -> None:
    rings = await exchange.order("nao_atende")
    talks = await exchange.order("caixa_postal")
    dead = await exchange.order(DEAD)
    await exchange.until(talks, "answered")
    began = time.time()
    for attempt in (rings, dead, talks):
        await exchange.link.hang_up_attempt(attempt)
    for attempt in (rings, dead):
        end = await exchange.ended(attempt)
        assert isinstance(end, CallOutTold)
        assert end.what == "over"
        assert end.at - began < 0.3
    assert exchange.ends(talks) == []
    await exchange.link.hang_up_attempt(AttemptId("nunca.houve-1"))  # as good as done
    await exchange.cut_off(talks)


async def test_an_answer_at_the_instant_of_the_hang_up_ends_once(
    exchange: Exchange, control: ScriptedControl
) -> None:
    """Over a spread of instants around the answer (0.1 s after the INVITE)."""
    attempts = []
    for n in range(24):
        attempts.append(await exchange.order("pessoa", C156_OUT_KIND="preditivo"))
        await asyncio.sleep(0.085 + n * 0.002)
        await exchange.link.hang_up_attempt(attempts[-1])
    ends = await exchange.all_ended(attempts)
    for attempt, end in zip(attempts, ends, strict=True):
        words = [getattr(one, "what", "ended") for one in exchange.of(attempt)]
        assert words in (["over"], ["answered", "ended"]), words
        assert isinstance(end, CallEnded) is ("answered" in words)
    await exchange.quiet()


async def test_control_goes_and_comes_in_the_middle(
    exchange: Exchange, control: ScriptedControl, network: dict[str, SippRun]
) -> None:
    before = len(network["lenta"].calls())
    attempt = await exchange.order("lenta")
    await asyncio.sleep(0.3)
    session = exchange.link._orders
    assert session is not None
    session.abort("control is gone")  # the other session is closed with it
    await until_up(exchange.link, up=False)
    await until_up(exchange.link)
    assert attempt in (await exchange.link.look()).attempts
    assert isinstance(await exchange.ended(attempt), CallEnded)
    assert len(network["lenta"].calls()) == before + 1
    await exchange.quiet()


async def test_nobody_opens_a_notice_and_it_ends(exchange: Exchange, bed: Bed) -> None:
    """Without control nobody can say the text; and whoever was called is put in no queue."""
    attempt = await exchange.order("paciente")
    answered = await exchange.until(attempt, "answered")
    end = await exchange.ended(attempt, 25.0)
    assert isinstance(end, CallEnded)
    assert end.stage == "menu"
    assert end.at - answered.at > 10.0  # control may be starting anew
    await exchange.quiet()


HELD = [
    ("1", {}, True),
    ("1", {"C156_OUT_LIFE": "1"}, False),
    ("emergency", {"C156_OUT_LIFE": "1"}, True),
    ("emergency", {"C156_OUT_URGENT": "1"}, False),
    ("", {}, False),
]


@pytest.mark.parametrize(("word", "more", "held"), HELD)
async def test_held_for_callers_and_for_emergencies(
    exchange: Exchange, word: str, more: dict[str, str], held: bool
) -> None:
    await exchange.link.set_global("C156_OUT_HELD", word)
    end = await exchange.ended(await exchange.order("ocupado", **more))
    await exchange.link.set_global("C156_OUT_HELD", "")
    assert isinstance(end, CallOutTold)
    assert (end.what, end.result) == (("capped", "held") if held else ("citizen", "BUSY"))


async def test_caps_hold_and_give_back_what_they_held(exchange: Exchange) -> None:
    """One number at a time, and so often an hour; a trunk that nobody knows."""
    number = {"C156_OUT_NUMBER": "11955554444"}
    rings = await exchange.order("nao_atende", **number)
    await asyncio.sleep(0.1)
    twice = await exchange.ended(await exchange.order("ocupado", **number))
    assert isinstance(twice, CallOutTold)
    assert (twice.what, twice.result) == ("capped", "twice")
    await exchange.link.hang_up_attempt(rings)
    await exchange.ended(rings)
    results = []
    for _ in range(3):  # with the one that rang: three are let out in an hour
        end = await exchange.ended(await exchange.order("ocupado", **number))
        assert isinstance(end, CallOutTold)
        results.append(end.result)
    assert results == ["BUSY", "BUSY", "often"]
    unknown = await exchange.ended(await exchange.order("ocupado", C156_OUT_TRUNK="outra"))
    assert isinstance(unknown, CallOutTold)
    assert (unknown.what, unknown.result) == ("capped", "trunk")
    await exchange.quiet()
