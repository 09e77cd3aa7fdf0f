"""A call's place survives the trip over its own channel, and garbage never stops a call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflow.book import OpenCall
from callflow.place import Place, parse_stage
from terms.names import CallId, QueueName
from terms.names import Protocol as ProtocolNumber
from terms.outcome import CallOutcome
from terms.stages import SUCCESSORS, Stage, may_follow


def test_a_whole_place_comes_back_as_it_went() -> None:
    place = Place(
        protocol=ProtocolNumber("123456786"),
        version="3fa2b1c0",
        node="menu/1",
        path="abertura:-/menu:1",
        queue=QueueName("p156_zeladoria"),
        priority=40,
        joined=1790000000.123456,
        note="fora do horario",
        arrived=1789999999.5,
        from_line="153",
        messages=2,
        heard="before+protocol",
        outcome="served",
    )
    assert Place.from_text(place.to_text()) == place


def test_an_empty_place_is_an_empty_text() -> None:
    assert Place().to_text() == ""
    assert Place.from_text("") == Place()


@pytest.mark.parametrize("hostile", ["${SHELL(id)}", "a,b", 'say "x"', "line\nbreak", "a;queue=x"])
def test_nothing_of_the_dialplans_grammar_gets_through(hostile: str) -> None:
    text = Place(note=hostile).to_text()
    assert not set(text) & set('$,"\\\n\r{}&|')
    assert Place.from_text(text).queue == ""


@given(st.text())
def test_garbage_is_passed_over(garbage: str) -> None:
    assert isinstance(Place.from_text(garbage), Place)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("waiting", ("waiting", "", "")),
        ("offered:7-12:ana", ("offered", "7-12", "ana")),
        ("", ("", "", "")),
    ],
)
def test_a_stage_carries_its_offer(text: str, parts: tuple[str, str, str]) -> None:
    assert parse_stage(text) == parts


@pytest.mark.parametrize(
    ("stage", "queue", "answered", "decided", "outcome"),
    [
        ("arrived", "", None, "", CallOutcome.LEFT_IN_MENU),
        ("menu", "", None, "", CallOutcome.LEFT_IN_MENU),
        ("menu", "q", None, "", CallOutcome.ABANDONED),
        ("waiting", "q", None, "", CallOutcome.ABANDONED),
        ("offered", "q", None, "", CallOutcome.ABANDONED),
        ("offered", "q", 5.0, "", CallOutcome.SERVED),
        ("waiting", "q", 5.0, "", CallOutcome.SERVED),
        ("after", "q", None, "", CallOutcome.SERVED),
        ("ended", "", None, "ended_in_menu", CallOutcome.ENDED_IN_MENU),
        ("ended", "q", 5.0, "served", CallOutcome.SERVED),
        ("static", "", None, "", CallOutcome.ABANDONED),
        ("ended", "", None, "", CallOutcome.INTERRUPTED),
        ("never heard of", "", None, "", CallOutcome.INTERRUPTED),
    ],
)
def test_how_a_call_ended(
    stage: str, queue: str, answered: float | None, decided: str, outcome: CallOutcome
) -> None:
    call = OpenCall(CallId("n1-b-1.1"), "156", 1.0, queue=QueueName(queue))
    call.answered, call.decided = answered, decided
    assert call.ending(stage)[0] == outcome


def test_every_stage_has_its_row_and_every_way_leads_to_the_end() -> None:
    assert set(SUCCESSORS) == set(Stage)
    reached, rest = {Stage.ENDED}, set(Stage) - {Stage.ENDED}
    while found := {stage for stage in rest if SUCCESSORS[stage] & reached}:
        reached |= found
        rest -= found
    assert not rest
    assert not may_follow(Stage.ENDED, Stage.WAITING)
