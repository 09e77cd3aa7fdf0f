"""What is known of citizens who may call again: by their number, for a few minutes.

A *case* is what one citizen calls about. Who dropped out lately and calls again goes on with the
same protocol and place (`dropped`); who spoke with an agent lately is given that agent if idle,
never a longer wait (`agent_of`). Memory only: a start reads it from the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from callflow.relay import national
from terms.limits import CASES_REMEMBERED, RESUME_SECONDS, STICKY_SECONDS
from terms.names import AgentName, CallId, Instant, Seconds
from terms.names import Protocol as ProtocolNumber
from terms.outcome import CallOutcome

DROPS = (CallOutcome.ABANDONED, CallOutcome.INTERRUPTED, CallOutcome.LEFT_IN_MENU)
"""Ends after which a citizen who calls again goes on."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that is over."""

    call: CallId
    line: str
    caller: str
    protocol: ProtocolNumber
    joined: Instant  # 0: it had reached no queue
    ended: Instant
    outcome: str
    agent: AgentName | None = None  # who spoke with the citizen last


@dataclass(slots=True)
class Cases:
    """The latest call of each number. `resume_seconds` and `sticky_seconds` 0: switched off."""

    resume_seconds: Seconds = RESUME_SECONDS
    sticky_seconds: Seconds = STICKY_SECONDS
    _dropped: dict[tuple[str, str], Ended] = field(default_factory=dict)  # by number and line
    _talked: dict[str, tuple[AgentName, Instant]] = field(default_factory=dict)  # number, protocol

    def note(self, one: Ended) -> None:
        """A call has ended."""
        number = national(one.caller)
        if not number:
            return
        key = (number, one.line)
        self._dropped.pop(key, None)
        if one.outcome in DROPS:
            self._dropped[key] = one
        if one.agent is not None:
            for name in (number, one.protocol):
                self._talked.pop(name, None)
                self._talked[name] = (one.agent, one.ended)
        _keep_the_latest(self._dropped)
        _keep_the_latest(self._talked)

    def dropped(self, caller: str, line: str, now: Instant) -> Ended | None:
        """The call with which this number goes on, if it dropped out of this line lately."""
        found = self._dropped.get((national(caller), line))
        lately = found is not None and now <= found.ended + self.resume_seconds
        return found if lately and self.resume_seconds else None

    def agent_of(self, caller: str, protocol: str, now: Instant) -> AgentName:
        """Who spoke with this citizen lately; '' for nobody."""
        for name in (protocol, national(caller)):
            agent, at = self._talked.get(name, (AgentName(""), 0.0)) if name else ("", 0.0)
            if agent and self.sticky_seconds and now <= at + self.sticky_seconds:
                return AgentName(agent)
        return AgentName("")


def _keep_the_latest(memory: dict[Any, Any]) -> None:
    while len(memory) > CASES_REMEMBERED:
        del memory[next(iter(memory))]
