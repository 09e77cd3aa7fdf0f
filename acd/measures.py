"""Figures of the floor, folded from facts: by queue and by line, for today and the last minutes.

    measures = Measures(queues)            the queues in force: their lines and targets
    measures.read(facts)                   as they happen, or again from the store
    measures.of(queue, now, window)        → QueueFigures (acd/figures.py)
    measures.of_line(line, now, window)    → QueueFigures, `received` being calls on that line
    measures.occupancy(now, window)        → share of the agents' time that calls took

Test calls are left out, and so are calls that we made, but for their talks: whoever is promised a
call waits no more, and is gone elsewhere. Talks that the dialler reserved an agent for are in no
queue's figures: nobody stood there. Facts about calls whose beginning was not seen are counted as
far as they tell their queue. Nothing here is about a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from acd.figures import DERIVED, FORMULAS, QueueFigures, Window
from acd.minutes import Minutes, day_of
from acd.queues import QueueRule, QueueTable
from acd.staffing import Staffing
from terms.facts import Fact, Kind
from terms.limits import MEASURED_CALLS
from terms.names import AgentName, CallId, Instant, QueueName, Seconds
from terms.outcome import CallOutcome

__all__ = ["COUNTED_KINDS", "DERIVED", "FORMULAS", "Measures", "QueueFigures", "Window", "day_of"]


CALLED_BY_US = frozenset({"retorno", "campanha"})
"""What stands for the dialled number of a call that we made: nobody called."""


@dataclass(slots=True)
class _Course:
    """How far a call has come: in `queue` since `joined`; `talking` with an agent of it."""

    line: str = ""
    test: bool = False
    queue: QueueName = QueueName("")
    joined: Instant = 0.0
    talking: bool = False
    served: bool = False  # somebody has talked with the citizen
    ours: bool = False  # we called: nobody waited, and no queue counts it but its talk
    over: bool = False  # the call has ended, and its talk has not been told yet


@dataclass(slots=True)
class Measures:
    """See the top of this file."""

    queues: QueueTable
    _sums: dict[QueueName, Minutes[QueueFigures]] = field(default_factory=dict)
    _arrivals: dict[str, Minutes[QueueFigures]] = field(default_factory=dict)
    _calls: dict[CallId, _Course] = field(default_factory=dict)
    _last_queue: dict[AgentName, QueueName] = field(default_factory=dict)
    _wrapping: dict[AgentName, Instant] = field(default_factory=dict)
    _staffing: Staffing = field(default_factory=Staffing)

    def serve(self, queues: QueueTable) -> None:
        """Other queues are in force; what was counted stays."""
        self.queues = queues

    def read(self, facts: Iterable[Fact]) -> None:
        """Count what new facts tell."""
        for fact in facts:
            if (count := _COUNTED.get(fact.kind)) is not None:
                count(self, fact)

    def of(self, queue: QueueName, now: Instant, window: Window = Window.TODAY) -> QueueFigures:
        """One queue's figures; all zero for one that nobody has joined."""
        sums = self._sums.get(queue)
        return QueueFigures() if sums is None else sums.of(window, now)

    def of_line(self, line: str, now: Instant, window: Window = Window.TODAY) -> QueueFigures:
        """All queues of a line together; `received`: the calls that came in on it."""
        total = QueueFigures()
        for rule in self.queues.rules:
            if rule.line == line:
                total.add(self.of(rule.name, now, window))
        arrivals = self._arrivals.get(line)
        total.received = 0 if arrivals is None else arrivals.of(window, now).received
        return total

    def of_lines(self, now: Instant, window: Window = Window.TODAY) -> Mapping[str, QueueFigures]:
        """Every line that has a queue, by its number."""
        lines = dict.fromkeys(rule.line for rule in self.queues.rules)
        return {line: self.of_line(line, now, window) for line in lines}

    def occupancy(self, now: Instant, window: Window = Window.HOUR) -> float | None:
        """The share of the agents' time that calls took: ringing, talking and wrap-up ÷ that and
        being free. Pauses are in neither. None when nobody was there."""
        return self._staffing.occupancy(now, window)

    # --- what each kind of fact counts ---
    def _arrived(self, fact: Fact) -> None:
        course = self._course(fact)
        course.line = str(fact.details.get("line", ""))
        course.test = bool(fact.details.get("test", False))
        course.ours = fact.details.get("entry") in CALLED_BY_US
        if not course.test and not course.ours:
            sums = self._arrivals.setdefault(course.line, Minutes(QueueFigures))
            for one in sums.at(fact.at):
                one.received += 1

    def _queued(self, fact: Fact) -> None:
        course, queue = self._course(fact), QueueName(str(fact.details.get("queue", "")))
        if course.test or course.queue == queue:
            return
        if course.queue and not course.talking:
            self._count_elsewhere(course, fact.at)
        course.queue = queue
        course.joined = float(fact.details.get("joined") or fact.at)
        course.talking = False
        if not course.ours:
            for one in self._sums_of(queue).at(fact.at):
                one.received += 1

    def _answered(self, fact: Fact) -> None:
        course = self._course(fact)
        if fact.details.get("dialled") and fact.agent is not None:
            self._last_queue.pop(fact.agent, None)  # neither talk nor wrap-up is any queue's
        if course.test or not course.queue or course.talking:
            return
        course.talking = course.served = True
        if fact.agent is not None:
            self._last_queue[fact.agent] = course.queue
        if course.ours:
            return
        waited = max(0.0, float(fact.details.get("waited", fact.at - course.joined)))
        in_time = waited <= self._target(course.queue)
        for one in self._sums_of(course.queue).at(fact.at):
            one.answered += 1
            one.answered_in_target += in_time
            one.waited += waited
            one.longest_answered = max(one.longest_answered, waited)

    def _talk_ended(self, fact: Fact) -> None:
        course = self._course(fact)
        # the call may stand in another queue already: the talk is the agent's last one's
        queue = self._last_queue.get(fact.agent or AgentName(""), course.queue)
        if queue and not course.test:
            for one in self._sums_of(queue).at(fact.at):
                one.talks += 1
                one.talked += max(0.0, float(fact.details.get("talk_seconds", 0.0)))
        if course.talking:
            course.queue, course.talking = QueueName(""), False
        if course.over and fact.call is not None:
            self._calls.pop(fact.call, None)

    def _call_ended(self, fact: Fact) -> None:
        course = self._course(fact)
        if course.talking:
            course.over = True
            return
        if course.queue and not course.test:
            outcome = fact.details.get("outcome")
            # whoever hangs up in the queue that an agent sent them to gives up there, though served
            gave_up = outcome == CallOutcome.SERVED and course.served
            if gave_up or outcome == CallOutcome.ABANDONED:
                self._count_abandoned(course, fact.at)
            else:
                self._count_elsewhere(course, fact.at)
        if fact.call is not None:
            self._calls.pop(fact.call, None)

    def _agent_state(self, fact: Fact) -> None:
        assert fact.agent is not None
        state = str(fact.details.get("state", ""))
        self._staffing.state(fact.agent, state, fact.at)
        began = self._wrapping.pop(fact.agent, None)
        queue = self._last_queue.get(fact.agent)
        if began is not None and queue:
            for one in self._sums_of(queue).at(fact.at):
                one.wrap_ups += 1
                one.wrapped_up += max(0.0, fact.at - began)
        if state == "wrap_up":
            self._wrapping[fact.agent] = fact.at

    def _agent_status(self, fact: Fact) -> None:
        assert fact.agent is not None
        self._staffing.status(fact.agent, str(fact.details.get("status", "")), fact.at)

    # --- how it works ---
    def _course(self, fact: Fact) -> _Course:
        if fact.call is None:
            return _Course()
        if fact.call not in self._calls:
            if len(self._calls) >= MEASURED_CALLS:  # an end that was never told, long ago
                del self._calls[next(iter(self._calls))]
            self._calls[fact.call] = _Course()
        return self._calls[fact.call]

    def _sums_of(self, queue: QueueName) -> Minutes[QueueFigures]:
        return self._sums.setdefault(queue, Minutes(QueueFigures))

    def _target(self, queue: QueueName) -> Seconds:
        rule: QueueRule = self.queues.rule_for(queue, "")
        return rule.target_seconds

    def _count_elsewhere(self, course: _Course, at: Instant) -> None:
        if course.ours:
            return
        for one in self._sums_of(course.queue).at(at):
            one.elsewhere += 1

    def _count_abandoned(self, course: _Course, at: Instant) -> None:
        if course.ours:
            return
        in_time = at - course.joined <= self._target(course.queue)
        for one in self._sums_of(course.queue).at(at):
            one.abandoned += 1
            one.abandoned_in_target += in_time


_COUNTED: dict[Kind, Callable[[Measures, Fact], None]] = {
    Kind.CALL_ARRIVED: Measures._arrived,
    Kind.QUEUED: Measures._queued,
    Kind.ANSWERED: Measures._answered,
    Kind.TALK_ENDED: Measures._talk_ended,
    Kind.CALL_ENDED: Measures._call_ended,
    Kind.AGENT_STATE: Measures._agent_state,
    Kind.AGENT_STATUS: Measures._agent_status,
}
COUNTED_KINDS = tuple(_COUNTED)
"""The kinds of fact that are read."""
