"""What a single call needs beside its queue's skill: from the tree over the channel to the floor,
through every step and restart, until it is in another queue."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from full_plan import (
    FULL_153,
    FULL_156,
    FULL_199,
    OUVIDORIA,
    PROTOCOLO,
    TABLE,
    details,
    leaves,
    place_of,
    until,
    waits,
)
from line_fakes import GERAL, Centre, Channel
from test_call_back import CALL, Bed
from test_waiting_keys import press

from acd.events import AgentLoggedIn, AgentPhone
from acd.queues import Caller, QueueTable
from ivr.menu import HandOverNode, LinePlan, QueueNode
from terms.facts import Kind
from terms.limits import NEEDS_HELD
from terms.names import AgentName, Skill
from terms.needs import NOTHING, Need, Needs
from terms.signals import Phone

NEEDED = Needs(((Need(Skill("ingles"), 2),), (Need(Skill("espanhol")), Need(Skill("libras")))))


def _plan(plan: LinePlan, name: str) -> LinePlan:
    node = plan.nodes[name]
    assert isinstance(node, QueueNode)
    return replace(plan, nodes={**plan.nodes, name: replace(node, needs=NEEDED)})


LINES = (_plan(FULL_156, "geral"), FULL_199)


def _centre(**more: object) -> Centre:
    return Centre(lines=LINES, table=TABLE, **more)  # type: ignore[arg-type]


def _log_in(centre: Centre, name: str, **levels: int) -> None:
    skills = {Skill(skill): level for skill, level in {GERAL.skill: 1, **levels}.items()}
    centre.keeper.tell(AgentPhone(AgentName(name), Phone.IDLE))
    centre.keeper.tell(AgentLoggedIn(AgentName(name), skills))


def _caller(centre: Centre) -> Caller:
    return centre.keeper.floor.callers[CALL]


async def _in_the_queue(centre: Centre) -> tuple[Channel, asyncio.Task[str]]:
    channel = centre.channel(keys=["1"])
    return channel, await waits(centre, channel)


async def test_whoever_is_idle_without_it_is_not_rung_and_whoever_has_it_is() -> None:
    centre = _centre()
    _log_in(centre, "ana")
    _log_in(centre, "bia", ingles=3)
    channel, step = await _in_the_queue(centre)
    assert Needs.from_text(place_of(channel).needs) == _caller(centre).needs == NEEDED
    assert details(centre, Kind.QUEUED)[-1]["needs"] == "ingles:2/espanhol+libras"
    _log_in(centre, "caio", espanhol=4, libras=4)
    assert await step == "dial"
    assert channel.variables["C156_AGENT"] == "caio"


async def test_it_survives_the_death_of_the_process() -> None:
    first = _centre()
    channel, step = await _in_the_queue(first)
    joined = place_of(channel).joined
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    second = _centre(store=first.store, epoch=2, now=first.now + 5)
    second.switch.channels = first.switch.channels
    _log_in(second, "ana")
    step = await waits(second, channel)
    assert (_caller(second).needs, _caller(second).joined) == (NEEDED, joined)
    _log_in(second, "bia", ingles=2)
    assert await step == "dial"
    assert channel.variables["C156_AGENT"] == "bia"


async def test_when_nobody_has_it_the_call_is_not_held_for_ever() -> None:
    first = _centre()
    channel, step = await _in_the_queue(first)
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    later = _centre(store=first.store, epoch=2, now=first.now + NEEDS_HELD)
    later.switch.channels = first.switch.channels
    _log_in(later, "ana")
    assert await channel.step(later.tools) == "dial"
    assert channel.variables["C156_AGENT"] == "ana"


async def test_another_queue_that_is_joined_without_needs_none() -> None:
    centre = _centre()
    channel, step = await _in_the_queue(centre)
    press(centre, "2")
    await until(lambda: _caller(centre).rule.name == PROTOCOLO.name)
    assert (_caller(centre).needs, place_of(channel).needs) == (NOTHING, "")
    await leaves(channel, step)


async def test_a_call_handed_over_to_156_needs_what_the_hand_over_says() -> None:
    node = FULL_153.nodes["passa"]
    assert isinstance(node, HandOverNode)
    nodes = {**FULL_153.nodes, "passa": replace(node, needs=NEEDED)}
    centre = Centre(lines=(*LINES, replace(FULL_153, nodes=nodes)), table=TABLE)
    channel = centre.channel(line="153")
    step = await waits(centre, channel)
    assert _caller(centre).needs == NOTHING
    press(centre, "2")
    await until(lambda: _caller(centre).rule.name == OUVIDORIA.name)
    assert _caller(centre).needs == NEEDED
    await leaves(channel, step)


async def test_a_promised_call_back_goes_on_needing_it() -> None:
    bed = Bed(Centre(lines=LINES, table=QueueTable((GERAL, *TABLE.rules[1:]))))
    await bed.promised()
    assert _caller(bed.centre).absent
    assert _caller(bed.centre).needs == NEEDED
