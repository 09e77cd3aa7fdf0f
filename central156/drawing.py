"""A line's tree as a picture: Graphviz lays it out, the words and colours are chosen here.

Every node is drawn once, at the shortest way to it, so that the picture is a tree without
crossing lines: `↪ nome` stands for a way to a node that is drawn elsewhere. What ends a way in the
menu (a queue, another line, the end) stands in the row of its key. Keys that every menu has are
told once, in the legend.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import graphviz

from central156.drawing_words import (
    COLOURS,
    box_of,
    is_leaf,
    leaf_words,
    row_of,
    ways,
    whole_text,
)
from ivr.difference_words import KIND_WORDS, kind_of, quantity
from ivr.menu import LinePlan

FONT: Final = "DejaVu Sans"
A3: Final = "16.0,11.2"
"""Inches: a sheet on its side, less its margins."""

DEPTHS: Final = range(2, 9)
_SCALE: Final = re.compile(r"scale\(([0-9.]+) ")


class NoGraphviz(Exception):
    """The program `dot` is not on this machine."""


def draw(plan: LinePlan, version: str = "") -> str:
    """The picture as SVG, cut where it fills its sheet best. NoGraphviz when `dot` is missing."""
    tries = [_svg(source_of(plan, version, depth)) for depth in DEPTHS]
    return max(reversed(tries), key=_letters)  # of equal ones, the least cut


def source_of(plan: LinePlan, version: str, depth: int) -> str:
    """The picture as Graphviz's text; ways longer than `depth` boxes go on in a new place."""
    return _Picture(plan, version, depth).source()


def _svg(source: str) -> str:
    try:
        return str(graphviz.Source(source).pipe("svg", encoding="utf-8"))
    except graphviz.ExecutableNotFound:
        raise NoGraphviz from None


def _letters(svg: str) -> float:
    """How large the letters are when the picture fills a sheet: the scale that Graphviz took."""
    found = _SCALE.search(svg)
    return float(found[1]) if found else 0.0


@dataclass(slots=True)
class _Picture:
    plan: LinePlan
    version: str
    depth: int
    drawn: set[str] = field(default_factory=set)
    later: list[str] = field(default_factory=list)  # roots of their own
    edges: list[tuple[str, str, str]] = field(default_factory=list)  # node, port, node

    def source(self) -> str:
        """All of it."""
        graph = graphviz.Digraph(
            f"linha_{self.plan.line}",
            graph_attr={
                "rankdir": "LR",
                "nodesep": "0.12",
                "ranksep": "0.55",
                "splines": "spline",
                "size": A3,
                "margin": "0.15",
                "fontname": FONT,
                "label": "",
            },
            node_attr={"shape": "plain", "fontname": FONT, "fontsize": "10"},
            edge_attr={"arrowsize": "0.6", "color": "#555555"},
        )
        graph.node("legenda", f"<{self._legend()}>")
        for number, (title, name) in enumerate(self._roots()):
            graph.node(
                f"raiz{number}",
                title,
                shape="cds",
                fontsize="11",
                style="filled",
                fillcolor="#333333",
                fontcolor="white",
                margin="0.12,0.06",
            )
            if name in self.drawn:
                continue
            graph.edge(f"raiz{number}", f"n_{name}")
            self._grow(graph, name)
        while self.later:
            name = self.later.pop(0)
            if name not in self.drawn:
                self._grow(graph, name)
        for node, port, target in self.edges:
            if port:
                graph.edge(f"n_{node}:{port}:e", f"n_{target}:topo:w")
                continue
            with graph.subgraph() as column:  # an only way on stands below, not beside
                column.attr(rank="same")
                column.edge(f"n_{node}", f"n_{target}")
        return str(graph.source)

    def _roots(self) -> Iterator[tuple[str, str]]:
        plan = self.plan
        roots = {f"Linha {plan.line}": plan.start}
        if plan.short_start:
            roots["Menu resumido"] = plan.short_start
        if plan.after:
            roots["Depois da conversa"] = plan.after
        seen: set[str] = set()
        for title, name in roots.items():
            if name in plan.nodes and name not in seen:
                seen.add(name)
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
            for port, target in children:
                waiting.append((target, depth if below else depth + 1))
                self.edges.append((name, "" if below else port, target))

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
        if plan.codes:
            codes = [f"{code}: {name}" for code, name in plan.codes.items()]
            lines += ["<B>Códigos diretos</B>", *(html.escape(code) for code in codes)]
        cells = "".join(f"<TR><TD ALIGN='LEFT'>{line} &#160;</TD></TR>" for line in lines)
        used = {kind_of(node) for node in plan.nodes.values()}
        for kind in (kind for kind in KIND_WORDS.values() if kind in used):
            cells += f"<TR><TD ALIGN='LEFT' BGCOLOR='{COLOURS[kind]}'>{kind}</TD></TR>"
        return f"<TABLE BORDER='1' CELLBORDER='0' CELLSPACING='0' CELLPADDING='3'>{cells}</TABLE>"
