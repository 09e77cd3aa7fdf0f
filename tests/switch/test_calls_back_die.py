"""What goes wrong in the middle of a call-back: Asterisk dies, everything dies, the agent hangs up,
the citizen calls in. The place is kept, nobody is rung twice at once, and nobody is left ringing
(R26, R39)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Iterator

import pytest
from call_back_bed import GoingOut, calling_centre, going_out
from calls_bed import Citizen, soon
from centre_bed import Centre, until

from phones.phone import AgentPhone, Line

pytestmark = pytest.mark.switch

PORTS, RTP = 22300, 42300
NEVER = 9.0  # s: the citizen's phone rings on


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("die"), PORTS, RTP) as running:
        yield running


def _switch_dies(centre: Centre) -> None:
    """Asterisk alone; the centre starts it again."""
    old = centre.switch_pid()
    os.kill(old, signal.SIGKILL)
    until(lambda: _is_back(centre, old), 20, "asterisk")


def _all_die(centre: Centre) -> None:
    """Control and Asterisk at one instant."""
    old, control = centre.switch_pid(), centre.control_pid()
    os.kill(control, signal.SIGKILL)
    os.kill(old, signal.SIGKILL)
    until(lambda: _is_back(centre, old), 30, "the centre")


def _is_back(centre: Centre, old: int) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return centre.switch_pid() != old and centre.is_ready()
    return False


def _results(out: GoingOut, citizen: Citizen) -> list[str]:
    """What came of each attempt so far. Blocking."""
    told = out.fact(citizen, "call_back_result")
    return [json.loads(one["details"])["result"] for one in told]


async def _rung_again(out: GoingOut, agent: AgentPhone) -> Line:
    """The agent's phone is registered anew, and rung by itself."""
    rung = len(agent.lines)
    with contextlib.suppress(Exception):  # a phone that believes it is known says nothing anew
        await agent.agent.unregister()
    await agent.agent.register(timeout=5)
    return await out.line.rung(agent, rung + 1, seconds=15)


async def test_asterisk_and_all_die_with_the_agent_rung_the_citizen_rung_and_both_joined(
    centre: Centre,
) -> None:
    async with going_out(centre) as out:
        agent = await out.line.agent("morre", "p156_geral")
        await out.rest(agent.name)
        citizen = await out.promised()
        await out.back(agent.name)
        await out.line.rung(agent)
        await asyncio.to_thread(_switch_dies, centre)
        ringing = await _rung_again(out, agent)
        assert _results(out, citizen) == ["lost"]
        with out.public(ring=NEVER) as city:
            await ringing.pick_up()
            await soon(city.dialled, 5, "the citizen's phone")
            await asyncio.to_thread(_all_die, centre)
        with out.public(talk=None) as city:
            await (await _rung_again(out, agent)).pick_up()
            await soon(lambda: out.over(citizen.caller) == "reached", 8, "reached")
            assert _results(out, citizen) == ["lost", "lost", "answered"]
            assert out.line.of(agent.name)["state"] == "talking"
            await asyncio.to_thread(_switch_dies, centre)
            await soon(lambda: out.outcome(citizen.caller) == "interrupted", 5, "the end")
            assert out.line.of(agent.name)["state"] != "talking"
            assert len(city.dialled()) == 1
        first, last = centre.calls_of(citizen.caller)
        assert (last["protocol"], last["queued_at"]) == (first["protocol"], first["queued_at"])
        tasks = centre.get("/v1/tasks")["tasks"]
        assert [one["call"] for one in tasks] == [last["call_id"]]


async def test_the_agent_hangs_up_an_emergency_comes_and_the_citizen_calls_in(
    centre: Centre,
) -> None:
    async with going_out(centre) as out:
        agent = await out.line.agent("desiste", "p156_geral")
        await out.rest(agent.name)
        citizen = await out.promised()
        with out.public(ring=NEVER) as city:
            await out.back(agent.name)
            ringing = await out.line.rung(agent)
            await ringing.pick_up()
            await soon(city.dialled, 5, "the citizen's phone")
            await ringing.hang_up()
            await soon(lambda: _results(out, citizen) == ["agent"], 5, "the attempt's end")
            await out.back(agent.name)
            ringing = await out.line.rung(agent, 2)
            await ringing.pick_up()
            await soon(lambda: len(city.dialled()) == 2, 5, "the citizen's phone again")
            emergency = await out.line.queued("199")
            await asyncio.sleep(0.5)
            assert not ringing.is_over  # who is rung already is not left in the air
            again = await out.line.dial("156", caller=citizen.caller)  # both directions at once
            await soon(lambda: out.over(citizen.caller) == "returned", 5, "returned")
            await (await out.line.rung(agent, 3)).pick_up()
            await soon(lambda: out.line.of(agent.name)["state"] == "talking", 5, "the talk")
            assert ringing.is_over
            assert len(city.dialled()) == 2
        await again.line.hang_up()
        await emergency.line.hang_up()
