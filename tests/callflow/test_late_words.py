"""A switch that speaks or listens a moment too late, as it does when it is busy."""

from __future__ import annotations

import asyncio

import pytest
from line_fakes import Centre, Nothing, Switch

from acd.agents import State
from callflow.agent_desk import AgentDesk
from callflow.hear import Ear
from callflow.mend import Mender
from callflow.record import RecordingCheck
from terms.facts import Kind
from terms.names import AgentName, CallId, OfferId
from terms.signals import AgentAnswered, CallRefused, Phone, SeenCall, SwitchSeen

CALL, ANA = CallId("n1-b-1.1"), AgentName("ana")


class HardOfHearing(Switch):
    """Loses the first word to stop a prompt: it came before the prompt had begun."""

    words = 0

    async def stop_playback(self, channel: str) -> None:
        self.words += 1
        if self.words > 1:
            await super().stop_playback(channel)


def _ear(centre: Centre, epoch: int) -> Ear:
    check = RecordingCheck(centre.keeper, Nothing(), recording=False)
    tools = centre.tools
    mender = Mender(centre.keeper, tools.book, Nothing(), Nothing(), check, tools.present)
    desk = AgentDesk(centre.keeper, {})
    desk.enroll(ANA, {})
    return Ear(centre.keeper, desk, tools.book, mender, epoch)


async def test_a_greeting_that_was_only_about_to_begin_is_cut_off() -> None:
    """The offer does not wait for its end."""
    centre = Centre(switch=HardOfHearing())
    channel = centre.channel(call=CALL, line="199", slow=True)
    step = asyncio.create_task(channel.step(centre.tools))
    while CALL not in centre.keeper.floor.callers:
        await asyncio.sleep(0)
    assert not channel.played
    centre.log_in("ana", "e199_risco")
    assert await asyncio.wait_for(step, 5.0) == "dial"


@pytest.mark.parametrize("told_by", ["event", "look"])
async def test_an_answer_told_after_the_talk_makes_no_second_one(told_by: str) -> None:
    centre = Centre()
    centre.log_in("ana", "e199_risco")
    channel = centre.channel(call=CALL, line="199")
    assert await channel.step(centre.tools) == "dial"
    offered = channel.variables["C156_STAGE"]
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1", "ANSWEREDTIME_MS": "90"}
    assert await channel.step(centre.tools) == "end"
    ear = _ear(centre, centre.epoch)
    if told_by == "event":
        ear.hear(AgentAnswered(CALL, OfferId("1-1"), ANA, centre.now))
    else:
        call = SeenCall(CALL, "199", offered, channel.variables["C156_PLACE"], "PJSIP/t-1", 1_000.0)
        ear.hear(SwitchSeen(centre.now, "boot", (call,), {ANA: Phone.BUSY}))
    assert len(centre.store.of(Kind.ANSWERED)) == 1
    assert centre.keeper.floor.agents[ANA].state is not State.TALKING


async def test_an_answer_to_the_process_before_us_is_a_talk() -> None:
    centre = Centre()
    centre.log_in("ana", "e199_risco")
    channel = centre.channel(call=CALL, line="199")
    assert await channel.step(centre.tools) == "dial"
    heir = Centre(epoch=2)
    heir.log_in("ana", "e199_risco")
    _ear(heir, 2).hear(AgentAnswered(CALL, OfferId("1-1"), ANA, heir.now))
    assert heir.keeper.floor.agents[ANA].state is State.TALKING


def test_whom_the_switch_turned_away_is_a_fact_and_no_call() -> None:
    centre = Centre()
    _ear(centre, 1).hear(CallRefused("156", "cap", False, centre.now))
    (fact,) = centre.store.of(Kind.CALL_REFUSED)
    assert fact.call is None
    assert fact.details == {"line": "156", "because": "cap", "test": False}
