"""What a line's plan must hold before any caller walks through it. Every finding is in the
words of who wrote the plan, says which part of it is meant, and names the way that breaks the rule.

    check_paths           names exist, every way ends, a person is always near, data are known
    check_prompts         every text is recorded, and none is too long
    check_announcements   … and what is announced for a while

A part whose value is '' was already refused by who read it, or was left open on purpose, and is
passed over here. The proofs themselves stand in `ivr/proofs/`, one file for each kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from ivr.announcements import Announcement
from ivr.menu import LinePlan, Part
from ivr.proofs import (
    emergency,
    ends,
    gaps,
    languages,
    menus,
    needed,
    persons,
    recordings,
    targets,
    waiting,
)
from ivr.proofs.announced import announcements_can_be_heard
from ivr.proofs.findings import Around, Problem, closest, nearest
from ivr.proofs.flow import flow_of
from ivr.proofs.graph import graph_of
from ivr.proofs.lengths import LengthOf
from terms.limits import MISTAKES_SHOWN

__all__ = [
    "Around",
    "LengthOf",
    "Part",
    "Problem",
    "check_announcements",
    "check_names",
    "check_paths",
    "check_prompts",
    "closest",
    "nearest",
]


def check_paths(plan: LinePlan, around: Around) -> tuple[Problem, ...]:
    """Everything that can be told without the recordings."""
    graph = graph_of(plan, around.sent.get(plan.line, ()))
    others = (graph_of(other) for line, other in around.all_lines.items() if line != plan.line)
    flow = flow_of(graph, others)
    return check_names(plan, around) + _first_of_each(
        gaps.data_are_known(graph, around),
        ends.every_way_ends(graph),
        ends.nobody_is_sent_away(graph),
        ends.all_are_reached(graph),
        persons.nine_is_a_person(graph),
        persons.a_person_is_near(graph),
        emergency.silence_reaches_the_queue(graph),
        emergency.the_protocol_is_not_spoken(plan),
        menus.options_can_be_followed(flow),
        menus.there_is_time(plan),
        menus.surveys_come_after(graph),
        menus.codes_stay_in_the_menu(graph),
        languages.texts_exist(flow),
        waiting.nobody_in_danger_is_told_to_wait(plan),
        waiting.a_forecast_foretells(plan),
        waiting.what_is_foretold_is_told_there_alone(plan),
        waiting.the_key_is_free(plan),
    )


def check_names(plan: LinePlan, around: Around) -> tuple[Problem, ...]:
    """Of these, what can be told of a plan that could not be read whole: its names alone."""
    return _first_of_each(
        targets.targets_exist(plan),
        targets.queues_exist(plan, around),
        needed.needs_can_be_met(plan, around),
        targets.names_exist(plan, around),
        targets.codes_are_codes(plan),
    )


def check_prompts(plan: LinePlan, length_of: LengthOf) -> tuple[Problem, ...]:
    """Every text is recorded and short enough."""
    return _first_of_each(
        recordings.all_are_recorded(plan, length_of),
        recordings.none_is_long(plan, length_of),
        waiting.it_is_short(plan, length_of),
        emergency.speech_is_short(flow_of(graph_of(plan)), length_of),
    )


def check_announcements(
    announcements: Iterable[Announcement], lines: Mapping[str, LinePlan], length_of: LengthOf
) -> tuple[Problem, ...]:
    """What is announced for a while. Parts are (announcement's name, one of its fields)."""
    return tuple(announcements_can_be_heard(announcements, lines, length_of))


def _first_of_each(*proofs: Iterator[Problem]) -> tuple[Problem, ...]:
    """More than MISTAKES_SHOWN of one kind help nobody."""
    return tuple(problem for proof in proofs for problem in islice(proof, MISTAKES_SHOWN))
