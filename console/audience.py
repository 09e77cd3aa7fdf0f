"""Those who watch live: one mailbox each, filled from the centre's facts.

A mailbox holds limits.WATCHER_QUEUE facts. Whoever lags further behind loses them all and is
given a fresh picture instead: memory stays bounded, and nobody sees an old floor for long.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from typing import Any

from console.ports import Centre, Person, Refusal
from terms.facts import PERSONAL, Fact, Kind
from terms.limits import FLOOR_PICTURE_EVERY, WATCHER_QUEUE, WATCHERS
from terms.names import AgentName, CallId, Seconds

HIDDEN = PERSONAL | {"key"}
"""Details that no watcher of the floor is shown: who called, and what was typed."""


class Mailbox:
    """One watcher's facts that are still to be sent."""

    def __init__(
        self, person: Person, about: AgentName | None = None, limit: int = WATCHER_QUEUE
    ) -> None:
        """`about`: only facts that name this agent, or the call that they have (`call`)."""
        self.person = person
        self.about = about
        self.call: CallId | None = None
        self.closed = False
        self._limit = limit
        self._letters: deque[bytes] = deque()
        self._lagged = False
        self._something = asyncio.Event()

    def hears(self, fact: Fact) -> bool:
        """Whether it is about whom or what this watcher looks at."""
        if self.about is None or fact.agent == self.about:
            return True
        return self.call is not None and fact.call == self.call

    def put(self, letter: bytes) -> None:
        """Add a letter; if the box is full, throw all of them away and remember that."""
        if len(self._letters) >= self._limit:
            self._letters.clear()
            self._lagged = True
        elif not self._lagged:
            self._letters.append(letter)
        self._something.set()

    def close(self) -> None:
        """No more letters: the stream ends."""
        self.closed = True
        self._something.set()

    async def wait(self, seconds: Seconds) -> None:
        """Until there is something, or the box is closed, or the time is up."""
        try:
            async with asyncio.timeout(seconds):
                await self._something.wait()
        except TimeoutError:
            pass

    def take(self) -> tuple[bytes, bool]:
        """All letters, and whether some were lost since the last time."""
        self._something.clear()
        letters, lagged = b"".join(self._letters), self._lagged
        self._letters.clear()
        self._lagged = False
        return letters, lagged


class Audience:
    """All watchers."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._boxes: set[Mailbox] = set()
        self._closed = False
        self._facts = 0
        self._picture: tuple[int, float, bytes] = (-1, 0.0, b"")
        self._stop = centre.watch(self._hear)

    def join(self, person: Person, about: AgentName | None = None) -> Mailbox:
        """A mailbox for one more watcher. Refusal 503 when there are too many."""
        if self._closed or len(self._boxes) >= WATCHERS:
            raise Refusal(503, "já há gente demais acompanhando; tente mais tarde")
        box = Mailbox(person, about)
        self._boxes.add(box)
        return box

    def leave(self, box: Mailbox) -> None:
        """A watcher has gone."""
        self._boxes.discard(box)

    def close(self) -> None:
        """The centre stops: all streams end."""
        self._closed = True
        self._stop()
        for box in tuple(self._boxes):
            box.close()

    def floor(self, now: float) -> bytes:
        """The floor as an event; made once for all who watch. `now` is the loop's time."""
        facts, made, picture = self._picture
        if facts != self._facts or now - made >= FLOOR_PICTURE_EVERY:
            picture = event("floor", self._centre.floor())
            self._picture = (self._facts, now, picture)
        return picture

    def _hear(self, facts: tuple[Fact, ...]) -> None:
        self._facts += len(facts)
        self._send_away(facts)
        if self._boxes:
            letters = [(fact, event("fact", _plain(fact))) for fact in facts]
            for box in self._boxes:
                for fact, letter in letters:
                    if box.hears(fact):
                        box.put(letter)

    def _send_away(self, facts: Iterable[Fact]) -> None:
        """Whoever's token is revoked sees nothing more."""
        for fact in facts:
            if fact.kind is Kind.PERSON_REVOKED:
                for box in tuple(self._boxes):
                    if box.person.name == fact.details["person"]:
                        box.close()


def event(name: str, value: Any) -> bytes:
    """One server-sent event (HTML standard, 9.2.6)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"event: {name}\ndata: {text}\n\n".encode()


def _plain(fact: Fact) -> dict[str, Any]:
    details = {key: value for key, value in fact.details.items() if key not in HIDDEN}
    return {
        "at": fact.at,
        "kind": str(fact.kind),
        "call": fact.call,
        "agent": fact.agent,
        "by": fact.by,
        "details": details,
    }
