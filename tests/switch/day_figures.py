"""Figures of the day in miniature that the table of reports (day_table.py) has in several places.

Each takes the count and gives a number, or a number for every row: by queue, by node, by agent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from statistics import fmean
from typing import Any

from day_count import (
    EDGE,
    GAVE_UP,
    About,
    Between,
    Count,
    Expected,
    NodeStay,
    QueueStay,
    around,
    steps_of,
    tally,
)
from day_scenario import X

Rows = Mapping[tuple[Any, ...], Expected]

HALF = 0.5
"""Seconds by which a mean of the phones' may differ: the switch listens for half a second to a call
that it has answered, before the menu begins."""


# --- counts that several reports have ---
USE: Mapping[str, Callable[[Count], Any]] = {
    "received": lambda day: len(day.calls),
    "queued": lambda day: day.went("queued"),
    "ended_in_menu": lambda day: day.went("ended_in_menu"),
    "left_in_menu": lambda day: day.went("left_in_menu"),
    "messages": lambda day: day.went("message_left"),
    "refused": lambda _: 0,
    "cut": lambda _: 0,
    "static": lambda _: 0,
    "in_menu": lambda _: 0,
}


def stays(*names: str, how: str = "") -> Callable[[Count], Any]:
    """Stays in queues that ended so: all, or by these of their columns."""

    def count(day: Count) -> Any:
        found = tally(day.stays, *names, of=lambda one: how in ("", one.how))
        return found if names else found.get((), 0)

    return count


def mean_wait(how: str, *names: str) -> Callable[[Count], Any]:
    """The mean wait of stays that ended so."""

    def mean(day: Count) -> Any:
        groups: dict[tuple[Any, ...], list[QueueStay]] = {}
        for one in day.stays:
            groups.setdefault(tuple(getattr(one, name) for name in names), []).append(one)
        found = {
            key: _mean([one.wait for one in of if one.how == how]) for key, of in groups.items()
        }
        return found if names else found[()]

    return mean


def _mean(values: list[float]) -> Expected:
    return About(fmean(values), EDGE) if values else None


def within(how: str) -> Callable[[Count], Any]:
    """Stays that ended so after X s at most."""
    return lambda day: around(day.waits(how), X)


def beyond(how: str = "") -> Callable[[Count], Any]:
    """… and after more."""
    return lambda day: around(day.waits(how), float("inf"), X)


def nodes(*names: str, how: str = "") -> Callable[[Count], Any]:
    """Stays in nodes that ended so, by these of their columns."""
    return lambda day: tally(day.nodes, *names, of=lambda one: how in ("", one.how))


def only(rows: Rows, where: Callable[[Any], bool]) -> Rows:
    """The rows of which a count is not nothing, say."""
    return {key: value for key, value in rows.items() if where(key)}


def hung_up(day: Count) -> set[tuple[str, str]]:
    """Nodes in which citizens hung up."""
    return {(one.line, one.node) for one in day.nodes if one.how == "hangup"}


def silent_in(day: Count) -> set[tuple[str, str]]:
    """Nodes in which nobody pressed anything, if only for a while."""
    return {(one.line, one.node) for one in day.nodes if one.silences}


FEW = 5
"""Talks of which a machine that is busy with other things may lose some sound, or get some late."""


def silent_talks(day: Count) -> Between:
    """Talks in which nobody sent a sound."""
    many = sum(one.silent for one in day.talked)
    return Between(many - FEW, many)


def option(one: NodeStay) -> str:
    """What a stay in a node chose."""
    without = {"silence": "(sem resposta)", "hangup": "(desligou)"}
    return one.key if one.how == "key" else without.get(one.how, "(sem tecla)")


def options(day: Count) -> Rows:
    """The keys of the nodes in which one was waited for."""
    menus = {(one.line, one.node) for one in day.nodes if one.how in ("key", "invalid", "silence")}
    return Counter(
        (one.line, one.node, option(one)) for one in day.nodes if (one.line, one.node) in menus
    )


def of_talks(day: Count, *names: str) -> Callable[[Callable[[list[float]], Expected]], Rows]:
    """The talks of calls, by these of their columns."""

    def figure(what: Callable[[list[float]], Expected]) -> Rows:
        groups: dict[tuple[Any, ...], list[float]] = {}
        for one in day.talked:
            key = tuple(getattr(one, name) for name in names)
            groups.setdefault(key, []).append(one.seconds)
        return {key: what(found) for key, found in groups.items()}

    return figure


def talked_in(day: Count, figure: Expected) -> Rows:
    """The same for every queue of a talk: also of those to which nobody came but by our calls."""
    return {(one.line, one.queue): figure for one in day.talked}


def summed(values: list[float]) -> About:
    """Their sum."""
    return About(sum(values), 0.1 * len(values) + 1.0)


def mean(values: list[float]) -> About:
    """Their mean."""
    return About(fmean(values), 0.3)


def longest(values: list[float]) -> About:
    """The longest."""
    return About(max(values), 0.15)


def by_agent(what: Callable[[str, list[float]], Expected], day: Count) -> Rows:
    """The talks of each agent who talked."""
    groups: dict[str, list[float]] = {}
    for one in day.talks:
        groups.setdefault(one.agent, []).append(one.seconds)
    return {(agent,): what(agent, found) for agent, found in groups.items()}


def state(place: int) -> Callable[[Count], Rows]:
    """Seconds in one of an agent's states."""
    return lambda day: {(agent,): About(found[place], 2.0) for agent, found in day.states.items()}


def offered(*endings: str) -> Callable[[Count], Rows]:
    """Offers of each agent that ended so."""

    def count(day: Count) -> Rows:
        found = {(agent,): 0 for agent, _, _ in day.offers}
        for agent, ending, _ in day.offers:
            found[agent,] += not endings or ending in endings
        return found

    return count


def marked(*marks: int | None) -> Callable[[Count], Rows]:
    """Answers of each question, of these marks."""
    return lambda day: tally(day.marks, "question", of=lambda one: not marks or one.mark in marks)


def surveys(of: Callable[[list[int], int], float]) -> Callable[[Count], Rows]:
    """Surveys by the queue of the talk; queues of which nobody was asked, too."""

    def count(day: Count) -> Rows:
        found: dict[tuple[str, ...], float] = {(one.queue,): 0 for one in day.asked}
        for queue, marks, asked in day.surveys:
            found[queue,] += of(marks, asked)
        return found

    return count


def all_surveys(of: Callable[[list[int], int], float]) -> Callable[[Count], float]:
    """The same of all queues."""
    return lambda day: sum(of(marks, asked) for _, marks, asked in day.surveys)


SURVEYS: Mapping[str, Callable[[list[int], int], float]] = {
    "surveys": lambda marks, asked: 1,
    "answering": lambda marks, asked: bool(marks),
    "silent": lambda marks, asked: not marks,
    "satisfied": lambda marks, asked: bool(marks) and 3 * sum(map(good, marks)) >= 2 * len(marks),
    "given": lambda marks, asked: len(marks),
    "good": lambda marks, asked: sum(map(good, marks)),
    "unanswered": lambda marks, asked: asked - len(marks),
}


def good(mark: int) -> bool:
    """«Bom» and «ótimo»."""
    return mark >= 4


def tasks(*names: str, of: Callable[[Any], float] = lambda _: 1) -> Callable[[Count], Rows]:
    """Call-backs owed."""
    return lambda day: tally(day.tasks, *names, of=of)


def of_task(situation: str) -> Callable[[Any], bool]:
    """That a task stands so."""
    return lambda one: bool(one.situation == situation)


def made(day: Count, *names: str) -> Rows:
    """Calls of ours, by these columns."""
    return tally(day.made, *names)


def promises(day: Count) -> Rows:
    """Promised calls, all of which reached their citizens at the first try."""
    return made(day, "line", "queue")


def sent(day: Count, *names: str) -> Rows:
    """What agents sent on: (agent, kind, to) of each."""
    rows: list[tuple[str, str, str]] = []
    where = {one.name: one.sends for one in day.seen.people if one.sends[0]}
    for call in day.calls:
        rows += [
            (ring.agent, *where[ring.agent])
            for ring in call.talks
            if ring.agent in where and not ring.hung_up
        ]
    places = {"agent": 0, "kind": 1, "to": 2}
    return Counter(tuple(row[places[name]] for name in names) for row in rows)


def to(kind: str) -> Callable[[Count], Rows]:
    """Transfers of each agent to such a goal."""
    return lambda day: {
        (agent,): sent(day, "agent", "kind").get((agent, kind), 0)
        for (agent,) in sent(day, "agent")
    }


def in_menus(course: str = "") -> Callable[[Count], About]:
    """The mean time in the menus of calls that left them so."""
    return lambda day: About(
        fmean(took for one, took in day.ivr_times if course in ("", day.course(one.group)))
        - HALF / 2,
        HALF,
    )


def left_in(of: Callable[[float], bool]) -> Callable[[Count], int]:
    """Citizens who hung up in the menus after so many seconds."""
    return lambda day: sum(
        of(took) for one, took in day.ivr_times if day.course(one.group) == "left_in_menu"
    )


def left_at(of: Callable[[float], Any]) -> Callable[[Count], Rows]:
    """Citizens who hung up in the menus, by line and node, after so many seconds."""

    def count(day: Count) -> Rows:
        found: Counter[tuple[str, str]] = Counter()
        for one, took in day.ivr_times:
            if day.course(one.group) == "left_in_menu":
                found[one.group.line, steps_of(one)[-1].node] += bool(of(took))
        return found

    return count


def pause(what: Callable[[float, float | None], Expected]) -> Callable[[Count], Rows]:
    """Something of each agent's pause, by agent and reason."""
    return lambda day: {key: what(*span) for key, span in day.pauses.items()}


def keyless(day: Count, *courses: str) -> int:
    """Calls in which no key at all was pressed."""
    return sum(
        not one.group.keys and (not courses or day.course(one.group) in courses)
        for one in day.calls
    )


VISITS = ("key", "on", "queue", "silence", "invalid", "hangup", "transfer", "failure")
QUEUES = {"entered": "", "answered": "answered", "abandoned": "abandoned",
          "redirected": "redirected", "promised": "promised"}  # fmt: skip
NOTHING_ELSE = dict.fromkeys(("messages", "interrupted", "waiting", "difference"), lambda _: 0)
IN_QUEUES = {name: stays(how=how) for name, how in QUEUES.items()}
BY_ISLAND = {name: stays("line", "queue", how=how) for name, how in QUEUES.items()}
ANSWERED = {name: IN_QUEUES[name] for name in ("entered", "answered")}
MEAN_WAIT = {"mean_wait": mean_wait("answered")}
PER_DAY = {**ANSWERED, "abandoned": IN_QUEUES["abandoned"], **MEAN_WAIT}
LEVELS: Mapping[str, Callable[[Count], Any]] = {
    "received": lambda day: len(day.calls),
    "answered": lambda day: len(day.answered),
    "answered_within": lambda day: around(_waits_of_calls(day), X),
    "abandoned": lambda day: len(day.abandoned),
    "abandoned_beyond": lambda day: day.gave_up_after(X),
}


def _waits_of_calls(day: Count) -> list[float]:
    """Each answered call's first wait."""
    return [(one.talks[0].answered or 0.0) - (one.joined or 0.0) for one in day.answered]


def caller(one: Any) -> tuple[str]:
    """A number as the report shows it."""
    return ("não identificado" if one.group.hidden else one.caller,)


def callers(day: Count, which: Callable[[Any], bool]) -> Rows:
    """Calls of each number that are so."""
    found = {caller(one): 0 for one in day.calls}
    for one in day.calls:
        found[caller(one)] += which(one)
    return found


def bands(times: list[float]) -> Rows:
    edges = (0, 10, 20, 30, 60, 90, 120, 180, 300)
    found: dict[tuple[str], Expected] = {("mais de 300 s",): 0}
    for least, most in pairwise(edges):
        found[f"até {most} s",] = around(times, most, least or float("-inf"), edge=HALF + 0.2)
    return found


def classes(waits: list[float]) -> Rows:
    edges = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
    found: dict[tuple[str], Expected] = {("ainda aguardando",): 0, ("mais de 600 s",): 0}
    for least, most in pairwise(edges):
        name = f"mais de {least} até {most} s" if least else f"até {most} s"
        found[name,] = around(waits, most, least or float("-inf"))
    return found


def paused(day: Count, agent: str) -> float:
    return sum(
        (ended or day.ended) - began
        for (one, _), (began, ended) in day.pauses.items()
        if one == agent
    )


def owed_and(situation: str) -> Callable[[Count], int]:
    """Calls that are owed to those of 156 who gave up, and stand so."""
    return lambda day: sum(
        one.situation == situation for one in day.tasks if (one.line, one.because) == OWED
    )


OWED = ("156", GAVE_UP)


def opened_or_given_up(day: Count, opened: bool) -> Rows:
    """Rows of what was given up after X, or of which a task was opened; one of both."""
    given = Counter(
        (one.group.stays[0].queue, one.group.stays[0].note)
        for one in day.abandoned
        if one.group.line == "156" and one.ended - (one.joined or 0.0) > X
    )
    tasked = Counter((one.queue, one.note) for one in day.tasks if (one.line, one.because) == OWED)
    every = {
        (one.group.stays[0].queue, one.group.stays[0].note)
        for one in day.abandoned
        if one.group.line == "156"
    }
    return {key: (tasked if opened else given)[key] for key in every}
