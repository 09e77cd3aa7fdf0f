"""Runs a call through the production interpreter, without a telephone and without waiting.

    Rehearsal(city, script) ─► type_keys, stay_silent, look_up_gives, … ─► .turn, .path, .took
    rehearse(city, script)  ─► Rehearsed: what went otherwise than the script wants

What the call's other half does in production (the queue's texts, the talk) is played here by its
own rules: the texts of the waiting are heard at once, one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from ivr import interpreter
from ivr.announcements import WHILE_WAITING, Announcement, Notice, in_force
from ivr.forecast import EXAMPLES
from ivr.hours import Calendar
from ivr.known import Known, language_of
from ivr.menu import YES_KEY, LinePlan, SayNode
from ivr.reachable import is_callable
from ivr.script import BY_MENU, CALLED_BACK, HUNG_UP, MESSAGE, UNANSWERED, Script
from ivr.texts import Texts
from ivr.turn import Answer, End, JoinQueue, Listen, LookUp, Say, TakeMessage, Transfer, Turn
from terms.facts import Kind
from terms.names import Protocol as ProtocolNumber
from terms.protocol_number import protocol_of

EXAMPLE_PROTOCOL: Final[ProtocolNumber] = protocol_of(12_345_678)
"""The number that a rehearsed call is given."""

NOTHING: Final[Mapping[str, str]] = {}
_WORD: Final = re.compile(r"\w+")
_BEFORE_SIGN: Final = re.compile(r"\s+(?=[.,;:!?…])")


class City(Protocol):
    """All that a call meets; reader.Dialplans has it."""

    @property
    def lines(self) -> Mapping[str, LinePlan]:
        """The plan of each line."""

    @property
    def calendar(self) -> Calendar:
        """Hours and holidays."""

    @property
    def announcements(self) -> Iterable[Announcement]:
        """Those that are in force at the call's instant are heard."""

    @property
    def relay_numbers(self) -> Collection[str]:
        """Callers who type for a deaf citizen."""


class OutOfStep(Exception):
    """The call is not where such a thing can happen. The text says where it is, in Portuguese."""


def compared(text: str) -> str:
    """A text as it is compared: its words, between single spaces. Signs are not heard, and are
    not the same once a gap between words is filled."""
    return f" {' '.join(_WORD.findall(text))} "


def spoken_words(say: Say) -> str:
    """A text as it is heard, the values included."""
    return _BEFORE_SIGN.sub("", " ".join(say.plain.split()))


@dataclass(slots=True)
class Rehearsal:
    """One call on its way. `heard`: what was said since the caller's last act."""

    city: City
    script: Script
    plan: LinePlan = field(init=False)
    known: Known = field(init=False)
    turn: Turn = field(init=False)
    heard: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    took: set[tuple[str, str, str]] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    queue: JoinQueue | None = None
    ended: str = ""
    message: bool = False
    confirms_call_back: bool = False

    def __post_init__(self) -> None:
        """The call comes in. KeyError when the line has no plan."""
        script, city = self.script, self.city
        self.plan = city.lines[script.line]
        notices = {**in_force(city.announcements, script.line, script.at)}
        for node, here in script.notices.items():
            notices[node] = (*here, *notices.get(node, ()))
        relay = script.caller in city.relay_numbers if script.relay is None else script.relay
        self.known = Known(
            script.at,
            script.entry or script.line,
            script.caller,
            EXAMPLE_PROTOCOL,
            calendar=city.calendar,
            notices=notices,
            short=script.short,
            relay=relay,
        )
        self._go(interpreter.enter(self.plan, self.known))

    # --- where the call is ---
    @property
    def where(self) -> str:
        """What the call does now, in Portuguese."""
        if self.ended:
            return "a ligação já acabou"
        node = f"em '{self.turn.position.node}'"
        match self.turn.then:
            case Listen():
                return f"{node}, a ligação espera uma tecla"
            case LookUp(service=name):
                return f"{node}, a ligação espera a resposta da consulta '{name}'"
            case TakeMessage():
                return f"{node}, a ligação espera o recado"
            case Transfer(destination=name):
                return f"{node}, a ligação espera a transferência para '{name}'"
            case JoinQueue(queue=name):
                return f"a ligação espera na fila '{name}'"
            case _:
                return "a ligação já acabou"

    @property
    def language(self) -> str:
        """The language spoken now."""
        return language_of(self.turn.data)

    def text_passes(self) -> bool:
        """A text that asks for nothing was heard to its end; False when there is none."""
        then = self.turn.then
        node = self.plan.nodes.get(self.turn.position.node)
        if self.ended or not isinstance(then, Listen):
            return False
        if then.seconds and not isinstance(node, SayNode):
            return False
        self._go(interpreter.heard(self.plan, self.known, self.turn.position, ""))
        return True

    # --- what the caller does ---
    def type_keys(self, keys: str, at_once: bool = False) -> None:
        """Press keys, without long pauses between them; as many as each question wants."""
        self._must(Listen, JoinQueue)
        self._settle(at_once)
        self.heard = []
        typed = ""
        for key in keys:
            typed += key
            then = self.turn.then
            if isinstance(then, Listen) and interpreter.goes_on(then, typed) is not None:
                continue
            self._typed(typed)
            typed = ""
        if typed:
            self._typed(typed)

    def stay_silent(self) -> None:
        """Press nothing."""
        self._must(Listen)
        self._settle(False)
        self._must(Listen)
        self.heard = []
        self._typed("")

    def hang_up(self) -> None:
        """Leave. OutOfStep when the call is over."""
        if self.ended:
            raise OutOfStep(self.where)
        self.heard = []
        self.ended = HUNG_UP

    def leave_message(self) -> None:
        """Speak after the tone."""
        self._pass_texts()
        self._must(TakeMessage)
        self.heard, self.message = [], True
        self._go(interpreter.message_left(self.plan, self.known, self.turn.position))

    # --- what the world does ---
    def look_up_gives(self, answer: Answer) -> None:
        """A service has answered."""
        self._pass_texts()
        self._must(LookUp)
        self.heard = []
        self._go(interpreter.looked_up(self.plan, self.known, self.turn.position, answer))

    def is_transferred(self, reached: bool) -> None:
        """The talk outside is over, or there was none."""
        self._pass_texts()
        self._must(Transfer)
        self.heard = []
        position = self.turn.position
        self._go(interpreter.transferred(self.plan, self.known, position, reached))

    def talks(self) -> None:
        """An agent has answered and left again."""
        self._pass_texts()
        self._must(JoinQueue)
        assert self.queue is not None
        self.plan = self.city.lines.get(self.queue.line, self.plan)
        self.known = replace(self.known, talked=True)
        self.heard = []
        if self.plan.after and self.queue.line == self.script.line:  # no survey after a hand-over
            self._go(interpreter.enter_at(self.plan, self.known, self.plan.after))
        else:
            self.ended = BY_MENU

    # --- within ---
    def _must(self, *those: type) -> None:
        if self.ended or not isinstance(self.turn.then, those):
            raise OutOfStep(self.where)

    def _settle(self, at_once: bool) -> None:
        """Hear texts that ask for nothing to their end, unless a key is to fall into them. The
        last words before an end are waited for with patience: a key counts there."""
        while not at_once and isinstance(self.turn.then, Listen) and not self.turn.then.seconds:
            if not self.text_passes():
                break

    def _pass_texts(self) -> None:
        while self.text_passes():
            pass

    def _typed(self, typed: str) -> None:
        then = self.turn.then
        if isinstance(then, JoinQueue):
            self._typed_while_waiting(typed)
        elif not self.ended:
            self._go(interpreter.heard(self.plan, self.known, self.turn.position, typed))

    def _typed_while_waiting(self, typed: str) -> None:
        assert self.queue is not None
        position, plan = self.turn.position, self.city.lines.get(self.queue.line, self.plan)
        call_back = plan.waiting.call_back
        if self.confirms_call_back:
            self.confirms_call_back = False
            if typed == YES_KEY:
                self.heard += (*self._filled(call_back.promised_text), *self._protocol(plan))
                self.ended = CALLED_BACK
        elif typed and typed == call_back.call_back_key and is_callable(self.known.caller):
            self.confirms_call_back = True
            self.heard += self._filled(call_back.confirm_text)
        elif typed in interpreter.keys_while_waiting(self.plan, position, self.queue.queue):
            self._go(interpreter.heard(self.plan, self.known, position, typed))
        elif typed and typed == self.plan.defaults.protocol_key:
            self.heard += self._protocol(plan)

    def _go(self, turn: Turn) -> None:
        line = self.plan.line
        self.turn = turn
        self.known = replace(self.known, data=turn.data)
        self.took |= {(line, node, branch) for node, branch in turn.took}
        self.heard += map(spoken_words, turn.says)
        for kind, details in turn.facts:
            if kind is Kind.NODE_ENTERED:
                self.path.append(details["node"])
            elif kind is Kind.SURVEY_ANSWERED:
                self.marks[details["question"]] = details["mark"] or UNANSWERED
        if isinstance(turn.then, End):
            self.ended = MESSAGE if self.message else BY_MENU
        elif isinstance(turn.then, JoinQueue):
            self.queue = turn.then
            self.heard += self._waiting(turn.then)

    def _waiting(self, queue: JoinQueue) -> Iterator[str]:
        """All that may be heard in this queue, in its order."""
        plan = self.city.lines.get(queue.line, self.plan)
        yield from self._filled(plan.waiting.forecast.ahead_text, EXAMPLES)
        yield from self._filled(plan.waiting.forecast.wait_text, EXAMPLES)
        yield from self._filled(plan.waiting.call_back.offer_text)
        yield from self._filled(plan.waiting.before)
        yield from map(spoken_words, queue.says)
        if plan.waiting.speak_protocol:
            yield from self._protocol(plan)
        yield from self._filled(plan.waiting.repeat)
        yield from self._filled(tuple(one.text for one in self._while_waiting(queue.line)))

    def _while_waiting(self, line: str) -> tuple[Notice, ...]:
        if line == self.script.line:
            return self.known.notices.get(WHILE_WAITING, ())
        return in_force(self.city.announcements, line, self.known.at).get(WHILE_WAITING, ())

    def _protocol(self, plan: LinePlan) -> Iterator[str]:
        yield from self._filled(plan.waiting.protocol_text)
        yield self.known.protocol

    def _filled(self, texts: Texts, more: Mapping[str, str] = NOTHING) -> Iterator[str]:
        values, language = {**self.known.values(self.turn.data), **more}, self.language
        return (spoken_words(Say.of(text, language, values)) for text in texts)
