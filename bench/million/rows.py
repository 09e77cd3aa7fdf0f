"""What a simulated run came to, as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from bench.million.bulk import Block, Words
from bench.million.calls import (
    LEFT_MAIN,
    LEFT_THEME,
    LINES,
    LOOK_UP,
    LOOKED_UP,
    LOOKED_UP_IN_VAIN,
    MAIN,
    NODES,
    QUEUE_NODE,
    QUEUES,
    TOLD,
    Calls,
)
from bench.million.people import ABANDONED, ANSWERED, HOW, PROMISED, Work
from protocol_store.areas import area_of
from protocol_store.tables import calls as calls_table
from protocol_store.tables import protocols, tasks
from protocol_store.visit_tables import legs, lookups, node_visits, queue_visits, survey_answers
from terms.protocol_number import protocol_of

QUESTIONS: Final = ("clareza", "educacao", "entendimento", "nota_do_156")
SURVEYED, NO_MARK = 0.45, 0.15  # assumed
MARKS: Final = (0.03, 0.03, 0.09, 0.25, 0.60)
OUTCOMES: Final = (
    *("served", "abandoned", "promised", "left_in_menu", "ended_in_menu"),
    "answered",
)
BLAME: Final = ("nobody", "citizen", "nobody", "citizen", "nobody")
FIRST_NUMBER: Final = 10_000
NOTHING: Final = -1
ANNOUNCED = "v1"

Numbers = np.ndarray[Any, np.dtype[Any]]


def minutes(at: Numbers) -> Numbers:
    """Whole minutes since 1970."""
    found: Numbers = (at // 60).astype(np.int64)
    return found


class Rows:
    """All columns that more than one table needs."""

    def __init__(self, calls: Calls, work: Work) -> None:
        self.calls, self.work, self.dice = calls, work, calls.dice
        self.count = len(calls.at)
        stays = np.array(work.stays, dtype=float)
        stays = stays[np.lexsort((stays[:, 1], stays[:, 0]))]
        self.stays = stays
        (self.call, self.ordinal, self.queue) = stays[:, :3].astype(int).T
        (self.entered, self.since, self.left) = np.round(stays[:, 3:6], 3).T
        (self.how, self.shift) = stays[:, 6:8].astype(int).T
        (self.offered, self.over, self.free) = np.round(stays[:, 8:], 3).T
        self.ids = np.array([f"sim-{number:07d}" for number in range(self.count)], dtype=object)
        names = sorted({shift.name for shift in work.shifts})
        self.names = tuple(names)
        places = {name: place for place, name in enumerate(names)}
        self.agent_of = np.array([places[shift.name] for shift in work.shifts] or [0])
        self.agent = np.where(self.shift >= 0, self.agent_of[self.shift], NOTHING)
        self._ends()

    def _ends(self) -> None:
        """How each call ended, and when."""
        calls, count = self.calls, self.count
        menu_end = calls.left[2]
        self.outcome = np.select(
            [np.isin(calls.course, (LEFT_MAIN, LEFT_THEME)), np.isin(calls.course, (TOLD,
             LOOKED_UP))], [3, 4], 0)  # fmt: skip
        self.ended = menu_end.copy()
        for how, outcome in ((ABANDONED, 1), (PROMISED, 2)):
            of_it = self.how == how
            self.ended[self.call[of_it]] = self.left[of_it]
            self.outcome[self.call[of_it]] = outcome
        answered = self.how == ANSWERED
        self.first_answer = np.full(count, np.nan)
        self.wait = np.full(count, np.nan)
        self.talked = np.full(count, np.nan)
        self.last_agent = np.full(count, NOTHING)
        self.last_queue = np.full(count, NOTHING)
        call, at = self.call[answered], self.left[answered]
        talk = self.over[answered] - at
        self.talked[call] = 0.0
        np.add.at(self.talked, call, talk)
        self.last_agent[call], self.last_queue[call] = self.agent[answered], self.queue[answered]
        # in reverse, so that the first of a call is written last
        self.first_answer[call[::-1]] = at[::-1]
        self.wait[call[::-1]] = (at - self.since[answered])[::-1]
        left = np.isin(self.how, (ABANDONED, PROMISED))
        self.wait[self.call[left]] = (self.left - self.since)[left]
        served = ~np.isnan(self.first_answer)
        self.surveyed = served & (calls.line == LINES.index("156"))
        self.surveyed &= self.dice.random(count) < SURVEYED
        self.ended[call] = self.over[answered] + 1.0
        self.ended += np.where(self.surveyed, 40.0, 0.0)
        self.ended = np.round(self.ended, 3)
        self.outcome[served] = 0
        self.transfers = np.bincount(call, minlength=count).clip(1) - 1

    def blocks(self) -> Iterator[Block]:
        """Every table, those that others refer to first."""
        yield self._calls()
        yield self._protocols()
        yield from self._nodes()
        yield self._queue_visits()
        yield from self._answers()
        yield self._lookups()
        yield self._legs()
        yield self._tasks()

    def _calls(self) -> Block:
        calls, count = self.calls, self.count
        queued, first = np.full(count, np.nan), np.full(count, NOTHING)
        last = np.full(count, NOTHING)
        last[self.call] = self.queue
        first[self.call[::-1]], queued[self.call[::-1]] = self.queue[::-1], self.since[::-1]
        in_menu = np.isin(self.outcome, (3, 4))
        at_node = np.where(calls.course == LEFT_MAIN, MAIN, calls.node[2])
        areas: dict[int, str] = {}
        callers = calls.caller.tolist()
        texts = [str(one) for one in callers]
        for one, said in zip(callers, texts, strict=True):
            if one // 10**6 not in areas:
                areas[one // 10**6] = area_of(said)
        where = np.select([self.outcome == 3, self.outcome == 0], [0, 1], 2)
        return Block(calls_table, count, {
            "call_id": self.ids.tolist(), "line": Words(LINES, calls.line),
            "entry": Words(LINES, calls.line), "caller": texts, "test": False, "static": False,
            "protocol": self.protocols(), "arrived_at": calls.at,
            "queue": Words(QUEUES, last), "queued_at": queued, "answered_at": self.first_answer,
            "ended_at": self.ended, "outcome": Words(OUTCOMES, self.outcome),
            "blame": Words(BLAME, self.outcome), "ended_where": Words(("menu", "ended", "waiting"),
             where), "seconds": np.round(self.ended - calls.at, 3),
            "wait_seconds": np.round(self.wait, 3), "talk_seconds": np.round(self.talked, 3),
            "agent": Words(self.names, self.last_agent), "dialplan_version": ANNOUNCED,
            "arrived_minute": minutes(calls.at), "direction": "in",
            "area": [areas[one // 10**6] for one in callers], "first_queue": Words(QUEUES, first),
            "left_at_node": Words(NODES, np.where(in_menu, at_node, NOTHING)),
            "transfers": self.transfers, "last_line": Words(LINES, calls.line),
        })  # fmt: skip

    def protocols(self) -> list[str]:
        """Every call's number."""
        if not hasattr(self, "_numbers"):
            self._numbers = [str(protocol_of(FIRST_NUMBER + one)) for one in range(self.count)]
        return self._numbers

    def _protocols(self) -> Block:
        return Block(protocols, self.count, {
            "protocol": self.protocols(), "call_id": self.ids.tolist(), "ordinal": 0,
            "issuer": "block", "given_at": self.calls.at,
        })  # fmt: skip

    def _nodes(self) -> Iterator[Block]:
        calls = self.calls
        entered, there, ordinal = calls.at, np.ones(self.count, bool), np.ones(self.count, int)
        for place, (node, left) in enumerate(zip(calls.node, calls.left, strict=True)):
            here = there & (node >= 0)
            at_end = self.calls.course[here]
            how = _how(place, node[here], at_end)
            key = np.where(how == 1, (node[here] * 3 + place) % 9, 9)
            asked = here & (node == MAIN)
            yield Block(node_visits, int(here.sum()), {
                "call_id": self.ids[here].tolist(), "ordinal": ordinal[here],
                "line": Words(LINES, calls.line[here]), "node": Words(NODES, node[here]),
                "entered_at": entered[here], "entered_minute": minutes(entered[here]),
                "left_at": left[here],
                "how": Words(("on", "key", "hangup", "queue"), how),
                "key": Words((*"123456789", ""), key),
                "silences": np.where(asked, calls.silences, 0)[here],
                "invalids": np.where(asked, calls.invalids, 0)[here], "test": False,
            })  # fmt: skip
            ordinal = ordinal + here
            entered = np.where(here, left, entered)

    def _queue_visits(self) -> Block:
        return Block(queue_visits, len(self.call), {
            "call_id": self.ids[self.call].tolist(), "ordinal": self.ordinal,
            "line": Words(LINES, self.calls.line[self.call]),
            "queue": Words(QUEUES, self.queue), "note": Words(QUEUES, self.queue),
            "entered_at": self.entered, "entered_minute": minutes(self.entered),
            "waits_from": self.since, "left_at": self.left, "how": Words(HOW, self.how),
            "wait_seconds": np.round(self.left - self.since, 3),
            "agent": Words(self.names, np.where(self.how == ANSWERED, self.agent, NOTHING)),
            "test": False,
        })  # fmt: skip

    def _answers(self) -> Iterator[Block]:
        asked = np.flatnonzero(self.surveyed)
        for number, question in enumerate(QUESTIONS):
            at = self.ended[asked] - 40.0 + 9.0 * (number + 1)
            marks = self.dice.choice(5, len(asked), p=MARKS) + 1.0
            marks[self.dice.random(len(asked)) < NO_MARK] = np.nan
            yield Block(survey_answers, len(asked), {
                "call_id": self.ids[asked].tolist(), "question": question,
                "mark": [None if one != one else int(one) for one in marks.tolist()],
                "at": at, "minute": minutes(at),
                "agent": Words(self.names, self.last_agent[asked]),
                "queue": Words(QUEUES, self.last_queue[asked]), "line": "156", "test": False,
            })  # fmt: skip

    def _lookups(self) -> Block:
        calls = self.calls
        asked = np.flatnonzero(np.isin(calls.course, (LOOKED_UP, LOOKED_UP_IN_VAIN)))
        at = calls.left[2][asked]
        failed = self.dice.random(len(asked)) < 0.02
        vain = np.where(failed, 2, 1)
        how = np.where(calls.course[asked] == LOOKED_UP, 0, vain)
        return Block(lookups, len(asked), {
            "call_id": self.ids[asked].tolist(), "line": "156", "node": NODES[LOOK_UP],
            "place": "protocolos", "how": Words(("achou", "nao_achou", "falhou"), how), "at": at,
            "minute": minutes(at), "test": False,
        })  # fmt: skip

    def _legs(self) -> Block:
        return Block(legs, self.count, {
            "call_id": self.ids.tolist(), "ordinal": 0, "leg": "", "who": "citizen",
            "direction": "in", "because": "call", "began_at": self.calls.at,
            "began_minute": minutes(self.calls.at), "answered_at": self.calls.at,
            "ended_at": self.ended, "outcome": Words(OUTCOMES, self.outcome), "test": False,
        })  # fmt: skip

    def _tasks(self) -> Block:
        """Who gave up on 156 after more than 15 s is owed a call (R60)."""
        late = (self.how == ABANDONED) & (self.left - self.since > 15.0)
        owed = self.call[late & (self.calls.line[self.call] == LINES.index("156"))]
        opened = self.ended[owed]
        done = np.round(opened + self.dice.exponential(4 * 3_600.0, len(owed)), 3)
        done[self.dice.random(len(owed)) < 0.06] = np.nan
        agent = np.where(np.isnan(done), NOTHING, owed % len(self.names))
        return Block(tasks, len(owed), {
            "call_id": self.ids[owed].tolist(), "kind": "call_back", "because": "abandoned",
            "opened_at": opened, "due_at": opened + 86_400.0, "done_at": done,
            "done_by": Words(self.names, agent),
            "result": Words(("atendido",), np.where(np.isnan(done), NOTHING, 0)),
        })  # fmt: skip


def _how(place: int, node: Numbers, course: Numbers) -> Numbers:
    """0 on, 1 key, 2 hung up, 3 into a queue."""
    hung = ((course == LEFT_MAIN) & (node == MAIN)) | ((course == LEFT_THEME) & (place == 2))
    keyed = (node == MAIN) | ((place == 2) & (node != LOOK_UP))
    told = (place == 2) & (course == TOLD)
    found: Numbers = np.select([hung, told, keyed, node == QUEUE_NODE], [2, 0, 1, 3], 0)
    return found
