"""A hundred callers at once type a number each, and each hears and keeps their own."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import pytest
from calls_bed import Citizen, Story, ended, new_caller, on_the_line, soon
from centre_bed import Centre
from hearing import Ear

from terms.limits import LIVE_BUDGET

pytestmark = pytest.mark.switch

CALLS, LONGEST = 100, 8
NODE = "consulta_codigo"
ECHO_SECONDS = 11.5


@dataclass
class Echo:
    """One call: what was typed, what was stored, and from when on the echo was due (s from the
    answer)."""

    typed: str
    citizen: Citizen
    story: Story
    due: float


def _counted(centre: Centre, kind: str, callers: list[str], word: str = "") -> int:
    """Of how many of these calls the store tells this."""
    marks = ",".join("?" * len(callers))
    question = (
        "SELECT count(DISTINCT caller) AS n FROM facts JOIN calls USING (call_id)"
        f" WHERE kind = ? AND details LIKE ? AND caller IN ({marks})"
    )
    return int(centre.rows(question, kind, f"%{word}%", *callers)[0]["n"])


async def _all_press(citizens: list[Citizen], keys: list[str]) -> None:
    """All at the same time."""
    pairs = zip(citizens, keys, strict=True)
    await asyncio.gather(*(citizen.line.press(those) for citizen, those in pairs))


@pytest.fixture(scope="module")
def echoes(calls_centre: Centre) -> list[Echo]:
    async def live() -> list[Echo]:
        numbers = [str(one) for one in random.Random(156).sample(range(10_000, 10**LONGEST), CALLS)]
        callers = [new_caller() for _ in numbers]
        async with on_the_line(calls_centre) as line:
            citizens = []
            for caller in callers:
                citizens.append(await line.dial("156", caller=caller))
                await asyncio.sleep(0.03)
            await _all_press(citizens, ["*17"] * CALLS)
            await soon(
                lambda: _counted(calls_centre, "node_entered", callers, NODE) == CALLS,
                20, "all asked for their number",
            )  # fmt: skip
            await asyncio.sleep(1.0)
            await _all_press(citizens, [f"{number}#" for number in numbers])
            await soon(
                lambda: _counted(calls_centre, "digits_typed", callers) == CALLS, 20, "all typed"
            )
            await asyncio.sleep(ECHO_SECONDS)
            await _all_press(citizens, ["1"] * CALLS)
            await soon(
                lambda: _counted(calls_centre, "looked_up", callers) == CALLS, 20, "all looked up"
            )
            await asyncio.sleep(4.5)
            clock = time.time() - time.monotonic()
            for citizen in citizens:
                await citizen.line.hang_up()
            stories = [await ended(calls_centre, caller, 20) for caller in callers]
        return [
            Echo(number, citizen, story, _since(citizen, story.of("digits_typed")[0]["at"] - clock))
            for number, citizen, story in zip(numbers, citizens, stories, strict=True)
        ]

    return asyncio.run(live())


def _since(citizen: Citizen, at: float) -> float:
    assert citizen.line.answered_at is not None
    return at - citizen.line.answered_at


def test_each_hears_their_own_number_within_two_seconds(
    echoes: list[Echo], calls_centre: Centre
) -> None:
    ear = Ear(calls_centre)
    begins = ear.node("156", NODE, part="echo")[:1]
    for echo in echoes:
        told = ear.node("156", NODE, values={"codigo": echo.typed}, part="echo")
        missing = ear.node("156", "consulta_procura") + ear.node("156", "consulta_nao_achou")
        heard = ear.heard(echo.citizen.line, (*told, *missing))
        names = [one.name for one in heard]
        start = names.index(begins[0])
        assert names[start:] == [*told, *missing], echo.typed
        assert heard[start].at - echo.due <= LIVE_BUDGET


def test_each_call_keeps_their_own_number(echoes: list[Echo]) -> None:
    kept = [(echo.typed, [one["value"] for one in echo.story.of("data_typed")]) for echo in echoes]
    assert kept == [(echo.typed, [echo.typed]) for echo in echoes]


def test_none_of_them_stands_in_a_log(echoes: list[Echo], calls_centre: Centre) -> None:
    logs = [
        file
        for folder in ("logs", "asterisk/log", "run")
        for file in (calls_centre.settings.state_dir / folder).rglob("*")
        if file.is_file()
    ]
    assert logs
    text = "".join(file.read_text(errors="replace") for file in logs)
    long = [echo.typed for echo in echoes if len(echo.typed) == LONGEST]  # others may be instants
    assert len(long) > CALLS / 2
    assert [typed for typed in long if typed in text] == []
