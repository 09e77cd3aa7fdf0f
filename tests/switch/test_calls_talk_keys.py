"""What agents do by keys in a talk: on real phones, and what the citizen hears of it (nothing)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from calls_bed import ended, on_the_line, soon
from centre_bed import Centre
from hearing import Ear
from talk_bed import GENERAL, RATE, Talk, becomes, begin, says, state, state_is

from callflow.talk_keys import on_keypad
from phones.ears import level_of, prompts_heard, sound_of
from phones.phone import AgentPhone, Line

pytestmark = pytest.mark.switch

REFUSED = 350.0  # hertz of the three low tones
TALK = {"citizen": {"ana"}, "agent": {"citizen"}}


def _refusals(line: Line, since: int, share: float) -> bool:
    """Whether the low tones were so much of what was heard on a line, from this byte on."""
    sound = sound_of(bytes(line.heard[since:]))
    parts = [sound[at : at + RATE // 5] for at in range(0, max(1, len(sound) - RATE // 5), 800)]
    return any(level_of(part, REFUSED) > share for part in parts)


async def _is_refused(talk: Talk, keys: str) -> None:
    """The agent hears that keys were refused; the citizen does not."""
    agent, citizen = len(talk.agent.heard), len(talk.citizen.heard)
    await talk.agent.press(keys)
    await soon(lambda: _refusals(talk.agent, agent, 0.5), 4, f"the low tones after {keys}")
    assert not _refusals(talk.citizen, citizen, 0.5)  # music may hold a note near it


async def _typed(line: Line, code: str, to: str) -> None:
    """A code, and once the citizen is on hold where to, as a hand does it."""
    await line.press(code)
    await asyncio.sleep(0.5)
    await line.press(f"{on_keypad(to)}#")


async def _asked(talk: Talk, phone: AgentPhone, to: str, who: str) -> Line:
    count = len(phone.lines) + 1
    await _typed(talk.agent, "*31", to)
    rung = await talk.line.rung(phone, count)
    await rung.pick_up()
    says(rung, who)
    await state_is(talk.line, phone.name, "talking")
    return rung


def _screen(centre: Centre, agent: str) -> dict[str, Any]:
    """What the agent's screen shows now. Blocking."""
    token = centre.settings.secret("admin_token")
    url = f"{centre.settings.api_url}/v1/agents/{agent}/watch"
    with httpx.stream(
        "GET", url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=5.0
    ) as answer:
        told = next(line for line in answer.iter_lines() if line.startswith("data:"))
        return dict(json.loads(told.removeprefix("data:")))


def _heard_in_turn(ear: Ear, line: Line, since: int, said: list[str]) -> bool:
    """Whether these recordings were heard, in this order, from this byte on."""
    sounds = [(name, ear.sound(name)) for name in dict.fromkeys(said)]
    heard = [one.name for one in prompts_heard(sound_of(bytes(line.heard[since:])), sounds)]
    return any(heard[at : at + len(said)] == said for at in range(len(heard)))


async def test_all_keys_of_a_talk(talk_centre: Centre) -> None:
    async with on_the_line(talk_centre) as line:
        talk = await begin(line)
        bia = await line.agent("bia", GENERAL)
        eva = await line.agent("eva", "e153_apoio")
        parties = {"citizen": talk.citizen, "agent": talk.agent}
        await becomes(TALK, **parties)
        # what the agent says of the call, and one more protocol
        for keys, kind in (("*17", "call_marked"), ("*181", "disposition")):
            await talk.agent.press(keys)
            await talk.fact(kind)
        await talk.agent.press("*36")
        more = (await talk.fact("protocol_added"))["protocol"]
        await talk.agent.press("*34")  # nobody was asked: nothing
        # the citizen's keys do nothing, and nobody has heard one
        for keys in ("*30", "*34", "*36", "*17"):
            await talk.citizen.press(keys)
        await becomes(TALK, **parties)
        assert talk.citizen.keys == []
        # ask by name, share, and whoever was asked leaves
        asked = await _asked(talk, bia, bia.name, "bia")
        await becomes({"citizen": {"music"}, "agent": {"bia"}}, **parties)
        await talk.agent.press("*35")
        await becomes({"citizen": {"ana", "bia"}, "agent": {"citizen", "bia"}}, **parties)
        await asked.hang_up()
        await becomes(TALK, **parties)
        await state_is(line, bia.name, "idle")
        # ask a number that nobody has: refused, and back
        await talk.agent.press("*31")
        await becomes({"citizen": {"music"}}, citizen=talk.citizen)
        await _is_refused(talk, "0000#")
        await talk.agent.press("*33")
        await becomes(TALK, **parties)
        # ask the next of a queue, and hand on; they see what is known of the call
        first = (await asyncio.to_thread(_screen, talk_centre, talk.name))["shown"]
        assert first["path"]
        asked = await _asked(talk, eva, "e153_apoio", "bia")
        await talk.agent.press("*34")
        await becomes({"citizen": {"bia"}, "asked": {"citizen"}}, citizen=talk.citizen, asked=asked)
        await state_is(line, talk.name, "wrap_up", "idle")
        shown = (await asyncio.to_thread(_screen, talk_centre, eva.name))["shown"]
        assert (shown["protocol"], shown["path"]) == (first["protocol"], first["path"])
        # the second agent's keys: on to another, by name (the first rests after an abusive call)
        await _typed(asked, "*32", bia.name)
        again = await line.rung(bia, 2)
        await again.pick_up()
        says(again, "ana")
        await becomes({"citizen": {"ana"}, "agent": {"citizen"}}, citizen=talk.citizen, agent=again)
        assert state(line, eva.name) != "talking"
        assert talk.citizen.keys == []
        # the further protocol is spoken when the talk is over
        since = len(talk.citizen.heard)
        await again.hang_up()
        ear = Ear(talk_centre)
        said = ear.value(more, "protocolo")
        await soon(lambda: _heard_in_turn(ear, talk.citizen, since, said), 30, "the number")
        await talk.citizen.hang_up()
        story = await ended(talk_centre, talk.caller)
        assert story.call["outcome"] == "served"
        assert [one["goal"] for one in story.of("transferred")] == ["agente"]
