"""Draws what `central156 floor` shows, as docs/floor.svg, from a sample morning on the real floor.

    python -m docs.floor_picture

The sample: six queues, thirty agents, an hour of calls. Names and calls are invented.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from acd import events as ev
from acd.effects import MakeOffer
from acd.floor import Floor
from acd.measures import Measures, Window, day_of
from acd.moves import Result
from acd.queues import QueueRule, QueueTable
from acd.view import plain
from central156.cli.wallboard import Size, drawn
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant, QueueName, Skill
from terms.signals import Phone

SVG = Path(__file__).parent / "floor.svg"
WIDTH, HEIGHT = 100, 58

MORNING = day_of(1_795_600_000.0)[0] + 10 * 3600.0 + 12 * 60.0
NAMES = (
    *("ana", "bia", "caio", "davi", "elis", "fabio", "gil", "hugo", "iris", "joao", "lia", "mara"),
    *("nina", "otto", "pablo", "quim", "rita", "sara", "teo", "uri", "vera", "wagner", "yara"),
    *("zeca", "alice", "bruno", "clara", "diego", "eva", "felipe"),
)

QUEUES = tuple(
    QueueRule(QueueName(name), line, Skill(skill), priority, target_seconds=target)
    for name, line, skill, priority, target in (
        ("e199_risco", "199", "e199", 100, 10.0),
        ("e153_guarda", "153", "e153", 100, 10.0),
        ("p156_geral", "156", "geral", 30, 15.0),
        ("p156_saude", "156", "saude", 40, 15.0),
        ("p156_social", "156", "social", 70, 15.0),
        ("p156_ingles", "156", "ingles", 30, 15.0),
    )
)


class Morning:
    """A floor with a clock, on which things happen."""

    def __init__(self) -> None:
        self.now: Instant = MORNING - 3600.0
        self.floor = Floor(QueueTable(QUEUES), epoch=1)
        self.measures = Measures(QueueTable(QUEUES))
        self.ringing: list[MakeOffer] = []
        self.calls = 0

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        self._follow(self.floor.wake(self.now))

    def tell(self, event: ev.Event) -> None:
        """Something happens; what follows is measured, and offers ring."""
        self._follow(self.floor.handle(event, self.now))

    def _follow(self, results: list[Result]) -> None:
        self.measures.read(result for result in results if isinstance(result, Fact))
        self.ringing += [result for result in results if isinstance(result, MakeOffer)]

    def comes(self, queue: QueueRule) -> CallId:
        """A citizen reaches a queue."""
        self.calls += 1
        call = CallId(f"amostra-{self.calls}")
        joined = {"queue": queue.name, "joined": self.now}
        self.measures.read(
            [
                Fact(self.now, Kind.CALL_ARRIVED, call, details={"line": queue.line}),
                Fact(self.now, Kind.QUEUED, call, details=joined),
            ]
        )
        self.tell(ev.CallJoined(call, queue.name, queue.priority, self.now, queue.line))
        return call

    def answers(self) -> None:
        """All phones that ring are picked up."""
        while self.ringing:
            self.tell(ev.OfferAnswered(self.ringing.pop().offer))

    def gives_up(self, call: CallId) -> None:
        """A citizen who waits hangs up."""
        self.tell(ev.CallLeft(call))
        details = {"outcome": "abandoned"}
        self.measures.read([Fact(self.now, Kind.CALL_ENDED, call, details=details)])

    def picture(self) -> dict[str, Any]:
        """What GET /v1/floor would answer."""
        found = plain(self.floor.view(self.now))
        for queue in found["queues"]:
            queue["figures"] = dict(self._windows(QueueName(queue["queue"])))
        for caller in found["callers"]:
            caller |= {"protocol": "", "note": "", "test": False}
        lines = {line: self.measures.of_line(line, self.now).plain() for line in ("156", "199")}
        return found | {
            "lines": {line: {"hoje": figures} for line, figures in lines.items()},
            "occupancy": self.measures.occupancy(self.now),
            "elsewhere": [],
            "in_menus": {"156": 14},
            "link": True,
            "mirror": "silent",
            "bad_recordings": 1,
        }

    def _windows(self, queue: QueueName) -> Iterator[tuple[str, dict[str, Any]]]:
        for window in (Window.TODAY, Window.HOUR):
            yield window, self.measures.of(queue, self.now, window).plain()


def morning() -> Morning:
    """An hour of it: agents come, calls are answered, a few wait too long."""
    there = Morning()
    skills = ["geral", "saude", "social"]
    for number, name in enumerate(NAMES):
        agent = AgentName(name)
        own = {Skill("e199"): 1} if number < 4 else {Skill(skills[number % 3]): 1}
        there.tell(ev.AgentPhone(agent, Phone.IDLE))
        there.tell(ev.AgentLoggedIn(agent, own))
    for minute in range(57):
        for queue in QUEUES[2:5]:
            there.comes(queue)
        there.later(4.0 + minute % 13)
        there.answers()
        there.later(56.0 - minute % 13)
        talks = sorted(there.floor.offers.values(), key=lambda offer: offer.made)
        for offer in talks[: max(0, len(talks) - 14)]:
            there.tell(ev.TalkEnded(offer.offer))
    there.later(MORNING - 120.0 - there.now)
    rest_and_wait(there)
    return there


def rest_and_wait(there: Morning) -> None:
    """The last two minutes: most of who is free has a break, and more call than can be served."""
    free = [agent.name for agent in there.floor.agents.values() if agent.call is None]
    for name in free:
        if name not in ("ana", "bia", "caio", "davi", "teo"):
            there.tell(ev.AgentPaused(name, "lanche-20"))
    waiting = [there.comes(QUEUES[3]) for _ in range(5)]
    there.later(75.0)
    there.gives_up(waiting[-1])
    for _ in range(3):
        there.comes(QUEUES[0])
    there.later(7.0)
    there.answers()
    there.later(20.0)
    there.comes(QUEUES[2])
    there.later(4.0)
    there.comes(QUEUES[0])
    there.later(2.0)
    there.comes(QUEUES[0])
    there.later(MORNING - there.now)


def svg() -> str:
    """The picture."""
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True
    )
    picture = morning().picture()
    console.print(drawn(picture, picture["at"], Size(WIDTH, HEIGHT)))
    drawing = console.export_svg(title="central156 floor", unique_id="floor")
    # a picture that asks nobody for letters, and whose spaces all viewers keep
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r"<!-- Generated.*?-->\s*", "", drawing)
    return drawing.replace("<svg ", '<svg xml:space="preserve" ', 1)


if __name__ == "__main__":
    SVG.write_text(svg(), encoding="utf-8")
