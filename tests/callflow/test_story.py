"""The story of a call, told step by step over a channel that outlives its sessions."""

from __future__ import annotations

import asyncio

import pytest
from line_fakes import Centre, Channel

from acd.agents import State
from acd.queues import Where
from callflow.place import Place, parse_stage
from terms.facts import Kind
from terms.names import CallId


async def _until(condition: object, seconds: float = 2.0) -> None:
    for _ in range(int(seconds / 0.005)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to pass")


async def test_from_the_door_to_the_end() -> None:
    centre = Centre()
    channel = centre.channel(keys=["1"])
    centre.log_in("ana")
    assert await channel.step(centre.tools) == "dial"
    assert channel.variables["C156_STAGE"] == "offered:1-1:ana"
    assert channel.variables["C156_EPOCH"] == "1"
    assert channel.variables["C156_SHOW"] == "156 geral 0000 1000-" + channel_check(centre)
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    assert await channel.step(centre.tools) == "end"
    # Answered at once, the citizen has not heard the number yet.
    number = next(iter(centre.store.given.values()))
    digits = [f"/sounds/{digit}" for digit in number]
    assert channel.played[-11:] == ["/sounds/seu protocolo é", *digits, "/sounds/até logo"]
    kinds = [fact.kind for fact in centre.store.facts if fact.call]
    assert kinds == [
        Kind.NODE_ENTERED,
        Kind.NODE_ENTERED,
        Kind.KEY_PRESSED,
        Kind.NODE_ENTERED,
        Kind.QUEUED,
        Kind.OFFER_MADE,
        Kind.OFFER_ENDED,
        Kind.ANSWERED,
        Kind.TALK_ENDED,
        Kind.NODE_ENTERED,
    ]


def channel_check(centre: Centre) -> str:
    return next(iter(centre.store.given.values()))[-1]


async def test_199_is_queued_before_anything_is_said() -> None:
    centre = Centre()
    channel = centre.channel(line="199", slow=True)
    stepping = asyncio.create_task(channel.step(centre.tools))
    await _until(lambda: channel.played)
    (caller,) = centre.keeper.floor.callers.values()
    assert caller.where is Where.WAITING
    assert channel.played == ["/sounds/defesa civil"]
    centre.log_in("rui", "e199_risco")
    assert await stepping == "dial"


async def test_an_announcement_is_cut_off_for_an_agent() -> None:
    centre = Centre()
    channel = centre.channel(keys=["1"], slow=True)
    stepping = asyncio.create_task(channel.step(centre.tools))
    await _until(lambda: "/sounds/aguarde" in channel.played)
    centre.log_in("ana")
    assert await stepping == "dial"
    assert channel.played[-1] == "/sounds/aguarde"


async def test_without_the_link_the_announcement_ends_by_itself() -> None:
    centre = Centre()
    centre.switch.link = False
    channel = centre.channel(keys=["1"], slow=True)
    stepping = asyncio.create_task(channel.step(centre.tools))
    await _until(lambda: "/sounds/aguarde" in channel.played)
    centre.log_in("ana")
    await asyncio.sleep(0.05)
    assert not stepping.done()
    channel.stop.set()
    assert await stepping == "dial"


@pytest.mark.parametrize("dies_after", range(1, 18))
async def test_control_may_die_at_any_command(dies_after: int) -> None:
    """The next process goes on with the same protocol, the same place, and one offer."""
    first = Centre()
    channel = first.channel(keys=["1"], dies_after=dies_after)
    first.log_in("ana")
    done = await channel.step(first.tools)
    second = Centre(store=first.store, epoch=2, now=first.now + 5)
    second.switch.channels = first.switch.channels
    second.log_in("ana")
    channel.dies_after, channel.keys = 10**9, ["1"]
    if done != "dial":
        assert await channel.step(second.tools) == "dial"
    assert len(first.store.given) == 1
    stage, _, agent = parse_stage(channel.variables["C156_STAGE"])
    assert (stage, agent) == ("offered", "ana")
    queued = first.store.of(Kind.QUEUED)
    joined = Place.from_text(channel.variables["C156_PLACE"]).joined
    assert joined in [fact.at for fact in queued] or joined <= queued[-1].at


@pytest.mark.parametrize(
    ("left_behind", "outcome"),
    [
        ("NOANSWER", "ring_no_answer"),
        ("BUSY", "refused"),
        ("CHANUNAVAIL", "unreachable"),
        ("GATE", "gate_closed"),
        ("ANSWER", "refused"),  # put down during the whisper
        ("", "lost"),
    ],
)
async def test_a_failed_dial_goes_back_to_the_head(left_behind: str, outcome: str) -> None:
    centre = Centre()
    channel = centre.channel(keys=["1"])
    centre.log_in("ana")
    await channel.step(centre.tools)
    joined = Place.from_text(channel.variables["C156_PLACE"]).joined
    channel.variables["DIALSTATUS"] = left_behind
    stepping = asyncio.create_task(channel.step(centre.tools))
    await _until(lambda: CallId(channel.call) in centre.keeper.floor.callers and centre.outcomes())
    assert centre.outcomes() == [outcome]
    centre.log_in("bia")
    assert await stepping == "dial"
    assert channel.variables["C156_AGENT"] == "bia"
    assert Place.from_text(channel.variables["C156_PLACE"]).joined == joined
    assert len(centre.store.of(Kind.QUEUED)) == 1


async def test_a_newer_step_supersedes_an_older_one() -> None:
    centre = Centre()
    channel = centre.channel(keys=["1"])
    older = asyncio.create_task(channel.step(centre.tools))
    await _until(lambda: channel.music_on)
    newer = asyncio.create_task(channel.step(centre.tools))
    with pytest.raises(asyncio.CancelledError):
        await older
    centre.log_in("ana")
    assert await newer == "dial"
    assert len(centre.store.of(Kind.OFFER_MADE)) == 1


async def test_a_hang_up_ends_the_step_and_keeps_the_place() -> None:
    centre = Centre()
    channel = centre.channel(keys=["1"])
    stepping = asyncio.create_task(channel.step(centre.tools))
    await _until(lambda: channel.music_on)
    channel.gone.set()
    assert await stepping == ""
    (caller,) = centre.keeper.floor.callers.values()
    assert caller.where is Where.AWAY
    centre.keeper.gone(CallId(channel.call))
    assert not centre.keeper.floor.callers


async def test_an_offer_whose_step_is_gone_is_given_back() -> None:
    centre = Centre()
    channel = centre.channel(keys=["1"])
    stepping = asyncio.create_task(channel.step(centre.tools))
    await _until(lambda: channel.music_on)
    channel.gone.set()
    agent = centre.log_in("ana")
    await stepping
    assert centre.keeper.floor.agents[agent].state is State.IDLE
    assert not centre.keeper.floor.offers


async def test_without_a_number_the_step_says_so_and_nothing_is_spoken() -> None:
    centre = Centre()
    centre.store.overdue = True
    channel: Channel = centre.channel()
    with pytest.raises(TimeoutError):
        await channel.step(centre.tools)
    assert channel.played == []
    assert channel.variables["C156_DO"] == ""


async def test_draining_leaves_new_steps_to_the_static_path() -> None:
    centre = Centre()
    centre.tools.static_only = True
    assert await centre.channel().step(centre.tools) == "static"
