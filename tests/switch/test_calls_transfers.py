"""Hold, consult, conference and transfers on real calls: who hears whom, and what goes along."""

from __future__ import annotations

import asyncio
import os
import re
import signal

import pytest
from calls_bed import channels_of, ended, on_the_line, soon, stored
from centre_bed import Centre, ask
from talk_bed import (
    GENERAL,
    OUTSIDE_PORT,
    Talk,
    becomes,
    begin,
    begin_all,
    recordings_of,
    says,
    state,
    state_is,
)

from phones.ears import level_of, sound_in

pytestmark = pytest.mark.switch

TALK = {"citizen": {"ana"}, "agent": {"citizen"}}
HELD = {"citizen": {"music"}, "agent": set[str]()}


async def test_hold_consult_conference_and_who_stays(talk_centre: Centre) -> None:
    async with on_the_line(talk_centre) as line:
        talk = await begin(line)
        bia = await line.agent("bia", GENERAL)
        parties = {"citizen": talk.citizen, "agent": talk.agent}
        await becomes(TALK, **parties)
        await talk.act("hold")
        await becomes(HELD, **parties)
        assert state(line, talk.name) == "talking"
        assert "já está em espera" in await talk.is_refused("hold")
        await talk.act("unhold")
        await becomes(TALK, **parties)
        asked = await talk.ask(bia)
        await becomes(
            {"citizen": {"music"}, "agent": {"bia"}, "asked": {"ana"}}, **parties, asked=asked
        )
        # whoever is asked sees the call, before the citizen is heard
        screen = await asyncio.to_thread(lambda: line.of(bia.name))
        assert screen["call"] == line.of(talk.name)["call"]
        await talk.act("conference")
        await becomes(
            {"citizen": {"ana", "bia"}, "agent": {"citizen", "bia"}, "asked": {"citizen", "ana"}},
            **parties,
            asked=asked,
        )
        number = (await talk.act("protocol", note="outro pedido"))["protocol"]
        await talk.agent.hang_up()
        await becomes({"citizen": {"bia"}, "asked": {"citizen"}}, citizen=talk.citizen, asked=asked)
        await state_is(line, talk.name, "wrap_up", "idle")
        assert state(line, bia.name) == "talking"
        await talk.citizen.hang_up()
        await asked.over(5)
        story = await ended(talk_centre, talk.caller)
        assert story.call["agent"] == bia.name
        assert [o["agent"] for o in story.offers] == [talk.name, bia.name]
        assert talk_centre.get(f"/v1/protocols/{number}")["call"]["call"] == story.call["call_id"]
        assert len(story.of("talk_ended")) == 2  # each agent's own part
        files = await _recorded(talk_centre, talk, "consult")
        # the talk's recording holds both agents, never the consult; the consult's, the agents alone
        whole, consult = sound_in(files["talk"]), sound_in(files["consult"])
        assert all(level_of(whole, hertz) > 0.02 for hertz in (320.0, 604.5, 905.5))
        assert all(level_of(consult, hertz) > 0.1 for hertz in (604.5, 905.5))
        assert level_of(consult, 320.0) < 0.01
        assert all(one["ok"] for one in story.of("recorded"))


async def _recorded(centre: Centre, talk: Talk, kind: str) -> dict[str, object]:
    async def found() -> object:
        return recordings_of(await ended(centre, talk.caller))

    for _ in range(40):
        files = await found()
        if kind in files:  # type: ignore[operator]
            return files  # type: ignore[return-value]
        await asyncio.sleep(0.1)
    raise AssertionError(f"no recording of the {kind}")


async def test_sent_to_a_queue_an_agent_and_a_node(talk_centre: Centre) -> None:
    async with on_the_line(talk_centre) as line:
        talk = await begin(line)
        parties = {"citizen": talk.citizen, "agent": talk.agent}
        # by keys: the citizen neither hears them nor has any
        await talk.agent.press("*30")
        await becomes(HELD, **parties)
        await talk.agent.press("*30")
        await becomes(TALK, **parties)
        assert talk.citizen.keys == []
        await talk.citizen.press("*30")
        await becomes(TALK, **parties)
        eva = await line.agent("eva", "e199_risco")
        await talk.act("transfer", kind="fila", to="e199_risco")
        rung = await line.rung(eva)
        await rung.pick_up()
        says(rung, "bia")
        await becomes({"citizen": {"bia"}, "agent": {"citizen"}}, citizen=talk.citizen, agent=rung)
        await state_is(line, talk.name, "wrap_up", "idle")
        answered = await talk.fact("answered", 2)
        assert answered["waited"] < 5.0  # the talk before is no wait (R71), whatever its place
        # back to the first agent, by name
        await state_is(line, talk.name, "idle")
        await talk.act("transfer", eva.name, kind="agente", to=talk.name)
        again = await line.rung(talk.phone, 2)
        await again.pick_up()
        await talk.fact("answered", 3)
        await talk.act("transfer", kind="etapa", to="despedida", returns=True)
        await state_is(line, eva.name, "idle")
        back = await line.rung(eva, 2, seconds=15)  # the node is over, and the place was kept
        await back.pick_up()
        says(back, "bia")
        await becomes({"citizen": {"bia"}, "agent": {"citizen"}}, citizen=talk.citizen, agent=back)
        await talk.citizen.hang_up()
        story = await ended(talk_centre, talk.caller)
        assert [one["goal"] for one in story.of("transferred")] == ["fila", "agente", "etapa"]
        assert "despedida" in story.nodes()
        assert {one["agent"] for one in story.offers} == {talk.name, eva.name}


async def test_a_number_on_the_list(talk_centre: Centre) -> None:
    """192 only attended (R35); others also by the menu. The agent stays until somebody speaks."""
    async with on_the_line(talk_centre, port=OUTSIDE_PORT) as line:
        samu = await line.phones.outside("192")
        zoonoses = await line.phones.outside("1133334444")
        talk = await begin(line)
        refused = await talk.is_refused("transfer", kind="externo", to="samu")
        assert "só com consulta" in refused
        await talk.act("consult", kind="externo", to="samu")
        rung = await line.rung(samu)
        assert "ainda não atendeu" in await talk.is_refused("complete")
        await rung.pick_up()
        says(rung, "samu")
        groups = await asyncio.to_thread(ask, talk_centre, "group show channels")
        assert re.search(r"C156-out\S* +principal +outtrunk", groups), groups
        parties = {"citizen": talk.citizen, "agent": talk.agent, "samu": rung}
        await becomes({"citizen": {"music"}, "agent": {"samu"}, "samu": {"ana"}}, **parties)
        await talk.act("conference")
        await becomes(
            {
                "citizen": {"ana", "samu"},
                "agent": {"citizen", "samu"},
                "samu": {"citizen", "ana"},
            },
            **parties,
        )
        await talk.agent.hang_up()
        await state_is(line, talk.name, "wrap_up", "idle")
        await becomes({"citizen": {"samu"}, "samu": {"citizen"}}, citizen=talk.citizen, samu=rung)
        await talk.citizen.hang_up()
        await rung.over(5)
        story = await ended(talk_centre, talk.caller)
        assert (story.call["outcome"], len(story.of("talk_moved"))) == ("served", 1)
        files = await _recorded(talk_centre, talk, "consult")
        assert level_of(sound_in(files["talk"]), 1523.0) > 0.05  # type: ignore[arg-type]
        # by the menu's own node
        await state_is(line, talk.name, "idle")
        second = await _again(talk)
        await second.act("transfer", kind="etapa", to="zoonoses_fora")
        rung = await line.rung(zoonoses)
        await rung.pick_up()
        says(rung, "samu")
        await becomes({"citizen": {"samu"}, "samu": {"citizen"}}, citizen=second.citizen, samu=rung)
        await rung.hang_up()
        await second.citizen.over(10)
        story = await ended(talk_centre, second.caller)
        assert [one["reached"] for one in story.of("transfer_tried")] == [True]


async def _again(talk: Talk) -> Talk:
    """The same agent with another citizen."""
    line = talk.line
    count = len(talk.phone.lines) + 1
    citizen = await line.queued("156", "9")
    rung = await line.rung(talk.phone, count)
    await rung.pick_up()
    await stored(line.centre, citizen.caller, "answered")
    says(citizen.line, "citizen")
    says(rung, "ana")
    return Talk(line, citizen.caller, citizen.line, talk.phone, rung)


async def test_whoever_hangs_up(talk_centre: Centre) -> None:
    """At every stage: nobody is left in silence, and nobody is dropped but by themselves."""
    async with on_the_line(talk_centre) as line:
        talks = await begin_all(line, "ana", "caio", "davi", "edu")
        asked = [await line.agent(name, GENERAL) for name in ("bia", "fabio", "gil")]
        first, second, third, fourth = talks
        legs = [await talk.ask(one) for talk, one in zip(talks[:3], asked, strict=True)]
        await fourth.act("hold")
        # 1: the agent who asks hangs up, and has handed the call on
        # 2: whoever is asked hangs up, and agent and citizen are together
        # 3: the citizen hangs up, and both agents are free
        # 4: the agent hangs up with the citizen on hold: the next who is free hears them
        await asyncio.gather(
            first.agent.hang_up(),
            legs[1].hang_up(),
            third.citizen.hang_up(),
            fourth.agent.hang_up(),
        )
        await becomes(
            {"c1": {"bia"}, "b1": {"citizen"}, "c2": {"ana"}, "a2": {"citizen"}},
            c1=first.citizen,
            b1=legs[0],
            c2=second.citizen,
            a2=second.agent,
        )
        await third.agent.over(5)
        await legs[2].over(5)
        for name in (first.name, third.name, asked[1].name, asked[2].name):
            await state_is(line, name, "idle", "wrap_up", "offered")
        assert state(line, asked[0].name) == state(line, second.name) == "talking"
        rung = await soon(lambda: _ringing(talks, asked), 8, "the next agent")
        await rung.pick_up()
        says(rung, "bia")
        await becomes({"c4": {"bia"}}, c4=fourth.citizen)
        for talk in (first, second, fourth):
            await talk.citizen.hang_up()
        for talk in talks:
            assert (await ended(talk_centre, talk.caller)).call["outcome"] == "served"
    assert await soon(lambda: channels_of(talk_centre) == 0, 5, "no channel")


def _ringing(talks: list[Talk], asked: list[object]) -> object:
    phones = [*(talk.phone for talk in talks), *asked]
    lines = [one for phone in phones for one in phone.lines]  # type: ignore[attr-defined]
    return next((one for one in lines if not one.is_answered and not one.is_over), None)


async def test_control_killed_in_the_middle(talk_centre: Centre) -> None:
    """kill -9 in a consult, in a conference and on hold: nobody hears a difference, and the control
    that follows knows where each call stands."""
    async with on_the_line(talk_centre) as line:
        talks = await begin_all(line, "ana", "caio", "davi")
        bia, fabio = [await line.agent(name, GENERAL) for name in ("bia", "fabio")]
        consult, conference, hold = talks
        legs = [await consult.ask(bia), await conference.ask(fabio)]
        await conference.act("conference")
        await hold.act("hold")
        heard = {
            "c1": {"music"}, "a1": {"bia"}, "b1": {"ana"},
            "c2": {"ana", "bia"}, "a2": {"citizen", "bia"}, "b2": {"citizen", "ana"},
            "c3": {"music"}, "a3": set[str](),
        }  # fmt: skip
        lines = {
            "c1": consult.citizen, "a1": consult.agent, "b1": legs[0],
            "c2": conference.citizen, "a2": conference.agent, "b2": legs[1],
            "c3": hold.citizen, "a3": hold.agent,
        }  # fmt: skip
        await becomes(heard, **lines)
        os.kill(talk_centre.control_pid(), signal.SIGKILL)
        await asyncio.sleep(0.5)
        await soon(talk_centre.is_ready, 20, "control again")
        await becomes(heard, **lines)
        for name in (*(talk.name for talk in talks), bia.name, fabio.name):
            await state_is(line, name, "talking")
        await consult.act("complete")
        await hold.act("unhold")
        await conference.agent.hang_up()
        del lines["a1"], lines["a2"]
        await becomes(
            {
                "c1": {"bia"},
                "b1": {"citizen"},
                "c2": {"bia"},
                "b2": {"citizen"},
                "c3": {"ana"},
                "a3": {"citizen"},
            },
            **lines,
        )
        # nobody is there for a while: whoever was asked leaves, and agent and citizen meet alone
        await state_is(line, consult.name, "idle")
        asked = await hold.ask(consult.phone, count=len(consult.phone.lines) + 1)
        for pid in talk_centre._pids("central156.control"):
            os.kill(pid, signal.SIGSTOP)
        try:
            await asked.hang_up()
            await becomes({"c3": {"ana"}, "a3": {"citizen"}}, 20, c3=hold.citizen, a3=hold.agent)
        finally:
            for pid in talk_centre._pids("central156.control"):
                os.kill(pid, signal.SIGCONT)
        await soon(talk_centre.is_ready, 20, "control again")
        for talk in talks:
            await talk.citizen.hang_up()
        for talk in talks:
            assert (await ended(talk_centre, talk.caller, 20)).call["outcome"] == "served"
