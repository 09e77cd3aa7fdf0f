"""What an agent says of a call by keys during the talk: `*17` it is abusive, `*18` and a digit what
came of it, `*19` and a digit what has picked up (of a call that the city made). Listened for on the
agent's leg alone; the citizen hears none of them (features.conf).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from callflow.shift_desk import ShiftDesk
from terms.limits import KEYS_TOGETHER
from terms.names import AgentName, Instant

log = logging.getLogger(__name__)

ABUSIVE: Final = "*17"
RESULT: Final = "*18"
CAMPAIGN: Final = "*19"
TWO_KEYS: Final = {RESULT: "result", CAMPAIGN: "campaign"}
"""Codes that a digit follows."""

NextEar = Callable[[AgentName, str, Instant], None]


@dataclass(slots=True)
class WordKeys:
    """Hears each key, and lets `then` hear it, too: whoever listens for other codes."""

    shifts: ShiftDesk
    then: NextEar = lambda agent, key, at: None
    _typed: dict[AgentName, tuple[str, Instant]] = field(default_factory=dict)

    def pressed(self, agent: AgentName, key: str, at: Instant) -> None:
        """An agent pressed a key on the leg of a talk; returns at once."""
        self.then(agent, key, at)
        typed, last = self._typed.pop(agent, ("", at))
        typed = key if key == "*" or at - last > KEYS_TOGETHER else typed + key
        if typed == ABUSIVE:
            self._say(agent, "abusive", "")
        elif (code := TWO_KEYS.get(typed[:-1])) is not None:
            self._say(agent, code, typed[-1])
        elif any(one.startswith(typed) for one in (ABUSIVE, *TWO_KEYS)):
            self._typed[agent] = (typed, at)

    def _say(self, agent: AgentName, code: str, digits: str) -> None:
        if refused := self.shifts.by_phone(agent, code, digits):
            log.info("keys refused", extra={"agent": agent, "code": code, "why": refused})
