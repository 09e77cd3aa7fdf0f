"""A call script: what a caller does, what the world answers, and what must come of it.

Read from dialplans/tests/*.yaml by the reader, run by `rehearsal.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr.announcements import Notice
from ivr.turn import Answer
from terms.names import Instant

BY_MENU, HUNG_UP, MESSAGE, CALLED_BACK = "sim", "desligou", "recado", "retorno"
ENDS: Final = (BY_MENU, HUNG_UP, MESSAGE, CALLED_BACK)
"""How a call may be over: the menu ended it, the caller hung up, after a message, or with the
promise to call back when the turn comes."""

UNANSWERED: Final = "sem_resposta"
"""The mark of a question that the caller did not answer."""


@dataclass(frozen=True, slots=True)
class Hears:
    """What was said since the caller's last act goes on with words that contain this."""

    words: str


@dataclass(frozen=True, slots=True)
class Types:
    """Keys, one after the other. `at_once`: into the text that is being said, instead of after
    it."""

    keys: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class IsSilent:
    """No key until the patience is over."""


@dataclass(frozen=True, slots=True)
class HangsUp:
    """The caller leaves."""


@dataclass(frozen=True, slots=True)
class LookUpGives:
    """What a look-up answers."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class LeavesMessage:
    """The caller speaks after the tone."""


@dataclass(frozen=True, slots=True)
class IsTransferred:
    """The number outside answers, or does not."""

    reached: bool


@dataclass(frozen=True, slots=True)
class Talks:
    """An agent answers, talks and leaves; the caller stays."""


Step = Hears | Types | IsSilent | HangsUp | LookUpGives | LeavesMessage | IsTransferred | Talks


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must come of a call; None and () are not looked at.

    `nodes` must be entered in this order, others may stand between. `queue`, `priority`, `note`
    and `line` are of the last queue that the call went to.
    """

    nodes: tuple[str, ...] = ()
    queue: str | None = None
    priority: int | None = None
    note: str | None = None
    line: str | None = None
    ended: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """One call. What stands in `notices` is said besides the announcements of the dialplan."""

    name: str
    line: str
    at: Instant
    steps: tuple[Step, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    entry: str = ""
    caller: str = ""
    notices: Mapping[str, tuple[Notice, ...]] = field(default_factory=dict)
    short: bool = False
    relay: bool | None = None  # None: as the caller's number says
