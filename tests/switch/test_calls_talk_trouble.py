"""Talks when something goes wrong: control that hangs or dies, several acts at one instant, numbers
that do not answer, supervisors who do not pick up. Every citizen reaches a person, or is with one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import httpx
import pytest
from calls_bed import channels_of, ended, on_the_line, soon
from centre_bed import Centre
from talk_bed import GENERAL, OUTSIDE_PORT, Talk, becomes, begin, begin_all, says, state, state_is

from phones.ears import silences, sound_of
from phones.phone import Line

pytestmark = pytest.mark.switch

MUSIC = {"c1": {"music"}, "c2": {"music"}, "c3": {"music"}}
UNHEARD = 3.0
"""The longest silence in a citizen's ear, in seconds, whatever control does."""


def _freeze(centre: Centre, how: signal.Signals) -> None:
    os.kill(centre.control_pid(), how)


@pytest.mark.parametrize("how", [pytest.param("frozen", marks=pytest.mark.soak), "killed"])
async def test_agents_who_leave_a_citizen_on_hold_meanwhile(talk_centre: Centre, how: str) -> None:
    """Control hangs for 8 s, or dies. The first agent leaves, the second's citizen waits, whoever
    the third asks takes the call."""
    async with on_the_line(talk_centre) as line:
        left, waits, asks = await begin_all(line, "ana", "caio", "davi")
        bia, fabio = [await line.agent(name, GENERAL) for name in ("bia", "fabio")]
        asked = await asks.ask(bia)
        await left.act("hold")
        await waits.act("hold")
        citizens = {"c1": left.citizen, "c2": waits.citizen, "c3": asks.citizen}
        await becomes(MUSIC, **citizens)
        since = {who: len(one.heard) for who, one in citizens.items()}
        _freeze(talk_centre, signal.SIGSTOP if how == "frozen" else signal.SIGKILL)
        await asyncio.sleep(0.3)
        await left.agent.hang_up()
        await asks.agent.hang_up()
        await becomes({"c3": {"bia"}, "b": {"citizen"}}, 20, c3=asks.citizen, b=asked)
        if how == "frozen":
            await asyncio.sleep(6)
            _freeze(talk_centre, signal.SIGCONT)
        await soon(talk_centre.is_ready, 20, "control again")
        rung = await line.rung(fabio, seconds=15)
        await rung.pick_up()
        says(rung, "samu")
        await becomes({"c1": {"samu"}, "f": {"citizen"}}, 10, c1=left.citizen, f=rung)
        with contextlib.suppress(httpx.HTTPStatusError):
            await waits.act("unhold")  # after a long absence they are brought together anyway
        await becomes({"c2": {"ana"}, "a2": {"citizen"}}, 20, c2=waits.citizen, a2=waits.agent)
        await state_is(line, left.name, "idle", "wrap_up")
        assert {state(line, one) for one in (bia.name, fabio.name, waits.name)} == {"talking"}
        for who, one in citizens.items():
            unheard = silences(sound_of(bytes(one.heard[since[who] :])), UNHEARD)
            assert not unheard, (who, unheard)
            await one.hang_up()
        for talk in (left, waits, asks):
            assert (await ended(talk_centre, talk.caller, 20)).call["outcome"] == "served"
    assert await soon(lambda: channels_of(talk_centre) == 0, 8, "no channel")


async def _both(*acts: object) -> list[str]:
    """Several requests at one instant; what each was answered."""
    found = await asyncio.gather(*acts, return_exceptions=True)  # type: ignore[call-overload]
    return [_told(one) for one in found]


def _told(one: object) -> str:
    if isinstance(one, httpx.HTTPStatusError):
        return str(one.response.status_code)
    return "done" if isinstance(one, dict) else repr(one)


async def test_several_acts_at_one_instant(talk_centre: Centre) -> None:
    """One of them is done, the other refused in words; nobody is booked twice or left alone."""
    async with on_the_line(talk_centre) as line:
        first, second, third = await begin_all(line, "ana", "caio", "davi")
        bia = await line.agent("bia", GENERAL)
        told = await _both(first.act("hold"), first.act("hold"))
        assert sorted(told) == ["409", "done"]
        await first.act("unhold")
        ask = {"kind": "agente", "to": bia.name}
        told = await _both(first.act("consult", **ask), second.act("consult", **ask))
        assert sorted(told) == ["409", "done"]
        asker, other = (first, second) if told[0] == "done" else (second, first)
        rung = await line.rung(bia)
        # the answer, and the agent who asks goes back: at one instant
        await asyncio.gather(rung.pick_up(), asker.act("back"), return_exceptions=True)
        await asyncio.sleep(1.0)
        if state(line, bia.name) == "talking":
            await asker.act("back")
        await becomes({"c": {"ana"}, "a": {"citizen"}}, c=asker.citizen, a=asker.agent)
        await becomes({"c": {"ana"}, "a": {"citizen"}}, c=other.citizen, a=other.agent)
        await rung.over(5)
        await state_is(line, bia.name, "idle")
        # sent on, and gone
        send = third.act("transfer", kind="fila", to="e199_risco")
        await asyncio.gather(send, third.citizen.hang_up(), return_exceptions=True)
        await third.agent.over(5)
        assert (await ended(talk_centre, third.caller)).call["outcome"] == "served"
        await state_is(line, third.name, "idle")
        # whoever is asked leaves as the agent completes: somebody has the citizen
        asked = await asker.ask(bia, count=2)
        await asyncio.gather(asker.act("complete"), asked.hang_up(), return_exceptions=True)
        await _somebody_has(asker)
        for talk in (first, second):
            await talk.citizen.hang_up()
            await ended(talk_centre, talk.caller)


async def _somebody_has(talk: Talk) -> None:
    """The citizen hears an agent, or is in the talk's end, or has come to it: never alone."""
    found = await soon(lambda: talk.citizen.is_over or _stage(talk) != "room", 8, "somebody")
    assert found


def _stage(talk: Talk) -> str:
    centre = talk.line.centre
    callers = [one["call"] for one in centre.floor()["callers"]]
    call = centre.calls_of(talk.caller)[0]["call_id"]
    return "floor" if call in callers else "after" if not talk.citizen.is_over else "gone"


async def test_numbers_that_answer_and_that_do_not(talk_centre: Centre) -> None:
    """Sent on blind: to whoever picks up; where nobody does the citizen is heard by an agent."""
    async with on_the_line(talk_centre, port=OUTSIDE_PORT) as line:
        zoonoses = await line.phones.outside("1133334444")
        talk = await begin(line)
        await talk.act("transfer", kind="externo", to="zoonoses")
        rung: Line = await line.rung(zoonoses)
        await rung.reject()
        again = await line.rung(talk.phone, 2, seconds=12)
        await again.pick_up()
        says(again, "ana")
        await becomes({"c": {"ana"}, "a": {"citizen"}}, c=talk.citizen, a=again)
        await talk.act("transfer", kind="externo", to="zoonoses")
        rung = await line.rung(zoonoses, 2)
        await rung.pick_up()
        says(rung, "samu")
        await becomes({"c": {"samu"}, "z": {"citizen"}}, c=talk.citizen, z=rung)
        await state_is(line, talk.name, "wrap_up", "idle")
        await rung.hang_up()
        await talk.fact("transfer_tried", 2)
        await talk.citizen.hang_up()
        story = await ended(talk_centre, talk.caller)
        assert [one["reached"] for one in story.of("transfer_tried")] == [False, True]


async def test_a_supervisor_who_does_not_pick_up(talk_centre: Centre) -> None:
    """Nothing is open, and the talk goes on; nobody is beside their own talk."""
    async with on_the_line(talk_centre) as line:
        phone = await line.agent_off_duty("chefe", GENERAL)
        made = await asyncio.to_thread(
            talk_centre.post, "/v1/persons", name=phone.name, role="supervisor"
        )
        await soon(lambda: line.of(phone.name)["phone"] == "idle", 8, "the supervisor's phone")
        talk = await begin(line)
        headers = {"Authorization": f"Bearer {made['token']}"}
        url = talk_centre.settings.api_url

        def beside(who: str, mode: str) -> httpx.Response:
            body = {"mode": mode, "reason": "qualidade", "phone": who}
            path = f"{url}/v1/agents/{talk.name}/supervise"
            return httpx.post(path, json=body, headers=headers, trust_env=False)

        assert (await asyncio.to_thread(beside, talk.name, "ouvir")).status_code == 409
        assert (await asyncio.to_thread(beside, phone.name, "entrar")).status_code == 200
        rung = await line.rung(phone)
        await rung.reject()
        await becomes({"c": {"ana"}, "a": {"citizen"}}, c=talk.citizen, a=talk.agent)
        await soon(lambda: not talk_centre.get("/v1/supervisions")["supervisions"], 5, "none open")
        await talk.agent.hang_up()
        await state_is(line, talk.name, "wrap_up", "idle")
        await talk.citizen.hang_up()
        await ended(talk_centre, talk.caller)
