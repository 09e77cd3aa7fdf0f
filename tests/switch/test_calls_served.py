"""Agents of another line than the one that was dialled; who comes first after a hand-over; and the
short menu, switched on and off while the centre runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from calls_bed import (
    Citizen,
    OnTheLine,
    Story,
    ended,
    heard_on,
    on_the_line,
    prompt_sounds,
    soon,
    stored,
)
from centre_bed import Centre
from hearing import Ear
from walks import Path, Walk, walk_all

from phones.phone import Line
from voice.texts import WHISPERS

pytestmark = pytest.mark.switch

WAITED = 24.0
"""Seconds in which a caller hears the greeting of those who wait on 156, and the protocol."""
TELL = 2.0
"""The whisper."""


@dataclass
class Served:
    """A call that an agent took."""

    story: Story
    citizen: Line
    agent: Line


async def _complaint(line: OnTheLine) -> Served:
    """From 153 to the agents of 156 by key 2, after the greeting."""
    agent = await line.agent_off_duty("ouvidora", "p156_ouvidoria")
    citizen = await line.dial("153")
    await asyncio.sleep(5.0)
    await citizen.line.press("2")
    await stored(line.centre, citizen.caller, "queued", 2)
    await asyncio.sleep(WAITED)
    await line.on_duty(agent.name)
    ringing = await line.rung(agent)
    await ringing.pick_up()
    await stored(line.centre, citizen.caller, "answered")
    await asyncio.sleep(TELL)
    await ringing.hang_up()
    await citizen.line.over(8)
    return Served(await ended(line.centre, citizen.caller), citizen.line, ringing)


async def _pressing(line: OnTheLine, citizen: Citizen, keys: str) -> None:
    await citizen.line.press(keys)
    await stored(line.centre, citizen.caller, "handed_over")


async def _in_turn(line: OnTheLine) -> list[str]:
    """Who is served in which order by one agent of all lines; what is dialled, and what then."""
    waiting = {"156, a person": await line.queued("156", "9")}
    first = {"156, then 153": await line.dial("156"), "156, then 199": await line.dial("156")}
    await asyncio.sleep(1.0)
    waiting |= {"199": await line.queued("199"), "153": await line.queued("153")}
    await asyncio.sleep(1.0)
    await _pressing(line, first["156, then 153"], "01")
    await _pressing(line, first["156, then 199"], "02")
    waiting |= first
    agent = await line.agent("todas", "p156_geral", "e199_risco", "e153_ocorrencia")
    order: dict[str, float] = {}
    for count in range(1, len(waiting) + 1):
        await (await line.rung(agent, count)).pick_up()
        left = [name for name in waiting if name not in order]
        answered = await soon(lambda left=left: _answered(line.centre, waiting, left), 8, "a talk")
        order |= answered
        (name,) = answered
        await waiting[name].line.hang_up()
    return sorted(order, key=order.__getitem__)


def _answered(centre: Centre, citizens: dict[str, Citizen], left: list[str]) -> dict[str, float]:
    """Whoever of these is talking with the agent, and since when."""
    found: dict[str, float] = {}
    for name in left:
        rows = centre.calls_of(citizens[name].caller)
        if rows and rows[-1]["answered_at"]:
            found[name] = rows[-1]["answered_at"]
    return found


@pytest.fixture(scope="module")
def complaint(calls_centre: Centre) -> Served:
    async def live() -> Served:
        async with on_the_line(calls_centre) as line:
            return await _complaint(line)

    return asyncio.run(live())


def test_from_153_to_156_the_citizen_hears_156_and_is_asked_nothing_afterwards(
    complaint: Served, calls_centre: Centre
) -> None:
    """R62: whoever came by an emergency line is not asked how 156 was."""
    ear = Ear(calls_centre)
    expected = [
        *ear.wait("153"),
        *ear.node("153", "ocorrencia"),
        *ear.node("153", "elogio_ou_queixa"),
        *ear.wait("156"),
        *ear.protocol("156", complaint.story.call["protocol"]),
    ]
    assert ear.names(complaint.citizen, expected) == expected
    assert complaint.story.of("survey_answered") == []
    assert complaint.story.call["outcome"] == "served"


def test_from_153_to_156_priority_and_time_go_with_the_call(complaint: Served) -> None:
    first, second = complaint.story.of("queued")
    assert (second["queue"], second["priority"]) == ("p156_ouvidoria", 35)
    assert second["joined"] == pytest.approx(first["joined"], abs=0.1)
    assert second["joined"] == pytest.approx(complaint.story.call["arrived_at"], abs=0.1)
    assert complaint.story.of("answered")[0]["waited"] > WAITED


def test_from_153_to_156_the_agent_is_told_156(complaint: Served, calls_centre: Centre) -> None:
    told = heard_on(complaint.agent, prompt_sounds(calls_centre, WHISPERS.values()))
    assert [one.name for one in told] == [WHISPERS["156"]]


async def test_handed_over_a_call_overtakes_whoever_dialled_the_emergency_line_later(
    calls_centre: Centre,
) -> None:
    async with on_the_line(calls_centre) as line:
        order = await _in_turn(line)
    assert order[:2] == ["156, then 153", "156, then 199"]
    assert order[2:] == ["199", "153", "156, a person"]


SHORT = {
    "to the end": Path("156", "", "resumido_abertura resumido um_atendente", "p156_geral",
                       "Pediu um atendente", "resumido_abertura resumido wait~"),
    "rain": Path("156", "answer:1", "resumido_abertura resumido defesa_civil", "e199_risco",
                 "Árvore, enchente ou desabamento (veio do 156)",
                 "resumido_abertura defesa_civil wait", stay=7.0),
}  # fmt: skip
"""The ways through the short menu."""
WHOLE = Path("156", "answer:9", "abertura inicio principal um_atendente", "p156_geral",
             "Pediu um atendente", "abertura wait~")  # fmt: skip


def test_the_short_menu_is_what_the_next_caller_hears_and_then_the_whole_one(
    calls_centre: Centre,
) -> None:
    calls_centre.request("PUT", "/v1/lines/156/short", on=True)
    try:
        short = asyncio.run(walk_all(calls_centre, SHORT))
    finally:
        calls_centre.request("PUT", "/v1/lines/156/short", on=False)
    after = asyncio.run(walk_all(calls_centre, {"whole": WHOLE}))
    ear = Ear(calls_centre)
    for walk in (*short.values(), *after.values()):
        assert isinstance(walk, Walk), walk
        expected = walk.expected(ear)
        assert ear.names(walk.citizen.line, expected) == expected
        assert " ".join(walk.story.nodes()) == walk.path.nodes
        queued = walk.story.of("queued")[-1]
        assert (queued["queue"], queued["note"]) == (walk.path.queue, walk.path.note)
