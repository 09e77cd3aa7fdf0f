"""The reason of a choice says what was the case: no one is called the first who was not."""

from __future__ import annotations

import pytest
from test_routing import GERAL, LUZ, RISCO, Scene

from acd import events as ev
from acd.needs import all_of
from terms.names import AgentName, CallId, Skill
from terms.signals import Phone


def test_the_longest_idle_is_called_so() -> None:
    scene = Scene(GERAL)
    scene.agent("ana", "geral")
    scene.now += 10
    scene.agent("bia", "geral")
    scene.call("c1", "geral")
    because = scene.because("c1").details["because"]
    assert "primeiro da fila, espera" in because
    assert "agente livre há mais tempo: há 10,0 s" in because


@pytest.mark.parametrize(
    ("first", "second"), [("geral/3 risco luz", "geral luz"), ("geral risco", "geral")]
)
def test_who_is_not_the_longest_idle_is_not_called_so(first: str, second: str) -> None:
    scene = Scene(GERAL, LUZ, RISCO)
    scene.agent("ana", first, "risco")
    scene.now += 10
    scene.agent("bia", second, "geral")
    assert scene.call("c1", "geral") == [("c1", "bia")]
    fact = scene.because("c1")
    assert "ana" in [one.get("agent") for one in fact.details["skipped"]]
    assert "há mais tempo" not in fact.details["because"]
    assert "agente que mais convém agora, livre há 0,0 s" in fact.details["because"]


def test_who_stands_behind_others_of_the_queue_is_not_called_the_first() -> None:
    scene = Scene(GERAL, LUZ)
    scene.tell(ev.AgentPhone(AgentName("ana"), Phone.IDLE))
    scene.call("c1", "geral", needs=all_of(Skill("luz")))
    scene.now += 5
    scene.call("c2", "geral")
    assert scene.agent("ana", "geral") == [("c2", "ana")]
    fact = scene.because("c2")
    assert "primeiro da fila que alguém livre pode atender" in fact.details["because"]
    assert CallId("c1") in [one.get("caller") for one in fact.details["skipped"]]
