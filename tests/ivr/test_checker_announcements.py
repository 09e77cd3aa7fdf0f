"""Announcements: before a node that speaks, recorded, short, and of emergencies only where people
are in danger."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_parts import FILA, RISCO, plan_of, queue, say, text

from ivr.announcements import INSTITUTIONAL, WHILE_WAITING, Announcement
from ivr.checker import Problem, check_announcements
from ivr.menu import DecideNode

LINES = {
    "156": plan_of(say("abertura", "d"), DecideNode("d", (), "fila"), FILA),
    "199": plan_of(say("oi", "risco"), queue("risco", RISCO), line="199"),
}
RAIN = Announcement("chuva", "156", "abertura", text("Chove.")[0], 0.0, 1.0)


def told(one: Announcement, seconds: float | None = 5.0) -> tuple[Problem, ...]:
    return check_announcements([one], LINES, lambda language, words: seconds)


@pytest.mark.parametrize(
    "one",
    [
        RAIN,
        replace(RAIN, node=WHILE_WAITING),
        replace(RAIN, kind=INSTITUTIONAL),
        replace(RAIN, line="199", node="risco"),
        replace(RAIN, text=text("Você liga para {entrada}.")[0]),
    ],
)
def test_an_announcement_that_can_be_heard(one: Announcement) -> None:
    assert told(one) == ()


@pytest.mark.parametrize(
    ("one", "seconds", "field", "message"),
    [
        (replace(RAIN, line="190"), 5, "line", "a linha '190' não existe; as linhas são 156, 199"),
        (
            replace(RAIN, node="abertur"),
            5,
            "node",
            "a linha 156 não tem a etapa 'abertur'; você quis dizer 'abertura'?",
        ),
        (
            replace(RAIN, node="d"),
            5,
            "node",
            "a etapa 'd' é uma decisão e não fala; ponha o aviso numa que fale",
        ),
        (
            replace(RAIN, line="199", node="oi"),
            5,
            "node",
            "na linha 199 um aviso é dito na fila, para não atrasar ninguém; a etapa 'oi' vem "
            "antes dela: ponha-o numa etapa 'fila' ou em na_espera",
        ),
        (
            replace(RAIN, line="199", node="risco", kind=INSTITUTIONAL),
            5,
            "kind",
            "na linha 199 só há avisos de emergência, nada mais",
        ),
        (
            replace(RAIN, text=text("Sobre {assunto}.")[0]),
            5,
            "text",
            "o aviso é dito a qualquer um, e o dado 'assunto' pode não ser conhecido",
        ),
        (RAIN, None, "text", "não há gravação para o texto 'Chove.'"),
        (RAIN, 10.1, "text", "o texto dura 10,1 s; o máximo é 10 s"),
        (
            replace(RAIN, text=text("Chove em {entrada}.")[0]),
            7.1,
            "text",
            "o texto dura 10,1 s; o máximo é 10 s",
        ),
    ],
)
def test_each_rule_of_announcements(
    one: Announcement, seconds: float | None, field: str, message: str
) -> None:
    assert told(one, seconds) == (Problem(("chuva", field), message),)
