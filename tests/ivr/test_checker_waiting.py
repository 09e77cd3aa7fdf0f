"""What the checker says of the forecast and of the call-back; how a rehearsed call hears them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from plan_parts import FILA, FIM, found, menu, plan_of, queue, text

from ivr.checker import check_prompts
from ivr.hours import ALWAYS, Calendar
from ivr.menu import Defaults, LinePlan, WaitingPlan
from ivr.rehearsal import Rehearsal
from ivr.script import CALLED_BACK, Script
from ivr.waiting import CallBackPlan, ForecastPlan

FORECAST = ForecastPlan(
    ahead_text=text("Na frente {na_frente:pessoas}."), wait_text=text("Espera {espera:minutos}.")
)
CALL_BACK = CallBackPlan(
    call_back_key="1",
    offer_text=text("Tecle um."),
    confirm_text=text("Para {telefone:telefone}?"),
    promised_text=text("Vamos ligar."),
    unpromised_text=text("Não deu."),
)
BOTH = WaitingPlan(forecast=FORECAST, call_back=CALL_BACK)


def changed(**values: Any) -> WaitingPlan:
    return WaitingPlan(forecast=replace(FORECAST, **values))


def test_156_may_do_both() -> None:
    assert found(plan_of(FILA, waiting=BOTH)) == []


@pytest.mark.parametrize("line", ["199", "153"])
def test_the_emergency_lines_may_do_neither(line: str) -> None:
    assert found(
        plan_of(
            queue(to={"199": "e199_risco", "153": "e153_ocorrencia"}[line]), line=line, waiting=BOTH
        )
    ) == [
        ("waiting/forecast", f"na linha {line} não se fala em tempo de espera nem posição"),
        (
            "waiting/call_back",
            f"na linha {line} não se oferece ligar de volta: quem está em perigo é atendido",
        ),
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"wait_text": text("Espera.")}, ("wait_text", "{espera:minutos}")),
        ({"wait_text": text("{espera}")}, ("wait_text", "{espera:minutos}")),
        (
            {"wait_text": text("{espera:minutos}, {espera:minutos}")},
            ("wait_text", "{espera:minutos}"),
        ),
        (
            {"wait_text": text("{espera:minutos}", en="Soon.")},
            ("wait_text", "{espera:minutos}"),
        ),
        ({"ahead_text": text("{na_frente:numero}")}, ("ahead_text", "{na_frente:pessoas}")),
    ],
)
def test_a_forecast_has_its_gap(values: dict[str, Any], told: tuple[str, str]) -> None:
    part, gap = told
    message = f"aqui se diz {gap} uma vez em cada idioma"
    plan = plan_of(FILA, waiting=changed(**values), languages=("pt", "en"))
    assert found(plan) == [(f"waiting/forecast/{part}", message)]


def test_what_is_foretold_is_known_there_alone() -> None:
    plan = plan_of(FILA, waiting=changed(wait_text=text("{espera:minutos}, {telefone}")))
    message = "aqui só se diz o dado 'espera', não 'telefone'"
    assert found(plan) == [("waiting/forecast/wait_text", message)]
    plan = plan_of(FILA, waiting=WaitingPlan(before=text("{espera:minutos}")))
    assert found(plan) == [("waiting/before", "nenhuma etapa guarda o dado 'espera'")]


def test_the_key_is_free() -> None:
    part = "waiting/call_back/call_back_key"
    plan = plan_of(FILA, waiting=BOTH, defaults=Defaults(protocol_key="1"))
    message = "a tecla 1 já repete o protocolo: escolha outra para o retorno"
    assert found(plan) == [(part, message)]
    asks = queue(options={"1": "outra"}, text=text("Outra fila, tecle um."))
    plan = plan_of(asks, queue("outra"), waiting=BOTH)
    message = "a tecla 1 já tem um sentido na fila 'fila': escolha outra"
    assert found(plan) == [(part, message)]


def test_a_forecast_and_an_offer_last_eight_seconds() -> None:
    def length_of(language: str, words: str) -> float:
        return {"Na frente": 1.6, "Espera": 1.7, "Tecle um.": 8.1}.get(words, 1.0)

    told = [
        ("/".join(one.part), one.message)
        for one in check_prompts(plan_of(FILA, waiting=BOTH), length_of)
    ]
    assert told == [
        ("waiting/forecast/wait_text", "o texto dura 8,1 s; o máximo é 8 s"),
        ("waiting/call_back/offer_text", "o texto dura 8,1 s; o máximo é 8 s"),
    ]


# --- rehearsed ---
@dataclass(frozen=True)
class City:
    lines: dict[str, LinePlan]
    calendar: Calendar = ALWAYS
    announcements: tuple[()] = ()
    relay_numbers: frozenset[str] = field(default_factory=frozenset)


def rehearsed(caller: str) -> Rehearsal:
    plan = plan_of(menu("principal", {"1": "fila"}), FILA, FIM, waiting=BOTH)
    call = Rehearsal(City({"156": plan}), Script("um", "156", 1_764_082_800.0, caller=caller))
    call.type_keys("1")
    return call


def test_a_rehearsed_call_hears_an_example_and_is_called_back() -> None:
    call = rehearsed("11987654321")
    assert call.heard == ["Na frente 2 pessoas", "Espera entre 3 e 5 minutos", "Tecle um."]
    call.type_keys("1")
    assert call.heard == ["Para 11987654321"]
    call.type_keys("2")
    call.type_keys("11")
    assert call.heard[:2] == ["Para 11987654321", "Vamos ligar."]
    assert call.ended == CALLED_BACK


def test_who_cannot_be_called_is_not_offered_it() -> None:
    call = rehearsed("")
    call.type_keys("1")
    assert call.heard == []
    assert call.ended == ""
