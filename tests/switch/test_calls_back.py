"""Call-backs that keep the place, over real SIP: reached, busy first, returned, after a crash; and
who dropped out of an emergency line is called at once (R26, R34)."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest
from call_back_bed import IDENTITY, GoingOut, calling_centre, going_out
from calls_bed import soon
from centre_bed import Centre, until

from phones.ears import RATE, level_of, sound_of
from phones.phone import Line, tone

pytestmark = pytest.mark.switch

PORTS, RTP = 21300, 41300
HERTZ = 440.0
JOINED_WITHIN = 2.0
"""Seconds from the citizen's answer to the agent's ear (R63)."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("back"), PORTS, RTP) as running:
        yield running


def _newest(centre: Centre, caller: str) -> dict[str, object]:
    return centre.calls_of(caller)[-1]


async def _heard_back(ringing: Line) -> None:
    """What the agent says comes back from the citizen's telephone: sound both ways."""
    ringing.say(tone(HERTZ, 1.0), repeat=True)
    await asyncio.sleep(1.0)
    heard = sound_of(bytes(ringing.heard))[-RATE // 2 :]
    assert level_of(heard, HERTZ) > 0.5


async def _talk(out: GoingOut, agent: str, ringing: Line, caller: str) -> None:
    """The agent picks up, and the citizen's telephone is then answered: joined, both ways."""
    with out.public(talk=3.5) as city:
        assert city.dialled() == []  # nobody is dialled before the agent is there
        await ringing.pick_up()
        await soon(lambda: out.over(caller) == "reached", 8, "reached")
        await _heard_back(ringing)
        (call,) = city.dialled()
        assert IDENTITY in call.invite.header("From")
        row = _newest(out.centre, caller)
        story = out.centre.facts(str(row["call_id"]))
        assert row["of_call"] == out.centre.calls_of(caller)[0]["call_id"]
        assert [one["kind"] for one in story][:3] == ["call_arrived", "call_resumed", "queued"]
        await ringing.hang_up()
        await asyncio.sleep(0.4)
        (call,) = city.dialled()
        assert call.bye is None  # the citizen is in the survey, in the loop like any call
        await soon(lambda: out.outcome(caller) == "served", 8, "the end")


async def test_called_back_at_the_turn_and_joined(centre: Centre) -> None:
    async with going_out(centre) as out:
        agent = await out.line.agent("volta", "p156_geral")
        await out.rest(agent.name)
        citizen = await out.promised()
        first = centre.calls_of(citizen.caller)[0]
        await out.back(agent.name)
        ringing = await out.line.rung(agent)
        await _talk(out, agent.name, ringing, citizen.caller)
        calls = centre.calls_of(citizen.caller)
        assert {call["protocol"] for call in calls} == {first["protocol"]}
        assert len(calls) == 2
        assert calls[1]["queued_at"] == first["queued_at"]


async def test_busy_at_first_and_tried_again(centre: Centre) -> None:
    async with going_out(centre) as out:
        agent = await out.line.agent("insiste", "p156_geral")
        await out.rest(agent.name)
        citizen = await out.promised()
        with out.public(answer=486) as city:
            await out.back(agent.name)
            await (await out.line.rung(agent)).pick_up()
            await soon(lambda: out.result(citizen.caller) == "busy", 8, "busy")
            assert len(city.dialled()) == 1
        assert out.line.of(agent.name)["status"] == "available"  # not the agent's fault
        await _talk(out, agent.name, await out.line.rung(agent, 2), citizen.caller)
        promise = out.promise_of(citizen.caller)
        assert promise is not None
        assert promise["tries"] == 2


async def test_control_dies_between_the_promise_and_the_call(centre: Centre) -> None:
    async with going_out(centre) as out:
        agent = await out.line.agent("renasce", "p156_geral")
        await out.rest(agent.name)
        citizen = await out.promised()
        os.kill(centre.control_pid(), signal.SIGKILL)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(until, centre.is_ready, 20, "control again")
        await out.back(agent.name)
        ringing = await out.line.rung(agent, seconds=12)
        await _talk(out, agent.name, ringing, citizen.caller)
        tried = await asyncio.to_thread(out.fact, citizen, "call_back_tried")
        assert len(tried) == 1


async def test_who_calls_again_has_the_place_and_is_not_called(centre: Centre) -> None:
    async with going_out(centre) as out:
        agent = await out.line.agent("retoma", "p156_geral")
        await out.rest(agent.name)
        citizen = await out.promised()
        again = await out.line.dial("156", caller=citizen.caller)
        await soon(lambda: out.over(citizen.caller) == "returned", 8, "returned")
        first, second = centre.calls_of(citizen.caller)
        assert second["protocol"] == first["protocol"]
        assert second["queued_at"] == first["queued_at"]
        with out.public() as city:
            await out.back(agent.name)
            ringing = await out.line.rung(agent)
            await ringing.pick_up()
            await soon(lambda: _newest(centre, citizen.caller)["answered_at"], 8, "the talk")
            assert city.dialled() == []
        await again.line.hang_up()


async def test_an_emergency_that_drops_is_called_at_once(centre: Centre) -> None:
    async with going_out(centre) as out:
        citizen = await out.line.queued("199")
        await citizen.line.hang_up()
        await soon(lambda: out.promise_of(citizen.caller), 5, "the promise")
        (task,) = [one for one in centre.get("/v1/tasks")["tasks"] if one["line"] == "199"]
        agent = await out.line.agent("defesa", "e199_risco")
        await _talk_on_199(out, await out.line.rung(agent), citizen.caller)
        (done,) = [
            one
            for one in centre.get("/v1/tasks?open=false")["tasks"]
            if one["task"] == task["task"]
        ]
        assert done["result"] == "retorno atendido"


async def _talk_on_199(out: GoingOut, ringing: Line, caller: str) -> None:
    with out.public(talk=2.0):
        await ringing.pick_up()
        await soon(lambda: out.over(caller) == "reached", 8, "reached")
        await soon(lambda: out.outcome(caller) == "served", 8, "the end")


async def test_an_emergency_nobody_reaches_is_tried_twice(centre: Centre) -> None:
    async with going_out(centre) as out:
        agent = await out.line.agent("guarda", "e153_ocorrencia")
        agent.on_ring = Line.pick_up
        citizen = await out.line.queued("153")
        with out.public(answer=480) as city:
            await citizen.line.hang_up()
            await soon(
                lambda: (out.promise_of(citizen.caller) or {}).get("over_how"), 20, "the last word"
            )
            assert len(city.dialled()) == 2
        (done,) = [
            one
            for one in centre.get("/v1/tasks?open=false")["tasks"]
            if one["call"] == _newest(centre, citizen.caller)["call_id"]
        ]
        assert done["result"] == "sem contato"
