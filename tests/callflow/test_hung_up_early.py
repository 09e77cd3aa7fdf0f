"""A citizen who hangs up at an awkward instant leaves nothing behind: no open call, no ghost."""

from __future__ import annotations

import asyncio

import pytest
from line_fakes import Centre, Nothing, mender_of

from acd.agents import State
from acd.events import AgentPhone
from callflow.agent_desk import AgentDesk
from callflow.hear import Ear
from callflow.mend import Mender
from terms.facts import Kind
from terms.names import AgentName, CallId, OfferId
from terms.signals import AgentAnswered, CallEnded, Phone, SwitchSeen

CALL = CallId("n1-b-1.1")
OFFER = OfferId("1-1")
LEG = "PJSIP/ana-00000001"


@pytest.fixture
def centre() -> Centre:
    return Centre()


@pytest.fixture
def mender(centre: Centre) -> Mender:
    return mender_of(centre, Nothing())


@pytest.mark.parametrize("line", ["156", "199"])
async def test_gone_before_it_had_its_number(centre: Centre, mender: Mender, line: str) -> None:
    """The end is heard first; the call is closed as soon as it is known, and joins nothing."""
    mender.call_ended(CallEnded(CALL, 1_000.5, "arrived"))
    assert centre.store.of(Kind.CALL_ENDED) == []
    await centre.channel(call=CALL, line=line).step(centre.tools)
    (ended,) = centre.store.of(Kind.CALL_ENDED)
    assert ended.at == 1_000.5
    assert (ended.details["outcome"], ended.details["where"]) == ("left_in_menu", "arrived")
    assert centre.tools.book.calls == {}
    assert centre.keeper.floor.callers == {}
    tasks = centre.store.of(Kind.TASK_OPENED)
    assert len(tasks) == (line == "199")  # who dropped out of an emergency line is called (R34)
    assert centre.store.facts[-1 - len(tasks)] is ended


async def test_joined_after_its_end_was_heard(centre: Centre, mender: Mender) -> None:
    """A look at the switch clears the place of a call that is not there."""
    channel = centre.channel(call=CALL, line="199")
    step = asyncio.create_task(channel.step(centre.tools))
    while CALL not in centre.keeper.floor.callers:
        await asyncio.sleep(0)
    centre.keeper.join(CALL, centre.keeper.floor.callers[CALL].rule.name, 0, 1_000.0, "199")
    channel.gone.set()
    await step
    assert CALL in centre.keeper.floor.callers
    mender.agree(SwitchSeen(centre.now + 60.0, "boot", ()))
    assert centre.keeper.floor.callers == {}
    await mender.settled()


async def _offered(centre: Centre) -> None:
    centre.log_in("ana")
    channel = centre.channel(call=CALL, keys=["1"])
    assert await channel.step(centre.tools) == "dial"
    centre.keeper.rings(OFFER, LEG)


async def test_gone_while_the_agent_is_told(centre: Centre, mender: Mender) -> None:
    """The dial would notice at the end of the whisper; the agent is let go now."""
    await _offered(centre)
    centre.keeper.leaving(CALL, OFFER)
    await asyncio.sleep(0)
    assert centre.switch.hung_up == [LEG]
    assert centre.keeper.floor.agents["ana"].state is State.IDLE  # type: ignore[index]
    assert centre.outcomes() == ["caller_left"]
    assert centre.keeper.is_leaving(CALL)
    mender.call_ended(CallEnded(CALL, centre.now, "offered:1-1:ana"))
    (ended,) = centre.store.of(Kind.CALL_ENDED)
    assert (ended.details["outcome"], ended.details["where"]) == ("abandoned", "offered")
    centre.keeper.leaving(CALL, OFFER)  # told twice: nothing more
    assert centre.switch.hung_up == [LEG]
    assert not centre.keeper.is_leaving(CALL)


async def test_joined_for_an_instant_with_an_agent_who_hung_up(
    centre: Centre, mender: Mender
) -> None:
    """That word comes when the call is waiting again: it is no talk, and the wait goes on."""
    await _offered(centre)
    channel = centre.switch.channels[f"PJSIP/{CALL}"]
    channel.variables |= {"DIALSTATUS": "ANSWER"}
    step = asyncio.create_task(channel.step(centre.tools))
    while not centre.outcomes():
        await asyncio.sleep(0)
    assert centre.outcomes() == ["refused"]
    ear = Ear(centre.keeper, AgentDesk(centre.keeper, {}), centre.tools.book, mender, 1)
    ear.hear(AgentAnswered(CALL, OFFER, AgentName("ana"), centre.now))
    assert centre.keeper.floor.agents[AgentName("ana")].state is State.IDLE
    centre.log_in("bia")
    await step
    assert channel.variables["C156_AGENT"] == "bia"


async def test_nothing_is_kept_of_an_offer_that_ended(centre: Centre, mender: Mender) -> None:
    await _offered(centre)
    centre.keeper.gone(CALL)
    centre.keeper.rings(OFFER, LEG)  # a late word
    assert centre.keeper._legs == {}
    assert centre.keeper._recalled == set()


async def test_taken_back_at_the_instant_of_the_answer(centre: Centre) -> None:
    """Joined and at once parted again: the caller is first in the queue, not out of it."""
    await _offered(centre)
    channel = centre.switch.channels[f"PJSIP/{CALL}"]
    centre.keeper.tell(AgentPhone(AgentName("ana"), Phone.BUSY))
    offer = centre.keeper.floor.offers[OFFER]
    centre.keeper.floor.withdraw(offer, "emergência")
    centre.keeper._carry_out(centre.keeper.floor.wake(centre.now), "")
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    step = asyncio.create_task(channel.step(centre.tools))
    while not centre.outcomes():
        await asyncio.sleep(0)
    assert centre.outcomes() == ["withdrawn"]
    await asyncio.sleep(0.01)
    assert channel.variables["C156_STAGE"] == "waiting"
    channel.gone.set()
    await step
