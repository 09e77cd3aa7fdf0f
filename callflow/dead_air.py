"""Talks without sound for more than ten seconds: an agent who is muted, a line that carries one
side only.

What a leg sends is watched in two ways, because silence comes in two kinds:

    a muted phone       sends sound of nothing       the switch says when a leg falls silent
    a broken way        sends no packets at all      the switch's count of them stands still

A live microphone is never as silent as a muted one: the switch calls silent what is below
DEAD_AIR_LEVEL. A talk that this process did not put through (a restart, a lost link, a consult) is
listened to from the next look at the switch on. Who is on hold is not silent, and nobody is while
legs are being moved about. It is told to the floor and to the protocol, once for each silence;
nothing else follows of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from acd.consults import consult_of
from acd.offers import Offer, OfferState
from callflow.floor_keeper import FloorKeeper
from callflow.place import parse_stage
from terms.facts import Fact, Kind
from terms.limits import (
    DEAD_AIR_CALLS,
    DEAD_AIR_COUNTS,
    DEAD_AIR_LOOK_EVERY,
    DEAD_AIR_QUIET,
    DEAD_AIR_SECONDS,
)
from terms.names import AgentName, CallId, Instant, OfferId, Seconds
from terms.outcome import OfferOutcome
from terms.signals import Leg, LegSound, Side, Sound, SwitchSeen
from terms.stages import Stage

log = logging.getLogger(__name__)

BOTH: Final = "both"


class Counters(Protocol):
    """Who knows how many packets a leg has sent."""

    async def packets_from(self, leg: str) -> int | None:
        """How many have come from this leg (a channel's name, or a call's id); None: not known."""
        ...


@dataclass(slots=True)
class OneSide:
    """What is heard of one side of a talk."""

    leg: str
    silent_since: Instant | None = None
    held: bool = False
    packets: int | None = None  # at the last count …
    counted: Instant = 0.0
    lost: bool = False  # the count stood still: only a greater one ends this silence

    def hear(self, sound: Sound, at: Instant, quiet: Seconds = DEAD_AIR_QUIET) -> None:
        """What the switch says of it; `quiet`: how long it waited to say that it is silent."""
        match sound:
            case Sound.BEGAN:
                self.silent_since, self.lost = None, False
            case Sound.ENDED:
                self.silent_since = at - quiet
            case Sound.HELD:
                self.held = True
            case Sound.BACK:
                self.held, self.silent_since = False, None

    def count(self, packets: int | None, at: Instant) -> None:
        """How many packets have come from it."""
        if packets is not None and self.packets is not None:
            if packets > self.packets and self.lost:
                self.silent_since, self.lost = None, False
            elif packets == self.packets and self.silent_since is None:
                self.silent_since, self.lost = self.counted, True
        self.packets, self.counted = packets, at


@dataclass(slots=True)
class Talk:
    """One talk: both its sides, and of whose silence has been told."""

    call: CallId
    agent: AgentName
    sides: dict[Side, OneSide]
    held: bool = False
    told: frozenset[Side] = frozenset()

    def silent(self, now: Instant) -> frozenset[Side]:
        """The sides that have been silent for too long."""
        if self.held or any(one.held for one in self.sides.values()):
            return frozenset()
        return frozenset(side for side, one in self.sides.items() if _seconds(one, now) is not None)

    def seconds(self, now: Instant) -> float:
        """How long the longer silence has lasted."""
        return max(_seconds(one, now) or 0.0 for one in self.sides.values())


def _seconds(side: OneSide, now: Instant) -> float | None:
    """How long it has been silent; None while that is not long."""
    since = side.silent_since
    return now - since if since is not None and now - since >= DEAD_AIR_SECONDS else None


def who(sides: frozenset[Side]) -> str:
    """`agent`, `citizen`, `both`; '' of nobody."""
    return BOTH if len(sides) > 1 else next((str(side) for side in sides), "")


@dataclass(slots=True)
class DeadAir:
    """Watches every talk. `run` it beside."""

    keeper: FloorKeeper
    counters: Counters
    _dialled: dict[CallId, tuple[OfferId, OneSide]] = field(default_factory=dict)  # the agent
    _outward: dict[OfferId, OneSide] = field(default_factory=dict)  # the agent of a call-back
    _citizens: dict[CallId, OneSide] = field(default_factory=dict)
    _talks: dict[CallId, Talk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keeper.watch(self.read)

    # --- what it is told ---
    def dialled(self, call: CallId, offer: OfferId, leg: str) -> None:
        """An agent's phone rings; from the answer on both legs are listened to."""
        if not self.keeper.knows(offer):
            return
        if not call:  # the citizen has no call yet
            self._outward[offer] = OneSide(leg, self.keeper.clock())
        else:
            self._dialled[call] = (offer, OneSide(leg, self.keeper.clock()))
            self._citizen(call)

    def hear(self, signal: LegSound, quiet: Seconds = DEAD_AIR_QUIET) -> None:
        """The switch says that a leg is heard or not. Of an agent's leg that nobody told of:
        nothing."""
        if signal.side is Side.CITIZEN:
            self._citizen(signal.call).hear(signal.sound, signal.at, quiet)
            return
        found = self._dialled.get(signal.call)
        sides = (found[1],) if found is not None else tuple(self._outward.values())
        for one in sides:
            if one.leg == signal.leg:
                one.hear(signal.sound, signal.at)

    def found(self, seen: SwitchSeen) -> None:
        """A whole look at the switch: talks that stand there and are not listened to. Who was
        silent before is not known: nothing is said until a word, or its absence, is told of."""
        stages = {call.call: parse_stage(call.stage)[0] for call in seen.calls}
        for leg in seen.legs:
            talk = self._unheard(leg)
            if talk is None or stages.get(leg.call) not in (Stage.OFFERED, Stage.CONFERENCE):
                continue
            known = self._dialled.get(leg.call)
            agent = known[1] if known is not None and known[1].leg == leg.channel else None
            agent, citizen = agent or OneSide(leg.channel), self._citizen(leg.call)
            for one in (agent, citizen):
                one.silent_since, one.packets, one.lost = None, None, False
            self._dialled[leg.call] = (talk.offer, agent)
            sides = {Side.AGENT: agent, Side.CITIZEN: citizen}
            self._talks[leg.call] = Talk(leg.call, talk.agent, sides)

    def _unheard(self, leg: Leg) -> Offer | None:
        """The talk whose agent's leg this is, if it is not listened to."""
        floor = self.keeper.floor
        talk = floor.offers.get(leg.booking)
        if talk is None or talk.call != leg.call or talk.state is not OfferState.ANSWERED:
            return None
        asks = consult_of(floor, leg.call) is not None
        return None if asks or leg.call in self._talks else talk

    def link_lost(self) -> None:
        """What legs did meanwhile is not known: nothing is said of the talks of now."""
        self._dialled.clear()
        self._outward.clear()
        self._talks.clear()
        for one in self._citizens.values():
            one.silent_since = None

    def read(self, facts: Iterable[Fact]) -> None:
        """Talks begin, are moved about, and end."""
        for fact in facts:
            if fact.call is None:
                continue
            match fact.kind:
                case Kind.ANSWERED:
                    self._begin(fact)
                case Kind.TALK_HELD:
                    self._hold(fact.call, bool(fact.details.get("on")))
                case Kind.TALK_ENDED | Kind.TALK_MOVED | Kind.CONSULT_ASKED:
                    self._talks.pop(fact.call, None)
                case Kind.OFFER_ENDED if fact.details.get("outcome") != OfferOutcome.ANSWERED:
                    self._outward.pop(OfferId(str(fact.details.get("offer"))), None)
                case Kind.CALL_ENDED:
                    self._talks.pop(fact.call, None)
                    self._dialled.pop(fact.call, None)
                    self._citizens.pop(fact.call, None)
                case _:
                    pass

    def silent(self, call: CallId) -> str:
        """Whose silence this talk has now: `agent`, `citizen`, `both`; '' for nobody's."""
        talk = self._talks.get(call)
        return who(talk.silent(self.keeper.clock())) if talk is not None else ""

    # --- what time brings ---
    async def run(self) -> None:
        """Look at all talks every DEAD_AIR_LOOK_EVERY, for ever."""
        while True:
            await asyncio.sleep(DEAD_AIR_LOOK_EVERY)
            for look in (self._count, self._look):
                try:
                    await look()
                except Exception:
                    log.exception("a look at talks without sound failed")

    async def _look(self) -> None:
        self.look(self.keeper.clock())

    def look(self, now: Instant) -> None:
        """Tell of every silence that has become too long, once."""
        for talk in tuple(self._talks.values()):
            silent = talk.silent(now)
            if silent - talk.told:
                details = {"who": who(silent), "seconds": round(talk.seconds(now), 1)}
                fact = Fact(now, Kind.DEAD_AIR, talk.call, talk.agent, details=details)
                self.keeper.record(fact)
            talk.told = silent

    # --- how it works ---
    def _begin(self, fact: Fact) -> None:
        assert fact.call is not None
        if (out := self._outward.pop(OfferId(str(fact.details.get("offer"))), None)) is not None:
            self._dialled[fact.call] = (OfferId(str(fact.details["offer"])), out)
            self._citizen(fact.call)
        found = self._dialled.get(fact.call)
        if found is None or found[0] != fact.details.get("offer") or fact.agent is None:
            return  # put through by the process before us: the next look tells of it
        sides = {Side.AGENT: found[1], Side.CITIZEN: self._citizen(fact.call)}
        for side in sides.values():
            if side.silent_since is not None:
                side.silent_since = fact.at  # while it rang nobody owed anybody a word
        self._talks[fact.call] = Talk(fact.call, fact.agent, sides)

    def _citizen(self, call: CallId) -> OneSide:
        """What is heard of a call's own channel; it is listened to before the agent is."""
        if call not in self._citizens:
            if len(self._citizens) >= DEAD_AIR_CALLS:  # ends that were never told
                del self._citizens[next(iter(self._citizens))]
            self._citizens[call] = OneSide(str(call), self.keeper.clock())
        return self._citizens[call]

    def _hold(self, call: CallId, on: bool) -> None:
        talk = self._talks.get(call)
        if talk is None:
            return
        talk.held = on
        for one in talk.sides.values():
            one.silent_since, one.packets, one.lost = None, None, False

    async def _count(self) -> None:
        """Ask for the packets of the legs that were asked for longest ago, of a few at a time."""
        now = self.keeper.clock()
        due = [
            one
            for talk in self._talks.values()
            if not talk.held
            for one in talk.sides.values()
            if now - one.counted >= DEAD_AIR_QUIET and (one.lost or one.silent_since is None)
        ]
        due.sort(key=lambda one: one.counted)
        await asyncio.gather(*(self._count_one(one) for one in due[:DEAD_AIR_COUNTS]))

    async def _count_one(self, one: OneSide) -> None:
        packets = await self.counters.packets_from(one.leg)
        one.count(packets, self.keeper.clock())
