"""Queues that send callers on, in a circle: each sends a caller once, and remembers nobody gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_routing import GERAL, LUZ, Scene

from acd import events as ev
from acd.queues import Exit, QueueRule
from terms.names import AgentName, CallId
from terms.outcome import OfferOutcome

ANA = AgentName("ana")


def limited(rule: QueueRule, limit: str, way: Exit) -> QueueRule:
    return replace(rule, longest=way) if limit == "longest" else replace(rule, largest=way)


@pytest.mark.parametrize("limit", ["longest", "largest"])
def test_two_queues_that_send_to_each_other_send_a_caller_once_each(limit: str) -> None:
    way = Exit(60.0, "outra") if limit == "longest" else Exit(1, "outra")
    scene = Scene(limited(GERAL, limit, way), limited(LUZ, limit, way))
    for queue in ("geral", "luz"):
        scene.call(f"there-{queue}", queue)
    scene.call("c1", "geral")
    scene.now += 60
    for queue in ("luz", "geral", "luz", "geral", "luz"):
        scene.wait(0)
        scene.call("c1", queue, joined=1_000.0)
    assert [one for one in scene.sent if one[0] == "c1"] == [("c1", "outra")] * 2
    assert "c1" in [one.call for one in scene.floor.lines[LUZ.name].callers()]


def test_a_queue_with_room_remembers_nobody_who_was_served_at_once() -> None:
    scene = Scene(replace(GERAL, largest=Exit(2, "recado")))
    scene.agent("ana", "geral")
    for number in range(5):
        assert scene.call(f"c{number}", "geral") == [(f"c{number}", ANA)]
        offer = scene.floor.agents[ANA].offer
        assert offer is not None
        scene.tell(ev.OfferAnswered(offer))
        scene.tell(ev.CallLeft(CallId(f"c{number}")))
        scene.wait(30)
    assert scene.floor.lines[GERAL.name].newcomers == []


def test_who_was_let_in_and_rung_in_vain_is_not_turned_away_by_those_who_came_since() -> None:
    scene = Scene(replace(GERAL, largest=Exit(1, "recado")))
    scene.agent("ana", "geral")
    scene.call("c1", "geral")
    scene.call("c2", "geral")
    offer = scene.floor.agents[ANA].offer
    assert offer is not None
    scene.tell(ev.OfferFailed(offer, OfferOutcome.RING_NO_ANSWER))
    scene.tell(ev.CallHere(CallId("c1")))
    assert scene.sent == []
