"""Calls of campaigns whose agent is rung first, on a real Asterisk: one end each, taken back in any
state, and nothing left behind (see test_switch_alone.py for those without an agent)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from out_exchange import Exchange, exchange_of
from public_network import DEAD, public_network, trunks
from scripted_control import ScriptedControl, scripted_control
from sipp_phones import AgentPhone
from switchbed import Bed, switch_bed

from terms.names import AttemptId
from terms.signals import AgentAnswered, AgentRinging, CallEnded, CallOutTold

pytestmark = pytest.mark.switch

PORT, NETWORK, RTP = 25_101, 25_121, 44_600
READY = tuple(f"ag-{letter}" for letter in "abcdefghijkl")
DEAF, UNWILLING, AWAY = "surdo", "ocupada", "ausente"

ENDS = {
    "ocupado": ("BUSY", "17"),
    "recusa": ("CHANUNAVAIL", "21"),
    "nao_atende": ("NOANSWER", "16"),
    "inexistente": ("CHANUNAVAIL", "1"),
    "em_lugar_nenhum": ("CHANUNAVAIL", "1"),
    "anuncio": ("CHANUNAVAIL", "1"),
    "fora": ("CONGESTION", "34"),
    DEAD: ("NOANSWER", "102"),
}


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    more: dict[str, Any] = {"trunks": trunks(NETWORK), "out_per_second": 100}
    agents = (*READY, DEAF, UNWILLING, AWAY)
    with switch_bed(tmp_path_factory.mktemp("first"), PORT, RTP, agents, **more) as running:
        for name in agents[:-1]:
            phone = AgentPhone(running, name)
            phone.register()
            how = {DEAF: {"ring": 60.0}, UNWILLING: {"answer": 603}}
            phone.start_listening(**how.get(name, {}))  # type: ignore[arg-type]
        with public_network(running, NETWORK):
            yield running


@pytest.fixture
def control(bed: Bed) -> Iterator[ScriptedControl]:
    with scripted_control(bed.settings.agi_port, lambda step: {"C156_DO": "end"}) as running:
        yield running


@pytest.fixture
async def exchange(bed: Bed) -> AsyncIterator[Exchange]:
    async with exchange_of(bed) as running:
        yield running


async def all_given_back(exchange: Exchange) -> None:
    """No channel is left, and so no place that one held."""
    await exchange.quiet()
    held = await asyncio.to_thread(exchange.bed.ask, "group show channels")
    assert "0 active channels" in held, held


async def test_each_way_of_ending_is_told_once(
    exchange: Exchange, control: ScriptedControl
) -> None:
    kinds = (*ENDS, "apressada", "fax")
    orders = {
        kind: await exchange.order(kind, agent=agent)
        for kind, agent in zip(kinds, READY, strict=False)
    }
    ends = dict(zip(orders, await exchange.all_ended(orders.values()), strict=True))
    for kind, (result, cause) in ENDS.items():
        up, end = exchange.of(orders[kind])
        assert isinstance(up, CallOutTold)
        assert isinstance(end, CallOutTold)
        assert up.what == "up", kind
        assert (end.what, end.result, end.cause) == ("citizen", result, cause), kind
    for kind, told in (("apressada", ["up", "ended"]), ("fax", ["up", "fax", "ended"])):
        assert isinstance(ends[kind], CallEnded)
        words = [getattr(one, "what", "ended") for one in exchange.of(orders[kind])]
        assert words == told, kind
    joined = [one.at for one in exchange.heard if isinstance(one, AgentAnswered)]
    assert len(joined) == 2  # the citizen and the fax: whoever picks up has the agent at once
    await all_given_back(exchange)


async def test_an_agent_who_is_not_there(exchange: Exchange) -> None:
    expected = {DEAF: "NOANSWER", UNWILLING: "BUSY", AWAY: "CHANUNAVAIL"}
    orders = {name: await exchange.order("pessoa", agent=name) for name in expected}
    again = await exchange.ended(await exchange.order("pessoa", agent=DEAF))
    assert isinstance(again, CallOutTold)
    assert (again.what, again.result) == ("agent", "GATE")  # their phone rings already
    for name, result in expected.items():
        end = await exchange.ended(orders[name])
        assert isinstance(end, CallOutTold)
        assert (end.what, end.result) == ("agent", result), name
    await all_given_back(exchange)


async def test_taken_back_in_each_state(exchange: Exchange) -> None:
    """While the agent's phone rings, and while the citizen's does."""
    agent_rings = await exchange.order("pessoa", agent=DEAF)
    citizen_rings = await exchange.order("nao_atende", agent=READY[0])
    late = await exchange.order("nao_atende", agent=READY[1])
    await exchange.until(citizen_rings, "up")
    await asyncio.sleep(0.6)  # after the tone; the way to the phone is still there
    for attempt in (agent_rings, citizen_rings):
        await _taken_back(exchange, attempt)
    await asyncio.sleep(0.8)  # the way to the phone has gone
    await _taken_back(exchange, late)
    assert {one.agent for one in exchange.heard if isinstance(one, AgentRinging)} == {
        DEAF,
        *READY[:2],
    }
    await all_given_back(exchange)


async def _taken_back(exchange: Exchange, attempt: AttemptId) -> None:
    began = time.time()
    await exchange.link.hang_up_attempt(attempt)
    end = await exchange.ended(attempt)
    assert isinstance(end, CallOutTold)
    assert end.what == "over"
    assert end.at - began < 0.3
    assert attempt not in (await exchange.link.look()).attempts


async def test_an_answer_at_the_instant_of_the_hang_up_ends_once(
    exchange: Exchange, control: ScriptedControl
) -> None:
    """Over a spread of instants around the answer, some 20 ms after the citizen's phone rings."""
    attempts = []
    for n, agent in enumerate(READY):
        attempts.append(await exchange.order("apressada", agent=agent))
        await exchange.until(attempts[-1], "up")
        await asyncio.sleep(0.30 + n * 0.006)  # the tone to the agent is 0.3 s
        await exchange.link.hang_up_attempt(attempts[-1])
    await exchange.all_ended(attempts)
    for attempt in attempts:
        words = [getattr(one, "what", "ended") for one in exchange.of(attempt)]
        assert words in (["up", "over"], ["up", "ended"]), words
    await all_given_back(exchange)


async def test_held_while_the_agents_phone_rang(exchange: Exchange) -> None:
    attempt = await exchange.order("pessoa", agent=READY[0])
    await exchange.until(attempt, "up")
    await exchange.link.set_global("C156_OUT_HELD", "1")
    end = await exchange.ended(attempt)
    await exchange.link.set_global("C156_OUT_HELD", "")
    assert isinstance(end, CallOutTold)
    assert (end.what, end.result) == ("capped", "held")
    await all_given_back(exchange)


async def test_many_at_once_leave_no_channel_behind(
    exchange: Exchange, control: ScriptedControl, bed: Bed
) -> None:
    """A channel that was fetched on its way stayed for ever, one in some eighty under load."""
    for _ in range(2):
        orders = [await exchange.order("apressada", agent=agent) for agent in READY]
        for end in await exchange.all_ended(orders):
            assert isinstance(end, CallEnded)
        await all_given_back(exchange)
