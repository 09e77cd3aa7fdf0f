"""An independent witness of bookings: it hears the switch by a reader of its own, not by ours, and
knows nothing of floors. It counts the legs to each agent's phone, from dialling to hang-up.

    with witness_of(centre) as witness:
        …
    assert witness.most_at_once == 0 and witness.doubles == []

It also notes, for each caller's number, which protocols ever stood on a channel of theirs (`told`):
what is said aloud is read from there.

(Plain text over a socket: pyst2's client, made for this, stumbles over our channels' variables.)
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from centre_bed import Centre

Event = dict[str, str]
PROTOCOL = re.compile(r"(?:^|;)protocol=([^;]+)")


@dataclass
class Witness:
    """What was seen of agents' phones."""

    bookings: int = 0
    doubles: list[str] = field(default_factory=list)
    of_agent: Counter[str] = field(default_factory=Counter)
    told: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _legs: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def most_at_once(self) -> int:
        """How many legs to one phone there are now, at the most."""
        with self._lock:
            return max((len(legs) for legs in self._legs.values()), default=0)

    def hear(self, event: Event) -> None:
        """One event of the switch."""
        with self._lock:
            if found := PROTOCOL.search(event.get("C156_PLACE", "")):
                self.told[event.get("CallerIDNum", "")].add(found[1])
            if event.get("Event") == "DialBegin":
                self._dialled(event.get("DestChannel", ""))
            elif event.get("Event") == "Hangup":
                leg = event.get("Channel", "")
                self._legs[_phone_of(leg)].discard(leg)

    def _dialled(self, leg: str) -> None:
        """A phone begins to ring; whoever is dialled while another leg lives is booked twice."""
        if not (agent := _phone_of(leg)):
            return
        if others := self._legs[agent] - {leg}:
            self.doubles.append(f"{agent}: {leg} beside {', '.join(others)}")
        self._legs[agent].add(leg)
        self.bookings += 1
        self.of_agent[agent] += 1


def _phone_of(leg: str) -> str:
    """Whose phone a channel leads to; '': nobody's (the trunk's name has a capital)."""
    name = leg.removeprefix("PJSIP/").rpartition("-")[0]
    return name if leg.startswith("PJSIP/") and name.islower() else ""


@contextlib.contextmanager
def witness_of(centre: Centre) -> Iterator[Witness]:
    """Listen to this centre's switch for as long as the block lasts."""
    settings, witness = centre.settings, Witness()
    with socket.create_connection((settings.bind, settings.ami_port)) as link:
        secret = settings.secret("ami_events")
        link.sendall(f"Action: Login\r\nUsername: c156-events\r\nSecret: {secret}\r\n\r\n".encode())
        listening = threading.Thread(target=_listen, args=(link, witness), daemon=True)
        listening.start()
        yield witness
        assert listening.is_alive(), "the switch has dropped the witness"
        link.shutdown(socket.SHUT_RDWR)
        listening.join(5)


def _listen(link: socket.socket, witness: Witness) -> None:
    event: Event = {}
    with contextlib.suppress(OSError), link.makefile(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, colon, value = line.strip().partition(": ")
            if name.startswith("ChanVariable"):  # one a variable, all of the same name
                name, _, value = value.partition("=")
            if colon:
                event[name] = value
            elif not line.strip():
                witness.hear(event)
                event = {}
