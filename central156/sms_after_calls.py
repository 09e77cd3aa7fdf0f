"""After a served call its protocol number goes to the citizen's mobile as a text message (R50).

    answered ─► kept in mind ─► agreed? ─► the call ends, served ─► ordered, to go a little later

Who gets one: callers of a line whose rule (`sms_protocol`) says `sempre`, or `se_aceitou` and the
citizen said yes. The clauses want it on 156; a line of emergencies sends to nobody who was not
asked (settings_sms.py refuses `sempre` there, and the default is `nunca`). Yes is said to the menu
(a variable `aceita_sms` of the dialplan), or to the agent, who passes it on as a result of the call
(`sms_result`) or by API (`SmsActs.agreed`). Marks, discreet queues and opt-outs are asked in the
moment of sending, which comes late enough for what an agent says in the wrap-up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callflow.beside import Beside
from callflow.book import Book, OpenCall
from callflow.floor_keeper import FloorKeeper
from central156.settings_sms import ALWAYS, NEVER
from central156.sms_acts import SmsActs
from protocol_store import StoreError
from terms.facts import Fact, Kind
from terms.limits import SMS_AFTER_AGAIN, SMS_AFTER_KEPT, SMS_AFTER_TRIES, SMS_AGREE_WAIT
from terms.names import CallId, Instant, Protocol
from terms.outcome import CallOutcome

log = logging.getLogger(__name__)

AGREES: Final = "aceita_sms"
"""The dialplan's variable: `1` or `sim` if the citizen wants the number as a text."""

YES: Final = frozenset({"1", "sim"})


@dataclass(slots=True)
class _Talk:
    """A call that somebody has answered."""

    entry: OpenCall
    lines: set[str]
    numbers: list[Protocol] = field(default_factory=list)  # further ones of the same call (R52)
    agreed: bool = False
    by: str = ""  # who said that they did
    ended: Instant = 0.0
    served: bool = False


@dataclass(slots=True)
class AfterCalls:
    """See the file's top. `rules`: by line; `result`: the agent's result that says yes."""

    sms: SmsActs
    keeper: FloorKeeper
    book: Book
    rules: Mapping[str, str]
    result: str = ""
    _lines: dict[CallId, set[str]] = field(default_factory=dict)  # that a call has been on
    _talks: dict[CallId, _Talk] = field(default_factory=dict)
    _beside: Beside = field(default_factory=lambda: Beside("a protocol was not sent"))

    def begin(self, stack: contextlib.AsyncExitStack) -> None:
        """Read from now on, until the stack is closed; talks that are in course count."""
        for entry in self.book.calls.values():
            if entry.answered is not None:
                self._talks[entry.call] = _Talk(entry, {entry.line})
        floor = self.keeper.floor
        self.sms.citizen_agreed = self.agreed
        self.sms.call_of = lambda agent: (
            (found.call or found.last_call) if (found := floor.agents.get(agent)) else None
        )
        stack.callback(self._beside.cancel)
        stack.callback(self.keeper.watch(self.read))

    def read(self, facts: tuple[Fact, ...]) -> None:
        """What happens in calls."""
        for fact in facts:
            call = fact.call
            if call is None:
                continue
            match fact.kind:
                case Kind.CALL_ARRIVED:
                    self._lines[call] = {str(fact.details.get("line", ""))}
                case Kind.HANDED_OVER:
                    self._lines.setdefault(call, set()).add(str(fact.details.get("to_line", "")))
                case Kind.ANSWERED if call in self.book.calls and call not in self._talks:
                    entry = self.book.calls[call]
                    self._talks[call] = _Talk(entry, self._lines.get(call, set()) | {entry.line})
                case Kind.PROTOCOL_ADDED if call in self._talks:
                    self._talks[call].numbers.append(Protocol(str(fact.details["protocol"])))
                case Kind.DISPOSITION if self.result and fact.details.get("code") == self.result:
                    self.agreed(call, fact.by or fact.agent or "")
                case Kind.CALL_ENDED:
                    self._lines.pop(call, None)
                    self._ended(call, fact)
                case _:
                    pass

    def agreed(self, call: CallId, by: str) -> bool:
        """The citizen wants the number as a text; False for a call that nobody knows (any more)."""
        talk = self._talks.get(call)
        if talk is None:
            return False
        talk.agreed, talk.by = True, by
        if talk.ended:
            self._send(talk)
        return True

    def _ended(self, call: CallId, fact: Fact) -> None:
        talk = self._talks.get(call)
        if talk is None:
            return
        talk.ended = fact.at
        talk.served = fact.details.get("outcome") == CallOutcome.SERVED
        if self._wanted(talk):
            self._send(talk)
        else:
            self._forget_older_than(fact.at - SMS_AGREE_WAIT)

    def _forget_older_than(self, at: Instant) -> None:
        """In the order of their ends, but for talks that go on: those are few."""
        for call, talk in tuple(self._talks.items()):
            if talk.ended and (talk.ended < at or len(self._talks) > SMS_AFTER_KEPT):
                del self._talks[call]

    def _wanted(self, talk: _Talk) -> bool:
        """Whether the rules of all lines that the call was on, and the citizen, say so."""
        rules = {self.rules.get(line, NEVER) for line in talk.lines | {talk.entry.line}}
        if NEVER in rules:
            return False
        always = rules == {ALWAYS} and not talk.entry.campaign  # whom we call has asked nothing
        said = str(talk.entry.data.get(AGREES, "")).strip().lower() in YES
        return always or talk.agreed or said

    def _send(self, talk: _Talk) -> None:
        self._talks.pop(talk.entry.call, None)
        entry = talk.entry
        if talk.served and entry.protocol and not entry.test and self._wanted(talk):
            self._beside.do(self._order(entry, (entry.protocol, *talk.numbers), talk.by))

    async def _order(self, entry: OpenCall, numbers: tuple[Protocol, ...], by: str) -> None:
        """Durable, or tried again for a while: a message, not the citizen's only way to it."""
        for turn in range(SMS_AFTER_TRIES):
            if turn:
                await asyncio.sleep(SMS_AFTER_AGAIN)
            try:
                why = await self.sms.after_call(entry.call, entry.caller, numbers, True, by)
            except StoreError as trouble:
                log.warning("a protocol waits", extra={"why": type(trouble).__name__})
                continue
            if why:
                log.info("a protocol is not sent", extra={"call": entry.call, "why": why})
            return
        log.error("a protocol could not be sent as a text", extra={"call": entry.call})

    async def settled(self) -> None:
        """Wait until nothing is being ordered (for tests and for draining)."""
        await self._beside.settled()
