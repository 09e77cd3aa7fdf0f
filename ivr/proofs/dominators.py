"""Which nodes every caller must have passed who stands at a node: its dominators.

By the semi-NCA algorithm (Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems",
2005; after Lengauer and Tarjan): nearly linear whatever the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.proofs.graph import Graph, Way

DOOR = ""
"""Stands before all places where calls come in; no node has this name."""


@dataclass(frozen=True, slots=True)
class Dominators:
    """The tree of nearest dominators, as each node's span in it."""

    spans: Mapping[str, tuple[int, int]]

    def passed(self, name: str, at: str) -> bool:
        """Whether everybody who stands at `at` has passed `name`."""
        outer, inner = self.spans.get(name), self.spans.get(at)
        return outer is not None and inner is not None and outer[0] <= inner[0] < outer[1]


def dominators_of(graph: Graph) -> Dominators:
    """Of all nodes that are reached."""
    roots = tuple(Way((), "", root.node) for root in (*graph.before, *graph.after))
    names, parents = _depth_first(graph, roots)
    number = {name: place for place, name in enumerate(names)}
    into: list[list[int]] = [[] for _ in names]
    for name in names:
        for way in graph.ways[name] if name != DOOR else roots:
            into[number[way.target]].append(number[name])
    nearest = _nearest(parents, _semi(parents, into))
    return Dominators(_spans(names, nearest))


def _depth_first(graph: Graph, roots: tuple[Way, ...]) -> tuple[list[str], list[int]]:
    """Every reached node after the one it was first met from, and that one's number."""
    names, parents = [DOOR], [0]
    seen = {DOOR}
    work = [(0, iter(roots))]
    while work:
        number, rest = work[-1]
        way = next(rest, None)
        if way is None:
            work.pop()
        elif way.target not in seen:
            seen.add(way.target)
            work.append((len(names), iter(graph.ways[way.target])))
            names.append(way.target)
            parents.append(number)
    return names, parents


def _semi(parents: list[int], into: list[list[int]]) -> list[int]:
    """The semidominator of each node, by number."""
    semi, best = list(range(len(parents))), list(range(len(parents)))
    above = [-1] * len(parents)  # the forest of nodes already done; -1: a root of it

    def smallest(node: int) -> int:
        """The node of least semidominator on the way up its tree; shortens the way meanwhile."""
        way = []
        while above[node] >= 0 and above[above[node]] >= 0:
            way.append(node)
            node = above[node]
        top = above[node]
        for lower in reversed(way):
            upper = above[lower]
            if semi[best[upper]] < semi[best[lower]]:
                best[lower] = best[upper]
            above[lower] = top
        return best[way[0] if way else node]

    for node in range(len(parents) - 1, 0, -1):
        for previous in into[node]:
            semi[node] = min(semi[node], semi[smallest(previous)])
        above[node] = parents[node]
    return semi


def _nearest(parents: list[int], semi: list[int]) -> list[int]:
    nearest = list(parents)
    for node in range(1, len(parents)):
        while nearest[node] > semi[node]:
            nearest[node] = nearest[nearest[node]]
    return nearest


def _spans(names: list[str], nearest: list[int]) -> dict[str, tuple[int, int]]:
    """Each node's place in the tree, and the place after the last one below it."""
    below: list[list[int]] = [[] for _ in names]
    for node in range(1, len(names)):
        below[nearest[node]].append(node)
    spans: dict[str, tuple[int, int]] = {}
    begun = {0: 0}
    work = [(0, iter(below[0]))]
    while work:
        node, rest = work[-1]
        child = next(rest, None)
        if child is None:
            spans[names[node]] = (begun[node], len(begun))
            work.pop()
        else:
            begun[child] = len(begun)
            work.append((child, iter(below[child])))
    return spans
