"""Ways through the shipped menus, walked by citizens on real calls at the same time.

    Path("156", "answer:2 transporte:3", nodes="abertura transporte reclamar_de_transporte", …)

`steps` are keys and what each waits for: a node that is entered since the last key, `answer`,
`digits` (a number that was taken), `queue`, `then` (nothing), `quiet` (all was said); after it `+`
and seconds, if not as many as usual. `{name}` among the keys is the protocol of the walk of that
name. `hears` is what must be heard, in order: a node's name for its text (`node>echo` for what
repeats a number), `!silent`, `!wrong`, `!mistyped`; of the line where the call waits `wait`,
`protocol`, `repeat`; `greeting`, the `wait` of the line that was dialled; before any of it `en:` or
`es:` for another language, after it `~` for its first recording alone.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from calls_bed import Citizen, OnTheLine, Story, ended, new_caller, on_the_line, stored
from centre_bed import Centre
from hearing import LOUD, Ear

from phones.ears import RATE, sound_of

LONGEST = 90.0
MOMENTS = {"answer": 1.0, "digits": 0.8, "queue": 1.0, "then": 1.0, "quiet": 0.9}
AT_A_NODE = 1.2
"""Seconds after which enough of a text was heard to be recognised."""
NEW_FACTS = (
    "SELECT facts.id, kind, details, caller FROM facts JOIN calls USING (call_id)"
    " WHERE facts.id > ? ORDER BY facts.id"
)


@dataclass(frozen=True)
class Path:
    """What a citizen does, and where it must lead. Without a queue the call must end by itself."""

    number: str
    steps: str
    nodes: str
    queue: str = ""
    note: str = ""
    hears: str = ""
    keys: tuple[tuple[str, str, bool], ...] | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    stay: float = 1.6  # s in the queue before hanging up
    places: int = 1  # taken in queues, one after the other
    quiet: int = 0  # stretches of silence, because nobody speaks while a key is waited for
    priority: int | None = None
    caller: str = ""


@dataclass
class Walk:
    """One finished walk: what was stored and what was heard."""

    path: Path
    story: Story
    citizen: Citizen
    values: dict[str, str]

    def expected(self, ear: Ear) -> list[str]:
        """The recordings that had to be heard."""
        names: list[str] = []
        for token in self.path.hears.split():
            language, _, what = token.rpartition(":")
            found = self._one(ear, what.removesuffix("~"), language or "pt")
            names += found[:1] if what.endswith("~") else found
        return names

    def _one(self, ear: Ear, what: str, language: str) -> list[str]:
        line = self.path.number[-3:]
        node, _, part = what.partition(">")
        if what.startswith("!"):
            return ear.texts(getattr(ear.lines[line].defaults, what[1:]), language)
        match what:
            case "wait":
                return ear.wait(self.line, language)
            case "greeting":
                return ear.wait(line, language)
            case "protocol":
                return ear.protocol(self.line, self.story.call["protocol"], language)
            case "repeat":
                return ear.repeat(self.line, 0, language)
        return ear.node(line, node, language, self.values, part or "text")

    @property
    def line(self) -> str:
        """The line where the call waits: another one, if it was handed over."""
        handed = self.story.of("handed_over")
        return str(handed[-1]["to_line"]) if handed else self.path.number[-3:]


class Watch:
    """What the store tells of all walks, asked once for all of them."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._facts: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self._last = 0

    def of(self, caller: str, kind: str) -> list[dict[str, Any]]:
        """The details of this caller's facts of a kind."""
        return [details for one, details in self._facts.get(caller, ()) if one == kind]

    async def look(self) -> None:
        """Look until cancelled."""
        while True:
            rows = await asyncio.to_thread(self._centre.rows, NEW_FACTS, self._last)
            for row in rows:
                self._last = row["id"]
                found = (row["kind"], json.loads(row["details"]))
                self._facts.setdefault(row["caller"], []).append(found)
            await asyncio.sleep(0.1)


@dataclass
class Walker:
    """One citizen on the way."""

    path: Path
    citizen: Citizen
    watch: Watch
    protocols: Mapping[str, asyncio.Future[str]]
    passed: int = 0  # nodes, at the last key
    numbers: int = 0
    said_from: int = 0  # of what was heard, in bytes

    async def go(self) -> None:
        line = self.citizen.line
        for step in self.path.steps.split():
            moment, _, keys = step.partition(":")
            what, _, more = moment.partition("+")
            await self._reached(what, float(more or MOMENTS.get(what, AT_A_NODE)))
            if keys.startswith("{"):
                name, _, rest = keys[1:].partition("}")
                keys = await asyncio.wait_for(self.protocols[name], LONGEST) + rest
            if keys:
                self.passed = len(self._facts("node_entered"))
                self.said_from = len(line.heard)
                await line.press(keys)
        if self.path.queue:
            await self._until(lambda: len(self._facts("queued")) >= self.path.places, "a place")
            await asyncio.sleep(self.path.stay)
            await line.hang_up()
        else:
            await line.over(LONGEST)

    async def _reached(self, what: str, seconds: float) -> None:
        """Wait until the call is there, and so long."""
        if what == "quiet":
            await self._until(lambda: self._is_quiet(seconds), "all said")
            return
        if what == "digits":
            self.numbers += 1
            await self._until(lambda: len(self._facts("digits_typed")) >= self.numbers, "a number")
            self.said_from = len(self.citizen.line.heard)  # and not what was said before
        elif what == "queue":
            await self._until(lambda: self._facts("queued"), "a place")
        elif what not in MOMENTS:
            await self._until(lambda: what in self._new_nodes(), f"at {what}")
        await asyncio.sleep(seconds)

    def _new_nodes(self) -> list[str]:
        return [one["node"] for one in self._facts("node_entered")[self.passed :]]

    def _is_quiet(self, seconds: float) -> bool:
        """Whether something was said since the last key, and nothing for so long."""
        said = sound_of(bytes(self.citizen.line.heard[self.said_from :]))
        last = said[-int(seconds * RATE) :]
        return len(said) > len(last) and np.abs(said).max() > LOUD > np.abs(last).max()

    def _facts(self, kind: str) -> list[dict[str, Any]]:
        return self.watch.of(self.citizen.caller, kind)

    async def _until(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + LONGEST
        while not condition():
            assert time.monotonic() < deadline, f"{self.path.steps}: {what}"
            assert not self.citizen.line.is_over, f"{self.path.steps}: hung up before {what}"
            await asyncio.sleep(0.1)


async def walk_all(centre: Centre, paths: Mapping[str, Path]) -> dict[str, Walk | BaseException]:
    """All paths at the same time; a walk that failed is its exception."""
    protocols = {name: asyncio.get_running_loop().create_future() for name in paths}
    watch = Watch(centre)

    async def walk(line: OnTheLine, name: str, path: Path) -> Walk:
        citizen = await line.dial(path.number, caller=path.caller or new_caller())
        await stored(centre, citizen.caller, "call_arrived", seconds=20)
        protocols[name].set_result(centre.calls_of(citizen.caller)[0]["protocol"])
        await Walker(path, citizen, watch, protocols).go()
        story = await ended(centre, citizen.caller)
        return Walk(path, story, citizen, dict(path.values))

    looking = asyncio.create_task(watch.look())
    try:
        async with on_the_line(centre) as line:
            done = await asyncio.gather(
                *(walk(line, name, path) for name, path in paths.items()), return_exceptions=True
            )
    finally:
        looking.cancel()
    return dict(zip(paths, done, strict=True))
