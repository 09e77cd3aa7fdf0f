"""The one road of every call that goes out: the number, the caps, and the order to the switch.

    number ─► allow-list ─► caps, holds ─┬► Switch.call_out: the agent's phone, then the citizen's
                                         └► Switch.call_alone: the citizen's (campaigns)

The dialplan holds the same list and the same caps (asterisk-conf/extensions_out.conf): whoever
could make this process misbehave still cannot dial what the city does not dial, nor more.
The attempt's id is its channel's, so a repeat of it is refused while it lives: a campaign's own, or
for a call-back its offer's.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from callflow.ports import Clock, OutSwitch
from callflow.relay import national
from terms import limits
from terms.names import AgentName, AttemptId, Instant, OfferId, Seconds
from terms.names import Protocol as ProtocolNumber
from terms.outcome import Tried

ALLOWED: Final = re.compile(r"[1-9][1-9](9[0-9]{8}|[2-5][0-9]{7})")
"""Fixed and mobile numbers of the country with their area: no 0900, no other country, no 190."""

SPECIAL: Final = re.compile(r"(\+?55)?0[3589]00")
"""Numbers of services, free or dear: what calls from one is no citizen's telephone."""

NO_NUMBER: Final = frozenset({"1", "22", "28"})
"""Causes that say that there is no such number (ITU-T Q.850)."""

NO_WAY: Final = frozenset({"27", "34", "38", "41", "42", "102"})
"""Causes of a carrier that is out of order, full, or does not answer (503, 500, 504)."""

TOO_SOON: Final = "second"
"""Why a call is not dialled before this second is over."""

_PLAIN: Final = re.compile(r"[^\w .:/+*#=;%—-]")
_HOUR: Seconds = 3_600.0
NOBODY: Final = ""


class NotDialled(Exception):
    """Nothing has been dialled; `why` is a word for facts and logs, `again` when it is worth
    another look (s): each look books an agent for an instant and is written down."""

    def __init__(self, why: str, again: Seconds = limits.CALL_BACK_HELD) -> None:
        super().__init__(why)
        self.why, self.again = why, again


class NumberRefused(NotDialled):
    """This number is never dialled."""


@dataclass(frozen=True, slots=True)
class OutCaps:
    """How much goes out (R31, R32). Without a trunk nothing does."""

    trunk: bool = False
    channels: int = limits.OUT_CHANNELS
    per_second: int = limits.OUT_PER_SECOND
    per_hour: int = limits.OUT_PER_HOUR
    per_number: int = limits.OUT_PER_NUMBER
    ring_seconds: Seconds = limits.OUT_RING_SECONDS
    area: str = "11"  # of numbers that come in without theirs
    identities: Mapping[str, str] = field(default_factory=dict)  # line → the number that is shown


@dataclass(frozen=True, slots=True)
class OutCall:
    """One call to make: who talks, with whom, and what stands on the citizen's channel then."""

    offer: OfferId
    agent: AgentName
    ring_seconds: Seconds
    line: str
    caller: str  # the citizen's number, as it came in
    show: str  # on the agent's phone
    place: str
    data: str
    protocol: ProtocolNumber
    urgent: bool = False  # the call-back of an emergency (R34)
    test: bool = False
    attempt: AttemptId = AttemptId("")  # of a campaign
    campaign: str = ""
    trunk: str = ""  # by which it goes out; '' for the first
    kind: str = ""  # of one that goes out alone: aviso, preditivo
    caller_id: str = ""  # the number that is shown; '' for the line's
    citizen_rings: Seconds = 0.0  # 0: as long as call-backs
    life: bool = False  # it may save lives: a storm does not hold it

    @property
    def name(self) -> str:
        """By which the attempt is known on the switch."""
        return self.attempt or self.offer


@dataclass(slots=True)
class DialOut:
    """See the file's top. `held` says whether nothing may go out now but what is urgent."""

    switch: OutSwitch
    clock: Clock
    caps: OutCaps = field(default_factory=OutCaps)
    held: Callable[[], bool] = lambda: False
    emergency: Callable[[], bool] = lambda: False  # … because somebody waits on 199 or 153
    live: dict[str, str] = field(default_factory=dict)  # attempts in course → number
    shut: dict[str, Instant] = field(default_factory=dict)  # a trunk takes no calls until then
    refused: Counter[str] = field(default_factory=Counter)  # … and how many in a row it did not
    _dialled: deque[tuple[Instant, str]] = field(default_factory=deque)  # of the last hour
    _numbers: Counter[str] = field(default_factory=Counter)

    def dialable(self, caller: str) -> str:
        """The number to dial for a caller's; '' for one that is never dialled."""
        digits = "" if SPECIAL.match(caller) else national(caller)
        if len(digits) in (8, 9):
            digits = self.caps.area + digits
        return digits if self.caps.trunk and ALLOWED.fullmatch(digits) else ""

    async def dial(self, call: OutCall) -> None:
        """Order one call. NotDialled when it may not go out; what the switch raises otherwise:
        then nobody knows whether it has."""
        number = self._admitted(call)
        self.live[call.name] = number
        rings = call.citizen_rings or self.caps.ring_seconds
        order = {
            "C156_OUT_NUMBER": number,
            "C156_OUT_RING": str(round(rings)),
            "C156_OUT_FROM": call.caller_id or self.caps.identities.get(call.line, ""),
            "C156_OUT_LINE": call.line,
            "C156_OUT_CALLER": number,
            "C156_OUT_PLACE": call.place,
            "C156_OUT_PROTOCOL": call.protocol,
            "C156_OUT_URGENT": "1" if call.urgent else "",
            "C156_OUT_TEST": "1" if call.test else "",
            "C156_OUT_LIFE": "1" if call.life else "",
            "C156_OUT_TRUNK": call.trunk,
            "C156_OUT_KIND": call.kind,
            "C156_ATTEMPT": call.attempt,
            "C156_CAMPAIGN": call.campaign,
            **_in_pieces(call.data),
        }
        if not call.offer:
            await self.switch.call_alone(call.attempt, rings + limits.OUT_LEASE, order)
            return
        order |= {
            "C156_OFFER": call.offer,
            "C156_EPOCH": call.offer.partition("-")[0],
            "C156_AGENT": call.agent,
            "C156_RING": str(round(call.ring_seconds)),
            "C156_SHOW": _PLAIN.sub(" ", call.show),
        }
        seconds = call.ring_seconds + limits.OFFER_LEASE
        await self.switch.call_out(call.agent, OfferId(call.name), seconds, order)

    def goes_on(self, attempt: AttemptId, number: str) -> None:
        """An attempt was in course before this process: its number is not dialled beside it."""
        self.live[attempt] = number

    def over(self, attempt: str, reached_for: bool = True) -> None:
        """An attempt has ended, or has become a call. One that never reached for the citizen is
        none of those that its number may be called in an hour."""
        number = self.live.pop(attempt, "")
        if number and not reached_for:
            self._give_back(number)

    def came_to(self, result: Tried, trunk: str = "") -> bool:
        """What came of a call at the carrier. One that is not taken may be its number's own; after
        a second one in a row none is tried for a while, but what is urgent."""
        self.refused[trunk] = self.refused[trunk] + 1 if result is Tried.SHUT else 0
        if self.refused[trunk] < limits.OUT_SHUT_AFTER:
            return False
        self.shut[trunk] = self.clock() + limits.OUT_SHUT
        return True

    def _give_back(self, number: str) -> None:
        for n in range(len(self._dialled) - 1, -1, -1):
            at, dialled = self._dialled[n]
            if dialled == number:
                self._dialled[n] = (at, NOBODY)  # of the hour's calls it is still one
                self._numbers[number] -= 1
                self._numbers[NOBODY] += 1
                return

    def _admitted(self, call: OutCall) -> str:
        """The number, if this call may go out now; it is counted."""
        number, caps, now = self.dialable(call.caller), self.caps, self.clock()
        if not number:
            raise NumberRefused("number")
        if not call.urgent and self.held() and (not call.life or self.emergency()):
            raise NotDialled("held")
        if not call.urgent and now < (shut := self.shut.get(call.trunk, 0.0)):
            raise NotDialled("shut", shut - now)
        spare = limits.OUT_CHANNELS_URGENT if call.urgent else 0
        if len(self.live) >= caps.channels + spare:
            raise NotDialled("channels")
        if number in self.live.values():
            raise NotDialled("twice")
        while self._dialled and self._dialled[0][0] <= now - _HOUR:
            self._numbers[self._dialled.popleft()[1]] -= 1
            self._numbers += Counter()  # drops what has come down to none
        if self._numbers[number] >= caps.per_number:
            raise NotDialled("often", limits.OUT_FULL)
        if not call.urgent:
            lately = takewhile(lambda one: one[0] > now - 1.0, reversed(self._dialled))
            if sum(1 for _ in lately) >= caps.per_second:
                raise NotDialled(TOO_SOON)
            if len(self._dialled) >= caps.per_hour:
                raise NotDialled("hour", limits.OUT_FULL)
        self._dialled.append((now, number))
        self._numbers[number] += 1
        return number


def _in_pieces(data: str) -> dict[str, str]:
    """What the citizen typed, in pieces that an order to the switch holds."""
    size = limits.OUT_DATA_BYTES
    return {f"C156_OUT_DATA{n + 1}": data[n * size : (n + 1) * size] for n in range(3)}


def citizen_result(result: str, cause: str) -> Tried:
    """What the dial to the citizen left behind, as a word of ours."""
    if cause in NO_NUMBER:
        return Tried.INVALID
    if cause in NO_WAY:
        return Tried.SHUT
    if result == "BUSY" or cause in ("17", "21"):
        return Tried.BUSY
    if result in ("NOANSWER", "CANCEL"):
        return Tried.NO_ANSWER
    return Tried.UNREACHABLE
