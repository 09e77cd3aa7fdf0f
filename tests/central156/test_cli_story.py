"""A call's story in words, of calls of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from central156.cli import words
from central156.cli.story import _TELLERS, tell
from central156.cli.why_steps import TELLERS
from console.ports import Role
from protocol_store.why import CHOICE, LEFT_OUT
from terms.facts import Kind
from terms.outcome import Blame, CallOutcome, OfferOutcome
from terms.protocol_number import protocol_of, shown
from terms.signals import Phone
from terms.stages import Stage

PROTOCOL = protocol_of(1234)
OF_NO_CALL = {
    Kind.AGENT_STATE,
    Kind.AGENT_ADDED,
    Kind.PERSON_ADDED,
    Kind.PERSON_REVOKED,
    Kind.SWITCH_LOST,
    Kind.SWITCH_SEEN,
    Kind.CONTROL_STARTED,
    Kind.DIALPLAN_PROPOSED,
    Kind.DIALPLAN_REJECTED,
    Kind.DIALPLAN_PUBLISHED,
    Kind.DIALPLAN_ALARM,
    Kind.SHORT_MENU,
    Kind.ANNOUNCED,
    Kind.ANNOUNCEMENT_ENDED,
    *(Kind.STORM, Kind.QUEUE_ORDERED, Kind.NUMBER_MARKED, Kind.NUMBER_UNMARKED),
    *(Kind.AGENT_LOGIN, Kind.AGENT_LOGOUT, Kind.AGENT_SKILLS, Kind.AGENT_BLOCKED),
    *(Kind.SHIFT_PLANNED, Kind.PAUSE_POSTPONED, Kind.PAUSE_MISSED, Kind.PAUSE_BEGAN),
    *(Kind.PAUSE_WARNED, Kind.PAUSE_ENDED, Kind.ACT_REFUSED, Kind.HOURS_ALERT),
    Kind.MASTER_KEY_CHANGED,
    *(Kind.HOURS_EXCEPTED, Kind.WRAP_UP_EXTENDED, Kind.SEAT_HOURS),
    *(Kind.BALANCE_CHECKED, Kind.CARRIER_REPORTED, Kind.CALL_REFUSED, Kind.REPORT_EXPORTED),
    *(Kind.CITIZEN_TOLD, Kind.DATA_ERASED),
    *(Kind.CAMPAIGN_MOVED, Kind.DIALLER_STOPPED, Kind.DIALLER_WARNED, Kind.TRUNKS_CHANGED),
}


def story(*facts: dict[str, Any], **call: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "call": "n1-x-1.1",
        "line": "156",
        "entry": "156",
        "caller": "*******4321",
        "test": False,
        "static": False,
        "protocol": PROTOCOL,
        "arrived_at": 1_000.0,
        "queue": None,
        "queued_at": None,
        "answered_at": None,
        "ended_at": None,
        "outcome": None,
        "blame": None,
        "ended_where": None,
        "seconds": None,
        "wait_seconds": None,
        "talk_seconds": None,
        "agent": None,
        "dialplan_version": None,
    }
    return {
        "call": {**row, **call},
        "protocols": [],
        "facts": list(facts),
        "offers": [],
        "recordings": [],
        "tasks": [],
    }


def fact(kind: str, after: float = 0.0, agent: str | None = None, **details: Any) -> dict[str, Any]:
    return {
        "at": 1_000.0 + after,
        "kind": kind,
        "agent": agent,
        "by": "",
        "details": details,
        "violation": None,
    }


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (fact("key_pressed", node="menu", key="7", valid=False), "teclou 7 em «menu» (não era"),
        (fact("key_pressed", node="menu", key="", valid=False), "não teclou nada em «menu»"),
        (fact("node_entered", node="geral"), "passou por «geral»"),
        (
            fact("offer_ended", agent="ana", outcome="ring_no_answer", because=""),
            "oferta a ana: tocou e ninguém atendeu",
        ),
        (
            fact("offer_ended", agent="ana", outcome="withdrawn", because="o agente saiu"),
            "oferta a ana: retirada (o agente saiu)",
        ),
        (fact("protocol_given", protocol=PROTOCOL, issuer="rescue"), "(da faixa de reserva)"),
        (fact("recorded", problem="short"), "gravação com problema: é mais curta que a conversa"),
        (
            fact("queued", queue="p156_geral", priority=30, needs="libras:2+saude/ingles"),
            "(prioridade 30, precisa também de libras até o nível 2 e saude ou ingles)",
        ),
        (fact("something_new", value=1), "something_new"),
        (fact("key_pressed", 12.34, node="menu", key="1", valid=True), "    12,3 s  teclou 1"),
        (fact("call_ended", where="waiting", outcome="abandoned"), "na espera: desistiu"),
        (
            fact("call_ended", where="menu:saude", outcome="left_in_menu"),
            "no menu («saude»): desli",
        ),
        (fact("call_ended", where="elsewhere", outcome="x"), "acabou elsewhere: x"),
        (fact("call_ended"), "acabou em lugar desconhecido"),
        (fact("answered"), "? atendeu, depois de ? de espera"),
        (fact("offer_made", agent="ana"), "oferecida a ana porque ?"),
    ],
)
def test_a_fact(one: dict[str, Any], told: str) -> None:
    assert told in tell(story(one))


def test_a_message_and_its_task() -> None:
    told = story(ended_at=1_060.0, outcome="message_left", blame="nobody", static=True)
    told["recordings"] = [
        {"file": "/r/x-recado.wav", "kind": "message", "seconds": 8.0, "problem": None}
        | {"talk_seconds": None}
    ]
    told["tasks"] = [
        {"kind": "call_back", "because": "message_left", "done_at": None, "done_by": None}
    ]
    text = tell(told)
    assert "servida sem o controle" in text
    assert "Fim: deixou recado" in text
    assert "ninguém" not in text
    assert "Recado: /r/x-recado.wav (8,0 s)" in text
    assert "Tarefa: ligar de volta para o cidadão (porque: deixou recado), a fazer." in text


def test_whoever_ended_a_call_early_is_named() -> None:
    text = tell(story(ended_at=1_060.0, outcome="interrupted", blame="us"))
    assert "Fim: interrompida (por conta de: central)" in text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("503 Service Unavailable,Q.850;cause=42", "não aceita ligações novas agora"),
        ("404 Not Found", "este número não existe aqui (SIP 404)"),
        ("ninguém atendeu em 10 s", "ninguém atendeu em 10 s"),
        ("", ""),
    ],
)
def test_why_a_call_was_not_answered(said: str, told: str) -> None:
    assert told in words.refusal(said)


def test_an_open_call_and_a_call_without_a_number() -> None:
    assert "A ligação ainda está em curso." in tell(story())
    text = tell(story(protocol=None, caller="", line=""))
    assert text.startswith("Protocolo sem protocolo · linha ? · de número desconhecido")


def test_a_fact_with_a_problem_says_so() -> None:
    broken = {**fact("answered", agent="ana"), "violation": "answered without 'agent'"}
    assert "[fato com problema: answered without 'agent']" in tell(story(broken))


@pytest.mark.parametrize(
    ("kind", "details", "told"),
    [
        (
            "call_arrived",
            {"line": "156", "entry": "156", "version": "0123456789ab"},
            "chegou pela linha 156 (discou 156), menus na versão 0123456789ab",
        ),
        ("digits_typed", {"node": "cpf", "digits": 9, "valid": False}, "que não serviram"),
        ("data_typed", {"node": "cpf", "variable": "cpf", "value": "***"}, "em «cpf» (cpf)"),
        (
            "looked_up",
            {"node": "consulta", "where": "situacao", "how": "nao_achou"},
            "consulta situacao em «consulta»: não achou",
        ),
        ("survey_answered", {"question": "nota", "mark": ""}, "«nota»: sem resposta"),
        ("survey_answered", {"question": "nota", "mark": "5"}, "«nota»: nota 5"),
        (
            "handed_over",
            {"from_line": "156", "to_line": "199", "queue": "e199_risco", "priority": 100},
            "entregue da linha 156 à linha 199, fila e199_risco (prioridade 100)",
        ),
        ("transfer_tried", {"destination": "bombeiros", "reached": False}, "não atendeu"),
    ],
)
def test_what_happens_in_the_menus(kind: str, details: dict[str, Any], told: str) -> None:
    assert told in tell(story({**fact(kind), "details": details}))


def test_there_is_a_word_for_everything() -> None:
    """Nothing that a room can say is left without its Portuguese."""
    assert set(_TELLERS) == {str(kind) for kind in set(Kind) - OF_NO_CALL}
    steps = {str(kind) for kind in set(Kind) - OF_NO_CALL - LEFT_OUT - {Kind.OFFER_MADE}}
    assert steps | {CHOICE} <= set(TELLERS)
    assert set(words.CALL_OUTCOMES) == set(CallOutcome)
    assert set(words.OFFER_OUTCOMES) == set(OfferOutcome)
    assert set(words.BLAMES) == set(Blame)
    assert set(words.ROLES) == set(Role)
    assert set(words.STAGES) == {*Stage, "switch"}
    assert set(words.PHONES) == set(Phone)


def test_figures() -> None:
    assert words.clock(125) == "2:05"
    assert words.clock(3_725) == "1:02:05"
    assert words.clock(-1) == "0:00"
    assert words.seconds(None) == "?"
    assert words.number(PROTOCOL) == shown(PROTOCOL)
    assert words.number("999") == "999"
    assert words.moment(0.0) == "31/12/1969 21:00:00"
