"""What a menu asks and does on real calls: digits, services, messages, hand-overs, keys in the
queue and the survey; through a control process that is killed meanwhile, and into no log."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from calls_bed import (
    OnTheLine,
    ended,
    heard_on,
    on_the_line,
    prompt_sounds,
    soon,
    stored,
    story_of,
)
from centre_bed import Centre, ask, centre_bed
from dialplan_copies import shorter_dialplans
from seeded import CPF
from tone_prompts import tones_for

pytestmark = pytest.mark.switch

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("story")
    dialplans = shorter_dialplans(folder / "dialplans")
    for file in (HERE / "story").glob("*.yaml"):
        shutil.copyfile(file, dialplans / file.name)
    tones_for(dialplans, folder / "state")
    # the logs are read afterwards: they must be clean however much they say
    settings = {"CENTRAL156_DIALPLANS_DIR": str(dialplans), "CENTRAL156_LOG_LEVEL": "debug"}
    with centre_bed(folder, 17200, 49000, **settings) as running:
        yield running


def on_line(centre: Centre, tell: Any) -> Any:
    """Run a test's story with phones."""

    async def whole() -> Any:
        async with on_the_line(centre) as line:
            return await tell(line)

    return asyncio.run(whole())


async def _type(line: OnTheLine, citizen: Any, node: str, keys: str) -> None:
    """Once in a node, keys."""
    await _entered(line, citizen, node)
    await asyncio.sleep(0.3)
    await citizen.line.press(keys)


async def _entered(line: OnTheLine, citizen: Any, node: str) -> None:
    def there() -> bool:
        story = story_of(line.centre, citizen.caller)
        return story is not None and node in story.nodes()

    await soon(there, 15, f"{citizen.caller} at {node}")


def test_digits_reach_the_agent(centre: Centre) -> None:
    async def tell(line: OnTheLine) -> None:
        ana = await line.agent("ana", "p156_geral")
        citizen = await line.dial("156")
        await _type(line, citizen, "principal", "1")
        await _type(line, citizen, "documento", CPF)
        await stored(centre, citizen.caller, "digits_typed")
        await asyncio.sleep(0.6)
        await citizen.line.press("1")
        await stored(centre, citizen.caller, "queued")
        ringing = await line.rung(ana)
        await ringing.pick_up()
        await stored(centre, citizen.caller, "answered")
        await citizen.line.hang_up()
        story = await ended(centre, citizen.caller)
        assert story.of("data_typed")[0]["variable"] == "documento"
        assert [key for _, key, _ in story.keys()] == ["1", "1"]  # noqa: SIM118

    on_line(centre, tell)


def test_a_protocol_is_looked_up_by_its_digits(centre: Centre) -> None:
    async def tell(line: OnTheLine) -> None:
        first = await line.queued("156", "9")
        number = story_of(centre, first.caller).call["protocol"]  # type: ignore[union-attr]
        citizen = await line.dial("156")
        await _type(line, citizen, "principal", "4")
        await _type(line, citizen, "protocolo", number)
        looked = await stored(centre, citizen.caller, "looked_up")
        assert looked["how"] == "achou"
        await _type(line, citizen, "situacao", "9")
        await stored(centre, citizen.caller, "queued")

    on_line(centre, tell)


def test_control_killed_between_two_digits(centre: Centre) -> None:
    """The node is asked again; the caller hears it and types anew."""

    async def tell(line: OnTheLine) -> None:
        citizen = await line.dial("156")
        await _type(line, citizen, "principal", "1")
        await _type(line, citizen, "documento", CPF[:5])
        os.kill(centre.control_pid(), signal.SIGKILL)
        await soon(lambda: _alive(centre), 20, "a new control")
        await asyncio.sleep(1.5)
        await citizen.line.press(CPF)
        await stored(centre, citizen.caller, "digits_typed", seconds=15)
        await asyncio.sleep(0.6)
        await citizen.line.press("1")
        await stored(centre, citizen.caller, "queued", seconds=15)
        # once more, now that the number stands on the channel
        os.kill(centre.control_pid(), signal.SIGKILL)
        await soon(lambda: _alive(centre), 20, "a new control")
        await soon(lambda: centre.waiting() == 1, 10, "the place in the queue")
        assert not citizen.line.is_over

    on_line(centre, tell)


def _alive(centre: Centre) -> bool:
    try:
        return centre.is_ready()
    except ValueError:
        return False


def test_a_message_is_recorded_and_becomes_a_task(centre: Centre) -> None:
    async def tell(line: OnTheLine) -> None:
        citizen = await line.dial("156")
        await _type(line, citizen, "principal", "2")
        left = await stored(centre, citizen.caller, "message_left")
        tone = (b"\x00\x20" * 20 + b"\x00\xe0" * 20) * 400
        citizen.line.say(tone, repeat=True)
        await asyncio.sleep(3.0)
        await citizen.line.hang_up()
        story = await ended(centre, citizen.caller)
        assert story.call["outcome"] == "message_left"
        assert left["file"].endswith("-recado-1.wav")
        assert await asyncio.to_thread(os.path.getsize, left["file"]) > 16_000
        (task,) = story.of("task_opened")
        assert task["task"] == "call_back"

    on_line(centre, tell)


def test_a_key_moves_a_199_caller_at_once_and_an_offer_follows(centre: Centre) -> None:
    async def tell(line: OnTheLine) -> float:
        rui = await line.agent_off_duty("rui", "e199_arvore")
        citizen = await line.dial("199")
        await stored(centre, citizen.caller, "queued")
        await asyncio.sleep(0.5)
        pressed = time.time()
        await citizen.line.press("1")
        moved = await stored(centre, citizen.caller, "queued", 2)
        first = story_of(centre, citizen.caller).of("queued")[0]  # type: ignore[union-attr]
        assert (moved["queue"], moved["joined"]) == ("e199_arvore", first["joined"])
        await line.on_duty(rui.name)
        await line.rung(rui)
        return float(moved["at"] - pressed)

    # a key lasts a quarter of a second by itself
    assert on_line(centre, tell) < 1.0


def test_handed_over_the_call_counts_among_the_other_lines(centre: Centre) -> None:
    async def tell(line: OnTheLine) -> None:
        citizen = await line.dial("156")
        await _type(line, citizen, "principal", "0")
        await stored(centre, citizen.caller, "handed_over")
        queued = await stored(centre, citizen.caller, "queued")
        story = story_of(centre, citizen.caller)
        assert story is not None
        assert abs(queued["joined"] - story.of("handed_over")[0]["at"]) < 0.1
        rows = ask(centre, "group show channels").splitlines()[1:-1]
        assert [row.split()[1:] for row in rows] == [["199", "line"]]

    on_line(centre, tell)


def test_the_protocol_again_and_a_text_while_the_music_plays(centre: Centre) -> None:
    async def tell(line: OnTheLine) -> None:
        citizen = await line.queued("156", "9")
        told = prompt_sounds(centre, ["Seu protocolo é"])

        def heard() -> int:
            return len(heard_on(citizen.line, told))

        await soon(lambda: heard() == 1, 15, "the protocol, told by itself")
        await asyncio.sleep(6.0)  # nine digits and some music
        await citizen.line.press("7")
        await soon(lambda: heard() == 2, 10, "the protocol again")
        await citizen.line.press("3")
        await _entered(line, citizen, "aviso")
        queued = await stored(centre, citizen.caller, "queued", 2)
        first = story_of(centre, citizen.caller).of("queued")[0]  # type: ignore[union-attr]
        assert queued["joined"] == first["joined"]

    on_line(centre, tell)


def test_the_key_that_leads_into_a_queue_is_not_one_pressed_there(centre: Centre) -> None:
    async def tell(line: OnTheLine) -> None:
        citizen = await line.queued("156", "5")
        await asyncio.sleep(1.0)
        story = story_of(centre, citizen.caller)
        assert story is not None
        assert len(story.of("queued")) == 1
        await citizen.line.press("5")
        await _entered(line, citizen, "aviso")

    on_line(centre, tell)


def test_all_keys_typed_at_once(centre: Centre) -> None:
    """Who knows the way does not wait for any question."""

    async def tell(line: OnTheLine) -> None:
        citizen = await line.dial("156")
        await asyncio.sleep(0.3)
        await citizen.line.press(f"1{CPF}1")
        queued = await stored(centre, citizen.caller, "queued", seconds=10)
        assert queued["queue"] == "p156_geral"
        story = story_of(centre, citizen.caller)
        assert story is not None
        assert story.of("data_typed")[0]["variable"] == "documento"

    on_line(centre, tell)


def test_the_survey_is_asked_again_after_control_was_killed(centre: Centre) -> None:
    """If a new control is there before the switch gives up; the call was served either way."""

    async def tell(line: OnTheLine) -> None:
        bia = await line.agent("bia", "p156_geral")
        citizen = await line.queued("156", "9")
        ringing = await line.rung(bia)
        await ringing.pick_up()
        await stored(centre, citizen.caller, "answered")
        await asyncio.sleep(0.5)
        await ringing.hang_up()
        await _entered(line, citizen, "pesquisa")
        os.kill(centre.control_pid(), signal.SIGKILL)
        await soon(lambda: _alive(centre), 20, "a new control")
        if not citizen.line.is_over:
            for count in (1, 2):
                await asyncio.sleep(1.5)
                await citizen.line.press("5")
                await stored(centre, citizen.caller, "survey_answered", count, seconds=15)
        story = await ended(centre, citizen.caller, 15)
        assert story.call["outcome"] == "served"
        assert len(story.of("answered")) == 1

    on_line(centre, tell)


def test_no_file_but_the_store_knows_what_was_typed(centre: Centre) -> None:
    """After all the calls above, with every log at its most talkative (R83); the journal is the
    store's own, on its way to the database."""
    knows = [
        str(file.relative_to(centre.folder))
        for file in centre.folder.rglob("*")
        if file.is_file() and not file.name.startswith("store.sqlite")
        if file.suffix != ".journal"
        if CPF.encode() in file.read_bytes()
    ]
    assert knows == []
    found = centre.rows("SELECT details FROM facts WHERE kind = 'data_typed'")
    assert any(CPF in row["details"] for row in found)
