"""Agents who are busy, refuse, do not answer, are not there; and who is served first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from calls_bed import (
    channels_of,
    ended,
    freed_after,
    new_agent,
    new_caller,
    on_the_line,
    soon,
    states_of,
    stored,
    story_of,
)
from centre_bed import Centre, CentreAgent
from dialplan_copies import RING_156, RING_EMERGENCY, WRAP_UP
from sipp_phones import CallTrace, SippRun, start_calls

pytestmark = pytest.mark.switch

NO_ANSWER = "não-atendeu"
TELL = 2.0  # the whisper


@pytest.fixture(scope="module")
def vanished(calls_centre: Centre) -> Iterator[tuple[str, str, float]]:
    """A citizen whose phone lost its power while talking: caller, agent, when.

    It is looked at last, for the switch needs most of a minute to notice.
    """
    name, caller = new_agent("espera"), new_caller()
    phone = calls_centre.agent(name, "e153_ocorrencia")
    with phone.listening() as _:
        run = start_calls(calls_centre, "153", caller=caller)  # type: ignore[arg-type]
        asyncio.run(stored(calls_centre, caller, "answered"))
        time.sleep(TELL + 1.0)
        run.kill()
        yield caller, name, time.time()
        calls_centre.post(f"/v1/agents/{name}/logout")


def _rung(run: SippRun) -> list[CallTrace]:
    """The calls that rang at a SIPp phone. (It takes an OPTIONS for a call that went wrong.)"""
    return [call for call in run.calls() if call.messages[0].is_request("INVITE")]


@pytest.mark.usefixtures("vanished")
@pytest.mark.parametrize("code", [486, 603])
async def test_a_phone_that_refuses(calls_centre: Centre, code: int) -> None:
    async with on_the_line(calls_centre) as line:
        first = await line.sipp_agent("recusa", "e199_risco")
        with first.listening(answer=code):
            citizen = await line.queued("199")
            await line.is_paused(first.name, NO_ANSWER)
            assert not citizen.line.is_over
            second = await line.agent("aceita", "e199_risco")
            await (await line.rung(second)).pick_up()
            await stored(calls_centre, citizen.caller, "answered")
        await asyncio.sleep(TELL + 0.5)
        await citizen.line.hang_up()
        story = await ended(calls_centre, citizen.caller)
        assert [(o["agent"], o["outcome"], o["blame"]) for o in story.offers] == [
            (first.name, "refused", "agent"),
            (second.name, "answered", "nobody"),
        ]
        assert story.call["agent"] == second.name
        assert all(offer["because"] for offer in story.offers)


async def test_a_phone_that_nobody_picks_up(calls_centre: Centre) -> None:
    """The caller goes back to the head, before one who came later; the agent rests."""
    async with on_the_line(calls_centre) as line:
        asleep = await line.agent("dorme", "e199_risco")
        earlier = await line.queued("199")
        ringing = await line.rung(asleep)
        began = time.monotonic()
        later = await line.queued("199")
        await ringing.over(RING_EMERGENCY + 2.0)
        assert time.monotonic() - began > RING_EMERGENCY - 1.0
        await line.is_paused(asleep.name, NO_ANSWER)
        awake = await line.agent("desperta", "e199_risco")
        await (await line.rung(awake)).pick_up()
        assert (await stored(calls_centre, earlier.caller, "answered"))["waited"] > RING_EMERGENCY
        waiting = story_of(calls_centre, later.caller)
        assert waiting is not None
        assert waiting.offers == []
        await earlier.line.hang_up()
        story = await ended(calls_centre, earlier.caller)
        assert [(o["agent"], o["outcome"], o["blame"]) for o in story.offers] == [
            (asleep.name, "ring_no_answer", "agent"),
            (awake.name, "answered", "nobody"),
        ]


async def test_a_phone_that_is_not_registered(calls_centre: Centre) -> None:
    """It is offered nothing; once it is there it is."""
    async with on_the_line(calls_centre) as line:
        phone = await line.sipp_agent("some", "e199_risco")
        await asyncio.to_thread(phone.register, 0)
        await soon(lambda: line.of(phone.name)["phone"] == "gone", 5, "the phone gone")
        citizen = await line.queued("199")
        await asyncio.sleep(1.0)
        story = story_of(calls_centre, citizen.caller)
        assert story is not None
        assert story.offers == []
        back = time.time()
        await asyncio.to_thread(phone.register)
        with phone.listening():
            offer = await stored(calls_centre, citizen.caller, "offer_made")
            assert offer["at"] - back < 1.0
            await stored(calls_centre, citizen.caller, "answered")
            await citizen.line.hang_up()
            await ended(calls_centre, citizen.caller)


async def test_a_phone_that_dies_while_it_rings(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        dying = await line.sipp_agent("morre", "e199_risco")
        run: SippRun = dying.start_listening(ring=60)
        citizen = await line.queued("199")
        await soon(lambda: _rung(run), 5, "ringing")
        await asyncio.sleep(0.3)
        run.kill()
        await line.is_paused(dying.name, NO_ANSWER)
        other = await line.agent("vive", "e199_risco")
        await (await line.rung(other)).pick_up()
        await stored(calls_centre, citizen.caller, "answered")
        await citizen.line.hang_up()
        story = await ended(calls_centre, citizen.caller)
        assert [o["outcome"] for o in story.offers] == ["ring_no_answer", "answered"]


async def test_a_phone_that_was_dead_before(calls_centre: Centre) -> None:
    """Still registered, its power cut: one ring time is lost, the caller is not."""
    async with on_the_line(calls_centre) as line:
        dead = await line.sipp_agent("falta", "e199_risco")  # nothing listens there
        citizen = await line.queued("199")
        await soon(lambda: line.of(dead.name)["status"] == "paused"
                   or line.of(dead.name)["phone"] == "gone", 8, "the phone found out")  # fmt: skip
        other = await line.agent("acode", "e199_risco")
        await (await line.rung(other)).pick_up()
        await stored(calls_centre, citizen.caller, "answered")
        await citizen.line.hang_up()
        story = await ended(calls_centre, citizen.caller)
        assert [o["agent"] for o in story.offers] == [dead.name, other.name]


async def test_an_agent_who_answers_and_drops_at_once(calls_centre: Centre) -> None:
    """Before the two were joined: that is no answer, and the citizen is first in the queue."""
    async with on_the_line(calls_centre) as line:
        phone = await line.sipp_agent("larga", "p156_geral")
        with phone.listening(talk=0.05) as run:
            citizen = await line.queued("156", "9")
            await line.is_paused(phone.name, NO_ANSWER)
            (rung,) = _rung(run)
            assert rung.bye is not None
            assert await freed_after(calls_centre, phone.name, rung.bye.at) < 1.0
        second = await line.agent("fica", "p156_geral")
        await (await line.rung(second)).pick_up()
        await stored(calls_centre, citizen.caller, "answered")
        await asyncio.sleep(TELL + 0.5)
        assert not citizen.line.is_over
        await citizen.line.hang_up()
        story = await ended(calls_centre, citizen.caller)
        assert [(o["outcome"], o["blame"]) for o in story.offers] == [
            ("refused", "agent"),
            ("answered", "nobody"),
        ]
        assert story.call["agent"] == second.name


async def test_two_callers_and_one_agent(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        first, second = await line.queued("156", "39"), await line.queued("156", "39")
        agent = await line.agent("unica", "p156_saude_animais")
        ringing = await line.rung(agent)
        await ringing.pick_up()
        one = await stored(calls_centre, first.caller, "answered")
        await asyncio.sleep(TELL + 0.5)
        assert len(agent.lines) == 1, "rung while talking"
        hung_up = time.time()
        await first.line.hang_up()
        await (await line.rung(agent, 2)).pick_up()
        two = await stored(calls_centre, second.caller, "answered")
        assert one["at"] < hung_up < two["at"]
        states = [state for state, _ in states_of(calls_centre, agent.name)]
        assert states == ["offered", "talking", "wrap_up", "idle", "offered", "talking"]
        made = (await stored(calls_centre, second.caller, "offer_made"))["at"]
        assert WRAP_UP <= made - hung_up < WRAP_UP + 1.0
        await second.line.hang_up()
        await ended(calls_centre, second.caller)


async def test_199_is_served_before_156_that_waits_longer(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        early = [await line.queued("156", "9") for _ in range(2)]
        emergency = await line.queued("199")
        agent = await line.agent("todas", "p156_geral", "e199_risco")
        order = []
        for count, citizen in enumerate((emergency, *early), 1):
            await (await line.rung(agent, count)).pick_up()
            answered = await stored(calls_centre, citizen.caller, "answered")
            order.append(answered["at"])
            await citizen.line.hang_up()
            await ended(calls_centre, citizen.caller)
        assert order == sorted(order)
        story = story_of(calls_centre, emergency.caller)
        assert story is not None
        assert "emergência" in story.offers[0]["because"]


async def test_199_takes_the_youngest_ringing_agent_from_156(calls_centre: Centre) -> None:
    async with on_the_line(calls_centre) as line:
        older = await line.agent("velha", "p156_geral", "e199_risco")
        elder = await line.queued("156", "9")
        await line.rung(older)
        younger = await line.agent("nova", "p156_geral", "e199_risco")
        junior = await line.queued("156", "9")
        taken_back = await line.rung(younger)
        arrived = time.monotonic()
        emergency = await line.dial("199")
        await taken_back.over(2.0)
        rings = await line.rung(younger, 2)
        assert time.monotonic() - arrived < 2.0
        assert not older.lines[0].is_over, "the older one was taken back"
        await rings.pick_up()
        assert (await stored(calls_centre, emergency.caller, "answered"))["waited"] < 2.0
        await older.lines[0].pick_up()
        await stored(calls_centre, elder.caller, "answered")
        waiting = story_of(calls_centre, junior.caller)
        assert waiting is not None
        assert [(o["agent"], o["outcome"], o["blame"]) for o in waiting.offers] == [
            (younger.name, "withdrawn", "nobody")
        ]
        assert "e199_risco" in waiting.offers[0]["ended_because"]
        for citizen in (emergency, elder):
            await citizen.line.hang_up()
        # the one who stood back is next
        again = await line.rung(older, 2) if len(older.lines) > 1 else None
        served = again or await _next_ring(line, older, younger)
        await served.pick_up()
        await stored(calls_centre, junior.caller, "answered")
        await junior.line.hang_up()
        story = await ended(calls_centre, junior.caller)
        assert [o["outcome"] for o in story.offers] == ["withdrawn", "answered"]
        assert story.call["outcome"] == "served"


async def _next_ring(line, older, younger):  # type: ignore[no-untyped-def]
    await soon(lambda: len(older.lines) == 2 or len(younger.lines) == 3, RING_156, "a ring")
    return older.lines[1] if len(older.lines) == 2 else younger.lines[2]


async def test_a_phone_in_a_foreign_call_is_left_alone(calls_centre: Centre) -> None:
    """Here the agent dials a code; to the floor it is any call that it did not cause."""
    async with on_the_line(calls_centre) as line:
        phone: CentreAgent = await line.sipp_agent("ocupada", "e199_risco")
        with phone.listening():
            beside = CentreAgent(calls_centre, phone.name, password=phone.password)
            code = asyncio.create_task(asyncio.to_thread(beside.dial, "*11"))
            await soon(lambda: line.of(phone.name)["phone"] == "busy", 5, "the phone busy")
            citizen = await line.queued("199")
            trace = await code
            assert trace.bye is not None
            offer = await stored(calls_centre, citizen.caller, "offer_made")
            assert 0.0 <= offer["at"] - trace.bye.at < 1.0
            await stored(calls_centre, citizen.caller, "answered")
            await citizen.line.hang_up()
            story = await ended(calls_centre, citizen.caller)
            assert [o["outcome"] for o in story.offers] == ["answered"]


async def test_who_vanished_without_a_word_frees_the_agent(
    calls_centre: Centre, vanished: tuple[str, str, float]
) -> None:
    caller, agent, at = vanished
    free = await freed_after(calls_centre, agent, at, 65.0)
    assert free <= 60.0
    story = await ended(calls_centre, caller)
    assert story.call["outcome"] == "served"
    assert story.call["ended_at"] - at <= 60.0
    await soon(lambda: channels_of(calls_centre) == 0, 3, "no channel left")
