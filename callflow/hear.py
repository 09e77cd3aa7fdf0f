"""What the switch says, turned into what it means: signals in, events for the floor out.

A signal may be late, doubled, or about something long gone: it is then told to the floor, which
passes over what it does not know, or dropped here with a word in the log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import assert_never

from acd.events import AgentPhone, OfferAnswered, TalkFound
from callflow.agent_desk import AgentDesk
from callflow.beside import Beside
from callflow.book import Book
from callflow.call_back import CallBacks
from callflow.dead_air import DeadAir
from callflow.dialler import Dialler
from callflow.floor_keeper import FloorKeeper
from callflow.mend import Mender
from callflow.place import parse_stage
from callflow.shift_desk import ShiftDesk
from callflow.talk import Talks
from terms.facts import Fact, Kind
from terms.limits import DEAD_AIR_QUIET
from terms.names import AgentName, CallId, Instant, OfferId
from terms.signals import (
    AgentAnswered,
    AgentRinging,
    CallEnded,
    CallerHungUp,
    CallOutTold,
    CallRefused,
    KeyPressed,
    LegGone,
    LegJoined,
    LegKey,
    LegSound,
    Phone,
    PhoneChanged,
    PhoneCode,
    Signal,
    SwitchLost,
    SwitchSeen,
    TalkNews,
)
from terms.stages import Stage

log = logging.getLogger(__name__)

TALKING = (Stage.OFFERED, Stage.HELD, Stage.CONFERENCE)
"""The stages in which an agent has the call; `offered` if that agent's phone is up."""


@dataclass(slots=True)
class Ear:
    """Takes signals one at a time, in the order in which the switch said them."""

    keeper: FloorKeeper
    desk: AgentDesk
    book: Book
    mender: Mender
    epoch: int
    talks: Talks | None = None
    shifts: ShiftDesk | None = None
    call_backs: CallBacks | None = None
    dialler: Dialler | None = None
    sounds: DeadAir | None = None
    boot: str = ""
    link_up: bool = False
    agreed: str = ""  # the start of the switch whose contingency queues agreed with the desk …
    _led: str = ""  # … and the one whose gate knows our epoch
    _beside: Beside = field(default_factory=lambda: Beside("the switch could not be told"))

    def hear(self, signal: Signal) -> None:
        """Act on one signal. Never blocks; what takes time runs beside."""
        match signal:
            case CallEnded():
                self.mender.call_ended(signal)
                if self.dialler is not None:
                    self.dialler.ended(signal.call, signal.attempt, signal.at)
                if self.talks is not None:
                    self.talks.call_gone(signal.call)
            case CallerHungUp(call=call, offer=offer):
                self.keeper.leaving(call, offer)
            case KeyPressed(call=call, key=key):
                self.keeper.key_pressed(call, key)
            case AgentRinging(call=call, offer=offer, leg=leg):
                self.keeper.rings(offer, leg)
                if self.sounds is not None:
                    self.sounds.dialled(call, offer, leg)
            case LegSound():
                quiet = DEAD_AIR_QUIET if self.dialler is None else self.dialler.words.hear(signal)
                if self.sounds is not None:
                    self.sounds.hear(signal, quiet)
            case AgentAnswered(offer=offer, call=call, agent=agent, at=at):
                if self.dialler is not None and self.dialler.answered(call, at, offer):
                    pass  # the citizen whom a campaign called is on the line
                elif self.call_backs is not None and self.call_backs.answered(call, offer, at):
                    pass  # the citizen who was called back is
                elif self.keeper.knows(offer):
                    self.keeper.tell(OfferAnswered(offer))
                elif not self._is_late(call, agent, offer):  # an offer of the process before us
                    self._find_talk(call, agent, offer, at)
            case LegJoined() | LegGone() | LegKey() | TalkNews():
                if self.talks is not None:
                    self.talks.hear(signal)
            case PhoneChanged(agent=agent, phone=phone):
                self.keeper.tell(AgentPhone(agent, phone))
            case PhoneCode():
                self._coded(signal)
            case CallOutTold():
                if self.dialler is not None and self.dialler.told(signal):
                    pass
                elif self.call_backs is not None:
                    self.call_backs.told(signal)
            case CallRefused(line=line, because=because, test=test, at=at):
                details = {"line": line, "because": because, "test": test}
                self.keeper.record(Fact(at, Kind.CALL_REFUSED, details=details))
            case SwitchLost(at=at, why=why):
                self.link_up = False
                self.desk.link_lost()
                if self.dialler is not None:
                    self.dialler.link_lost()
                if self.sounds is not None:
                    self.sounds.link_lost()
                self.keeper.record(Fact(at, Kind.SWITCH_LOST, details={"why": why}))
                self._believe_phones_free()
            case SwitchSeen():
                self._see(signal)
            case _:
                assert_never(signal)

    def _coded(self, signal: PhoneCode) -> None:
        """The phone waits a moment to hear whether it was done."""
        shifts = self.shifts or ShiftDesk(self.desk)
        refused = shifts.by_phone(signal.agent, signal.code, signal.reason)
        if signal.channel:
            told = "no" if refused else "yes"
            self._beside.do(self.keeper.switch.write_on(signal.channel, C156_TOLD=told))

    def _see(self, seen: SwitchSeen) -> None:
        """A whole look at the switch: the floor is made to agree with it."""
        fresh = not self.link_up or seen.boot != self.boot
        self.link_up, self.boot = True, seen.boot
        if self._led != seen.boot:  # until it is done: without it the gate lets nobody through
            self._beside.do(self._set_epoch(seen.boot))
        if fresh:
            self.keeper.record(
                Fact(
                    seen.at, Kind.SWITCH_SEEN, details={"boot": seen.boot, "calls": len(seen.calls)}
                )
            )
        if fresh or not self.desk.in_step:
            self._beside.do(self._agree(seen.boot))
        else:
            self._beside.do(self.desk.sync_contingency())  # if it could not be told at the time
        if self.call_backs is not None:
            self.call_backs.agree(seen)
        if self.dialler is not None:
            self.dialler.agree(seen)
        self.mender.agree(seen)
        for agent in self.desk.names():
            # A phone that the snapshot does not list is not there, if the list is whole.
            found = seen.phones.get(agent, Phone.GONE if seen.complete else None)
            if found is not None:
                self.keeper.tell(AgentPhone(agent, found))
        for call in seen.calls:
            stage, offer, agent_name = parse_stage(call.stage)
            agent = AgentName(agent_name)
            here = call.joined or stage != Stage.OFFERED  # on hold nobody is
            talking = here and seen.phones.get(agent) == Phone.BUSY
            known = self.keeper.knows(OfferId(offer))
            late = known or self._is_late(CallId(call.call), agent, OfferId(offer))
            if stage in TALKING and talking and not late:
                self._find_talk(CallId(call.call), agent, OfferId(offer), seen.at)
        if self.talks is not None:
            self.talks.see(seen)
        if self.sounds is not None:
            self.sounds.found(seen)

    def _is_late(self, call: CallId, agent: AgentName, offer: OfferId) -> bool:
        """Whether a talk is told of that has been dealt with: a busy link is slower than steps.

        The call's step is with us again, or the citizen has gone, or the talk was ours and its
        step has come, told of its end and left.
        """
        if call in self.mender.present or self.keeper.is_leaving(call):
            return True
        entry, ours = self.book.calls.get(call), offer.partition("-")[0] == str(self.epoch)
        return ours and entry is not None and entry.answered is not None and entry.agent == agent

    def _find_talk(self, call: CallId, agent: AgentName, offer: OfferId, at: Instant) -> None:
        """A talk that the process before us put through; it began when the book says so."""
        entry = self.book.calls.get(call)
        if entry is None:
            self.keeper.tell(TalkFound(call, agent, offer, at))
            return
        began = entry.began_with(agent)
        since = at if began is None else began
        place = (entry.queue, entry.joined, entry.line, entry.dialled)
        self.keeper.tell(TalkFound(call, agent, offer, since, *place))

    def _believe_phones_free(self) -> None:
        """Nobody tells us any more when a phone is put down: the gate knows, at each offer."""
        for agent in tuple(self.keeper.floor.agents.values()):
            if agent.phone in (Phone.RINGING, Phone.BUSY):
                self.keeper.tell(AgentPhone(agent.name, Phone.IDLE))

    async def _set_epoch(self, boot: str) -> None:
        """The gate lets only this process's offers through, from now on."""
        await self.keeper.switch.set_global("C156_EPOCH", str(self.epoch))
        self._led = boot

    async def _agree(self, boot: str) -> None:
        await self.desk.agree(same_switch=self.agreed == boot)
        self.agreed = boot
