"""A new version of the menus goes on air, and off again, while 20 calls a second come in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from calls_bed import Citizen, OnTheLine, ended, on_the_line, soon, story_of
from centre_bed import Centre
from publishing_bed import (
    NEW_QUEUE,
    NEW_RING,
    NEW_TEXT,
    OLD_RING,
    OLD_TEXT,
    Town,
    admin,
    heard_first,
    serving,
    town_bed,
)
from publishing_traffic import Traffic

from phones.phone import Line
from terms.protocol_number import is_protocol

pytestmark = pytest.mark.switch

HEARD_WITHIN = 5.0
STAFF = 8
"""Agents for the traffic's callers: each takes a call every two seconds or so."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_bed(tmp_path_factory.mktemp("publishing")) as running:
        yield running


@pytest.fixture(scope="module")
def staff(town: Town) -> Iterator[list[str]]:
    """Agents who answer the traffic's callers."""
    phones = [town.centre.agent(f"equipe{n}", "p156_geral") for n in range(STAFF)]
    runs = [phone.start_listening(talk=0.4) for phone in phones]
    yield [phone.name for phone in phones]
    for run in runs:
        run.kill()


async def _in_thread(work: Any, *words: Any) -> Any:
    return await asyncio.to_thread(work, *words)


async def _greeted(town: Town, citizen: Citizen) -> str:
    return await heard_first(town.centre, citizen.line, OLD_TEXT, NEW_TEXT)


def _on_duty(centre: Centre) -> dict[str, str]:
    return {agent["agent"]: agent["status"] for agent in centre.floor()["agents"]}


async def test_published_and_taken_back_under_traffic(town: Town, staff: list[str]) -> None:
    """Whoever is in the menu, waits, or talks ends on the version of before; nobody notices."""
    centre, boss = town.centre, admin(town.centre)
    pids = centre.control_pid(), centre.switch_pid()
    with Traffic(centre) as traffic:
        async with on_the_line(centre) as line:
            clara = await line.agent("clara", "p156_social")
            talks = await line.queued("156", "03")
            talk = await line.rung(clara)
            await talk.pick_up()
            await soon(lambda: _of(centre, talks.caller, "answered"), 5, "the talk")
            waits = await line.queued("156", "03")
            chooses = await line.dial("156")
            await asyncio.sleep(2.0)
            before = await _in_thread(_on_duty, centre)

            asked = time.monotonic()
            answer = await _in_thread(boss.publish, town.new, "sob tráfego")
            published = time.time()
            comes_next = await line.dial("156")
            assert await _greeted(town, comes_next) == NEW_TEXT
            assert time.monotonic() - asked < HEARD_WITHIN
            assert answer["version"] == town.new_name == await _in_thread(serving, centre)
            assert answer["touched"] == {"156": ["o menu", "as filas"]}

            await chooses.line.press("9")
            await comes_next.line.press("9")
            await _rung_by_the_new_rules(line, clara, talk)
            picked_up = await line.rung(clara, 3, 12)
            await picked_up.pick_up()

            asked = time.monotonic()
            back = await _in_thread(boss.go_back)
            assert (back[0], back[1]["version"]) == (200, town.old_name)
            taken_back = time.time()
            comes_last = await line.dial("156")
            assert await _greeted(town, comes_last) == OLD_TEXT
            assert time.monotonic() - asked < HEARD_WITHIN
            assert await _in_thread(_on_duty, centre) == before
            await picked_up.hang_up()
            for citizen in (talks, waits, chooses, comes_next):
                await soon(_surveyed(centre, citizen), 10, "the survey")
            callers = [c.caller for c in (talks, waits, chooses, comes_next, comes_last)]
    stories = [await ended(centre, caller) for caller in callers]
    versions = [story.call["dialplan_version"] for story in stories]
    assert versions == [town.old_name] * 3 + [town.new_name, town.old_name]
    asked_after = [story.nodes()[-1] for story in stories[:4]]
    assert asked_after == ["pesquisa"] * 3 + ["pesquisa_nova"]
    assert [s.of("queued")[0]["queue"] for s in stories[2:4]] == ["p156_geral", NEW_QUEUE]
    assert stories[2].nodes()[-2] == "um_atendente"
    offers = [one["outcome"] for one in stories[1].offers]
    assert (len(stories[1].of("queued")), len(offers)) == (1, 2)  # one place, and never another
    assert (centre.control_pid(), centre.switch_pid()) == pids
    _version_is_told(centre, stories[3].call)

    _nobody_was_disturbed(town, traffic, published, taken_back)


def _nobody_was_disturbed(
    town: Town, traffic: Traffic, published: float, taken_back: float
) -> None:
    """… although there were calls in course at both instants."""
    rows = traffic.check(town.plans, least=250)
    by_old, by_new = (
        [row for row in rows if row["dialplan_version"] == version]
        for version in (town.old_name, town.new_name)
    )
    assert [row for row in by_old if _late(row, published)]
    assert [row for row in by_new if _late(row, taken_back)]
    assert {row["line"] for row in by_new} == {"156", "199"}


async def _rung_by_the_new_rules(line: OnTheLine, phone: Any, talk: Line) -> None:
    """The agent puts the first down, and does not answer the second: it rings as long as the
    new version says; then the caller waits on, and the agent is asked once more."""
    await talk.hang_up()
    ringing = await line.rung(phone, 2)
    began = time.monotonic()
    await ringing.over(OLD_RING)
    assert time.monotonic() - began == pytest.approx(NEW_RING, abs=1.0)
    await line.is_paused(phone.name, "não-atendeu")
    await asyncio.to_thread(line.centre.post, f"/v1/agents/{phone.name}/resume")


def _of(centre: Centre, caller: str, kind: str) -> list[dict[str, Any]]:
    story = story_of(centre, caller)
    return story.of(kind) if story else []


def _surveyed(centre: Centre, citizen: Citizen) -> Callable[[], bool]:
    def asked() -> bool:
        entered = _of(centre, citizen.caller, "node_entered")
        return any(one["node"].startswith("pesquisa") for one in entered)

    return asked


def _late(row: dict[str, Any], since: float) -> bool:
    """Whether the call entered a node after that instant, having arrived before it."""
    text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(since))
    last = max((at for _, at in row["nodes"]), default="")
    return str(row["arrived_at"]) < text <= last


def _version_is_told(centre: Centre, call: dict[str, Any]) -> None:
    assert is_protocol(call["protocol"])
    told = centre.get(f"/v1/protocols/{call['protocol']}")
    assert call["dialplan_version"] in str(told)
    code, printed = admin(centre).run("protocol", call["protocol"])
    assert code == 0
    assert call["dialplan_version"] in printed
