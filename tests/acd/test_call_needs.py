"""What a single call needs beside its queue's skill: how long it holds, and for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_routing import GERAL, GUARDA, LUZ, RISCO, Scene, ring

from acd import events as ev
from acd.needs import all_of
from acd.queues import Ring
from terms.limits import NEEDS_HELD
from terms.names import Skill
from terms.needs import NOTHING, Need, Needs

INGLES = all_of(Skill("ingles"))


@pytest.mark.parametrize(
    ("rings", "held"),
    [((), NEEDS_HELD), ((ring(30, "geral"), ring(60, reserve=True)), 60), ((ring(20),), 20)],
)
def test_what_a_call_needs_is_let_go_with_the_widest_ring(
    rings: tuple[Ring, ...], held: float
) -> None:
    scene = Scene(replace(LUZ, rings=rings), GERAL)
    scene.agent("ana", "luz")
    assert scene.call("c1", "luz", needs=INGLES) == []
    assert scene.wait(held - 0.1) == []
    assert scene.wait(0.1) == [("c1", "ana")]


def test_from_then_on_who_has_what_a_call_needs_is_still_preferred() -> None:
    scene = Scene(replace(LUZ, rings=(ring(45, "geral"),)), GERAL)
    scene.agent("ana", "luz")
    scene.agent("bia", "geral ingles")
    assert scene.call("c1", "luz", needs=INGLES) == []
    assert scene.wait(45) == [("c1", "bia")]


def test_what_a_queue_needs_holds_on_when_the_calls_own_needs_are_let_go() -> None:
    luz = replace(LUZ, needs=all_of(Skill("libras")), rings=(ring(45, "geral"),))
    scene = Scene(luz, GERAL)
    scene.agent("ana", "luz")
    assert scene.call("c1", "luz", needs=INGLES) == []
    assert scene.wait(45) == []
    assert scene.agent("bia", "geral libras") == [("c1", "bia")]


def test_an_emergency_waits_for_no_wish_of_the_menu() -> None:
    scene = Scene(RISCO, GUARDA)
    scene.agent("ana", "risco")
    assert scene.call("c1", "risco", needs=INGLES) == [("c1", "ana")]


def test_another_step_of_the_call_says_what_it_needs_now() -> None:
    scene = Scene(LUZ, GERAL)
    scene.agent("ana", "luz")
    assert scene.call("c1", "luz", needs=INGLES) == []
    assert scene.call("c1", "luz") == [("c1", "ana")]


def test_a_storm_lets_go_of_what_a_call_needs() -> None:
    scene = Scene(replace(LUZ, rings=(ring(45, "geral"),)), GERAL)
    scene.agent("ana", "luz")
    assert scene.call("c1", "luz", needs=INGLES) == []
    assert scene.tell(ev.StormSet("156", on=True)) == [("c1", "ana")]


def test_needs_as_the_text_that_a_call_carries() -> None:
    needs = Needs(((Need(Skill("libras"), 2), Need(Skill("saude"))), (Need(Skill("ingles")),)))
    assert needs.to_text() == "libras:2+saude/ingles"
    assert Needs.from_text(needs.to_text()) == needs
    assert Needs.from_text("") == NOTHING
    assert Needs.from_text("libras:x+saude/ingles;") == NOTHING
    assert Needs.from_text("libras+?/ingles") == INGLES
