"""Plans as hypothesis makes them up, of all kinds of nodes.

sound_plans()   the checker has nothing to say against them (AROUND is what is around them)
plans()         whole, but their ways lead anywhere: circles, dead ends, names that are wrong
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from ivr.checker import Around
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
    Node,
    Question,
    QueueNode,
    SayNode,
    SurveyNode,
    TransferNode,
    WaitingPlan,
)
from ivr.proofs.graph import graph_of
from ivr.texts import Text, Texts, pieces_of
from terms.names import QueueName
from terms.services import ServiceSpec

QUEUE, OTHER_QUEUE = QueueName("p156_geral"), QueueName("e199_risco")
LOOKED_UP = ServiceSpec("pedido", "central", sql="…", given=("numero",), answers=("a", "b"))
AROUND = Around(
    queues={QUEUE: "156", OTHER_QUEUE: "199"},
    hours=frozenset({"comercial"}),
    services={"pedido": LOOKED_UP},
    destinations=frozenset({"fora"}),
)
KEYS = {
    "0": ("zero", "zero"),
    "1": ("um", "one"),
    "2": ("dois", "two"),
    "3": ("três", "three"),
    "4": ("quatro", "four"),
    "5": ("cinco", "five"),
    "8": ("oito", "eight"),
    "#": ("quadrado", "pound"),
}
CONDITIONS = (
    Condition("horario", ("comercial",)),
    Condition("feriado", ("sim",)),
    Condition("hora", ("18:00-06:00",)),
    Condition("dia", ("sabado", "domingo")),
    Condition("ddd", ("11",)),
    Condition("telefone", ("movel",)),
    Condition("surdo", ("sim",)),
    Condition("resumido", ("nao",)),
    Condition("dado_existe", ("sim",), "telefone"),
    Condition("dado_comeca_com", ("080",), "entrada"),
)


def text(portuguese: str, english: str = "Please.") -> Texts:
    return (Text({"pt": pieces_of(portuguese), "en": pieces_of(english)}),)


OLA = text("Olá.")
FIXED: tuple[Node, ...] = (
    QueueNode("fila", QUEUE, text=text("Recado, um.", "Message, one."), options={"1": "recado"}),
    MessageNode("recado", text("Fale depois do sinal."), "fila"),
    HandOverNode("entrega", "199", OTHER_QUEUE, priority=100, text=OLA),
    SayNode("tchau", text("Obrigado."), "fim"),
    EndNode("fim", text("Até logo.")),
    SurveyNode(
        "pesquisa",
        (Question("clareza", text("Foi claro?")), Question("nota", text("Que nota?"))),
        "fim",
        text("Responda, por favor."),
    ),
)
"""What every plan has besides the nodes that are made up."""


@dataclass(frozen=True)
class Targets:
    """Where the ways of one node may lead: with a key, by themselves, and after being served."""

    with_a_key: st.SearchStrategy[str]
    by_itself: st.SearchStrategy[str]
    when_served: st.SearchStrategy[str]


@st.composite
def _options(draw: st.DrawFn, targets: Targets) -> tuple[dict[str, str], Texts]:
    keys = draw(st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=4, unique=True))
    options = {key: draw(targets.with_a_key) for key in keys}
    said = [" ".join(f"Assunto, {KEYS[key][number]}." for key in keys) for number in (0, 1)]
    return options, text(f"Escolha, por favor. {said[0]}", said[1])


@st.composite
def _node(draw: st.DrawFn, name: str, targets: Targets) -> Node:
    kind = draw(st.sampled_from(("say", "menu", "menu", "menu", *_BY_KIND)))
    if kind == "say":
        language = draw(st.sampled_from(("", "", "", "pt", "en")))
        return SayNode(name, OLA, draw(targets.by_itself), language=language)
    if kind == "menu":
        options, said = draw(_options(targets))
        gives_up = draw(st.sampled_from(("", "fila")))
        tries = draw(st.sampled_from((None, 1, 3)))
        return MenuNode(name, said, options, again=said, gives_up=gives_up, tries=tries)
    return draw(_BY_KIND[kind](name, targets))


def _collect(name: str, targets: Targets) -> st.SearchStrategy[Node]:
    echo = text(f"Você digitou {{v_{name}:digitos}}, tecle um.")
    return st.builds(
        CollectNode,
        st.just(name),
        st.just(OLA),
        st.just(f"v_{name}"),
        targets.with_a_key,
        kind=st.sampled_from(("cpf", "cnpj", "protocolo", "numero")),
        least=st.just(2),
        most=st.integers(2, 6),
        echo=st.sampled_from(((), echo)),
        failed=st.sampled_from(("", "fila")),
    )


def _decide(name: str, targets: Targets) -> st.SearchStrategy[Node]:
    when = st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=2).map(tuple)
    cases = st.lists(st.builds(Case, when, targets.by_itself), min_size=1, max_size=3).map(tuple)
    return st.builds(DecideNode, st.just(name), cases, targets.by_itself)


def _look_up(name: str, targets: Targets) -> st.SearchStrategy[Node]:
    ways = (targets.by_itself,) * 3
    given = st.just({"numero": "telefone"})
    return st.builds(
        LookUpNode, st.just(name), st.just("pedido"), given, *ways, st.sampled_from(((), OLA))
    )


def _transfer(name: str, targets: Targets) -> st.SearchStrategy[Node]:
    ways = (targets.when_served, targets.by_itself)
    return st.builds(TransferNode, st.just(name), st.just("fora"), *ways, st.just(OLA))


def _message(name: str, targets: Targets) -> st.SearchStrategy[Node]:
    return st.builds(MessageNode, st.just(name), st.just(OLA), targets.when_served)


def _queue(name: str, targets: Targets) -> st.SearchStrategy[Node]:
    return st.builds(
        lambda pair: QueueNode(name, QUEUE, options=pair[0], text=pair[1]), _options(targets)
    )


_BY_KIND = {
    "collect": _collect,
    "decide": _decide,
    "look_up": _look_up,
    "transfer": _transfer,
    "message": _message,
    "queue": _queue,
}


def _line(nodes: dict[str, Node], code: str, short_start: str) -> LinePlan:
    named = {**nodes, **{node.name: node for node in FIXED}}
    return LinePlan(
        "156",
        "n0",
        named,
        QUEUE,
        defaults=Defaults(wrong=OLA, silent=OLA, mistyped=OLA, protocol_key="7"),
        waiting=WaitingPlan(before=OLA, speak_protocol=True, protocol_text=OLA, repeat=OLA),
        after="pesquisa",
        short_start=short_start,
        codes={"*11": code},
        languages=("pt", "en"),
    )


@st.composite
def sound_plans(draw: st.DrawFn, most: int = 8) -> LinePlan:
    """What goes on by itself leads to a later node or to a person, so every way ends."""
    count = draw(st.integers(1, most))
    names = [f"n{number}" for number in range(count)]
    nodes: dict[str, Node] = {}
    for number, name in enumerate(names):
        later = (*names[number + 1 :], "fila", "entrega")
        targets = Targets(
            with_a_key=st.sampled_from((*names, "fila", "entrega", "tchau")),
            by_itself=st.sampled_from(later),
            when_served=st.sampled_from((*later, "tchau")),
        )
        nodes[name] = draw(_node(name, targets))
    anywhere = st.sampled_from((*names, "fila", "entrega"))
    plan = _line(nodes, draw(anywhere), draw(st.sampled_from(("", *names))))
    return only_what_is_reached(plan)


def only_what_is_reached(plan: LinePlan) -> LinePlan:
    """Without the nodes that nobody gets to."""
    graph = graph_of(plan)
    kept = {
        name: node
        for name, node in plan.nodes.items()
        if name in graph.reached or name in graph.reached_after
    }
    return LinePlan(
        plan.line,
        plan.start,
        kept,
        plan.person,
        defaults=plan.defaults,
        waiting=plan.waiting,
        after=plan.after,
        short_start=plan.short_start,
        codes=plan.codes,
        languages=plan.languages,
    )


@st.composite
def plans(draw: st.DrawFn, most: int = 8) -> LinePlan:
    """Ways lead to any node; now and then to one that is not there."""
    count = draw(st.integers(1, most))
    names = [f"n{number}" for number in range(count)]
    anywhere = st.sampled_from((*names, *names, *(node.name for node in FIXED), "nenhuma"))
    targets = Targets(anywhere, anywhere, anywhere)
    nodes = {name: draw(_node(name, targets)) for name in names}
    return _line(nodes, draw(anywhere), draw(st.sampled_from(("", *names))))
