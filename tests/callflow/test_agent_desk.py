"""Who is on duty is one truth in two places: the floor, and the switch's contingency queues."""

from __future__ import annotations

import asyncio

import pytest
from line_fakes import Centre

from acd.work_events import AgentRestored
from callflow.agent_desk import (
    AVAILABLE,
    LOGGED_OUT,
    PAUSED,
    AgentDesk,
    NotAllowed,
    Profile,
    UnknownAgent,
)
from callflow.shift_desk import ShiftDesk
from terms.facts import Fact, Kind
from terms.names import AgentName, Skill

ANA, BIA = AgentName("ana"), AgentName("bia")


def _desk(centre: Centre, *restored: tuple[AgentName, str, str]) -> AgentDesk:
    desk = AgentDesk(centre.keeper, {Skill("p156_geral"): "156", Skill("e199_risco"): "199"})
    for agent in (ANA, BIA):
        desk.enroll(agent, {Skill("p156_geral"): 1})
    centre.keeper.watch(desk.read)
    desk.restore(
        AgentRestored(agent, {Skill("p156_geral"): 1}, status=status, reason=reason)
        for agent, status, reason in restored
    )
    return desk


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_is_chosen_here_is_written_there() -> None:
    centre = Centre()
    desk = _desk(centre)
    await desk.agree(same_switch=False)
    desk.log_in(ANA, by="ana")
    desk.pause(ANA, "banheiro", by="ana")
    await _settle()
    assert centre.switch.queues == {("c156-156", ANA): True}
    desk.log_out(ANA, by="ana")
    await _settle()
    assert centre.switch.queues == {}


async def test_nothing_is_written_before_the_switch_was_heard() -> None:
    centre = Centre()
    centre.switch.queues = {("c156-156", BIA): False}
    desk = _desk(centre, (ANA, AVAILABLE, ""))
    await _settle()
    assert centre.switch.queues == {("c156-156", BIA): False}
    await desk.agree(same_switch=False)
    assert desk.status[BIA] == (AVAILABLE, "")  # logged in by code while control was away
    assert centre.switch.queues == {("c156-156", ANA): False, ("c156-156", BIA): False}


@pytest.mark.parametrize(
    ("restored", "found", "status"),
    [
        (PAUSED, False, AVAILABLE),  # the code for "back" was dialled
        (AVAILABLE, True, PAUSED),
        (PAUSED, True, PAUSED),
        (AVAILABLE, None, AVAILABLE),  # a switch that lost its queues says nothing of anyone
    ],
)
async def test_codes_dialled_while_control_was_away(
    restored: str, found: bool | None, status: str
) -> None:
    centre = Centre()
    if found is not None:
        centre.switch.queues = {("c156-156", ANA): found}
    desk = _desk(centre, (ANA, restored, "banheiro" if restored == PAUSED else ""))
    await desk.agree(same_switch=False)
    await _settle()
    assert desk.status[ANA][0] == status
    assert centre.switch.queues == {("c156-156", ANA): status == PAUSED}


async def test_a_logout_by_code_while_the_link_was_down() -> None:
    centre = Centre()
    desk = _desk(centre, (ANA, AVAILABLE, ""))
    await desk.agree(same_switch=False)
    desk.link_lost()
    centre.switch.queues.clear()
    await desk.agree(same_switch=True)
    await _settle()
    assert desk.status[ANA][0] == LOGGED_OUT
    assert centre.switch.queues == {}


async def test_what_was_chosen_here_meanwhile_wins_over_what_stood_there() -> None:
    centre = Centre()
    desk = _desk(centre, (ANA, AVAILABLE, ""))
    await desk.agree(same_switch=False)
    desk.link_lost()
    desk.pause(ANA, "banheiro", by="ana")
    await _settle()
    assert centre.switch.queues == {("c156-156", ANA): False}
    await desk.agree(same_switch=True)
    await _settle()
    assert desk.status[ANA] == (PAUSED, "banheiro")
    assert centre.switch.queues == {("c156-156", ANA): True}


async def test_a_pause_by_code_while_control_was_away_keeps_its_reason() -> None:
    centre = Centre()
    centre.switch.queues = {("c156-156", ANA): True, ("c156-156", BIA): True}
    centre.switch.reasons = {ANA: "8", BIA: "banheiro"}
    desk = _desk(centre, (ANA, AVAILABLE, ""), (BIA, AVAILABLE, ""))
    await desk.agree(same_switch=False)
    await _settle()
    assert desk.status == {ANA: (PAUSED, "sistema"), BIA: (PAUSED, "banheiro")}


async def test_a_legal_pause_that_a_code_ended_while_control_was_away_goes_on() -> None:
    centre = Centre()
    centre.switch.queues = {("c156-156", ANA): False}  # the code for "back" was dialled
    desk = _desk(centre, (ANA, PAUSED, "NR17-10a"))
    await desk.agree(same_switch=False)
    await _settle()
    assert desk.status[ANA] == (PAUSED, "NR17-10a")
    assert centre.switch.queues == {("c156-156", ANA): True}


async def test_what_is_refused_is_raised_and_stored() -> None:
    centre = Centre()
    desk = _desk(centre, (ANA, PAUSED, "NR17-10a"))
    told: list[Fact] = []
    centre.keeper.watch(told.extend)
    with pytest.raises(NotAllowed, match="NR-17"):
        desk.resume(ANA, by="sofia")
    with pytest.raises(UnknownAgent):
        desk.resume(AgentName("nada"), by="sofia")
    (refused,) = [fact for fact in told if fact.kind is Kind.ACT_REFUSED]
    assert (refused.agent, refused.by) == (ANA, "sofia")


async def test_other_skills_move_an_agent_between_the_contingency_queues() -> None:
    centre = Centre()
    desk = _desk(centre, (ANA, AVAILABLE, ""))
    await desk.agree(same_switch=False)
    shifts = ShiftDesk(desk)
    shifts.move(ANA, Profile({Skill("e199_risco"): 1}), "chuva", by="sofia")
    await _settle()
    assert centre.switch.queues == {("c156-199", ANA): False}
    desk.log_out(ANA, by="ana")
    desk.log_in(ANA, by="ana")
    assert centre.keeper.floor.agents[ANA].skills == {"e199_risco": 1}
