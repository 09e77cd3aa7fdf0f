"""Every text exists in every language that a caller may be spoken to in when it is said; in
Portuguese always."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

from ivr.menu import (
    BACK_KEY,
    CollectNode,
    EndNode,
    HandOverNode,
    MenuNode,
    Part,
    QueueNode,
    SurveyNode,
)
from ivr.proofs.findings import LANGUAGE_NAMES, Problem
from ivr.proofs.flow import Flow, State
from ivr.texts import PORTUGUESE, Texts
from ivr.ways import said, spoken

ASKS = (MenuNode, CollectNode, SurveyNode)
"""Nodes that say the defaults' texts before they ask again."""
FEW = 4
"""So many texts that lack a language after the first one are told each; more are told as a number:
one `idioma` that was forgotten lets callers walk through a whole tree."""


def texts_exist(flow: Flow) -> Iterator[Problem]:
    """Where a text lacks a language, the way by which a caller comes there in it."""
    plan = flow.graph.plan
    for part, texts in spoken(plan):
        yield from _missing(part, texts, PORTUGUESE, "")
    for language in dict.fromkeys(language for _, language in flow.trail.came):
        if language != PORTUGUESE:
            yield from _where_it_begins(flow, language)
    asked, waited = _first_states(flow)
    for part, texts in spoken(plan):
        ways = {"defaults": asked, "waiting": waited}.get(part[0], {})
        for language, path in ways.items():
            if language != PORTUGUESE:
                yield from _missing(part, texts, language, path)


def _where_it_begins(flow: Flow, language: str) -> Iterator[Problem]:
    """The nodes whose texts lack this language; of many, those to which the others lead back."""
    lacking: dict[State, list[Problem]] = {}
    for state in flow.trail.came:
        name, spoken_there = state
        for part, texts in said(flow.graph.plan.nodes[name]) if spoken_there == language else ():
            these = _missing(("nodes", name, *part), texts, language, flow.trail.path(state))
            lacking.setdefault(state, []).extend(these)
    lacking = {state: found for state, found in lacking.items() if found}
    first = {state for state in lacking if not _comes_after_another(flow, state, lacking)}
    after = sum(len(found) for state, found in lacking.items() if state not in first)
    if not first or after <= FEW:
        first, after = set(lacking), 0
    for state, found in lacking.items():
        for problem in found if state in first else ():
            more = (
                f"; depois daqui, mais {after} textos: escreva todos nesse idioma, "
                "ou ponha 'idioma: pt' nesta etapa"
            )
            yield replace(problem, message=problem.message + more) if after else problem
            after = 0


def _comes_after_another(flow: Flow, state: State, lacking: Container[State]) -> bool:
    """Whether callers come here from a node that lacks the language too, or back from one."""
    previous, branch = flow.trail.came[state]
    if branch.endswith(f"… {BACK_KEY}"):
        return True
    while previous is not None and previous[1] == state[1]:
        if previous in lacking:
            return True
        previous = flow.trail.came[previous][0]
    return False


def _missing(part: Part, texts: Texts, language: str, path: str) -> Iterator[Problem]:
    for number, text in enumerate(texts):
        alone = len(text.words) == 1 and PORTUGUESE not in text.words  # so to everyone, on purpose
        if language not in text.words and not alone:
            where = (*part, str(number)) if len(texts) > 1 else part
            name = LANGUAGE_NAMES.get(language, language)
            way = f"; uma ligação chega aqui em {name}: {path}" if path else ""
            yield Problem(where, f"o texto não existe em {name}{way}")


def _first_states(flow: Flow) -> tuple[dict[str, str], dict[str, str]]:
    """For each language a way to a node that asks again, and one to where callers wait: from
    every node but the last a caller may fall to the line's person."""
    nodes = flow.graph.plan.nodes
    asked: dict[str, State] = {}
    waited: dict[str, State] = {}
    for state in flow.trail.came:
        name, language = state
        if isinstance(nodes[name], ASKS):
            asked.setdefault(language, state)
        if not isinstance(nodes[name], EndNode | HandOverNode):
            best = waited.get(language)
            queue = isinstance(nodes[name], QueueNode)
            if best is None or (queue and not isinstance(nodes[best[0]], QueueNode)):
                waited[language] = state
    paths = {language: flow.trail.path(state) for language, state in waited.items()}
    return (
        {language: flow.trail.path(state) for language, state in asked.items()},
        {**flow.incoming, **paths},
    )
