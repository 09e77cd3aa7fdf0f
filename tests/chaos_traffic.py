"""Citizens who call again and again while something breaks, and what their phones saw.

    with traffic(centre, seconds=60) as calls:   # all lines: queues, menus, talks, early hang-ups
        …
        seen = calls.ended(60)                   # every call, as SIPp's message logs tell it

Every call has a caller's number of its own, by which it is found again in what the centre stores.
Nothing of ours is asked here: instants, codes and hang-ups are the phones' own.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import sipp_phones
from centre_bed import Centre, CentreAgent
from sipp_phones import CallTrace, SippRun, start_sipp

from terms.names import Instant, Seconds

PREFIX: Final = "119"
_SHOWN: Final = re.compile(r"(\d{4} ?\d{4}-?\d)\"")
PATIENCE: Final = 240.0
"""Seconds after which a citizen who should be served gives up: then somebody was forgotten."""


@dataclass(frozen=True)
class Kind:
    """How some citizens behave. `leave`: seconds after the answer (and the key) at which they hang
    up; None: they wait to be served. `rate`: so many a second."""

    name: str
    number: str
    rate: float
    leave: float | None = None
    key: str = ""


KINDS: Final = (
    Kind("risk served", "199", 0.5),
    Kind("risk leaves", "199", 0.2, leave=5.0),
    Kind("risk only rings", "199", 0.15, leave=0.2),
    Kind("guard served", "153", 0.2),
    Kind("menu to agent", "156", 0.3, leave=14.0, key="9"),
    Kind("menu and leaves", "156", 0.25, leave=2.5),
)


@dataclass(frozen=True)
class Seen:
    """One call, by its citizen's phone. `ended`: the BYE's instant; `by_citizen`: who sent it."""

    caller: str
    kind: Kind
    code: int
    invited: Instant
    answered: Instant
    ended: Instant | None
    by_citizen: bool


@dataclass(frozen=True)
class Talk:
    """What an agent's phone saw: from its 200 to the BYE (None: it is not over). `protocol`: shown
    on its display when it rang."""

    agent: str
    caller: str
    protocol: str
    rang: Instant
    began: Instant
    ended: Instant | None


@dataclass
class Traffic:
    """Citizens who are calling."""

    runs: list[tuple[Kind, SippRun]] = field(default_factory=list)

    def seen(self) -> list[Seen]:
        """All calls so far, in the order in which they were dialled."""
        found = [_seen(kind, call) for kind, run in self.runs for call in run.calls()]
        return sorted(found, key=lambda one: one.invited)

    def ended(self, seconds: Seconds) -> list[Seen]:
        """The same, once the last of them has hung up; fails after so long."""
        until = time.monotonic() + seconds
        for _, run in self.runs:
            run.wait(max(0.1, until - time.monotonic()))
        return self.seen()


@contextlib.contextmanager
def traffic(
    centre: Centre, seconds: Seconds, kinds: Sequence[Kind] = KINDS, first: int = 0
) -> Iterator[Traffic]:
    """Citizens begin to call now, for so long. `first`: of their numbers."""
    calls = Traffic()
    numbers = itertools.count(first)
    try:
        for kind in kinds:
            count = max(1, round(kind.rate * seconds))
            calls.runs.append((kind, _dial(centre, kind, count, numbers)))
        yield calls
    finally:
        for _, run in calls.runs:
            run.kill()


def _dial(centre: Centre, kind: Kind, count: int, numbers: Iterator[int]) -> SippRun:
    table: Path = centre.fresh("numbers.csv.in")  # type: ignore[misc]
    callers = [f"{PREFIX}{number:08d}" for number in itertools.islice(numbers, count)]
    table.write_text("\n".join(["SEQUENTIAL", *callers, ""]))
    keys = {1.5: kind.key} if kind.key else {}
    text = sipp_phones._citizen(
        kind.number,
        "",
        "[field0]",
        (),
        keys,
        kind.leave,
        200,
        PATIENCE,
        centre.tone(),  # type: ignore[misc]
    )
    options = ["-m", str(count), "-l", str(count), "-r", str(kind.rate), "-inf", str(table)]
    return start_sipp(centre, text, centre.settings.trunk_port, *options)  # type: ignore[arg-type]


def _seen(kind: Kind, call: CallTrace) -> Seen:
    bye = call.bye
    return Seen(
        _user_of(call.invite.header("From")),
        kind,
        call.code,
        call.invite.at,
        call.answered_at if call.code == 200 else 0.0,
        bye.at if bye is not None else None,
        bye is not None and bye.sent,
    )


def _user_of(header: str) -> str:
    return header.partition("sip:")[2].partition("@")[0]


def talks_of(phones: dict[str, SippRun]) -> dict[str, list[Talk]]:
    """caller → the talks that agents' phones saw with them, in their order."""
    found: defaultdict[str, list[Talk]] = defaultdict(list)
    for agent, run in phones.items():
        for call in run.calls():
            if call.code == 200:
                sender, rang = call.invite.header("From"), call.invite.at
                caller, shown = _user_of(sender), _SHOWN.search(sender)
                protocol = re.sub(r"\D", "", shown[1]) if shown else ""
                ended = call.bye.at if call.bye is not None else None
                talk = Talk(agent, caller, protocol, rang, call.answered_at, ended)
                found[caller].append(talk)
    for talks in found.values():
        talks.sort(key=lambda one: one.began)
    return dict(found)


def hall(centre: Centre, agents: int, talk: Seconds) -> dict[str, SippRun]:
    """So many agents for every line, on duty, whose phones answer and hang up after `talk`."""
    people: list[CentreAgent] = []
    for number in range(agents):
        skills = ("e199_risco", "e153_ocorrencia", "p156_geral")
        people.append(centre.agent(f"agente{number}", *skills))
    return {one.name: one.start_listening(talk=talk) for one in people}


def metrics(centre: Centre) -> dict[str, float]:
    """What /metrics tells without labels."""
    answer = httpx.get(f"{centre.settings.api_url}/metrics", trust_env=False, timeout=5.0)
    found = re.findall(r"^(central156_\w+) ([-+.\deE]+)$", answer.text, re.M)
    return {name: float(value) for name, value in found}


__all__ = ["KINDS", "Kind", "Seen", "Talk", "Traffic", "hall", "metrics", "talks_of", "traffic"]
