"""The talk of a call that went out is a talk as any other: held, asked about, listened to, handed
on by keys and from the console."""

from __future__ import annotations

import asyncio
import os

import pytest
from call_back_bed import calling_centre, going_out
from calls_bed import soon
from talk_bed import becomes, says, state_is

from callflow.talk_keys import on_keypad

pytestmark = pytest.mark.switch

PORTS = int(os.environ.get("C156_BACK_TALK_PORTS", "22400"))
GENERAL = "p156_geral"


async def test_a_talk_that_went_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The citizen's telephone gives back what it hears, so whoever is joined hears themselves."""
    folder = tmp_path_factory.mktemp("back_talk")
    with calling_centre(folder, PORTS, 43300) as centre:
        async with going_out(centre) as out:
            line = out.line
            ana = await line.agent("ana", GENERAL)
            await out.rest(ana.name)
            citizen = await out.promised()
            await out.back(ana.name)
            ringing = await line.rung(ana)

            async def act(act: str, agent: str, **body: str) -> None:
                await asyncio.to_thread(centre.post, f"/v1/agents/{agent}/{act}", **body)

            with out.public(talk=60):
                await ringing.pick_up()
                await soon(lambda: out.over(citizen.caller) == "reached", 8, "reached")
                says(ringing, "ana")
                await becomes({"a": {"ana"}}, a=ringing)
                await ringing.press("*30")
                await soon(lambda: out.fact(citizen, "talk_held"), 5, "on hold")
                await becomes({"a": set[str]()}, a=ringing)
                await act("talk/unhold", ana.name)
                await becomes({"a": {"ana"}}, a=ringing)
                bia, eva = [await line.agent(name, GENERAL) for name in ("bia", "eva")]
                await act("consult", ana.name, kind="agente", to=bia.name)
                asked = await line.rung(bia)
                await asked.pick_up()
                says(asked, "bia")
                await becomes({"a": {"bia"}, "b": {"ana"}}, a=ringing, b=asked)
                await act("talk/complete", ana.name)
                await becomes({"b": {"bia"}}, b=asked)
                await state_is(line, ana.name, "wrap_up", "idle")
                await asked.press("*32")
                await asyncio.sleep(0.5)
                await asked.press(f"{on_keypad(eva.name)}#")
                sent = await line.rung(eva)
                await sent.pick_up()
                says(sent, "samu")
                await becomes({"e": {"samu"}}, e=sent)
                await state_is(line, bia.name, "wrap_up", "idle")
                await sent.hang_up()
                await soon(
                    lambda: len(out.fact(citizen, "talk_ended")) == 3, 8, "three agents' parts"
                )
                assert out.fact(citizen, "node_entered")  # the city's questions, as after any talk
