"""Pauses on real phones: codes, keys in a talk, a due pause with callers waiting, a restart."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any

import httpx
import numpy as np
import pytest
from calls_bed import OnTheLine, channels_of, ended, on_the_line, soon, stored
from centre_bed import Centre

from phones.phone import AgentPhone, Line
from terms.names import Seconds

pytestmark = pytest.mark.switch

TELL = 2.0  # the whisper
LOW, BEEP = 350.0, 1400.0


async def dial_code(centre: Centre, phone: AgentPhone, code: str, seconds: Seconds = 10) -> Line:
    """Dial a code and listen until the switch hangs up."""
    server = f"127.0.0.1:{centre.settings.agents_port}"
    line = Line(await phone.agent.dial(f"sip:{code}@{server}"))
    await line.answered(5)
    await line.over(seconds)
    return line


async def is_now(line: OnTheLine, agent: str, status: str, reason: str = "") -> dict[str, Any]:
    """Wait until the floor shows the agent so."""

    def seen() -> dict[str, Any] | None:
        found = line.of(agent)
        return found if (found["status"], found["reason"]) == (status, reason) else None

    found: dict[str, Any] = await soon(seen, 5, f"{agent} {status} {reason}")
    return found


def hertz_on(line: Line) -> float:
    """The pitch of what was heard, by its zero crossings; 0 of silence."""
    sound = np.frombuffer(bytes(line.heard), dtype=np.int16).astype(np.float64)
    loud = sound[np.abs(np.convolve(np.abs(sound), np.ones(80) / 80, "same")) > 500]
    if len(loud) < 400:
        return 0.0
    return float(np.count_nonzero(np.diff(np.signbit(loud))) / 2 / (len(loud) / 8_000))


def kinds_of(centre: Centre, agent: str) -> list[str]:
    rows = centre.rows("SELECT kind FROM facts WHERE agent = ? ORDER BY id", agent)
    return [str(row["kind"]) for row in rows]


async def test_codes_are_dialled_and_what_may_not_be_is_heard(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        phone = await line.agent_off_duty("codigo", "p156_ouvidoria")
        await dial_code(calls_centre, phone, "*11")
        await is_now(line, phone.name, "available")
        await dial_code(calls_centre, phone, "*134")
        await is_now(line, phone.name, "paused", "banheiro")
        with pytest.raises(httpx.HTTPStatusError):
            await asyncio.to_thread(calls_centre.post, f"/v1/agents/{phone.name}/resume")
        await dial_code(calls_centre, phone, "*14")
        await is_now(line, phone.name, "available")
        refused = await dial_code(calls_centre, phone, "*131")  # the first hour of work
        assert abs(hertz_on(refused) - LOW) < 30
        assert line.of(phone.name)["status"] == "available"
        nothing = await dial_code(calls_centre, phone, "*17")  # no call to mark
        assert abs(hertz_on(nothing) - LOW) < 30
        await dial_code(calls_centre, phone, "*133")
        await is_now(line, phone.name, "paused", "lanche-20")
        await dial_code(calls_centre, phone, "*14")  # the switch did it; the floor takes it back
        await is_now(line, phone.name, "paused", "lanche-20")
        await dial_code(calls_centre, phone, "*12")
        await is_now(line, phone.name, "logged_out")
    kinds = kinds_of(calls_centre, phone.name)
    assert kinds.count("act_refused") == 4
    assert kinds.count("pause_began") == kinds.count("pause_ended") == 2


async def test_a_due_pause_begins_after_the_talk_whoever_waits(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        ana = await line.agent("pausa", "e153_apoio")
        first = await line.queued("153", "1")
        await (await line.rung(ana)).pick_up()
        await stored(calls_centre, first.caller, "answered")
        now = time.time()
        plan = {
            "begins": now - 7_200,
            "ends": now + 14_400,
            "pauses": [
                {"reason": "lanche-20", "at": now + 1},
                {"reason": "NR17-10a", "at": now + 4_000},  # not in her first hour of work
                {"reason": "NR17-10b", "at": now + 7_200},
            ],
        }
        path = f"/v1/agents/{ana.name}/plan"
        await asyncio.to_thread(lambda: calls_centre.request("PUT", path, **plan))
        await is_now(line, ana.name, "paused", "lanche-20")  # shown at once; the talk goes on
        second = await line.queued("153", "1")
        await asyncio.sleep(TELL)
        assert line.of(ana.name)["state"] == "talking"
        await first.line.hang_up()
        await soon(lambda: "pause_began" in kinds_of(calls_centre, ana.name), 5, "the pause")
        assert line.of(ana.name)["state"] == "idle"
        for act in ("resume", "logout", "login"):
            with pytest.raises(httpx.HTTPStatusError, match="409"):
                await asyncio.to_thread(calls_centre.post, f"/v1/agents/{ana.name}/{act}")
        await asyncio.sleep(1.0)
        assert len(ana.lines) == 1, "an agent in a legal pause was rung"
        day = await asyncio.to_thread(calls_centre.get, f"/v1/agents/{ana.name}/day")
        os.kill(calls_centre.control_pid(), signal.SIGKILL)  # and the clock runs on
        await asyncio.sleep(1.0)
        await soon(calls_centre.is_ready, 20, "control again")
        again = await asyncio.to_thread(calls_centre.get, f"/v1/agents/{ana.name}/day")
        assert again["taken"] == day["taken"]
        for name in ("began", "ends", "planned"):
            assert again["pause"][name] == pytest.approx(day["pause"][name], abs=1e-3)
        assert again["logged_since"] == pytest.approx(day["logged_since"], abs=1e-3)
        assert [one["reason"] for one in again["plan"]["pauses"]] == [
            one["reason"] for one in day["plan"]["pauses"]
        ]
        bia = await line.agent("rende", "e153_apoio")
        await (await line.rung(bia, seconds=15)).pick_up()
        await stored(calls_centre, second.caller, "answered", seconds=20)
        assert len(ana.lines) == 1
        await second.line.hang_up()
        await ended(calls_centre, second.caller)
        await dial_code(calls_centre, ana, "*12")  # only she may leave now


async def test_keys_in_a_talk_say_what_it_was(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        ana = await line.agent("abuso", "e153_apoio")
        citizen = await line.queued("153", "1")
        talk = await line.rung(ana)
        await talk.pick_up()
        await stored(calls_centre, citizen.caller, "answered")
        await asyncio.sleep(TELL + 0.5)
        await talk.press("*186")
        found = await stored(calls_centre, citizen.caller, "disposition")
        assert found["code"] == "trote"
        await talk.press("*17")
        await stored(calls_centre, citizen.caller, "call_marked")
        assert not citizen.line.is_over
        await citizen.line.hang_up()
        await is_now(line, ana.name, "paused", "desgaste")
        story = await ended(calls_centre, citizen.caller)
        assert story.call["outcome"] == "served"
        assert citizen.line.keys == []  # the citizen's side hears nothing of them


async def test_a_phone_that_goes_is_shown_and_costs_nobody_anything(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        gone = await line.agent("some", "e153_apoio")
        await asyncio.sleep(0.2)
        there = await line.agent("fica", "e153_apoio")
        await gone.unregister()
        await soon(lambda: line.of(gone.name)["phone"] == "gone", 5, "the phone gone")
        citizen = await line.queued("153", "1")
        began = time.monotonic()
        await line.rung(there)
        assert time.monotonic() - began < 1.5
        assert gone.lines == []
        await citizen.line.hang_up()
        await ended(calls_centre, citizen.caller)
    await soon(lambda: channels_of(calls_centre) == 0, 10, "no channel left")
