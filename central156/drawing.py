"""A line's tree as a picture: Graphviz lays it out, the words and colours are chosen here.

Every node is drawn once, at the shortest way to it, so that the picture is a tree without
crossing lines: `↪ nome` stands for a way to a node that is drawn elsewhere. What ends a way in the
menu (a queue, another line, the end) stands in the row of its key. Keys that every menu has are
told once, in the legend.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import graphviz

from central156.drawing_sheet import laid_out, trees_of
from central156.drawing_words import (
    COLOURS,
    box_of,
    is_leaf,
    leaf_words,
    row_of,
    ways,
    whole_text,
)
from ivr.difference_words import kind_of, quantity
from ivr.menu import KIND_WORDS, LinePlan

FONT: Final = "DejaVu Sans"
DEPTHS: Final = range(1, 8)


class NoGraphviz(Exception):
    """The program `dot` is not on this machine."""


def draw(plan: LinePlan, version: str = "") -> str:
    """The picture as SVG, cut where it fills its sheet best. NoGraphviz when `dot` is missing."""
    sheets = [
        laid_out(trees_of(_drawn(trees)))
        for trees in dict.fromkeys(sources_of(plan, version, depth) for depth in DEPTHS)
    ]
    return max(reversed(sheets), key=lambda sheet: sheet.scale).svg()  # of equals the least cut


def sources_of(plan: LinePlan, version: str, depth: int) -> tuple[str, ...]:
    """The legend and the trees as Graphviz's text; a way that is longer than `depth` boxes beside
    each other goes on as a tree of its own."""
    return _Picture(plan, version, depth).sources()


def _drawn(sources: tuple[str, ...]) -> str:
    """All in one run of the program, which takes longer to start than to draw."""
    try:
        return str(graphviz.Source("\n".join(sources)).pipe("svg", encoding="utf-8"))
    except graphviz.ExecutableNotFound:
        raise NoGraphviz from None


def _graph() -> graphviz.Digraph:
    return graphviz.Digraph(
        graph_attr={
            "rankdir": "LR",
            "nodesep": "0.1",
            "ranksep": "0.4",
            "margin": "0.02",
            "fontname": FONT,
        },
        node_attr={"shape": "plain", "fontname": FONT, "fontsize": "10"},
        edge_attr={"arrowsize": "0.6", "color": "#555555"},
    )


ROOT: Final = {
    "shape": "cds",
    "fontsize": "11",
    "style": "filled",
    "fillcolor": "#333333",
    "fontcolor": "white",
    "margin": "0.12,0.06",
}


def _join(graph: graphviz.Digraph, name: str, children: list[tuple[str, str]]) -> None:
    """Lines to what follows: from its row, or from below when it is the only one."""
    if len(children) > 1:
        for port, target in children:
            graph.edge(f"n_{name}:{port}:e", f"n_{target}:topo:w")
    for _, target in children[: len(children) == 1]:
        with graph.subgraph() as column:
            column.attr(rank="same")
            column.edge(f"n_{name}", f"n_{target}")


def _while_waiting(plan: LinePlan) -> list[str]:
    """What the keys mean to those who wait, wherever they came from; and what they are told."""
    home, told = plan.waiting.call_back, []
    if plan.defaults.protocol_key and plan.waiting.speak_protocol:
        told.append(f"{plan.defaults.protocol_key}: repete o protocolo")
    if home.call_back_key:
        limit = quantity(home.longer_than / 60)
        told.append(f"{home.call_back_key}: ligar de volta (espera de mais de {limit} min)")
    if plan.waiting.forecast.wait_text:
        told.append(f"previsão a cada {quantity(plan.waiting.forecast.forecast_seconds)} s")
    return ["<B>Na espera</B>", *told] if told else []


@dataclass(slots=True)
class _Picture:
    plan: LinePlan
    version: str
    depth: int
    drawn: set[str] = field(default_factory=set)
    later: list[str] = field(default_factory=list)  # roots of their own

    def sources(self) -> tuple[str, ...]:
        """The legend, then a tree for each root."""
        legend = _graph()
        legend.node("legenda", f"<{self._legend()}>")
        found = [str(legend.source)]
        for title, name in self._roots():
            graph = _graph()
            graph.node("raiz", title, **ROOT)
            graph.edge("raiz", f"n_{name}")
            self._grow(graph, name)
            found.append(str(graph.source))
        while self.later:
            name = self.later.pop(0)
            if name not in self.drawn:
                graph = _graph()
                self._grow(graph, name)
                found.append(str(graph.source))
        return tuple(found)

    def _roots(self) -> Iterator[tuple[str, str]]:
        plan = self.plan
        roots = {f"Linha {plan.line}": plan.start}
        if plan.short_start:
            roots["Menu resumido"] = plan.short_start
        if plan.after:
            roots["Depois da conversa"] = plan.after
        for title, name in roots.items():
            if name in plan.nodes and name not in self.drawn:
                yield title, name
        for code, name in plan.codes.items():
            if name in plan.nodes and name not in self.drawn and not is_leaf(plan.nodes[name]):
                yield f"Código {code}", name

    def _grow(self, graph: graphviz.Digraph, root: str) -> None:
        """Draw what can be reached from here and is not drawn yet, nearest first."""
        waiting = [(root, 1)]
        self.drawn.add(root)
        while waiting:
            name, depth = waiting.pop(0)
            rows, children = [], []
            for number, (label, target) in enumerate(ways(self.plan.nodes[name])):
                port, words, colour = f"s{number}", "", ""
                node = self.plan.nodes.get(target)
                if node is None:
                    words, colour = "atendente", COLOURS["fila"]
                elif is_leaf(node):
                    words, colour = leaf_words(node), COLOURS[kind_of(node)]
                    self.drawn.add(target)
                elif target in self.drawn or target in self.later:
                    words = f"↪ {target}"
                elif depth > self.depth:
                    words = f"↪ {target}"
                    self.later.append(target)
                else:
                    words = f"→ {target}"
                    self.drawn.add(target)
                    children.append((port, target))
                rows.append(row_of(port, label, words, colour))
            box, whole = box_of(self.plan.nodes[name], rows), whole_text(self.plan.nodes[name])
            graph.node(f"n_{name}", f"<{box}>", tooltip=whole or name)
            below = len(children) == 1
            waiting += ((target, depth if below else depth + 1) for _, target in children)
            _join(graph, name, children)

    def _legend(self) -> str:
        plan, defaults = self.plan, self.plan.defaults
        lines = [
            f"<B><FONT POINT-SIZE='16'>Linha {plan.line}</FONT></B>",
            *([f"versão {self.version}"] if self.version else []),
            "",
            "<B>Em toda etapa que pergunta</B>",
            f"9: atendente ({plan.person}, prioridade {plan.person_priority})",
            "*: volta um menu; *00: volta ao começo",
            f"silêncio ou tecla errada {defaults.tries} vezes: atendente",
            f"a tecla é esperada por {quantity(defaults.key_seconds)} s",
            "↪ nome: etapa desenhada em outro lugar",
        ]
        lines += _while_waiting(plan)
        if plan.codes:
            codes = [f"{code}: {name}" for code, name in plan.codes.items()]
            lines += ["<B>Códigos diretos</B>", *(html.escape(code) for code in codes)]
        cells = "".join(f"<TR><TD ALIGN='LEFT'>{line} &#160;</TD></TR>" for line in lines)
        used = {kind_of(node) for node in plan.nodes.values()}
        for kind in (kind for kind in KIND_WORDS.values() if kind in used):
            cells += f"<TR><TD ALIGN='LEFT' BGCOLOR='{COLOURS[kind]}'>{kind}</TD></TR>"
        return f"<TABLE BORDER='1' CELLBORDER='0' CELLSPACING='0' CELLPADDING='3'>{cells}</TABLE>"
