"""How long it will be, on real calls: what citizens hear, and that it delays nobody.

Four citizens wait at the same time: two in one queue of 156, one in another whose agent comes back
in the middle of the forecast, one on 199. An agent of each queue is on duty and in a pause, so the
floor knows that somebody will come.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import product

import pytest
from calls_bed import Citizen, OnTheLine, Story, ended, instant_of, on_the_line, stored
from centre_bed import Centre
from hearing import Ear

from ivr.forecast import people_of, range_of
from phones.ears import Heard
from phones.phone import AgentPhone
from terms.limits import FORECAST_SPEECH_MAX, SPOKEN_MINUTES, SPOKEN_PEOPLE

pytestmark = pytest.mark.switch

PAUSE = "feedback"
FINANCE, COMPLAINT = ("p156_financas_docs", "51"), ("p156_ouvidoria", "55")
"""Queues, and the keys that lead there."""
STAYS = 24.0
"""Seconds in the queue: the forecast, the greeting, the protocol, and the next forecast's turn."""
IN_THE_FORECAST = 1.0
AT_ONCE = 0.35
"""Seconds from the end of a pause to the ringing of that agent's phone."""


@dataclass
class Waited:
    """What four citizens lived."""

    ear: Ear
    heard: dict[str, list[Heard]] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    freed_at: float = 0.0


@pytest.fixture(scope="module")
def waited(calls_centre: Centre) -> Waited:
    return asyncio.run(_wait(calls_centre))


def _ear(centre: Centre) -> Ear:
    """Ears for every range and number of people that could be told."""
    ear = Ear(centre)
    ends = (0.0, *(minutes * 60.0 for minutes in SPOKEN_MINUTES), 90_000.0)
    for low, high in product(ends, ends):
        if low <= high and (found := range_of(low, high)) is not None:
            ear.value(found.value, "minutos")
    for people in SPOKEN_PEOPLE:
        ear.value(people_of(people), "pessoas")
    return ear


async def _wait(centre: Centre) -> Waited:
    told = Waited(_ear(centre))
    async with on_the_line(centre) as line:
        await _resting(line, "financas", FINANCE[0])
        free = await _resting(line, "ouvidora", COMPLAINT[0])
        await _resting(line, "defesa", "e199_risco")
        await asyncio.gather(
            _stays(line, told, "first", *("156", FINANCE[1]), 0.0),
            _stays(line, told, "second", *("156", FINANCE[1]), 6.0),
            _stays(line, told, "emergency", "199", "", 0.0),
            _is_answered(line, told, free),
        )
    return told


async def _resting(line: OnTheLine, name: str, skill: str) -> AgentPhone:
    """An agent on duty, and in a pause."""
    phone = await line.agent(name, skill)
    await asyncio.to_thread(line.centre.post, f"/v1/agents/{phone.name}/pause", reason=PAUSE)
    await line.is_paused(phone.name, PAUSE)
    return phone


async def _stays(
    line: OnTheLine, told: Waited, who: str, number: str, keys: str, after: float
) -> None:
    await asyncio.sleep(after)
    citizen = await line.queued(number, keys)
    await asyncio.sleep(STAYS)
    await citizen.line.hang_up()
    await _tell(line, told, who, citizen)


async def _is_answered(line: OnTheLine, told: Waited, agent: AgentPhone) -> None:
    """The pause ends while the citizen hears the forecast."""
    citizen = await line.queued("156", COMPLAINT[1])
    await asyncio.sleep(IN_THE_FORECAST)
    await asyncio.to_thread(line.centre.post, f"/v1/agents/{agent.name}/resume")
    ringing = await line.rung(agent)
    await asyncio.sleep(0.5)
    await ringing.pick_up()
    await stored(line.centre, citizen.caller, "answered")
    await asyncio.sleep(1.5)
    await citizen.line.hang_up()
    await _tell(line, told, "answered", citizen)
    rows = line.centre.rows(
        "SELECT at FROM facts WHERE kind = 'agent_status' AND agent = ? AND details LIKE ?"
        " ORDER BY id DESC LIMIT 2",
        agent.name,
        "%available%",
    )
    told.freed_at = instant_of(rows[0]["at"])


async def _tell(line: OnTheLine, told: Waited, who: str, citizen: Citizen) -> None:
    told.stories[who] = await ended(line.centre, citizen.caller)
    told.heard[who] = await asyncio.to_thread(told.ear.heard, citizen.line)


def names(waited: Waited, who: str) -> list[str]:
    """The recordings that somebody heard."""
    return [one.name for one in waited.heard[who]]


def forecast(waited: Waited, who: str, ahead: str) -> list[str]:
    """The recordings of the forecast that the store says they were told first."""
    told = waited.stories[who].of("wait_told")[0]
    low, high = (None if told[end] is None else int(told[end] / 60) for end in ("low", "high"))
    words = waited.ear.lines["156"].waiting.forecast
    return [
        *waited.ear.texts(words.ahead_text, values={"na_frente": ahead}),
        *waited.ear.texts(words.wait_text, values={"espera": f"{low}-{high or ''}"}),
    ]


def in_order(wanted: list[str], heard: list[str]) -> bool:
    rest = iter(heard)
    return all(one in rest for one in wanted)


@pytest.mark.parametrize(("who", "ahead"), [("first", "0"), ("second", "1")])
def test_position_and_range_are_heard_before_the_greeting(
    waited: Waited, who: str, ahead: str
) -> None:
    told = waited.stories[who].of("wait_told")[0]
    assert told["position"] == int(ahead) + 1
    expected = forecast(waited, who, ahead)
    assert len(expected) == 4
    assert in_order([*expected, *waited.ear.wait("156")], names(waited, who))


@pytest.mark.parametrize("who", ["first", "second"])
def test_it_is_short_and_not_told_again_while_it_is_the_same(waited: Waited, who: str) -> None:
    heard, ear = waited.heard[who], waited.ear
    first, *_, last = forecast(waited, who, "0" if who == "first" else "1")
    began = next(one.at for one in heard if one.name == first)
    ends = next(one.at for one in heard if one.name == last) + ear.seconds(last)
    assert ends - began <= FORECAST_SPEECH_MAX
    told = waited.stories[who].of("wait_told")
    assert len({(one["position"], one["low"], one["high"]) for one in told}) == len(told)


def test_the_call_back_is_offered_beyond_the_limit(waited: Waited) -> None:
    offer = waited.ear.texts(waited.ear.lines["156"].waiting.call_back.offer_text)
    assert in_order(offer, names(waited, "second"))


def test_199_hears_none_of_it(waited: Waited) -> None:
    waiting = waited.ear.lines["156"].waiting
    texts = (*waiting.forecast.ahead_text, *waiting.forecast.wait_text)
    never = {*waited.ear.texts(texts), *waited.ear.texts(waiting.call_back.offer_text)}
    heard = names(waited, "emergency")
    assert waited.ear.wait("199")[0] in heard
    assert never.isdisjoint(heard)
    assert waited.stories["emergency"].of("wait_told") == []


def test_an_agent_who_comes_back_in_the_middle_of_it_is_rung_at_once(waited: Waited) -> None:
    story = waited.stories["answered"]
    assert story.of("wait_told") == []  # nothing was told to its end
    (offer,) = story.offers
    assert offer["offered_at"] - waited.freed_at < AT_ONCE
    first = waited.ear.texts(waited.ear.lines["156"].waiting.forecast.ahead_text)[0]
    assert first in names(waited, "answered")
    assert waited.ear.wait("156")[0] not in names(waited, "answered")
