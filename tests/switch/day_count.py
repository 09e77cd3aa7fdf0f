"""The independent count of the day in miniature: what is counted, of what the phones saw.

Stays in queues and nodes, talks, marks, tasks are put together here from the scenario and the
phones' instants, by the contract's definitions; day_table.py says of which report they are numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from day_scenario import CALL_BACKS, GUARDS_BACK, LIMIT, WRAP_UP, Group, Step
from day_seen import Call, CalledBack, Ring, Seen

TASK_AFTER = 15.0
"""R60: who gives up on 156 after so long is owed a call."""
AGAIN = 900.0
"""R74: who calls again sooner is not paid twice."""
EDGE = 0.6
"""Seconds by which a wait of the phones' may differ from one of the facts'."""


@dataclass(frozen=True)
class About:
    """A figure that is measured: seconds, most of them."""

    value: float
    within: float


@dataclass(frozen=True)
class Between:
    """A count in which some may be or may not: what happened at the edge of a class."""

    least: float
    most: float


Expected = float | str | None | About | Between


@dataclass(frozen=True)
class NodeStay:
    """A stay in a node of the menu."""

    line: str
    node: str
    how: str
    key: str
    silences: int
    invalids: int


@dataclass(frozen=True)
class QueueStay:
    """A stay in a queue, and for how long the citizen waited (R71)."""

    line: str
    queue: str
    note: str
    how: str
    entered: float
    wait: float
    agent: str = ""


@dataclass(frozen=True)
class Talk:
    """An agent's part of a talk."""

    agent: str
    seconds: float


@dataclass(frozen=True)
class Talked:
    """A call that an agent answered: where it was last, and all its talk."""

    line: str
    queue: str
    seconds: float
    outward: bool
    silent: bool


@dataclass(frozen=True)
class Mark:
    """An answer of the survey; None: it was asked, and there was none."""

    call: int
    queue: str
    question: str
    mark: int | None


@dataclass(frozen=True)
class Task:
    """A call that is owed to a citizen."""

    line: str
    queue: str
    note: str
    because: str
    result: str
    situation: str


def tally(
    rows: Iterable[Any], *names: str, of: Callable[[Any], float] = lambda _: 1
) -> dict[tuple[Any, ...], float]:
    """A sum for each of these names' values: how many, unless `of` says otherwise."""
    found: defaultdict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows:
        found[tuple(getattr(row, name) for name in names)] += of(row)
    return dict(found)


def around(
    values: Iterable[float], most: float, least: float = float("-inf"), edge: float = EDGE
) -> Between:
    """How many are more than `least` and at most `most`, give or take what is measured."""
    found = list(values)
    surely = sum(least + edge < one <= most - edge for one in found)
    return Between(surely, sum(least - edge < one <= most + edge for one in found))


@dataclass(frozen=True)
class Count:
    """The count; `began`, `ended`: the day's first and last instant, by the test's own clock."""

    seen: Seen
    began: float
    ended: float

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.seen.calls

    @property
    def back(self) -> tuple[CalledBack, ...]:
        return self.seen.called_back

    # --- calls, by how they went ---
    def course(self, group: Group) -> str:
        """How a call left the menus: the queue, or its end."""
        return "queued" if group.stays else group.outcome

    def went(self, course: str, rows: Iterable[Call] | None = None) -> int:
        """How many calls left the menus so."""
        return sum(
            self.course(one.group) == course for one in (self.calls if rows is None else rows)
        )

    def of_line(self, line: str) -> list[Call]:
        return [one for one in self.calls if one.group.line == line]

    @cached_property
    def answered(self) -> list[Call]:
        return [one for one in self.calls if one.talks]

    @cached_property
    def abandoned(self) -> list[Call]:
        return [one for one in self.calls if one.group.outcome == "abandoned"]

    def gave_up_after(self, seconds: float, line: str = "") -> int:
        """Calls that were given up in a queue after longer than that."""
        return sum(
            _since(one.joined, one.ended) > seconds
            for one in self.abandoned
            if line in ("", one.group.line)
        )

    # --- the menus ---
    @cached_property
    def ivr_times(self) -> list[tuple[Call, float]]:
        """How long each call was in the menus: from the answer to the first queue, or its end."""
        return [(one, (one.joined or one.ended) - one.answered) for one in self.calls]

    @cached_property
    def nodes(self) -> list[NodeStay]:
        return [
            NodeStay(call.group.line, one.node, one.how, one.key, one.silences, one.invalids)
            for call in self.calls
            for one in steps_of(call)
        ]

    @cached_property
    def paths(self) -> Counter[tuple[str, str]]:
        joint = " › "
        return Counter(
            (one.group.line, joint.join(step.node for step in steps_of(one))) for one in self.calls
        )

    # --- the queues ---
    @cached_property
    def stays(self) -> list[QueueStay]:
        """Of calls that came in: those that we made are in no figure of the queues."""
        return [one for call in self.calls for one in _stays_of(call)]

    @cached_property
    def made(self) -> list[QueueStay]:
        """The queue of each call that we made, and its subject."""
        return [self._stay_of_back(one) for one in self.back]

    def _stay_of_back(self, back: CalledBack) -> QueueStay:
        """Whoever is called back has waited since the first call."""
        first = self.first_of(back)
        stay = first.group.stays[0]
        queue = "e_retorno" if first.group.line != "156" else stay.queue
        wait = back.answered - (first.joined or 0.0)
        return QueueStay(
            *(first.group.line, queue, stay.note, "answered", back.answered, wait, back.ring.agent)
        )

    def first_of(self, back: CalledBack) -> Call:
        """The call that a call-back goes on with."""
        return next(one for one in self.calls if one.caller == back.number)

    def waits(self, how: str = "", **of: str) -> list[float]:
        """The waits of stays that ended so."""
        return [
            one.wait
            for one in self.stays
            if how in ("", one.how) and all(getattr(one, name) == of[name] for name in of)
        ]

    # --- talks ---
    @cached_property
    def talks(self) -> list[Talk]:
        inward = [Talk(ring.agent, ring.talked) for one in self.calls for ring in one.talks]
        return inward + [Talk(one.ring.agent, one.ring.ended - one.answered) for one in self.back]

    @cached_property
    def talked(self) -> list[Talked]:
        inward = [
            Talked(
                one.group.line,
                one.group.stays[-1].queue,
                sum(ring.talked for ring in one.talks),
                outward=False,
                silent=one.group.silent,
            )
            for one in self.answered
        ]
        return inward + [
            Talked(stay.line, stay.queue, one.ring.ended - one.answered, outward=True, silent=True)
            for one in self.back
            for stay in [self._stay_of_back(one)]
        ]

    @cached_property
    def asked(self) -> list[Talked]:
        """Those of the 156, which alone has a survey."""
        return [one for one in self.talked if one.line == "156"]

    # --- offers ---
    @cached_property
    def offers(self) -> list[tuple[str, str, float]]:
        """Agent, how it ended, and for how long it rang."""
        left = {ring for one in self.abandoned for ring in one.rings}
        # of a call-back the agent picks up first, and has the citizen only when that one does, too
        had = {one.ring: one.answered for one in self.back}
        return [
            (ring.agent, _ending(ring, ring in left), had.get(ring, _over(ring)) - ring.at)
            for ring in self.seen.rings
        ]

    @cached_property
    def states(self) -> dict[str, tuple[float, float, float]]:
        """By agent: seconds ringing, talking, and after talks."""
        found: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        for agent, _, rang in self.offers:
            found[agent][0] += rang
        for talk in self.talks:
            found[talk.agent][1] += talk.seconds
            found[talk.agent][2] += WRAP_UP
        return {one.name: tuple(found[one.name]) for one in self.seen.people}  # type: ignore[misc]

    @cached_property
    def pauses(self) -> dict[tuple[str, str], tuple[float, float | None]]:
        """Agent and reason → beginning, and end."""
        own: dict[tuple[str, str], tuple[float, float | None]] = {}
        for one in self.seen.people:
            if one.paused:
                back = GUARDS_BACK if one.skill.startswith("e153") else CALL_BACKS
                own[one.name, "sistema"] = (self.began, self.began + back)
        for ring in self.seen.rings:
            if _ending(ring, ring.caller in self._left) in (NOT_ANSWERED, REFUSED):
                own[ring.agent, "não-atendeu"] = (ring.ended, None)
        return own

    @cached_property
    def _left(self) -> set[str]:
        return {one.caller for one in self.abandoned if one.rings}

    # --- the survey ---
    @cached_property
    def marks(self) -> list[Mark]:
        return [
            Mark(number, one.group.stays[-1].queue, question, mark)
            for number, one in enumerate(self.calls)
            for question, mark in one.group.marks
        ]

    @cached_property
    def surveys(self) -> list[tuple[str, list[int], int]]:
        """Queue, marks, and how many questions were asked, of each survey."""
        return [
            (
                one.group.stays[-1].queue,
                [mark for _, mark in one.group.marks if mark is not None],
                len(one.group.marks),
            )
            for one in self.calls
            if one.group.marks
        ]

    # --- tasks, and who calls again ---
    @cached_property
    def tasks(self) -> list[Task]:
        back = {one.number for one in self.back}
        served = {one.caller: one.arrived for one in self.answered}
        found = []
        for one in self.calls:
            stay = one.group.stays[0] if one.group.stays else None
            queue, note = (stay.queue, stay.note) if stay else ("", "")
            line = one.group.line
            if one.group.outcome == "message_left":
                found.append(Task(line, queue, note, LEFT_A_MESSAGE, OPEN, "vencida"))
            elif one.group.outcome != "abandoned":
                continue
            elif line != "156" and one.caller in back:
                said = "retorno atendido"
                found.append(Task(line, queue, note, GAVE_UP, said, LATE))
            elif _since(one.joined, one.ended) > TASK_AFTER:
                came = served.get(one.caller, 0.0) > one.ended
                result, situation = (CAME, KEPT) if came else (OPEN, "pendente")
                found.append(Task(line, queue, note, GAVE_UP, result, situation))
        return found

    @cached_property
    def repeated(self) -> int:
        """Calls of a number that had called less than 15 minutes before."""
        seen: dict[str, float] = {}
        again = 0
        for one in sorted(self.calls, key=lambda one: one.arrived):
            if one.group.hidden:
                continue
            if one.arrived - seen.get(one.caller, float("-inf")) < AGAIN:
                again += 1
            else:
                seen[one.caller] = one.arrived
        return again

    # --- channels in use at the turn of a minute ---
    def most_in_use(self, line: str = "", menus: bool = False) -> Between:
        """The most calls (or sessions of the menus) at any turn of a minute."""
        turns = range(int(self.began // 60) - 1, int(self.ended // 60) + 1)
        spans = [
            (one.answered, (one.joined or one.ended) if menus else one.ended)
            for one in self.calls
            if line in ("", one.group.line)
        ]
        least, most = 0, 0
        for turn in turns:
            at = turn * 60.0
            least = max(least, sum(since + 1 < at < until - 1 for since, until in spans))
            most = max(most, sum(since - 1 < at < until + 1 for since, until in spans))
        return Between(least, most)


GAVE_UP, LEFT_A_MESSAGE = "desistiu na espera", "deixou recado"
OPEN, CAME = "ainda aberta", "ligou de novo e foi atendido"
KEPT, LATE = "concluída no prazo", "concluída depois do prazo"
TAKEN, NOT_ANSWERED, REFUSED = "atendida", "tocou e não atendeu", "recusada no telefone"
LEFT = "a pessoa desligou"


def steps_of(call: Call) -> list[Step]:
    """The nodes that it went through; the survey only if the agent left first."""
    return [one for one in call.group.steps if one.node != "pesquisa" or call.surveyed]


def _since(joined: float | None, until: float) -> float:
    return until - joined if joined is not None else 0.0


def _stays_of(call: Call) -> list[QueueStay]:
    found: list[QueueStay] = []
    talks = iter(call.talks)
    entered = call.joined or 0.0
    for stay in call.group.stays:
        left, agent, wait = call.ended, "", call.ended - entered
        if stay.how == "answered":
            talk = next(talks, None)
            assert talk is not None, f"{call.group.name}: a talk that was to be was not"
            assert talk.answered is not None
            left, agent, wait = talk.ended, talk.agent, talk.answered - entered
        elif stay.how == "redirected":
            wait = LIMIT
        line = call.group.line
        found.append(QueueStay(line, stay.queue, stay.note, stay.how, entered, wait, agent))
        entered = left
    assert next(talks, None) is None, f"{call.group.name}: more talks than it was to have"
    return found


def _ending(ring: Ring, left: bool) -> str:
    if ring.answered is not None:
        return TAKEN
    if ring.code == 486:
        return REFUSED
    return LEFT if left else NOT_ANSWERED


def _over(ring: Ring) -> float:
    return ring.answered or ring.ended
