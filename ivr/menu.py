"""What a line's plan is made of: nodes with names, and what is heard while waiting and after.

    SayNode      says a text and goes on         QueueNode     hands the caller to a queue
    MenuNode     says a text, waits for a key    HandOverNode  … to a queue of another line
    CollectNode  asks for digits                 TransferNode  … to a number outside
    DecideNode   chooses by what is known        MessageNode   records what the caller says
    LookUpNode   asks a service                  SurveyNode    asks for marks after the talk
                                                 EndNode       ends the call

Two keys work at every node that listens without being written there: `9` is a person, `*` goes
back one level. The plan's `person` is the queue that a caller falls to whenever the menu did not
help. What a node leaves open comes from its line's `Defaults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr.texts import PORTUGUESE, Texts
from ivr.waiting import CallBackPlan, ForecastPlan
from terms.limits import (
    BETWEEN_DIGITS,
    INPUT_TIMEOUT,
    LOOK_UP_SECONDS,
    MENU_TRIES,
    MESSAGE_SECONDS,
    TYPING_TRIES,
)
from terms.names import QueueName, Seconds
from terms.needs import NOTHING, Needs

PERSON_KEY = "9"
BACK_KEY = "*"
END_KEY = "#"
DIGITS = "0123456789"
OPTION_KEYS = DIGITS + END_KEY
"""The keys that a menu may give a meaning to (`9` only to lead to some person)."""
YES_KEY, NO_KEY = "1", "2"
"""What confirms an echoed number, and what asks to type it again."""
MARKS = "12345"
"""The answers of a survey (R62)."""
START_CODE = "*00"
"""The direct code that every line has: back to the start (R07)."""
BUILT_IN = ("telefone", "entrada", "protocolo_atual")
"""What every call knows by itself: its caller's number, the number dialled, its protocol."""


@dataclass(frozen=True, slots=True)
class Node:
    """What all nodes have: a name, the language spoken from here on ('' = as before), and
    whether a key may interrupt what is said here (None = as the line says)."""

    name: str
    language: str = field(default="", kw_only=True)
    barge_in: bool | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class SayNode(Node):
    """Says `text`, then goes to `next`. A key pressed meanwhile is heard by what follows."""

    text: Texts
    next: str


@dataclass(frozen=True, slots=True)
class MenuNode(Node):
    """Says `text` and waits for one of `options` (key → node). `again` is said instead of it the
    second time. Whoever does not choose in `tries` goes to `gives_up` ('' = the line's person)."""

    text: Texts
    options: Mapping[str, str]
    again: Texts = ()
    gives_up: str = ""
    tries: int | None = None
    key_seconds: Seconds | None = None


@dataclass(frozen=True, slots=True)
class CollectNode(Node):
    """Asks for digits and keeps them as `variable`. `kind` names the check (ivr/typed.py): cpf,
    cnpj, protocolo, or numero with `least` to `most` digits. `echo` is said with the digits typed
    and must be confirmed with 1 (() = not asked). After `tries` failures: `failed` ('' = the
    line's person)."""

    text: Texts
    variable: str
    next: str
    kind: str = "numero"
    least: int = 1
    most: int = 20
    again: Texts = ()
    echo: Texts = ()
    failed: str = ""
    tries: int | None = None
    key_seconds: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold: `what` is a row of ivr/decide.py, `of` what it looks at (a
    variable's name for `dado`), `values` what it may be (one of them)."""

    what: str
    values: tuple[str, ...]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Where to go when all the conditions hold."""

    when: tuple[Condition, ...]
    next: str


@dataclass(frozen=True, slots=True)
class DecideNode(Node):
    """Says nothing: the first case that holds leads on, else `otherwise`."""

    cases: tuple[Case, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class LookUpNode(Node):
    """Asks a service of servicos.yaml, giving it data of the call (`given`: its parameter → our
    variable). What it answers is data of the call from then on. `text` is said before."""

    service: str
    given: Mapping[str, str]
    found: str
    missing: str
    failed: str
    text: Texts = ()
    seconds: Seconds = LOOK_UP_SECONDS


@dataclass(frozen=True, slots=True)
class QueueNode(Node):
    """Hands the caller to `queue`. `note` tells the agent what the call is about. `text` is said
    while waiting, after the line's own greeting; `options` are keys heard while waiting, that
    lead on without leaving the line of waiting callers. `needs`: of this call, beside what its
    queue needs."""

    queue: QueueName
    priority: int = 0
    note: str = ""
    text: Texts = ()
    options: Mapping[str, str] = field(default_factory=dict)
    needs: Needs = NOTHING


@dataclass(frozen=True, slots=True)
class HandOverNode(Node):
    """Hands the caller to a queue of another line. Its place there is that of a call that
    came in when this one did; from here on the call is that line's."""

    line: str
    queue: QueueName
    priority: int = 0
    note: str = ""
    text: Texts = ()
    needs: Needs = NOTHING


@dataclass(frozen=True, slots=True)
class TransferNode(Node):
    """Connects the caller with a number outside (a name in comum.yaml). After it `next`; if
    nobody could be reached, `failed`."""

    destination: str
    next: str
    failed: str
    text: Texts = ()


@dataclass(frozen=True, slots=True)
class MessageNode(Node):
    """Says `text`, records what the caller says after a tone, and opens a call-back task."""

    text: Texts
    next: str
    seconds: Seconds = MESSAGE_SECONDS


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a survey, answered with 1 to 5."""

    name: str
    text: Texts


@dataclass(frozen=True, slots=True)
class SurveyNode(Node):
    """Asks each question; silence and other keys leave it unanswered, which is kept apart."""

    questions: tuple[Question, ...]
    next: str
    text: Texts = ()


@dataclass(frozen=True, slots=True)
class EndNode(Node):
    """Says `text` and ends the call: the menu gave what was wanted."""

    text: Texts = ()


KIND_WORDS: Final[Mapping[type[Node], str]] = {
    SayNode: "aviso",
    MenuNode: "menu",
    CollectNode: "digitos",
    DecideNode: "decisao",
    LookUpNode: "consulta",
    QueueNode: "fila",
    HandOverNode: "entrega",
    TransferNode: "transferencia",
    MessageNode: "recado",
    SurveyNode: "pesquisa",
    EndNode: "fim",
}
"""What the files call a node's kind (`tipo`)."""


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """What a waiting caller hears: `before` once, the protocol once if it is to be spoken
    (`protocol_text`, then its digits), then one text of `repeat` in turn each `every_seconds`;
    and, on 156 alone, how long the wait will be, and that we may call back instead."""

    before: Texts = ()
    speak_protocol: bool = False
    protocol_text: Texts = ()
    every_seconds: Seconds = 60.0
    repeat: Texts = ()
    forecast: ForecastPlan = field(default_factory=ForecastPlan)
    call_back: CallBackPlan = field(default_factory=CallBackPlan)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every node of a line does unless it says otherwise (comum.yaml, then the line)."""

    tries: int = MENU_TRIES
    key_seconds: Seconds = INPUT_TIMEOUT
    between_seconds: Seconds = BETWEEN_DIGITS
    typing_tries: int = TYPING_TRIES
    barge_in: bool = True
    wrong: Texts = ()  # said before a node speaks again after a wrong key …
    silent: Texts = ()  # … and after silence
    mistyped: Texts = ()  # … and after a number that cannot be right
    protocol_key: str = ""  # while waiting and in a survey: hear the protocol again


@dataclass(frozen=True, slots=True)
class LinePlan:
    """All that one line says and asks. `person` is the queue for whoever the menu cannot help.

    `after`: the node that a call goes to when its agent has left ('' = it ends). `short_start`:
    where calls begin while the short menu is on, by order or within the hours `short_when`.
    `codes`: direct codes (`*NN` → node), valid wherever keys are heard in the menu.
    """

    line: str
    start: str
    nodes: Mapping[str, Node]
    person: QueueName
    person_priority: int = 0
    defaults: Defaults = field(default_factory=Defaults)
    waiting: WaitingPlan = field(default_factory=WaitingPlan)
    after: str = ""
    short_start: str = ""
    short_when: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = (PORTUGUESE,)


Part = tuple[str, ...]
"""A part of a plan: field names, node names and keys from the outside in, as in `LinePlan`."""
