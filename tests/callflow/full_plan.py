"""A plan with every kind of node, small enough to be read, and a centre that serves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from line_fakes import GERAL, RISCO, Centre, Channel, Outside, said

from acd.queues import QueueRule, QueueTable
from callflow.place import Place
from ivr.hours import Calendar, Hours
from ivr.menu import (
    Case,
    CollectNode,
    Condition,
    DecideNode,
    Defaults,
    EndNode,
    HandOverNode,
    LinePlan,
    LookUpNode,
    MenuNode,
    MessageNode,
    Question,
    QueueNode,
    SayNode,
    SurveyNode,
    TransferNode,
    WaitingPlan,
)
from ivr.turn import FOUND, Answer
from terms.facts import Kind
from terms.names import QueueName, Skill
from terms.services import ServiceSpec

OUVIDORIA = QueueRule(
    QueueName("p156_ouvidoria"),
    "156",
    Skill("p156_ouvidoria"),
    35,
    hours="comercial",
    out_of_hours=GERAL.name,
)
PROTOCOLO = QueueRule(QueueName("p156_protocolo"), "156", Skill("p156_protocolo"), 40)
ARVORE = QueueRule(QueueName("e199_arvore"), "199", Skill("e199_arvore"), 95)
TABLE = QueueTable((GERAL, OUVIDORIA, PROTOCOLO, RISCO, ARVORE))
NEVER = Calendar({"comercial": Hours(week=((),) * 7)})

FULL_156 = LinePlan(
    line="156",
    start="menu",
    nodes={
        "menu": MenuNode(
            "menu",
            said("opções"),
            {
                "0": "passa_199",
                "1": "geral",
                "2": "reclamar",
                "4": "pede_numero",
                "5": "recado",
                "6": "fora",
                "8": "english",
            },
        ),
        "english": SayNode("english", said("hello"), "geral", language="en"),
        "passa_199": HandOverNode(
            "passa_199", "199", RISCO.name, 100, "do 156", said("vou passar")
        ),
        "geral": QueueNode(
            "geral",
            GERAL.name,
            30,
            "outros",
            said("tecle dois ou três"),
            {"2": "fila2", "3": "aviso"},
        ),
        "fila2": QueueNode("fila2", PROTOCOLO.name, 40, "protocolo", said("fila dois")),
        "aviso": SayNode("aviso", said("veja no site"), "geral"),
        "reclamar": QueueNode("reclamar", OUVIDORIA.name, 35, "reclamação"),
        "pede_numero": CollectNode(
            "pede_numero", said("digite"), "pedido", "consulta", kind="numero", least=4, most=4
        ),
        "consulta": LookUpNode(
            "consulta",
            "situacao",
            {"numero": "pedido"},
            "achou",
            "menu",
            "geral",
            said("um momento"),
            0.1,
        ),
        "achou": SayNode("achou", said("situação: {situacao}"), "fim"),
        "recado": MessageNode("recado", said("fale após o sinal"), "fim", 60.0),
        "fora": TransferNode("fora", "samu", "fim", "geral", said("transferindo")),
        "fim": EndNode("fim", said("obrigado")),
        "pesquisa": SurveyNode(
            "pesquisa",
            (Question("clareza", said("foi claro?")), Question("nota", said("que nota?"))),
            "fim",
            said("responda"),
        ),
    },
    person=GERAL.name,
    person_priority=30,
    defaults=Defaults(protocol_key="7"),
    waiting=WaitingPlan(said("aguarde"), True, said("protocolo"), 60.0, said("obrigado")),
    after="pesquisa",
)
FULL_199 = LinePlan(
    line="199",
    start="fila",
    nodes={
        "fila": DecideNode("fila", (Case((Condition("resumido", ("sim",)),), "risco"),), "risco"),
        "risco": QueueNode("risco", RISCO.name, 100, "risco", said("árvore, um"), {"1": "arvore"}),
        "arvore": QueueNode("arvore", ARVORE.name, 95, "árvore"),
    },
    person=RISCO.name,
    person_priority=100,
    waiting=WaitingPlan(said("defesa civil"), False, (), 20.0, ()),
)
FULL_153 = LinePlan(
    line="153",
    start="fila",
    nodes={
        "fila": QueueNode("fila", RISCO.name, 100, "guarda", said("elogio, dois"), {"2": "passa"}),
        "passa": HandOverNode(
            "passa", "156", OUVIDORIA.name, 35, "guarda", said("vou passar ao 156")
        ),
    },
    person=RISCO.name,
    waiting=WaitingPlan(said("guarda civil")),
)
SITUACAO = ServiceSpec(
    "situacao", "central", sql="…", given=("numero",), answers=("situacao",), seconds=0.2
)


def full_centre(**more: Any) -> Centre:
    """A centre with these plans; `more`: what else was published, and the services' answers."""
    answers = {"situacao": Answer(FOUND, {"situacao": "ok"})}
    outside = more.pop("outside", None) or Outside(answers)
    published = {"services": {"situacao": SITUACAO}, "destinations": {"samu": "192"}, **more}
    lines = (FULL_156, FULL_199, FULL_153)
    return Centre(lines=lines, table=TABLE, outside=outside, more=published)


async def until(condition: Callable[[], object], seconds: float = 2.0) -> Any:
    """Ask again until there is an answer; it."""
    for _ in range(int(seconds / 0.005)):
        if found := condition():
            return found
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to pass")


def place_of(channel: Channel) -> Place:
    """What stands on the channel."""
    return Place.from_text(channel.variables["C156_PLACE"])


def details(centre: Centre, kind: Kind) -> list[dict[str, Any]]:
    """The details of all facts of a kind."""
    return [dict(fact.details) for fact in centre.store.of(kind)]


async def waits(centre: Centre, channel: Channel) -> asyncio.Task[str]:
    """A step that has come to wait in a queue and hears the music there."""
    channel.music_on = False
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.music_on or step.done())
    assert not step.done()
    return step


async def leaves(channel: Channel, step: asyncio.Task[str]) -> None:
    """The citizen hangs up."""
    channel.gone.set()
    await step
