"""What the SIP phones saw of the day in miniature: their own logs, and nothing of the store.

A citizen's call is the trace of one INVITE of a SIPp; an agent's ring is one of theirs, and belongs
to the citizen whose number the phone showed. When keys were pressed the scenario knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from day_scenario import NUMBERS, Agent, Group
from sipp_phones import KEY_MS, CallTrace

KEY_HEARD = 0.2
"""Seconds from the beginning of a key to the instant at which the switch has understood it."""

NUMBER = re.compile(r"sip:(\w+)@")


def number_in(header: str) -> str:
    """The number of a From or To header."""
    found = NUMBER.search(header)
    return found[1] if found else ""


@dataclass(frozen=True)
class Ring:
    """A call that rang at an agent's phone. `code`: its last word; 0: it was killed ringing."""

    agent: str
    caller: str
    at: float
    answered: float | None
    ended: float
    hung_up: bool
    code: int

    @property
    def talked(self) -> float:
        """Seconds from the answer to the BYE; 0 without an answer."""
        return self.ended - self.answered if self.answered is not None else 0.0


@dataclass(frozen=True)
class Call:
    """A citizen's call. `joined`: when it came to its first queue, as the scenario has it."""

    group: Group
    caller: str
    code: int
    arrived: float
    answered: float
    ended: float
    hung_up: bool
    joined: float | None
    rings: tuple[Ring, ...] = ()

    @property
    def talks(self) -> list[Ring]:
        """The rings that were answered."""
        return [ring for ring in self.rings if ring.answered is not None]

    @property
    def surveyed(self) -> bool:
        """Whether the agent left the citizen, who then heard the survey of 156."""
        last = self.talks[-1] if self.talks else None
        left = last is not None and last.hung_up and last.ended < self.ended - 0.1
        return left and self.group.line == "156"


@dataclass(frozen=True)
class CalledBack:
    """A call of ours to a citizen's telephone, and the ring of the agent who makes it."""

    number: str
    at: float
    answered: float
    ended: float
    ring: Ring


@dataclass(frozen=True)
class Seen:
    """The day."""

    calls: tuple[Call, ...]
    called_back: tuple[CalledBack, ...]
    rings: tuple[Ring, ...]
    refused: int
    people: tuple[Agent, ...]


def read_day(
    groups: Iterable[Group],
    people: Iterable[Agent],
    citizens: Mapping[str, list[CallTrace]],
    phones: Mapping[str, list[CallTrace]],
    city: list[CallTrace],
) -> Seen:
    """All of it, from the phones' traces by group and by agent's name."""
    rings = sorted(
        (_ring(name, trace) for name, traces in phones.items() for trace in _rung(traces)),
        key=lambda ring: ring.at,
    )
    calls: list[Call] = []
    refused = 0
    taken: set[Ring] = set()
    for group in groups:
        for trace in _rung(citizens[group.name]):
            if trace.code != 200:
                assert trace.code == group.refused, (group.name, trace.code)
                refused += 1
                continue
            call = _call(group, trace, rings)
            taken.update(call.rings)
            calls.append(call)
    others = [ring for ring in rings if ring not in taken]
    back = tuple(_called_back(trace, others) for trace in _rung(city))
    assert {ring for ring in others} == {one.ring for one in back}, "a ring of nobody's"
    return Seen(tuple(calls), back, tuple(rings), refused, tuple(people))


def _rung(traces: Iterable[CallTrace]) -> list[CallTrace]:
    """Those that begin with an INVITE: not what is left of a phone's registration."""
    return [one for one in traces if one.messages[0].is_request("INVITE")]


def _ring(agent: str, trace: CallTrace) -> Ring:
    answered = trace.answered_at if trace.code == 200 else None
    over = trace.bye.at if trace.bye is not None else trace.messages[-1].at
    if answered is None:  # the word that ended the ringing: CANCEL, or a refusal of the phone's own
        said = [one for one in trace.messages if one.is_request("CANCEL") or one.code >= 400]
        over = said[0].at if said else over
    hung_up = trace.bye is not None and trace.bye.sent
    caller = number_in(trace.invite.header("From"))
    return Ring(agent, caller, trace.invite.at, answered, over, hung_up, trace.code)


def _call(group: Group, trace: CallTrace, rings: list[Ring]) -> Call:
    caller = number_in(trace.invite.header("From"))
    assert group.hidden or caller in NUMBERS[group.as_group or group.name], caller
    assert trace.bye is not None, f"{group.name}: a call without an end"
    arrived, ended = trace.invite.at, trace.bye.at
    own = [ring for ring in rings if ring.caller == caller and arrived < ring.at < ended]
    hung_up = trace.bye.sent
    joined = _joined(group, trace.answered_at)
    return Call(group, caller, 200, arrived, trace.answered_at, ended, hung_up, joined, tuple(own))


def _joined(group: Group, answered: float) -> float | None:
    if not group.stays:
        return None
    if not group.keys:
        return answered
    pressed = answered
    for place, (after, _) in enumerate(group.keys[: group.queue_key + 1]):
        pressed += after + (KEY_MS / 1000 if place else 0.0)
    return pressed + KEY_HEARD + group.queue_after


def _called_back(trace: CallTrace, rings: list[Ring]) -> CalledBack:
    number = number_in(trace.invite.header("To"))
    assert trace.bye is not None
    at, answered, ended = trace.invite.at, trace.answered_at, trace.bye.at
    (ring,) = [one for one in rings if one.caller == number and one.at < at < one.ended]
    return CalledBack(number, at, answered, ended, ring)
