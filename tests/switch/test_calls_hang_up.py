"""A citizen (or the agent) hangs up, at every stage: the call closes where it stood, at once."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from calls_bed import (
    OnTheLine,
    Story,
    channels_of,
    ended,
    freed_after,
    new_caller,
    on_the_line,
    soon,
    stored,
    story_of,
)
from centre_bed import Centre

pytestmark = pytest.mark.switch

FREE_WITHIN = 1.0
"""The law: an agent is free one second after the hang-up at the latest."""


@dataclass
class Left:
    """What became of a call that was hung up at `at` (s since 1970)."""

    story: Story
    at: float
    agent_free: float | None = None  # s after that


async def _hang_up(line: OnTheLine, caller: str, hang_up: Awaitable[None], agent: str = "") -> Left:
    at = time.time()
    await hang_up
    free = await freed_after(line.centre, agent, at) if agent else None
    return Left(await ended(line.centre, caller), at, free)


async def in_the_greeting(line: OnTheLine) -> Left:
    citizen = await line.dial("156")
    await asyncio.sleep(0.6)
    return await _hang_up(line, citizen.caller, citizen.line.hang_up())


async def right_after_the_answer(line: OnTheLine) -> Left:
    citizen = await line.dial("156")
    return await _hang_up(line, citizen.caller, citizen.line.hang_up())


async def in_the_menu(line: OnTheLine) -> Left:
    citizen = await line.dial("156")
    await stored(line.centre, citizen.caller, "node_entered", 3, seconds=20)
    await asyncio.sleep(0.5)
    return await _hang_up(line, citizen.caller, citizen.line.hang_up())


async def waiting_hearing_words(line: OnTheLine) -> Left:
    citizen = await line.queued("156", "39")
    return await _hang_up(line, citizen.caller, citizen.line.hang_up())


async def waiting_hearing_music(line: OnTheLine) -> Left:
    citizen = await line.queued("153")
    await asyncio.sleep(4.5)
    return await _hang_up(line, citizen.caller, citizen.line.hang_up())


async def ringing_agent(line: OnTheLine) -> Left:
    phone = await line.agent("toca", "e199_risco")
    citizen = await line.queued("199")
    ringing = await line.rung(phone)
    await asyncio.sleep(0.3)
    left = await _hang_up(line, citizen.caller, citizen.line.hang_up(), phone.name)
    await ringing.over(1.0)
    assert line.of(phone.name)["status"] == "available"
    return left


async def while_the_agent_is_told(line: OnTheLine) -> Left:
    phone = await line.agent("ouve", "p156_geral")
    citizen = await line.queued("156", "9")
    await (await line.rung(phone)).pick_up()
    await asyncio.sleep(0.7)  # the whisper lasts 2 s
    return await _hang_up(line, citizen.caller, citizen.line.hang_up(), phone.name)


async def talking(line: OnTheLine) -> Left:
    phone = await line.agent("fala", "p156_zeladoria")
    citizen = await line.queued("156", "19")
    ringing = await line.rung(phone)
    await ringing.pick_up()
    await asyncio.sleep(3.5)
    left = await _hang_up(line, citizen.caller, citizen.line.hang_up(), phone.name)
    await ringing.over(1.0)
    return left


async def after_the_talk(line: OnTheLine) -> Left:
    phone = await line.agent("sai", "p156_transporte")
    citizen = await line.queued("156", "22")
    ringing = await line.rung(phone)
    await ringing.pick_up()
    await asyncio.sleep(3.0)
    gone = time.time()
    await ringing.hang_up()
    assert await freed_after(line.centre, phone.name, gone) < FREE_WITHIN
    await asyncio.sleep(1.0)
    assert not citizen.line.is_over
    return await _hang_up(line, citizen.caller, citizen.line.hang_up())


STAGES: dict[Callable[[OnTheLine], Awaitable[Left]], tuple[str, str, str, str]] = {
    right_after_the_answer: ("left_in_menu", "citizen", "arrived|menu:abertura", ""),
    in_the_greeting: ("left_in_menu", "citizen", "menu:abertura", ""),
    in_the_menu: ("left_in_menu", "citizen", "menu:principal", ""),
    waiting_hearing_words: ("abandoned", "citizen", "waiting", ""),
    waiting_hearing_music: ("abandoned", "citizen", "waiting", ""),
    ringing_agent: ("abandoned", "citizen", "offered", "caller_left"),
    while_the_agent_is_told: ("abandoned", "citizen", "offered", "caller_left"),
    talking: ("served", "nobody", "offered", "answered"),
    after_the_talk: ("served", "nobody", "after", "answered"),
}
"""Where it is hung up → outcome, blame, where (a pattern), the outcome of its only offer."""


@pytest.fixture(scope="module")
def hung_up(calls_centre: Centre) -> dict[str, Left | BaseException]:
    """A call hung up at each stage, all at the same time."""

    async def all_stages() -> list[Left | BaseException]:
        async with on_the_line(calls_centre) as line:
            return await asyncio.gather(*(act(line) for act in STAGES), return_exceptions=True)

    names = (act.__name__ for act in STAGES)
    return dict(zip(names, asyncio.run(all_stages()), strict=True))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_hung_up(
    hung_up: dict[str, Left | BaseException], stage: Callable[[OnTheLine], Awaitable[Left]]
) -> None:
    left = hung_up[stage.__name__]
    if isinstance(left, BaseException):
        raise left
    outcome, blame, where, offer = STAGES[stage]
    call = left.story.call
    assert (call["outcome"], call["blame"]) == (outcome, blame)
    assert re.fullmatch(where, call["ended_where"]), call["ended_where"]
    assert [one["outcome"] for one in left.story.offers] == ([offer] if offer else [])
    assert len(left.story.of("call_ended")) == 1
    assert call["ended_at"] - left.at < FREE_WITHIN
    if left.agent_free is not None:
        assert left.agent_free < FREE_WITHIN


@pytest.mark.usefixtures("hung_up")
def test_nothing_is_left_behind(calls_centre: Centre) -> None:
    asyncio.run(soon(lambda: channels_of(calls_centre) == 0, 3, "no channel left"))
    floor = calls_centre.floor()
    assert (floor["callers"], floor["elsewhere"]) == ([], [])


def test_cancelled_before_the_answer(calls_centre: Centre) -> None:
    """CANCEL right behind the INVITE: it may come too late, but nothing of it stays."""
    callers = [new_caller() for _ in range(5)]
    for caller in callers:
        _dial_and_cancel(calls_centre.settings.trunk_port, caller)

    def all_over() -> bool:
        stories = [story_of(calls_centre, caller) for caller in callers]
        return all(story is None or story.of("call_ended") for story in stories)

    async def quiet() -> None:
        await soon(lambda: channels_of(calls_centre) == 0, 5, "no channel left")
        await soon(all_over, 5, "the end of every cancelled call")

    asyncio.run(quiet())
    for caller in callers:
        story = story_of(calls_centre, caller)
        if story is not None:
            assert story.call["outcome"] == "left_in_menu"
            assert story.call["blame"] == "citizen"
    assert calls_centre.floor()["elsewhere"] == []


def _dial_and_cancel(trunk: int, caller: str) -> None:
    """INVITE and CANCEL in one breath; a call that was answered all the same is hung up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(0.5)
        port = phone.getsockname()[1]

        def request(method: str, to_tag: str = "", sequence: int = 1, body: str = "") -> None:
            branch = "" if method in ("INVITE", "CANCEL") else method
            lines = [
                f"{method} sip:156@127.0.0.1:{trunk} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{caller}{branch}",
                f"From: <sip:{caller}@127.0.0.1>;tag=1",
                f"To: <sip:156@127.0.0.1:{trunk}>{to_tag}",
                f"Call-ID: {caller}@cancel",
                f"CSeq: {sequence} {method}",
                f"Contact: <sip:{caller}@127.0.0.1:{port}>",
                "Max-Forwards: 70",
                *(["Content-Type: application/sdp"] if body else []),
                f"Content-Length: {len(body)}",
                "",
                body,
            ]
            phone.sendto("\r\n".join(lines).encode(), ("127.0.0.1", trunk))

        sound = (
            "v=0\r\no=x 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8\r\n"
        )
        request("INVITE", body=sound)
        request("CANCEL")
        with contextlib.suppress(TimeoutError):
            while True:
                answer = phone.recv(8_192).decode(errors="replace")
                final = re.match(r"SIP/2\.0 ([2-6]\d\d)", answer)
                if final is None or "INVITE" not in answer.partition("CSeq:")[2][:20]:
                    continue
                tag = re.search(r"^To:.*?(;tag=\S+)", answer, re.MULTILINE)
                request("ACK", tag[1] if tag else "")
                if final[1] == "200":
                    request("BYE", tag[1] if tag else "", 2)
