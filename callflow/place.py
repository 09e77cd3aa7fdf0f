"""Where a call stands, as the one text that it carries on its own channel (C156_PLACE).

`key=value` pairs joined with `;`. Whatever cannot be read is left out, never refused: a call
whose place is unreadable starts again from its stage with what is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any

from terms.names import Instant, QueueName
from terms.names import Protocol as ProtocolNumber

_KEEP = re.compile(r"[^\w .:/+*#—-]")


@dataclass(frozen=True, slots=True)
class Place:
    """All that a step must know of a call beside its stage."""

    protocol: ProtocolNumber = ProtocolNumber("")
    version: str = ""  # of the dialplan that the call began on
    node: str = ""  # the interpreter's position, as its own text
    path: str = ""  # the nodes that were walked, joined with /
    queue: QueueName = QueueName("")
    priority: int = 0
    arrived: Instant = 0.0  # when it came in: what a hand-over to another line counts from
    joined: Instant = 0.0  # when it first queued; survives every return to the queue
    waits_from: Instant = 0.0  # when this wait began, if there was a talk since then (R71)
    note: str = ""
    heard: str = ""  # what is told only once and has been (HEARD), joined with +
    from_line: str = ""  # the line that handed it over to the one it is on now
    messages: int = 0  # that were begun to be recorded
    message_at: int = 0  # … the last of them when so many nodes had been visited
    returns: str = ""  # the queue that the end of a node leads back to (an agent sent it there)
    outcome: str = ""  # decided by us, before the channel ends
    told: str = ""  # the first forecast of the wait, as Foretold's text …
    told_last: str = ""  # … and the latest
    offered_at: Instant = 0.0  # when a call-back was offered last
    of: str = ""  # the call that this one goes on with, on another channel
    needs: str = ""  # of this call alone in this queue, as the text of terms.needs.Needs
    preferred: str = ""  # the agent who knows this citizen: taken if idle, never waited for

    def to_text(self) -> str:
        """The text for the channel; only what differs from the default."""
        pairs = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                text = repr(value) if isinstance(value, float) else str(value)
                pairs.append(f"{field.name}={_KEEP.sub(' ', text)}")
        return ";".join(pairs)

    @staticmethod
    def from_text(text: str) -> Place:
        """Read it back; unknown keys and broken values are passed over."""
        known: dict[str, Any] = {}
        kinds: dict[str, Any] = {field.name: type(field.default) for field in fields(Place)}
        for pair in text.split(";"):
            key, equals, value = pair.partition("=")
            if not equals or key not in kinds:
                continue
            try:
                known[key] = kinds[key](value)
            except ValueError:
                continue
        return Place(**known)

    def has_heard(self, what: str) -> bool:
        """Whether this was told already."""
        return what in self.heard.split("+")

    def hearing(self, what: str) -> Place:
        """The same place, this having been told."""
        if self.has_heard(what):
            return self
        return self.but(heard="+".join(part for part in (self.heard, what) if part))

    def not_hearing(self, what: str) -> Place:
        """The same place, this being to be told (again)."""
        return self.but(heard="+".join(part for part in self.heard.split("+") if part != what))

    def but(self, **changes: Any) -> Place:
        """The same place with some things changed."""
        return replace(self, **changes)


def parse_stage(text: str) -> tuple[str, str, str]:
    """`offered:<offer>:<agent>` → its three parts; the last two are '' elsewhere."""
    stage, _, rest = text.partition(":")
    offer, _, agent = rest.partition(":")
    return stage, offer, agent
