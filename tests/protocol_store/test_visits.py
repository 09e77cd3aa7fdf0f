"""What facts come to: stays in queues and nodes, legs, answers, agents' states."""

from __future__ import annotations

from typing import Any

import pytest
from visit_stories import START, Story, served

from protocol_store.areas import area_of
from protocol_store.projections import Unprojectable, fold
from protocol_store.state_fold import fold_states
from protocol_store.visit_fold import Course
from protocol_store.visit_moves import take
from protocol_store.visit_tables import minute_of
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId


def course(story: Story) -> Course:
    """What one call comes to."""
    found = Course(story.call)
    for note in fold(story.facts).visits:
        take(found, note)
    return found


def stays(story: Story) -> list[tuple[Any, ...]]:
    """Queue, how it was left, how long was waited, who answered."""
    rows = course(story).visits.values()
    return [(row["queue"], row["how"], row["wait_seconds"], row["agent"]) for row in rows]


def nodes(story: Story) -> list[tuple[str, str | None, str]]:
    """Node, how it was left, by which key."""
    return [(row["node"], row["how"], row["key"]) for row in course(story).nodes.values()]


def test_a_served_call() -> None:
    story = served("c-1")
    assert stays(story) == [("p156_geral", "answered", 7.0, "ana")]
    assert nodes(story) == [
        ("abertura", "on", ""),
        ("principal", "key", "1"),
        ("fila", "queue", ""),
        ("pesquisa", "on", ""),
    ]
    found = course(story)
    assert [(one["question"], one["mark"], one["agent"], one["queue"])
            for one in found.answers.values()] == [
        ("clareza", 5, "ana", "p156_geral"), ("nota", None, "ana", "p156_geral"),
    ]  # fmt: skip
    assert [(one["ordinal"], one["who"], one["agent"], one["because"], one["outcome"])
            for one in found.legs.values()] == [
        (0, "citizen", None, "call", "served"), (1, "agent", "ana", "offer", "answered"),
    ]  # fmt: skip
    assert found.left_at_node is None
    (visit,) = found.visits.values()
    assert visit["entered_minute"] == minute_of(visit["entered_at"])
    assert visit["left_at"] - visit["waits_from"] == 7.0


WAITS = [
    (lambda one: one.ends("abandoned", after=20.0), [("abandoned", 20.0)]),
    (lambda one: one.ends("promised", "menu:fila", after=30.0), [("promised", 30.0)]),
    (lambda one: one.ends("message_left", after=9.0), [("message", 9.0)]),
    (lambda one: one.ends("interrupted", "switch", after=9.0), [("interrupted", 9.0)]),
    # a key led out of the queue, to a text at whose end the call ended
    (lambda one: one.enters("aviso", 9.0).ends("ended_in_menu", "ended"), [("redirected", 10.0)]),
    # overflow to another queue: the wait goes on, in two stays (R71)
    (lambda one: one.queues("p156_geral", 40.0, joined=START).ends("abandoned", after=10.0),
     [("redirected", 40.0), ("abandoned", 50.0)]),
    # the same queue again (a step was done again, or a key led back) is the same stay
    (lambda one: one.queues("p156_social", 40.0, joined=START).ends("abandoned", after=10.0),
     [("abandoned", 50.0)]),
    # the queue's own limit; gone before the tree could help
    (lambda one: one.then(Kind.SENT_AWAY, after=60.0, queue="p156_social", exit="x", because="")
     .ends("abandoned", after=5.0), [("abandoned", 65.0)]),
    (lambda one: one.then(Kind.SENT_AWAY, after=60.0, queue="p156_social", exit="x", because="")
     .ends("message_left", after=5.0), [("redirected", 60.0)]),
    # rung in vain, then answered: ring time is waiting, too (R71)
    (lambda one: one.rings("ana", "1-1", 5.0)
     .then(Kind.OFFER_ENDED, "ana", after=15.0, offer="1-1", outcome="ring_no_answer")
     .rings("bia", "1-2", 1.0).answers("bia", "1-2", 23.0).talks("bia", "1-2")
     .ends("served", "after"), [("answered", 23.0)]),
    # after a talk, in a queue again by transfer, and given up there: the call was served
    (lambda one: one.answers("ana", "1-1", 2.0).talks("ana", "1-1", 60.0)
     .then(Kind.TRANSFERRED, goal="fila", to="p156_geral", returns=False, by="ana")
     .queues("p156_geral").ends("served", after=30.0), [("answered", 2.0), ("abandoned", 30.0)]),
]  # fmt: skip


@pytest.mark.parametrize(("then", "expected"), WAITS)
def test_a_wait_ends(then: Any, expected: list[tuple[str, float]]) -> None:
    story = Story("c-1").arrives().queues("p156_social", joined=START)
    assert [(how, waited) for _, how, waited, _ in stays(then(story))] == expected


def test_a_wait_that_was_handed_over_goes_on_and_is_the_other_lines() -> None:
    story = Story("c-1").arrives("156").enters("urgente")
    story.then(Kind.HANDED_OVER, after=10.0, from_line="156", to_line="199", queue="e199_risco",
               priority=100)  # fmt: skip
    story.queues("e199_risco", joined=START).answers("ana", "1-1", 12.0)
    (visit,) = course(story).visits.values()
    assert (visit["line"], visit["waits_from"], visit["entered_at"]) == ("199", START, START + 10.0)


def test_the_switch_served_alone() -> None:
    """Without control there is no queue of ours; what the switch's diary tells still counts."""
    story = Story("c-1").arrives().then(Kind.ANSWERED, "ana", after=40.0, offer="", waited=38.0)
    story.then(Kind.TALK_ENDED, "ana", after=60.0, offer="", talk_seconds=60.0)
    assert stays(story.ends("served", "static")) == [("contingencia", "answered", 38.0, "ana")]
    gone = Story("c-2").arrives().ends("abandoned", "static", after=25.0)
    assert stays(gone) == [("contingencia", "abandoned", 25.0, None)]


NODES = [
    (lambda one: one.ends("left_in_menu", "menu:m"), [("m", "hangup", "")], "m"),
    (lambda one: one.enters("fim", 5.0).ends("ended_in_menu", "ended"),
     [("m", "on", ""), ("fim", "on", "")], "fim"),
    (lambda one: one.presses("m", "", False).presses("m", "", False).queues("p"),
     [("m", "silence", "")], None),
    (lambda one: one.presses("m", "", False).presses("m", "7", False).presses("m", "2").enters("n"),
     [("m", "key", "2"), ("n", None, "")], None),
    (lambda one: one.presses("m", "7", False).ends("left_in_menu", "menu:m"),
     [("m", "hangup", "7")], "m"),
    (lambda one: one.then(Kind.DIGITS_TYPED, node="m", variable="cpf", digits=11, valid=True)
     .enters("n"), [("m", "key", "#"), ("n", None, "")], None),
    (lambda one: one.then(Kind.LOOKED_UP, node="m", where="iptu", how="falhou").queues("p"),
     [("m", "failure", "")], None),
    (lambda one: one.then(Kind.LOOKED_UP, node="m", where="iptu", how="achou").enters("n"),
     [("m", "on", ""), ("n", None, "")], None),
    (lambda one: one.then(Kind.TRANSFER_TRIED, node="m", destination="samu", reached=True,
                          because="", seconds=0.0).ends("ended_in_menu", "outside"),
     [("m", "hangup", "")], "m"),
    (lambda one: one.ends("interrupted", "switch"), [("m", "failure", "")], "m"),
    # while waiting, the queue's own node takes keys
    (lambda one: one.queues("p", 1.0).presses("m", "3").enters("n"),
     [("m", "key", "3"), ("n", None, "")], None),
    (lambda one: one.queues("p", 1.0).presses("m", "8", False), [("m", "queue", "")], None),
]  # fmt: skip


@pytest.mark.parametrize(("then", "expected", "left_at"), NODES)
def test_a_node_is_left(then: Any, expected: list[Any], left_at: str | None) -> None:
    story = then(Story("c-1").arrives().enters("m"))
    assert nodes(story) == expected
    assert course(story).left_at_node == left_at


def test_silences_and_wrong_keys_are_counted_beside_the_last_word() -> None:
    story = Story("c-1").arrives().enters("m").presses("m", "", False).presses("m", "7", False)
    (row,) = course(story.presses("m", "", False).presses("m", "1")).nodes.values()
    assert (row["silences"], row["invalids"], row["how"], row["key"]) == (2, 1, "key", "1")


def test_legs_of_a_consult_a_hand_over_a_listener_and_a_number_outside() -> None:
    story = Story("c-1").arrives().queues("p").rings("ana", "1-1").answers("ana", "1-1", 7.0)
    story.then(Kind.CONSULT_ASKED, "bia", after=30.0, consult="q1", offer="1-1", outside="")
    story.then(Kind.CONSULT_ANSWERED, "bia", after=4.0, consult="q1")
    story.then(Kind.SUPERVISION_BEGAN, "ana", supervision="s1", mode="ouvir", because="x")
    story.talks("ana", "1-1", 50.0).then(
        Kind.TALK_MOVED, "ana", offer="1-1", consult="q1", to="bia"
    )
    story.then(Kind.SUPERVISION_ENDED, "ana", after=1.0, supervision="s1", mode="ouvir", seconds=51)
    story.talks("bia", "q1", 20.0)
    story.then(Kind.TRANSFER_TRIED, after=90.0, node="", destination="bombeiros", reached=True,
               because="", seconds=80.0)  # fmt: skip
    found = course(story.ends("served", "ended"))
    rows = sorted(found.legs.values(), key=lambda row: int(row["ordinal"]))
    assert [(row["who"], row["agent"], row["because"], row["outcome"]) for row in rows] == [
        ("citizen", None, "call", "served"),
        ("agent", "ana", "offer", "answered"),
        ("agent", "bia", "transfer", "answered"),
        ("supervisor", None, "ouvir", "answered"),
        ("outside", "bombeiros", "transfer", "answered"),
    ]
    assert rows[-1]["ended_at"] - rows[-1]["began_at"] == pytest.approx(80.0)
    # with the citizen, as `talk_ended` says: the consult before it is no talk of theirs
    assert rows[2]["ended_at"] - rows[2]["answered_at"] == pytest.approx(21.0)
    assert found.agent == "bia"


def test_whoever_was_asked_and_found_alone_with_the_citizen_talks_from_then_on() -> None:
    story = Story("c-1").arrives().queues("p").rings("ana", "1-1").answers("ana", "1-1", 7.0)
    story.then(Kind.CONSULT_ASKED, "bia", after=9.0, consult="q1", offer="1-1")
    story.then(Kind.CONSULT_ANSWERED, "bia", after=4.0, consult="q1").talks("ana", "1-1", 5.0)
    story.then(Kind.ANSWERED, "bia", after=2.0, offer="q1", waited=30.0).talks("bia", "q1", 20.0)
    leg = course(story).legs["q1"]
    assert (leg["because"], leg["ended_at"] - leg["answered_at"]) == ("transfer", 20.0)


def test_what_the_diary_tells_of_a_talk_is_of_the_leg_that_goes_on() -> None:
    story = Story("c-1").arrives().queues("p").rings("ana", "1-1").answers("ana", "1-1", 7.0)
    story.talks("ana", "1-1", 5.0).queues("q").rings("bia", "1-2")
    story.then(Kind.ANSWERED, "bia", after=2.0, offer="", waited=3.0).talks("bia", "", 20.0)
    legs = course(story.ends("served", "switch")).legs
    assert list(legs) == ["", "1-1", "1-2"]
    assert legs["1-2"]["ended_at"] - legs["1-2"]["answered_at"] == 20.0


def test_a_call_that_is_announced_late_is_a_test_all_along() -> None:
    story = Story("c-1").enters("abertura")
    story.then(Kind.LOOKED_UP, node="abertura", where="protocolos", how="achou")
    story.arrives(test=True).enters("principal", after=4.0)
    found = course(story)
    assert found.mistold
    assert not course(Story("c-2").arrives().enters("abertura")).mistold


def test_whoever_was_asked_is_gone_when_the_citizen_is() -> None:
    story = Story("c-1").arrives().queues("p").rings("ana", "1-1").answers("ana", "1-1", 7.0)
    story.then(Kind.CONSULT_ASKED, after=9.0, consult="q1", offer="1-1", outside="samu")
    story.then(Kind.CONSULT_ANSWERED, after=4.0, consult="q1").talks("ana", "1-1", 5.0)
    story.then(Kind.TALK_MOVED, "ana", offer="1-1", consult="q1", to="samu")
    found = course(story.ends("served", "outside", after=60.0))
    outside = found.legs["q1"]
    assert (outside["outcome"], outside["ended_at"]) == ("answered", story.at)


def test_spells_in_a_state() -> None:
    facts = [
        Fact(at, kind, agent=AgentName("ana"), details=details)
        for at, kind, details in (
            (0.0, Kind.AGENT_LOGIN, {"seat": "p1"}),
            (10.0, Kind.AGENT_STATE, {"state": "offered"}),
            (12.0, Kind.AGENT_STATE, {"state": "talking"}),
            (12.0, Kind.AGENT_STATE, {"state": "talking"}),
            (60.0, Kind.AGENT_STATE, {"state": "wrap_up"}),
            (60.0, Kind.AGENT_STATE, {"state": "idle"}),
        )
    ]
    facts.append(Fact(70.0, Kind.AGENT_STATE, agent=AgentName("bia"), details={"state": "talking"}))
    facts.append(Fact(80.0, Kind.CONTROL_STARTED, details={}))
    facts.append(Fact(90.0, Kind.AGENT_LOGOUT, agent=AgentName("ana"), details={"since": 0.0}))
    rows = fold_states({}, fold(facts).states)
    assert [(row["agent"], row["state"], row["began_at"], row["ended_at"]) for row in rows] == [
        ("ana", "idle", 0.0, 10.0),
        ("ana", "offered", 10.0, 12.0),
        ("ana", "talking", 12.0, 60.0),
        ("ana", "idle", 60.0, 90.0),  # wrapped up in no time
        ("bia", "talking", 70.0, 80.0),
        ("bia", "idle", 80.0, None),
    ]


@pytest.mark.parametrize(
    ("caller", "area"),
    [
        ("11987654321", "11"),
        ("+5511987654321", "11"),
        ("5511987654321", "11"),
        ("011987654321", "11"),
        ("1133334444", "11"),
        ("+551133334444", "11"),
        ("5599912345", "55"),  # of Santa Maria, not of the country
        ("33334444", ""),
        ("anonymous", ""),
        ("", ""),
    ],
)
def test_the_area_of_a_number(caller: str, area: str) -> None:
    assert area_of(caller) == area


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        (Kind.NODE_ENTERED, {}),
        (Kind.LOOKED_UP, {"node": "x"}),
        (Kind.QUEUED, {"queue": "q", "joined": "soon"}),
        (Kind.SURVEY_ANSWERED, {}),
        (Kind.HANDED_OVER, {}),
    ],
)
def test_a_malformed_fact_is_found_alone(kind: Kind, details: dict[str, Any]) -> None:
    with pytest.raises(Unprojectable):
        fold([Fact(START, kind, CallId("c-1"), details=details)])
