"""Agents' shifts and pauses, and one loop through all who join a queue: who answers whom, when.

Each of the two halls (156; 199 and 153) has one line of waiting, in the order of joining. An agent
is in a heap by the instant from which they are free, so the first is whoever has been idle longest.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import numpy as np

from bench.million.calls import GENERAL, LINES, QUEUES, Calls

SHIFT, SLOT = 6 * 3_600.0, 1_800.0
PAUSES: Final = (
    ("NR17-10a", 75 * 60.0, 600.0),
    ("lanche-20", 165 * 60.0, 1_200.0),
    ("NR17-10b", 255 * 60.0, 600.0),
)
TALK, TALK_SPREAD, WRAP_UP = {"156": 230.0, "emergency": 170.0}, 0.7, 20.0  # assumed
AT_WORK, NO_ANSWER, RINGS, RINGS_IN_VAIN = 0.84, 0.02, (2.0, 5.0), 15.0
OVERFLOWS_AFTER, OVERFLOWS, PROMISES_AFTER, PROMISES = 45.0, 0.2, 180.0, 0.5
TRANSFERRED, NOT_REACHED = 0.04, 0.2

ANSWERED, ABANDONED, REDIRECTED, PROMISED = range(4)
HOW: Final = ("answered", "abandoned", "redirected", "promised")


@dataclass(slots=True)
class Shift:
    """One agent's day at work."""

    name: str
    seat: int
    begins: float
    ends: float
    over: float = 0.0  # when the agent really left
    pause: int = 0  # of PAUSES, the next


@dataclass(slots=True)
class Work:
    """What came of it all, as columns to be: lists of tuples."""

    # call, ordinal, queue, entered, waits_from, left, how, shift (-1), offered, talk_ends, wrapped
    stays: list[tuple[int, int, int, float, float, float, int, int, float, float, float]] = field(
        default_factory=list
    )
    in_vain: list[tuple[int, int, int, float]] = field(default_factory=list)  # offers not answered
    pauses: list[tuple[int, str, float, float, float]] = field(default_factory=list)
    # the first call, its queue, when it is called, waits_from, answered (or nan), shift, over
    called: list[tuple[int, int, float, float, float, int, float]] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)


def work_through(calls: Calls, begins: float, days: int) -> Work:
    """Everybody who joins a queue, to the end."""
    work = Work()
    emergency = calls.line != LINES.index("156")
    names = count(1)
    for hall, of_it in (("156", ~emergency), ("emergency", emergency)):
        queueing = np.flatnonzero(of_it & ~np.isnan(calls.joins))
        order = queueing[np.argsort(calls.joins[queueing], kind="stable")]
        _Hall(calls, work, hall, order, begins, days, names).run()
    return work


class _Hall:
    def __init__(
        self,
        calls: Calls,
        work: Work,
        hall: str,
        order: np.ndarray,
        begins: float,
        days: int,
        names: Iterator[int],
    ) -> None:
        self.calls, self.work, self.hall, self.order = calls, work, hall, order
        self.free: list[tuple[float, int]] = []
        self.coming = self._shifts(begins, days, names)
        self.next = 0
        self.again: list[tuple[float, int, int, int]] = []  # sent on: when, call, queue, ordinal
        self.talks = _lengths(calls, len(order), TALK[hall])
        self.luck = calls.dice.random((len(order), 5))

    # --- who is there ---
    def _shifts(self, begins: float, days: int, names: Iterator[int]) -> list[Shift]:
        """As many agents in each half hour as its load asks for, in shifts of six hours."""
        slots = int(days * 86_400 / SLOT)
        joined = self.calls.joins[self.order]
        per_slot = np.bincount(((joined - begins) // SLOT).astype(int).clip(0, slots - 1),
                               minlength=slots)  # fmt: skip
        by_day = per_slot.reshape(days, -1)
        week = np.stack([by_day[day % 7 :: 7].mean(axis=0) for day in range(days)])
        load = week.ravel() * (TALK[self.hall] + WRAP_UP + 4.0) / SLOT  # as the roster foresees it
        wanted = np.ceil((load + np.sqrt(load) + 1.0) / AT_WORK).astype(int)
        shifts: list[Shift] = []
        present: list[float] = []
        people: list[tuple[float, int]] = []  # rested from, name
        for slot in range(slots):
            at = begins + slot * SLOT
            present = [ends for ends in present if ends > at]
            for _ in range(int(wanted[slot]) - len(present)):
                rested = bool(people) and people[0][0] <= at
                name = heapq.heappop(people)[1] if rested else next(names)
                heapq.heappush(people, (at + SHIFT + 11 * 3_600.0, name))
                late = at + (name * 37 % 180)  # nobody logs in on the stroke
                shifts.append(Shift(f"ag{name:04d}", name, late, late + SHIFT))
                present.append(at + SHIFT)
        return shifts

    def _idlest(self, at: float) -> tuple[float, int]:
        """Whoever has been idle longest and is at work at that moment, or as soon as possible
        after it; and from when."""
        work = self.work
        while True:
            while self.next < len(self.coming) and (
                not self.free or self.coming[self.next].begins <= max(at, self.free[0][0])
            ):
                shift = self.coming[self.next]
                self.next += 1
                work.shifts.append(shift)
                heapq.heappush(self.free, (shift.begins, len(work.shifts) - 1))
            if not self.free:
                return math.inf, -1
            since, number = heapq.heappop(self.free)
            shift, then = work.shifts[number], max(since, at)
            if shift.pause < len(PAUSES):
                reason, after, seconds = PAUSES[shift.pause]
                planned = shift.begins + after
                if planned <= then:
                    began = max(since, planned)
                    work.pauses.append((number, reason, planned, began, began + seconds))
                    shift.pause += 1
                    heapq.heappush(self.free, (began + seconds, number))
                    continue
            if shift.ends <= then:
                shift.over = max(since, shift.ends)
                continue
            return since, number

    # --- who is served ---
    def run(self) -> None:
        """Everybody, by the moment of joining."""
        calls, at = self.calls, 0
        joins, queues = calls.joins[self.order].tolist(), calls.queue[self.order].tolist()
        patience, numbers = calls.patience[self.order].tolist(), self.order.tolist()
        lucks, talks = self.luck.tolist(), self.talks.tolist()
        while at < len(numbers) or self.again:
            if self.again and (at >= len(numbers) or self.again[0][0] <= joins[at]):
                when, call, queue, ordinal = heapq.heappop(self.again)
                self._serve(call, queue, when, 1e9, (1.0, 1.0, 1.0, 0.5, 1.0), 120.0, ordinal)
                continue
            self._serve(numbers[at], queues[at], joins[at], patience[at], lucks[at], talks[at], 1)
            at += 1
        for since, number in self.free:
            self.work.shifts[number].over = max(since, self.work.shifts[number].ends)

    def _serve(
        self,
        call: int,
        queue: int,
        joined: float,
        patience: float,
        luck: tuple[float, ...],
        talk: float,
        ordinal: int,
    ) -> None:
        work, general = self.work, self.hall == "156"
        since, number = self._idlest(joined)
        offered = max(since, joined)
        if number >= 0 and luck[0] < NO_ANSWER and patience > offered - joined + RINGS_IN_VAIN:
            work.in_vain.append((call, queue, number, offered))
            over = offered + RINGS_IN_VAIN
            work.pauses.append((number, "nao_atendeu", math.nan, over, over + 60.0))
            heapq.heappush(self.free, (over + 60.0, number))
            since, number = self._idlest(over)
            offered = max(since, over)
        ring = RINGS[0] + luck[3] * (RINGS[1] - RINGS[0])
        waited = offered + ring - joined
        if general and waited > PROMISES_AFTER < patience and luck[1] < PROMISES and ordinal == 1:
            left = joined + PROMISES_AFTER
            work.stays.append((call, 1, queue, joined, joined, left, PROMISED, -1, 0.0, 0.0, 0.0))
            self._call_back(call, queue, joined, offered, number, luck[4], talk)
            return
        if waited > patience or number < 0:
            left = joined + min(patience, waited)
            gone = (left, ABANDONED, -1, 0.0, 0.0, 0.0)
            work.stays.append((call, ordinal, queue, joined, joined, *gone))
            if number >= 0:
                heapq.heappush(self.free, (since, number))
            return
        entered = joined
        if general and waited > OVERFLOWS_AFTER and luck[2] < OVERFLOWS and queue != GENERAL:
            entered = joined + OVERFLOWS_AFTER
            moved = (entered, REDIRECTED, -1, 0.0, 0.0, 0.0)
            work.stays.append((call, ordinal, queue, joined, joined, *moved))
            ordinal, queue = ordinal + 1, GENERAL
        answered = offered + ring
        over = answered + talk
        free = over + WRAP_UP * (0.5 + luck[4])
        served = (answered, ANSWERED, number, offered, over, free)
        work.stays.append((call, ordinal, queue, entered, joined, *served))
        heapq.heappush(self.free, (free, number))
        if general and luck[4] < TRANSFERRED:
            to = (queue * 7 + 3) % QUEUES.index("e199_risco")
            heapq.heappush(self.again, (over, call, to, ordinal + 1))

    def _call_back(
        self,
        call: int,
        queue: int,
        joined: float,
        offered: float,
        number: int,
        luck: float,
        talk: float,
    ) -> None:
        """At its turn the citizen is called; perhaps nobody is there."""
        if number < 0:
            return
        at = max(offered, joined + PROMISES_AFTER + 30.0)
        reached = luck >= NOT_REACHED
        over = at + 20.0 + talk if reached else at + 30.0
        answered = at + 20.0 if reached else math.nan
        self.work.called.append((call, queue, at, joined, answered, number, over))
        heapq.heappush(self.free, (over + WRAP_UP, number))


def _lengths(calls: Calls, many: int, mean: float) -> np.ndarray:
    middle = math.log(mean) - TALK_SPREAD**2 / 2
    return np.round(calls.dice.lognormal(middle, TALK_SPREAD, many).clip(5, 3_600), 3)
