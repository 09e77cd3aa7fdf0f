"""The figures: folded from facts, without test calls, without anybody's name."""

from __future__ import annotations

from api_bed import CALLER, GERAL, RISCO, Bed
from prometheus_client.parser import text_string_to_metric_families

from console.metrics import OTHER
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId
from terms.signals import SwitchLost, SwitchSeen

LABELS = {
    *("line", "queue", "outcome", "result", "status", "state", "le"),
    *("where", "how", "question", "mark", "by", "reason", "window", "formula", "what"),
    *("kept", "who", "refused", "problem"),
}

OF_THE_CITY = {
    "line": {"156", "199", "153", OTHER},
    "queue": {GERAL.name, RISCO.name},
    "where": {OTHER},
    "question": {OTHER},
}
"""What these labels may be in this bed; no service is set up there, and no survey."""


def figures(bed: Bed) -> dict[tuple[str, ...], float]:
    """(name, values of its labels in the order of their names…) → value."""
    with bed.client("") as client:
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            assert set(sample.labels) <= LABELS
            for label, value in sample.labels.items():
                assert value in OF_THE_CITY.get(label, {value}), (sample.name, label, value)
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
        ("central156_agents", "", "wrap_up", "logged_out"): 1,
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
    assert found["central156_journal_up",] == 1
    assert found["central156_journal_waiting_seconds",] < 5
    assert found["central156_journal_bytes",] > 0
    assert found["central156_journal_disk_free_bytes",] > 0
    assert found["central156_protocol_numbers_ahead",] > 30_000
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
    assert found["central156_look_ups_total", "achou", "156", OTHER] == 2  # none is configured
    assert found["central156_look_ups_total", "falhou", "156", OTHER] == 1
    assert found["central156_survey_marks_total", "156", "5", OTHER] == 1
    assert found["central156_survey_marks_total", "156", "", OTHER] == 1
    assert found["central156_live_texts_total", "joined"] == 3


def test_service_levels_by_every_formula_with_its_name(bed: Bed) -> None:
    bed.enrol("leo")
    with bed.client() as client:
        client.post("/v1/agents/leo/login")
    bed.served_call("leo")
    with bed.client() as client:
        client.post("/v1/agents/leo/pause", json={"reason": "lanche-20"})
    call, _ = bed.do(bed.arrive)
    bed.do(bed.queue, call)
    bed.do(bed.end, call, "waiting")
    found = figures(bed)

    def level(formula: str) -> float:
        return found["central156_service_level_ratio", formula, "156", GERAL.name, "hoje"]

    def calls(what: str) -> float:
        return found["central156_queue_calls", "156", GERAL.name, what, "hoje"]

    answered, offered = calls("answered"), calls("offered")
    assert level("service_level_answered") == calls("answered_in_time") / answered == 1.0
    assert level("service_level_offered") == calls("answered_in_time") / offered < 1.0
    assert level("late_abandonment_received") == level("late_abandonment_offered") == 0.0
    assert calls("abandoned") == calls("abandoned_short") >= 1  # at once: short
    assert found["central156_target_seconds", "156", GERAL.name] == GERAL.target_seconds
    assert found["central156_target_ratio", "156", GERAL.name] == GERAL.target_share
    assert 0.0 <= found["central156_occupancy_ratio", "hoje"] <= 1.0
    assert found["central156_agents_for_queue", "156", GERAL.name] >= 1  # who pauses is at work
    assert found["central156_agents_for_queue", "199", RISCO.name] == 0
    with bed.client() as client:
        client.post("/v1/agents/leo/logout")


def test_words_of_nobody_become_no_labels(bed: Bed) -> None:
    """Whatever a fact says: a label is from the configuration, from a closed list, or OTHER."""
    evil = 'x",line="199"} 1\n\u202e11987654321'
    call = CallId("n1-evil-1.1")
    for details in ({"line": evil}, {"line": "155"}):
        bed.do(bed.keeper.publish, Fact(1.0, Kind.CALL_ARRIVED, call, details=details))
        for kind, words in (
            (Kind.KEY_PRESSED, ("key",)),
            (Kind.LOOKED_UP, ("where", "how")),
            (Kind.SURVEY_ANSWERED, ("question", "mark")),
            (Kind.OFFER_ENDED, ("outcome",)),
            (Kind.WAIT_TOLD, ()),
            (Kind.WAIT_KEPT, ("held", "answered")),
            (Kind.CALL_BACK_PROMISED, ("how",)),
            (Kind.CALL_BACK_OVER, ("how",)),
            (Kind.DEAD_AIR, ("who",)),
            (Kind.NUMBER_SUSPECT, ("blocked",)),
            (Kind.RECORDED, ("problem",)),
            (Kind.CALL_ENDED, ("outcome",)),
        ):
            for value in (evil, None, 7, ["x"], {"x": 1}):
                fact = Fact(1.0, kind, call, details=dict.fromkeys(words, value))
                bed.do(bed.keeper.publish, fact)
            bed.do(bed.keeper.publish, Fact(1.0, kind, call))
    found = figures(bed)  # which looks at every label
    assert found["central156_dead_air_total", OTHER, OTHER] == 12
    assert found["central156_calls_ended_total", OTHER, OTHER] >= 2


def test_storms_marks_and_promises_are_figures(bed: Bed) -> None:
    before = figures(bed)
    call, _ = bed.do(bed.arrive)
    details = {"low": 60.0, "high": 120.0}
    for fact in (
        Fact(1.0, Kind.WAIT_TOLD, call, details={**details, "position": 2}),
        Fact(2.0, Kind.WAIT_KEPT, call, details={**details, "answered": True, "held": True}),
        Fact(3.0, Kind.WAIT_KEPT, call, details={**details, "answered": False, "held": False}),
        Fact(4.0, Kind.DEAD_AIR, call, AgentName("leo"), details={"who": "agent"}),
        Fact(5.0, Kind.RECORDED, call, details={"problem": "missing", "ok": False}),
    ):
        bed.do(bed.keeper.publish, fact)
    with bed.client("supervisor") as sofia:
        sofia.put("/v1/lines/156/storm", json={"on": True, "reason": "chuva"})
        body = {"phone": CALLER, "mark": "suspect", "reason": "trote"}
        sofia.post("/v1/numbers", json=body)
        found = figures(bed)
        sofia.put("/v1/lines/156/storm", json={"on": False})
        sofia.post("/v1/numbers/removal", json={"which": CALLER})
    assert found["central156_waits_told_total", "156"] == 1
    assert found["central156_wait_promises_total", "yes", "156"] == 1
    assert found["central156_wait_promises_total", "left", "156"] == 1
    assert found["central156_dead_air_total", "156", "agent"] == 1
    bad = "central156_recordings_bad_total", "missing"
    assert found[bad] == before.get(bad, 0) + 1
    assert found["central156_storm", "156"] == 1
    assert found["central156_marked_numbers", "suspect"] == 1
    assert figures(bed)["central156_storm", "156"] == 0
