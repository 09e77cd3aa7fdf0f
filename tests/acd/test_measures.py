"""Figures folded from facts: both formulas, windows, midnight, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from acd.measures import Measures, QueueFigures, Window, day_of
from acd.queues import QueueRule, QueueTable
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, QueueName, Skill

GERAL, LUZ, DEFESA = QueueName("geral"), QueueName("luz"), QueueName("p199")
NOON = day_of(1_764_000_000.0)[0] + 12 * 3600.0
ANA = AgentName("ana")


def rule(name: QueueName, line: str, target: float = 15.0) -> QueueRule:
    return QueueRule(name, line, Skill(name), target_seconds=target)


def measures() -> Measures:
    return Measures(QueueTable((rule(GERAL, "156"), rule(LUZ, "156", 60.0), rule(DEFESA, "199"))))


def fact(kind: Kind, at: float, call: str = "c1", agent: AgentName | None = None, **d: Any) -> Fact:
    return Fact(at, kind, CallId(call), agent, details=d)


def visit(
    call: str, began: float, wait: float, *, queue: QueueName = GERAL, answered: bool = True
) -> list[Fact]:
    """A call that waits so long and is answered, or gives up."""
    facts = [
        fact(Kind.CALL_ARRIVED, began, call, line="156", test=False),
        fact(Kind.QUEUED, began, call, queue=queue, joined=began),
    ]
    if not answered:
        return [*facts, fact(Kind.CALL_ENDED, began + wait, call, outcome="abandoned")]
    return [
        *facts,
        fact(Kind.ANSWERED, began + wait, call, ANA, waited=wait),
        fact(Kind.TALK_ENDED, began + wait + 100, call, ANA, talk_seconds=100.0),
        fact(Kind.CALL_ENDED, began + wait + 100, call, outcome="served"),
    ]


def test_both_formulas_of_ns_and_of_ila_are_told_apart() -> None:
    found = measures()
    waits = ((10.0, True), (15.0, True), (40.0, True), (5.0, False), (30.0, False))
    for number, (wait, answered) in enumerate(waits):
        found.read(visit(f"c{number}", NOON, wait, answered=answered))
    for number in range(3):  # served by the menu: received by the line, offered to no queue
        call = f"m{number}"
        found.read(
            [
                fact(Kind.CALL_ARRIVED, NOON, call, line="156", test=False),
                fact(Kind.CALL_ENDED, NOON, call, outcome="ended_in_menu"),
            ]
        )
    line = found.of_line("156", NOON + 300)
    assert (line.received, line.offered, line.answered, line.abandoned) == (8, 5, 3, 2)
    assert line.service_level_answered == pytest.approx(2 / 3)
    assert line.service_level_offered == pytest.approx(2 / 5)
    assert line.late_abandonment_received == pytest.approx(1 / 8)
    assert line.late_abandonment_offered == pytest.approx(1 / 5)
    assert line.mean_wait == pytest.approx(65 / 3)
    assert line.longest_answered == 40.0
    assert found.of(GERAL, NOON + 300).received == 5


def test_nobody_has_no_service_level() -> None:
    assert measures().of(GERAL, NOON) == QueueFigures()
    assert measures().of(GERAL, NOON).service_level_answered is None
    assert measures().of_line("153", NOON).plain()["service_level_offered"] is None


def test_each_queue_has_its_own_target() -> None:
    found = measures()
    found.read(visit("a", NOON, 40.0, queue=GERAL))
    found.read(visit("b", NOON, 40.0, queue=LUZ))
    assert found.of(GERAL, NOON + 60).answered_in_target == 0
    assert found.of(LUZ, NOON + 60).answered_in_target == 1
    assert found.of_lines(NOON + 60)["156"].answered_in_target == 1


@pytest.mark.parametrize(
    ("later", "window", "seen"),
    [
        (60, Window.QUARTER, 1),
        (14 * 60, Window.QUARTER, 1),
        (16 * 60, Window.QUARTER, 0),
        (16 * 60, Window.HOUR, 1),
        (61 * 60, Window.HOUR, 0),
        (11 * 3600, Window.TODAY, 1),
        (13 * 3600, Window.TODAY, 0),
    ],
)
def test_windows_end_now(later: float, window: Window, seen: int) -> None:
    found = measures()
    found.read(visit("a", NOON - 10.0, 10.0))
    assert found.of(GERAL, NOON + later, window).answered == seen


def test_a_day_begins_at_the_city_s_midnight() -> None:
    begin, end = day_of(NOON)
    assert end - begin == 86_400.0
    found = measures()
    found.read(visit("old", begin - 30.0, 20.0, answered=False))
    found.read(visit("new", begin - 5.0, 10.0))
    today = found.of(GERAL, begin + 100)
    assert (today.answered, today.abandoned) == (1, 0)
    # told late: yesterday's is not counted into today
    found.read(visit("late", begin - 500.0, 20.0, answered=False))
    assert found.of(GERAL, begin + 100).abandoned == 0
    assert found.of(GERAL, begin + 100, Window.HOUR).abandoned == 2


def test_a_test_call_counts_nowhere() -> None:
    found = measures()
    facts = visit("t", NOON, 10.0)
    found.read([fact(Kind.CALL_ARRIVED, NOON, "t", line="156", test=True), *facts[1:]])
    assert found.of_line("156", NOON + 200) == QueueFigures()


def test_a_caller_counts_once_however_often_it_is_told_of() -> None:
    found, began = measures(), NOON
    queued = fact(Kind.QUEUED, began, queue=GERAL, joined=began)
    found.read([queued, queued])
    found.read([fact(Kind.QUEUED, began + 20, queue=LUZ, joined=began)])  # overflowed
    found.read([fact(Kind.ANSWERED, began + 50, agent=ANA, waited=50.0)] * 2)
    found.read([fact(Kind.CALL_ENDED, began + 60, outcome="served")])
    found.read([fact(Kind.TALK_ENDED, began + 60, agent=ANA, talk_seconds=10.0)])
    geral, luz = found.of(GERAL, began + 60), found.of(LUZ, began + 60)
    assert (geral.received, geral.elsewhere, geral.answered) == (1, 1, 0)
    assert (luz.received, luz.answered, luz.answered_in_target, luz.talks) == (1, 1, 1, 1)
    assert found._calls == {}


def test_handling_is_talk_and_what_follows_it() -> None:
    found = measures()
    found.read(visit("a", NOON, 10.0))
    wrapped = [
        Fact(NOON + 110, Kind.AGENT_STATE, agent=ANA, details={"state": "wrap_up"}),
        Fact(NOON + 130, Kind.AGENT_STATE, agent=ANA, details={"state": "idle"}),
    ]
    found.read(wrapped)
    figures = found.of(GERAL, NOON + 200)
    assert (figures.mean_talk, figures.mean_wrap_up, figures.mean_handling) == (100, 20, 120)


def test_occupancy_leaves_pauses_out() -> None:
    found = measures()
    words = ((0, "status", "available"), (600, "state", "talking"), (900, "state", "idle"),
             (900, "status", "paused"), (1500, "status", "logged_out"))  # fmt: skip
    kinds = {"status": Kind.AGENT_STATUS, "state": Kind.AGENT_STATE}
    found.read(Fact(NOON + at, kinds[k], agent=ANA, details={k: word}) for at, k, word in words)
    assert found.occupancy(NOON + 1800) == pytest.approx(300 / 900)
    assert found.occupancy(NOON + 1800, Window.TODAY) == pytest.approx(300 / 900)
    assert found.occupancy(NOON + 1800 + 3700) is None


def promised(found: Measures) -> None:
    found.read(visit("c1", NOON, 0.0)[:2])
    found.read([fact(Kind.CALL_ENDED, NOON + 60, "c1", outcome="promised")])


def test_whoever_is_promised_a_call_waits_no_more_and_a_call_of_ours_is_no_wait() -> None:
    found = measures()
    promised(found)
    assert found.of(GERAL, NOON + 100).elsewhere == 1
    found.read(
        [
            fact(Kind.CALL_ARRIVED, NOON + 300, "c2", line="156", entry="retorno", test=False),
            fact(Kind.CALL_RESUMED, NOON + 300, "c2", of_call="c1", how="call_back"),
            fact(Kind.QUEUED, NOON + 300, "c2", queue=GERAL, joined=NOON),
            fact(Kind.ANSWERED, NOON + 310, "c2", ANA, waited=310.0),
            fact(Kind.CALL_BACK_OVER, NOON + 310, "c1", how="reached"),
            fact(Kind.TALK_ENDED, NOON + 340, "c2", ANA, talk_seconds=30.0),
            fact(Kind.CALL_ENDED, NOON + 341, "c2", outcome="served"),
        ]
    )
    line = found.of_line("156", NOON + 350)
    assert (line.received, line.offered, line.answered, line.elsewhere) == (1, 1, 0, 1)
    figures = found.of(GERAL, NOON + 350)
    assert (figures.received, figures.talks, figures.talked) == (1, 1, 30.0)
    assert found._calls == {}


def test_whoever_gives_up_where_an_agent_sent_them_gave_up_there() -> None:
    found = measures()
    found.read(visit("c1", NOON, 10.0)[:-1])
    found.read(
        [
            fact(Kind.QUEUED, NOON + 111, "c1", queue=LUZ, joined=NOON + 111),
            fact(Kind.CALL_ENDED, NOON + 181, "c1", outcome="served"),
        ]
    )
    luz = found.of(LUZ, NOON + 200)
    assert (luz.received, luz.abandoned, luz.abandoned_late) == (1, 1, 1)
    assert found.of_line("156", NOON + 200).offered == 2


def test_what_is_told_late_is_counted_where_it_belongs() -> None:
    found = measures()
    found.read(visit("a", NOON - 10.0, 10.0))
    assert found.of(GERAL, NOON + 130, Window.HOUR).answered == 1
    found.read(visit("b", NOON - 10.0, 10.0))
    assert found.of(GERAL, NOON + 130, Window.HOUR).answered == 2
    found.read(visit("c", NOON + 120.0, 1.0))
    assert found.of(GERAL, NOON + 130, Window.QUARTER).answered == 3
    assert found.of(GERAL, NOON + 130, Window.HOUR).answered == 3


def test_it_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acd.measures.MEASURED_CALLS", 10)
    found = measures()
    for number in range(200):
        at = NOON + number * 60
        found.read([fact(Kind.QUEUED, at, f"c{number}", queue=GERAL, joined=at)])
    assert len(found._calls) == 10
    assert len(found._sums[GERAL]._minutes) <= 60
