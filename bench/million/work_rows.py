"""What agents did, as rows: offers, legs, recordings, dispositions, sessions, pauses, states; and
the calls that they made to those who had been promised one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from bench.million.bulk import Block, Words
from bench.million.calls import QUEUES
from bench.million.people import ANSWERED, PAUSES, RINGS_IN_VAIN, SHIFT
from bench.million.rows import FIRST_NUMBER, NOTHING, Numbers, Rows, minutes
from protocol_store.promise_tables import promises
from protocol_store.tables import calls, offers, protocols, recordings
from protocol_store.visit_tables import agent_states, legs, queue_visits
from protocol_store.work_tables import agent_sessions, call_marks, pauses, planned_pauses
from terms.protocol_number import protocol_of

DISPOSITIONS: Final = (
    *("informacao", "pedido_registrado", "reclamacao", "elogio", "consulta", "fora_do_escopo"),
    *("queda", "trote", "encaminhada"),
)
BAD_RECORDING, ABUSIVE = 0.003, 0.004
STATES: Final = ("idle", "offered", "talking", "wrap_up")


def work_blocks(rows: Rows) -> Iterator[Block]:
    """All tables about agents' work."""
    answered = np.flatnonzero(rows.how == ANSWERED)
    yield from _call_backs(rows)
    yield from _offers(rows, answered)
    yield _agent_legs(rows, answered)
    yield _recordings(rows, answered)
    yield _marks(rows, answered)
    yield from _shifts(rows)
    yield _states(rows, answered)


def _offers(rows: Rows, answered: Numbers) -> Iterator[Block]:
    count = len(answered)
    yield Block(offers, count, {
        "offer_id": [f"1-{number}" for number in range(count)],
        "call_id": rows.ids[rows.call[answered]].tolist(),
        "agent": Words(rows.names, rows.agent[answered]),
        "queue": Words(QUEUES, rows.queue[answered]), "because": "livre há mais tempo",
        "ring_seconds": 15.0, "offered_at": rows.offered[answered],
        "ended_at": rows.left[answered], "outcome": "answered", "blame": "nobody",
        "ended_because": "", "offered_minute": minutes(rows.offered[answered]),
    })  # fmt: skip
    vain = np.array(rows.work.in_vain or np.empty((0, 4)), dtype=float)
    call, queue, shift = vain[:, :3].astype(int).T
    at = np.round(vain[:, 3], 3)
    yield Block(offers, len(vain), {
        "offer_id": [f"2-{number}" for number in range(len(vain))],
        "call_id": rows.ids[call].tolist(), "agent": Words(rows.names, rows.agent_of[shift]),
        "queue": Words(QUEUES, queue), "because": "livre há mais tempo", "ring_seconds": 15.0,
        "offered_at": at, "ended_at": at + RINGS_IN_VAIN, "outcome": "ring_no_answer",
        "blame": "agent", "ended_because": "", "offered_minute": minutes(at),
    })  # fmt: skip
    yield Block(legs, len(vain), {
        "call_id": rows.ids[call].tolist(), "ordinal": 20, "who": "agent",
        "leg": [f"2-{number}" for number in range(len(vain))], "direction": "out",
        "agent": Words(rows.names, rows.agent_of[shift]), "because": "offer", "began_at": at,
        "began_minute": minutes(at), "ended_at": at + RINGS_IN_VAIN, "outcome": "ring_no_answer",
        "test": False,
    })  # fmt: skip


def _agent_legs(rows: Rows, answered: Numbers) -> Block:
    at = rows.offered[answered]
    return Block(legs, len(answered), {
        "call_id": rows.ids[rows.call[answered]].tolist(), "ordinal": rows.ordinal[answered],
        "leg": [f"1-{number}" for number in range(len(answered))], "who": "agent",
        "agent": Words(rows.names, rows.agent[answered]), "direction": "out", "because": "offer",
        "began_at": at, "began_minute": minutes(at), "answered_at": rows.left[answered],
        "ended_at": rows.over[answered], "outcome": "answered", "test": False,
    })  # fmt: skip


def _recordings(rows: Rows, answered: Numbers) -> Block:
    call = np.unique(rows.call[answered])
    ids = rows.ids[call].tolist()
    talked = rows.talked[call]
    bad = rows.dice.random(len(call)) < BAD_RECORDING
    return Block(recordings, len(call), {
        "call_id": ids, "file": [f"/gravacoes/{one}.wav" for one in ids], "name": ids,
        "kind": "talk", "seconds": np.round(np.where(bad, 0.0, talked), 3),
        "talk_seconds": np.round(talked, 3), "ok": ~bad,
        "problem": Words(("empty",), np.where(bad, 0, NOTHING)), "recorded_at": rows.ended[call],
    })  # fmt: skip


def _marks(rows: Rows, answered: Numbers) -> Block:
    """How each talk was classified by its last agent; a few were marked abusive."""
    call = np.unique(rows.call[answered])
    abused = call[rows.dice.random(len(call)) < ABUSIVE]
    codes = rows.dice.choice(len(DISPOSITIONS), len(call))
    whose = np.concatenate([call, abused])
    return Block(call_marks, len(whose), {
        "call_id": rows.ids[whose].tolist(), "agent": Words(rows.names, rows.last_agent[whose]),
        "kind": Words(("disposition", "mark"), np.repeat([0, 1], [len(call), len(abused)])),
        "code": Words((*DISPOSITIONS, "abusiva"),
                      np.concatenate([codes, np.full(len(abused), len(DISPOSITIONS))])),
        "at": rows.ended[whose], "by_whom": "",
    })  # fmt: skip


def _shifts(rows: Rows) -> Iterator[Block]:
    shifts = rows.work.shifts
    begins = np.array([one.begins for one in shifts])
    over = np.round(np.array([max(one.over, one.ends) for one in shifts]), 3)
    who = Words(rows.names, rows.agent_of)
    yield Block(agent_sessions, len(shifts), {
        "agent": who, "seat": [f"pa{one.seat:03d}" for one in shifts], "began_at": begins,
        "ended_at": over, "because": "fim do turno", "by_whom": "", "ended_by": "",
    })  # fmt: skip
    taken = np.array([(one[0], one[2], one[3], one[4]) for one in rows.work.pauses])
    reasons = tuple(sorted({one[1] for one in rows.work.pauses}))
    codes = np.array([reasons.index(one[1]) for one in rows.work.pauses])
    number = taken[:, 0].astype(int)
    # an instant at which one agent began two pauses is one pause too many for the table's key
    _, first = np.unique(np.stack([rows.agent_of[number], np.round(taken[:, 2] * 1e3)]), axis=1,
                         return_index=True)  # fmt: skip
    taken, codes, number = np.round(taken[first], 3), codes[first], number[first]
    yield Block(pauses, len(taken), {
        "agent": Words(rows.names, rows.agent_of[number]), "reason": Words(reasons, codes),
        "planned_at": taken[:, 1], "began_at": taken[:, 2], "due_at": taken[:, 3],
        "ended_at": taken[:, 3], "because": "", "by_whom": "", "ended_by": "",
    })  # fmt: skip
    for reason, after, seconds in PAUSES:
        yield Block(planned_pauses, len(shifts), {
            "agent": who, "shift_begins": begins, "shift_ends": begins + SHIFT, "reason": reason,
            "planned_at": begins + after, "at": begins + after, "seconds": seconds, "by_whom": "",
        })  # fmt: skip


def _states(rows: Rows, answered: Numbers) -> Block:
    """Idle from the login on; offered, talking, wrapping up, and idle again, for each talk."""
    shift = rows.shift[answered]
    begins = np.array([one.begins for one in rows.work.shifts])
    ends = np.array([max(one.over, one.ends) for one in rows.work.shifts])
    times = [rows.offered[answered], rows.left[answered], rows.over[answered], rows.free[answered]]
    at = np.round(np.concatenate([begins, *times]), 3)
    of_shift = np.concatenate([np.arange(len(begins)), *([shift] * 4)])
    state = np.repeat([0, 1, 2, 3, 0], [len(begins), *([len(answered)] * 4)])
    order = np.lexsort((state, at, of_shift))
    at, of_shift, state = at[order], of_shift[order], state[order]
    # of two states that began at one instant, the last: the other lasted no time
    last = np.append((at[1:] != at[:-1]) | (of_shift[1:] != of_shift[:-1]), True)
    at, of_shift, state = at[last], of_shift[last], state[last]
    goes_on = np.append(of_shift[1:] == of_shift[:-1], False)
    ended = np.where(goes_on, np.append(at[1:], 0.0), np.maximum(at, ends[of_shift]))
    return Block(agent_states, len(at), {
        "agent": Words(rows.names, rows.agent_of[of_shift]), "state": Words(STATES, state),
        "began_at": at, "began_minute": minutes(at), "ended_at": np.round(ended, 3),
    })  # fmt: skip


def _call_backs(rows: Rows) -> Iterator[Block]:
    """The promises, and those calls that were made for them and reached somebody."""
    told = np.array(rows.work.called or np.empty((0, 7)), dtype=float)
    call, queue, shift = told[:, [0, 1, 5]].astype(int).T
    at, since, answered, over = np.round(told[:, [2, 3, 4, 6]], 3).T
    reached = ~np.isnan(answered)
    new = [f"ret-{number:06d}" for number in range(len(told))]
    yield Block(promises, len(told), {
        "call_id": rows.ids[call].tolist(), "how": "key", "line": "156",
        "queue": Words(QUEUES, queue), "priority": 30, "joined_at": since,
        "promised_at": rows.left[np.searchsorted(rows.call, call)], "expires_at": since + 14_400.0,
        "tries": 1, "attempt": "",
        "result": Words(("answered", "no_answer"), np.where(reached, 0, 1)),
        "not_before": at, "over_at": over, "place": "", "data": "",
        "over_how": Words(("reached", "no_contact"), np.where(reached, 0, 1)),
        "to_call": [one if found else "" for one, found in zip(new, reached, strict=True)],
    })  # fmt: skip
    made = [one for one, found in zip(new, reached, strict=True) if found]
    call, queue, shift = call[reached], queue[reached], shift[reached]
    at, since, answered, over = at[reached], since[reached], answered[reached], over[reached]
    who = Words(rows.names, rows.agent_of[shift])
    texts = [str(one) for one in rows.calls.caller[call].tolist()]
    first = FIRST_NUMBER + rows.count
    numbers = [protocol_of(first + one) for one in range(len(made))]
    yield Block(calls, len(made), {
        "call_id": made, "line": "156", "entry": "retorno", "caller": texts, "test": False,
        "static": False, "protocol": numbers, "arrived_at": answered, "queued_at": since,
        "queue": Words(QUEUES, queue), "answered_at": answered, "ended_at": over,
        "outcome": "served", "blame": "nobody", "ended_where": "ended",
        "seconds": np.round(over - answered, 3), "wait_seconds": np.round(answered - since, 3),
        "talk_seconds": np.round(over - answered, 3), "agent": who, "dialplan_version": "v1",
        "of_call": rows.ids[call].tolist(), "arrived_minute": minutes(answered),
        "direction": "out", "area": "11", "first_queue": Words(QUEUES, queue), "last_line": "156",
    })  # fmt: skip
    yield Block(protocols, len(made), {
        "protocol": numbers, "call_id": made, "ordinal": 0, "issuer": "block", "given_at": answered,
    })  # fmt: skip
    yield Block(queue_visits, len(made), {
        "call_id": made, "ordinal": 1, "line": "156", "queue": Words(QUEUES, queue),
        "note": "", "entered_at": answered, "entered_minute": minutes(answered),
        "waits_from": since, "left_at": answered, "how": "answered",
        "wait_seconds": np.round(answered - since, 3), "agent": who, "test": False,
        "direction": "out",
    })  # fmt: skip
    for ordinal, kind in enumerate(("citizen", "agent")):
        yield Block(legs, len(made), {
            "call_id": made, "ordinal": ordinal, "leg": [kind] * len(made), "who": kind,
            "agent": who if ordinal else None, "direction": "out",
            "because": "offer" if ordinal else "call", "began_at": at, "began_minute": minutes(at),
            "answered_at": answered, "ended_at": over, "outcome": "answered", "test": False,
        })  # fmt: skip
