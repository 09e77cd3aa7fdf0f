"""The figures: folded from facts, without test calls, without anybody's name."""

from __future__ import annotations

from api_bed import CALLER, RISCO, Bed
from prometheus_client.parser import text_string_to_metric_families

from terms.facts import Fact, Kind
from terms.signals import SwitchLost, SwitchSeen

LABELS = {
    *("line", "queue", "outcome", "result", "status", "state", "le"),
    *("where", "how", "question", "mark", "by"),
}


def figures(bed: Bed) -> dict[tuple[str, ...], float]:
    """(name, values of its labels in the order of their names…) → value."""
    with bed.client("") as client:
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            assert set(sample.labels) <= LABELS
            labels = (value for _, value in sorted(sample.labels.items()))
            found[sample.name, *labels] = sample.value
    assert CALLER not in answer.text
    return found


def test_a_call_is_counted_once_at_each_point(bed: Bed) -> None:
    bed.enrol("julia")
    with bed.client() as client:
        client.post("/v1/agents/julia/login")
    bed.served_call("julia")
    with bed.client() as client:
        client.post("/v1/agents/julia/logout")
    left, _ = bed.do(bed.arrive, "199")
    bed.do(bed.queue, left, RISCO)
    waiting = figures(bed)
    assert waiting["central156_waiting", "199", RISCO.name] == 1
    assert waiting["central156_open_calls", "199"] == 1
    bed.do(bed.end, left, "waiting")
    found = figures(bed)
    expected = {
        ("central156_calls_arrived_total", "156"): 1,
        ("central156_calls_arrived_total", "199"): 1,
        ("central156_calls_answered_total", "156"): 1,
        ("central156_calls_abandoned_total", "199"): 1,
        ("central156_calls_ended_total", "156", "served"): 1,
        ("central156_calls_ended_total", "199", "abandoned"): 1,
        ("central156_offers_ended_total", "answered"): 1,
        ("central156_menu_keys_total", "156", "valid"): 1,
        ("central156_wait_seconds_count", "156"): 1,
        ("central156_talk_seconds_count", "156"): 1,
        ("central156_waiting", "199", RISCO.name): 0,
        ("central156_waiting", "156", "p156_geral"): 0,
        ("central156_agents", "wrap_up", "logged_out"): 1,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert ("central156_open_calls", "199") not in found


def test_test_calls_are_left_out(bed: Bed) -> None:
    before = figures(bed)
    call, _ = bed.do(bed.arrive, "156", CALLER, True)
    bed.do(bed.queue, call)
    assert figures(bed)["central156_waiting", "156", "p156_geral"] == 0
    bed.do(bed.end, call, "waiting")
    after = figures(bed)
    counted = {key for key in after if key[0].startswith(("central156_calls", "central156_menu"))}
    assert {key: after[key] for key in counted} == {key: before[key] for key in counted}


def test_what_comes_after_the_end_leaves_nothing_behind(bed: Bed) -> None:
    call, _ = bed.do(bed.arrive)
    bed.do(bed.end, call, "menu")
    bed.do(bed.keeper.publish, Fact(1.0, Kind.RECORDED, call, details={"file": "x"}))
    assert call not in bed.api.app.state.figures._calls


def test_the_parts_of_the_centre(bed: Bed) -> None:
    before = figures(bed)
    bed.do(bed.ear.hear, SwitchLost(0.0, "test"))
    assert figures(bed)["central156_ami_up",] == 0
    bed.do(bed.ear.hear, SwitchSeen(0.0, "boot", (), complete=False))
    found = figures(bed)
    assert found["central156_ami_up",] == 1
    assert found["central156_switch_lost_total",] == before["central156_switch_lost_total",] + 1
    reconnects = ("central156_ami_reconnects_total",)
    assert found[reconnects] == before[reconnects] + 1
    assert found["central156_store_refused_facts",] == 0
    assert found["central156_store_lag_seconds",] < 5
    assert found["central156_agi_sessions",] == 0
    assert found["central156_loop_lag_worst_seconds",] < 5


def test_what_menus_ask_and_how_values_are_read_is_counted(bed: Bed) -> None:
    call, _ = bed.do(bed.arrive, "156")
    for how in ("achou", "achou", "falhou"):
        details = {"node": "ver", "where": "protocolo", "how": how}
        bed.keeper.record(Fact(1.0, Kind.LOOKED_UP, call=call, details=details))
    for mark in ("5", ""):
        details = {"node": "pesquisa", "question": "clareza", "mark": mark}
        bed.keeper.record(Fact(1.0, Kind.SURVEY_ANSWERED, call=call, details=details))
    found = figures(bed)
    assert found["central156_look_ups_total", "achou", "156", "protocolo"] == 2
    assert found["central156_look_ups_total", "falhou", "156", "protocolo"] == 1
    assert found["central156_survey_marks_total", "156", "5", "clareza"] == 1
    assert found["central156_survey_marks_total", "156", "", "clareza"] == 1
    assert found["central156_live_texts_total", "joined"] == 3
