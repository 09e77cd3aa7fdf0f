"""How long it will be, on real calls: what citizens hear, and that it delays nobody.

Five citizens wait at the same time: three in one queue of 156, the last of whom asks to be called
back; one in another whose agent comes back in the middle of the forecast; one on 199. An agent of
each queue is on duty and in a pause, so the floor knows that somebody will come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from calls_bed import Citizen, OnTheLine, Story, ended, instant_of, on_the_line, stored
from centre_bed import Centre, centre_bed
from dialplan_copies import shorter_dialplans
from hearing import Ear

from ivr.forecast import people_of, range_of
from phones.ears import Heard
from phones.phone import AgentPhone
from terms.limits import FORECAST_SPEECH_MAX, SPOKEN_MINUTES, SPOKEN_PEOPLE

pytestmark = pytest.mark.switch

PORTS, RTP = 21700, 59000
TRUNK = "127.0.0.1:21790"
"""Where calls would go out; nobody is called here."""
FEEDBACK, BATHROOM = "feedback", "banheiro"
"""Pauses: one that others may end, and one that nothing interrupts."""
FINANCE, COMPLAINT = ("p156_financas_docs", "51"), ("p156_ouvidoria", "55")
"""Queues, and the keys that lead there."""
STAYS = 24.0
"""Seconds in the queue: the forecast, the greeting, the protocol, and the next forecast's turn."""
IN_THE_FORECAST = 1.0
IN_THE_OFFER = 1.5
WHICH_NUMBER = 11.5
"""Seconds: into the offer; until most of the number and what confirms it has been said."""
AT_ONCE = 0.35
"""Seconds from the end of a pause to the ringing of that agent's phone."""


@dataclass
class Waited:
    """What four citizens lived."""

    ear: Ear
    heard: dict[str, list[Heard]] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    callers: dict[str, str] = field(default_factory=dict)
    freed_at: float = 0.0
    floor: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    folder = tmp_path_factory.mktemp("waits")
    dialplans = shorter_dialplans(folder / "dialplans")
    settings = {"CENTRAL156_DIALPLANS_DIR": str(dialplans), "CENTRAL156_OUT_TRUNK": TRUNK}
    with centre_bed(folder, PORTS, RTP, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def waited(centre: Centre) -> Waited:
    return asyncio.run(_wait(centre))


def _ear(centre: Centre) -> Ear:
    """Ears for every range and number of people that could be told."""
    ear = Ear(centre)
    ends = (0.0, *(minutes * 60.0 for minutes in SPOKEN_MINUTES), 90_000.0)
    for low, high in product(ends, ends):
        if low <= high and (found := range_of(low, high)) is not None:
            ear.value(found.value, "minutos")
    for people in SPOKEN_PEOPLE:
        ear.value(people_of(people), "pessoas")
    ear.value("11", "numero")
    return ear


async def _wait(centre: Centre) -> Waited:
    told = Waited(_ear(centre))
    async with on_the_line(centre) as line:
        await _resting(line, BATHROOM, "financas", FINANCE[0])
        free = await _resting(line, FEEDBACK, "ouvidora", COMPLAINT[0])
        await _resting(line, BATHROOM, "defesa", "e199_risco")
        await asyncio.gather(
            _stays(line, told, "first", *("156", FINANCE[1]), 0.0),
            _stays(line, told, "second", *("156", FINANCE[1]), 6.0),
            _stays(line, told, "emergency", "199", "", 0.0),
            _is_answered(line, told, free),
            _goes_home(line, told, 9.0),
        )
        told.floor = await asyncio.to_thread(line.centre.floor)
    return told


async def _resting(line: OnTheLine, reason: str, name: str, skill: str) -> AgentPhone:
    """An agent on duty, and in a pause."""
    phone = await line.agent(name, skill)
    await asyncio.to_thread(line.centre.post, f"/v1/agents/{phone.name}/pause", reason=reason)
    await line.is_paused(phone.name, reason)
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


async def _goes_home(line: OnTheLine, told: Waited, after: float) -> None:
    """Hears the offer, presses its key, hears which number is called, and says yes."""
    await asyncio.sleep(after)
    citizen = await line.queued("156", FINANCE[1])
    await stored(line.centre, citizen.caller, "wait_told")
    await asyncio.sleep(IN_THE_OFFER)
    await citizen.line.press("1")
    await asyncio.sleep(WHICH_NUMBER)
    await citizen.line.press("1")
    await stored(line.centre, citizen.caller, "call_back_promised")
    await _tell(line, told, "home", citizen)


async def _tell(line: OnTheLine, told: Waited, who: str, citizen: Citizen) -> None:
    told.stories[who] = await ended(line.centre, citizen.caller, 25)
    told.callers[who] = citizen.caller
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


def test_one_key_and_a_yes_send_the_citizen_home_with_the_place(waited: Waited) -> None:
    ear, story = waited.ear, waited.stories["home"]
    words = ear.lines["156"].waiting.call_back
    number, sure = words.confirm_text
    assert in_order(
        [
            *ear.texts((number,), values={"telefone": waited.callers["home"]}),
            *ear.texts((sure,)),
            *ear.texts(words.promised_text),
            *ear.protocol("156", story.call["protocol"]),
        ],
        names(waited, "home"),
    )
    assert story.call["outcome"] == "promised"
    (promised,) = story.of("call_back_promised")
    assert (promised["queue"], promised["joined"]) == (FINANCE[0], story.of("queued")[0]["joined"])
    there = [one for one in waited.floor["callers"] if one["call"] == story.call["call_id"]]
    assert [one["queue"] for one in there] == [FINANCE[0]]


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
