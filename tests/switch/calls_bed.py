"""Citizens and agents with sound on one whole centre, for the tests of calls from end to end.

    async with on_the_line(centre) as line:
        ana = await line.agent("ana", "p156_geral")     # registered and on duty
        citizen = await line.dial("156")                # answered
        await citizen.line.press("9")
        ringing = await line.rung(ana)
        await ringing.pick_up()

The centre serves the shipped menus; only the queues' ring and wrap-up times are shorter, so that
the tests are. At the end of the block all agents are off duty and no channel is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from centre_bed import Centre, CentreAgent
from switchbed import find_installation

from central156.switch import switch_settings
from pbx.switch_process import Switch
from phones.ears import Heard, Sound, prompts_heard, sound_in, sound_of
from phones.phone import AgentPhone, Line, Phones
from voice.library import Library

TEST_HEADER = "X-Central156-Test"

_callers = itertools.count(1)
_agents = itertools.count(1)


def new_caller() -> str:
    """A number that no other call of this run has."""
    return f"1197{next(_callers):07d}"


def new_agent(name: str) -> str:
    """An agent's name that no other test has."""
    return f"{name}{next(_agents)}"


async def soon(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Ask, beside the sound, until there is an answer; it. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := await asyncio.to_thread(condition)):
        assert time.monotonic() < deadline, f"{what} did not come to pass within {seconds:g} s"
        await asyncio.sleep(0.03)
    return found


def channels_of(centre: Centre) -> int:
    """How many channels Asterisk has."""
    installation = find_installation()
    assert installation is not None
    switch = Switch(switch_settings(centre.settings), installation)
    found = re.search(r"(\d+) active channel", switch.ask("core show channels count"))
    assert found is not None
    return int(found[1])


def library_of(centre: Centre) -> Library:
    """The recorded prompts that the centre plays."""
    return Library(centre.settings.sounds_dir)


def prompt_sounds(centre: Centre, texts: Iterable[str] | None = None) -> list[tuple[str, Sound]]:
    """Text and sound of these prompts, or of all."""
    library = library_of(centre)
    wanted = None if texts is None else set(texts)
    return [
        (entry.text, sound_in(library.folder / entry.file))
        for entry in library.entries
        if wanted is None or entry.text in wanted
    ]


def heard_on(line: Line, prompts: list[tuple[str, Sound]]) -> list[Heard]:
    """Which of the prompts were heard on a line, in their order."""
    return prompts_heard(sound_of(bytes(line.heard)), prompts)


@dataclass
class Story:
    """A call as the store tells it."""

    call: dict[str, Any]
    facts: list[dict[str, Any]]
    offers: list[dict[str, Any]]

    def kinds(self) -> list[str]:
        """The kinds of its facts, in their order; what agents' states say is left out."""
        return [fact["kind"] for fact in self.facts if not fact["kind"].startswith("agent_")]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The details of all facts of a kind, with their instant as `at`."""
        found = [fact for fact in self.facts if fact["kind"] == kind]
        return [{**fact["details"], "at": fact["at"]} for fact in found]

    def keys(self) -> list[tuple[str, str, bool]]:
        """Each key as node, key, valid."""
        return [(key["node"], key["key"], key["valid"]) for key in self.of("key_pressed")]

    def nodes(self) -> list[str]:
        """The nodes that were entered."""
        return [node["node"] for node in self.of("node_entered")]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its instants as seconds since 1970."""
    return {
        name: instant_of(value) if value and (name == "at" or name.endswith("_at")) else value
        for name, value in row.items()
    }


def instant_of(text: str) -> float:
    """An instant of the store, as seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def story_of(centre: Centre, caller: str) -> Story | None:
    """The call of this number so far; None while nothing of it is stored."""
    calls = centre.calls_of(caller)
    if not calls:
        return None
    assert len(calls) == 1, calls
    facts = [_plain(fact) for fact in centre.facts(calls[0]["call_id"])]
    call = _plain(centre.calls_of(caller)[0])  # never older than its facts
    for fact in facts:
        fact["details"] = json.loads(fact["details"])
    offers = centre.rows(
        "SELECT * FROM offers WHERE call_id = ? ORDER BY offered_at", call["call_id"]
    )
    return Story(call, facts, [_plain(offer) for offer in offers])


async def ended(centre: Centre, caller: str, seconds: float = 10.0) -> Story:
    """The story of a call once its end (and its recording, if it talked) is stored."""

    def whole() -> Story | None:
        story = story_of(centre, caller)
        if story is None or not story.of("call_ended"):
            return None
        return story if not story.of("answered") or story.of("recorded") else None

    return await soon(whole, seconds, f"the end of the call of {caller}")


async def stored(centre: Centre, caller: str, kind: str, count: int = 1, seconds: float = 8) -> Any:
    """The details of a call's latest fact of this kind, once so many are stored."""

    def last() -> Any:
        story = story_of(centre, caller)
        found = story.of(kind) if story else []
        return found[-1] if len(found) >= count else None

    return await soon(last, seconds, f"{count} × {kind} of {caller}")


def states_of(centre: Centre, agent: str, since: float = 0.0) -> list[tuple[str, float]]:
    """An agent's states from an instant on, each with when it began."""
    rows = centre.rows(
        "SELECT at, details FROM facts WHERE kind = 'agent_state' AND agent = ? ORDER BY id", agent
    )
    states = [(json.loads(row["details"])["state"], instant_of(row["at"])) for row in rows]
    return [(state, at) for state, at in states if at >= since]


async def freed_after(centre: Centre, agent: str, since: float, seconds: float = 5.0) -> float:
    """How long after `since` (s since 1970) the agent was in wrap-up or idle."""

    def at() -> float | None:
        free = [at for state, at in states_of(centre, agent, since) if state in ("wrap_up", "idle")]
        return free[0] if free else None

    return await soon(at, seconds, f"{agent} free") - since  # type: ignore[no-any-return]


@dataclass(eq=False)
class Citizen:
    """A citizen's call that was answered."""

    caller: str
    line: Line


@dataclass(eq=False)
class OnTheLine:
    """The phones of one test."""

    centre: Centre
    phones: Phones
    _names: list[str] = field(default_factory=list)
    _lines: list[Line] = field(default_factory=list)
    _phones: list[AgentPhone] = field(default_factory=list)

    @property
    def trunk(self) -> str:
        return f"127.0.0.1:{self.centre.settings.trunk_port}"

    async def dial(self, number: str, *, test: bool = False, caller: str = "") -> Citizen:
        """A citizen's call, answered by the switch."""
        caller = caller or new_caller()
        mark = {TEST_HEADER: self.centre.settings.secret("test_mark")} if test else None
        line = await self.phones.call(number, self.trunk, caller, mark)
        self._lines.append(line)
        await line.answered(10)
        return Citizen(caller, line)

    async def queued(self, number: str, keys: str = "") -> Citizen:
        """A citizen who has reached a queue (on 156 by these keys, pressed in the greeting)."""
        citizen = await self.dial(number)
        if keys:
            await asyncio.sleep(0.4)  # a switch still wiring the call may swallow a key
            await citizen.line.press(keys)
        await stored(self.centre, citizen.caller, "queued")
        return citizen

    async def account(self, name: str, *skills: str) -> tuple[str, str]:
        """A new agent off duty; name and password."""
        name = new_agent(name)
        self._names.append(name)
        return name, await asyncio.to_thread(self.centre.add_agent, name, *skills)

    async def agent(self, name: str, *skills: str) -> AgentPhone:
        """An agent on duty, whose phone rings until the test does something."""
        phone = await self.agent_off_duty(name, *skills)
        await self.on_duty(phone.name)
        return phone

    async def agent_off_duty(self, name: str, *skills: str) -> AgentPhone:
        """An agent with a registered phone."""
        name, password = await self.account(name, *skills)
        server = f"127.0.0.1:{self.centre.settings.agents_port}"
        phone = await self.phones.agent(name, password, server)
        self._phones.append(phone)
        return phone

    async def sipp_agent(self, name: str, *skills: str) -> CentreAgent:
        """An agent on duty with a registered SIPp phone, which the test may let listen."""
        name, password = await self.account(name, *skills)
        phone = CentreAgent(self.centre, name, password=password)  # type: ignore[arg-type]
        await asyncio.to_thread(phone.register)
        await self.on_duty(name)
        return phone

    async def on_duty(self, name: str) -> None:
        """Log in, and wait until the floor may offer calls to the phone."""
        await asyncio.to_thread(self.centre.post, f"/v1/agents/{name}/login")
        await soon(lambda: self.of(name)["phone"] != "gone", 8, f"{name}'s phone")

    async def off_duty(self, name: str) -> None:
        """Log out."""
        await asyncio.to_thread(self.centre.post, f"/v1/agents/{name}/logout")

    def of(self, agent: str) -> dict[str, Any]:
        """What the floor says of an agent. Blocking."""
        return next(dict(a) for a in self.centre.floor()["agents"] if a["agent"] == agent)

    async def is_paused(self, agent: str, reason: str) -> None:
        """Wait until the agent is paused for this reason."""

        def paused() -> bool:
            seen = self.of(agent)
            return (seen["status"], seen["reason"]) == ("paused", reason)

        await soon(paused, 5, f"{agent} paused: {reason}")

    async def rung(self, phone: AgentPhone, count: int = 1, seconds: float = 8.0) -> Line:
        """The call that rings at an agent's phone: its `count`-th."""
        deadline = time.monotonic() + seconds
        while len(phone.lines) < count:
            assert time.monotonic() < deadline, f"{phone.name} was not rung {count} times"
            await asyncio.sleep(0.02)
        return phone.lines[count - 1]

    async def leave(self) -> None:
        """Everybody goes home; no channel is left."""
        for name in self._names:
            await self.off_duty(name)
        for line in (*self._lines, *(line for phone in self._phones for line in phone.lines)):
            if not line.is_over:
                await line.hang_up()
        for phone in self._phones:
            with contextlib.suppress(Exception):
                await phone.unregister()


@contextlib.asynccontextmanager
async def on_the_line(centre: Centre, port: int = 0) -> AsyncIterator[OnTheLine]:
    """Phones for one test; see the file's top. `port`: where they may be called (0: any)."""
    async with Phones("127.0.0.1", port=port) as phones:
        line = OnTheLine(centre, phones)
        try:
            yield line
        finally:
            await line.leave()
