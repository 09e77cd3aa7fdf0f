"""A channel, a switch, a store and a voice with memory: what the real ones cannot do on demand.

`Channel` outlives its sessions, as the real one does: each `step` gets what the last one wrote.
`dies_after` ends the session at the n-th command, as a killed control process would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acd.events import AgentLoggedIn, AgentPhone
from acd.floor import Floor
from acd.queues import QueueRule, QueueTable
from callflow.book import OpenCall
from callflow.floor_keeper import FloorKeeper
from callflow.mend import Mender
from callflow.ports import Prompt
from callflow.record import RecordingCheck
from callflow.serving import Plans, Serving
from callflow.steps import step
from callflow.visit import Tools
from ivr.menu import EndNode, LinePlan, MenuNode, QueueNode, SayNode, WaitingPlan
from ivr.texts import Texts, text_of
from ivr.turn import FAILED, Answer
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant, Protocol, QueueName, Seconds, Skill
from terms.outcome import OfferOutcome
from terms.protocol_number import protocol_of
from terms.services import ServiceSpec
from terms.signals import LastWords, Phone, PromptLost, StepOver, SwitchSeen

GERAL = QueueRule(QueueName("p156_geral"), "156", Skill("p156_geral"), 30)
RISCO = QueueRule(QueueName("e199_risco"), "199", Skill("e199_risco"), 100)
TABLE = QueueTable((GERAL, RISCO))


def said(*texts: str) -> Texts:
    """Portuguese texts."""
    return tuple(text_of(text) for text in texts)


PLAN_156 = LinePlan(
    line="156",
    start="abertura",
    nodes={
        "abertura": SayNode("abertura", said("olá"), "menu"),
        "menu": MenuNode("menu", said("tecle um"), {"1": "geral"}),
        "geral": QueueNode("geral", GERAL.name, 30, "geral"),
        "despedida": EndNode("despedida", said("até logo")),
    },
    person=GERAL.name,
    waiting=WaitingPlan(
        said("aguarde"), True, said("seu protocolo é"), 60.0, said("obrigado por aguardar")
    ),
    after="despedida",
)
PLAN_199 = LinePlan(
    line="199",
    start="fila",
    nodes={"fila": QueueNode("fila", RISCO.name, 100, "")},
    person=RISCO.name,
    waiting=WaitingPlan(said("defesa civil"), False, (), 20.0, said("não desligue")),
)


class Voice:
    """Everything is recorded; a value is read letter by letter, in `slow` seconds."""

    slow = 0.0

    def __init__(self) -> None:
        self.gone: list[str] = []

    def find(self, words: str, language: str = "pt") -> Prompt | None:
        return Prompt(f"/sounds/{words}" if language == "pt" else f"/{language}/{words}", 0.01)

    def digits(self, number: str, language: str = "pt") -> tuple[Prompt, ...]:
        return tuple(Prompt(f"/sounds/{digit}", 0.001) for digit in number)

    def lost(self, prompt: Prompt) -> None:
        self.gone.append(prompt.path)

    def whisper(self, line: str) -> Prompt | None:
        return Prompt(f"/sounds/sussurro-{line}", 0.5)

    async def aloud(
        self, value: str, how: str, language: str, budget: Seconds
    ) -> tuple[Prompt, ...]:
        await asyncio.sleep(self.slow)
        return self.digits(value, language)


@dataclass
class Outside:
    """Services: what each answers, after `seconds`; who asked what."""

    answers: dict[str, Answer] = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    async def ask(
        self, spec: ServiceSpec, given: Mapping[str, str], seconds: Seconds, call: str = ""
    ) -> Answer:
        self.asked.append((spec.name, dict(given), call))
        await asyncio.sleep(self.seconds)
        return self.answers.get(spec.name, Answer(FAILED))


@dataclass
class Store:
    given: dict[CallId, Protocol] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    overdue: bool = False

    async def open_call(self, call: CallId, *_more: Any, **_named: Any) -> Protocol:
        if self.overdue:
            raise TimeoutError("the store is overdue")
        return self.given.setdefault(call, protocol_of(1_000 + len(self.given)))

    def append(self, *facts: Fact) -> None:
        self.facts += facts

    async def open_calls(self) -> Iterable[Any]:
        return ()

    def of(self, kind: Kind) -> list[Fact]:
        return [fact for fact in self.facts if fact.kind is kind]


@dataclass
class Switch:
    hung_up: list[str] = field(default_factory=list)
    channels: dict[str, Channel] = field(default_factory=dict)
    queues: dict[tuple[str, AgentName], bool] = field(default_factory=dict)
    link: bool = True
    refuses: int = 0  # so many of the next orders are answered too late
    globals: dict[str, str] = field(default_factory=dict)
    reasons: dict[AgentName, str] = field(default_factory=dict)
    heard_all: list[CallId] = field(default_factory=list)

    def _order(self) -> None:
        if self.refuses:
            self.refuses -= 1
            raise TimeoutError("late")

    async def set_global(self, name: str, value: str) -> None:
        self._order()
        self.globals[name] = value

    async def hang_up(self, channel: str) -> None:
        self.hung_up.append(channel)

    async def stop_playback(self, channel: str) -> None:
        if not self.link:
            raise ConnectionError("no link")
        self.channels[channel].stop.set()

    async def contingency_add(self, queue: str, agent: AgentName) -> None:
        self.queues[queue, agent] = False

    async def contingency_remove(self, queue: str, agent: AgentName) -> None:
        del self.queues[queue, agent]

    async def contingency_pause(self, agent: AgentName, paused: bool, reason: str) -> None:
        for key in self.queues:
            if key[1] == agent:
                self.queues[key] = paused

    async def contingency_list(self) -> dict[tuple[str, AgentName], bool]:
        self._order()
        return dict(self.queues)

    async def contingency_reasons(self) -> dict[AgentName, str]:
        return dict(self.reasons)

    async def hear_all(self, call: CallId) -> None:
        self._order()
        self.heard_all.append(call)

    async def look(self) -> SwitchSeen:
        return SwitchSeen(0.0, "boot", ())


@dataclass
class Channel:
    """A citizen's channel and what stands on it."""

    call: str = "n1-b-1.1"
    line: str = "156"
    caller: str = "11987654321"
    variables: dict[str, str] = field(default_factory=dict)
    played: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # pressed in answer to what waits for one
    recorded: list[tuple[str, float, float]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)  # the lines it counts among, one after another
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    commands: int = 0
    dies_after: int = 10**9
    slow: bool = False  # stoppable prompts last until they are stopped
    leaves_message: bool = False  # hangs up at the end of it
    music_on: bool = False
    missing: set[str] = field(default_factory=set)  # recordings whose files are gone

    async def step(self, tools: Tools) -> str:
        """One AGI session; what the dialplan is asked to do ('' = it broke off)."""
        self.variables["C156_DO"] = ""
        session = Session(self, self._request())
        await step(tools, session)
        return self.variables["C156_DO"]

    def _request(self) -> Mapping[str, str]:
        return {
            "call": self.call,
            "line": self.variables.get("C156_LINE", self.line),
            "entry": self.variables.get("C156_ENTRY", self.line),
            "caller": self.caller,
            "attempt": self.variables.get("C156_ATTEMPT", ""),
            "campaign": self.variables.get("C156_CAMPAIGN", ""),
            "stage": self.variables.get("C156_STAGE", "arrived"),
            "place": self.variables.get("C156_PLACE", ""),
            "dialstatus": self.variables.get("DIALSTATUS", ""),
            "joined": self.variables.get("C156_JOINED", ""),
            "answered_ms": self.variables.get("ANSWEREDTIME_MS", ""),
            "data": self.variables.get("C156_DATA", ""),
        }


@dataclass
class Session:
    on: Channel
    request: Mapping[str, str]

    @property
    def channel(self) -> str:
        return f"PJSIP/{self.on.call}"

    @property
    def hung_up(self) -> bool:
        return self.on.gone.is_set()

    async def _command(self) -> None:
        await asyncio.sleep(0)
        self.on.commands += 1
        if self.on.gone.is_set() or self.on.commands > self.on.dies_after:
            raise StepOver

    async def set(self, **variables: str) -> None:
        await self._command()
        self.on.variables.update(variables)

    async def play(self, prompt: str, keys: str = "", seconds: float = 0.0) -> str:
        await self._command()
        self._play(prompt)
        if keys and self.on.keys and self.on.keys[0] in keys:  # '' is a prompt let pass
            return self.on.keys.pop(0)
        return ""

    async def play_stoppable(self, prompt: str, seconds: float = 0.0) -> None:
        await self._command()
        self._play(prompt)
        self.on.stop.clear()
        if self.on.slow:
            await self.on.stop.wait()

    def _play(self, prompt: str) -> None:
        if prompt in self.on.missing:
            raise PromptLost
        self.on.played.append(prompt)

    async def wait_key(self, seconds: float) -> str:
        await self._command()
        return self.on.keys.pop(0) if self.on.keys else ""

    async def music(self, on: bool, klass: str = "default") -> None:
        await self._command()
        self.on.music_on = on

    async def tone(self) -> None:
        await self._command()
        self.on.played.append("tone")

    async def record(self, file: str, seconds: float, silence: float) -> None:
        await self._command()
        self.on.recorded.append((file, seconds, silence))
        if self.on.leaves_message:
            self.on.gone.set()
            raise StepOver

    async def count_as(self, line: str) -> None:
        await self._command()
        self.on.groups.append(line)

    async def rearm(self) -> None:
        await self._command()

    async def wait_over(self) -> None:
        await self.on.gone.wait()


@dataclass
class Centre:
    """Everything a step works with, around a real floor."""

    store: Store = field(default_factory=Store)
    switch: Switch = field(default_factory=Switch)
    epoch: int = 1
    now: float = 1_000.0
    lines: tuple[LinePlan, ...] = (PLAN_156, PLAN_199)
    table: QueueTable = TABLE
    outside: Outside = field(default_factory=Outside)
    more: dict[str, Any] = field(default_factory=dict)  # of what was published (Plans)
    tools: Tools = field(init=False)

    def __post_init__(self) -> None:
        def clock() -> float:
            self.now += 0.001
            return self.now

        floor = Floor(self.table, self.epoch)
        keeper = FloorKeeper(floor, self.store, self.switch, clock, lambda: None)
        lines = {plan.line: plan for plan in self.lines}
        serving = Serving(Plans(lines, "v1", queues=self.table, **self.more))
        self.tools = Tools(
            self.store, self.switch, Voice(), keeper, clock, serving, self.outside, Nothing()
        )
        keeper.watch(self.tools.book.read)

    @property
    def keeper(self) -> FloorKeeper:
        return self.tools.keeper

    def channel(self, **about: Any) -> Channel:
        made = Channel(**about)
        self.switch.channels[f"PJSIP/{made.call}"] = made
        return made

    def log_in(self, name: str, skill: str = "p156_geral") -> AgentName:
        agent = AgentName(name)
        self.keeper.tell(AgentPhone(agent, Phone.IDLE))
        self.keeper.tell(AgentLoggedIn(agent, {Skill(skill): 1}))
        return agent

    def outcomes(self) -> list[str]:
        return [fact.details["outcome"] for fact in self.store.of(Kind.OFFER_ENDED)]


class Nothing:
    """A diary, a spool and a folder of recordings; nothing in them but the diary's `words`."""

    def __init__(self) -> None:
        self.words: dict[CallId, LastWords] = {}

    def last_words(self, calls: object) -> dict[CallId, LastWords]:
        return self.words

    async def take_in(self) -> list[OpenCall]:
        return []

    def find(self, call: CallId, at: Instant) -> Path | None:
        return None

    def message_file(self, call: CallId, at: Instant, number: int) -> Path:
        return Path(f"/recordings/{call}-recado-{number}.wav")

    def messages(self, call: CallId, at: Instant) -> list[Path]:
        return []

    def seconds(self, file: Path) -> Seconds:
        return 0.0


def mender_of(centre: Centre, nothing: Nothing) -> Mender:
    """What ends the calls of this centre; it has only `nothing` to look things up in."""
    check = RecordingCheck(centre.keeper, nothing, recording=False)
    tools = centre.tools
    return Mender(centre.keeper, tools.book, nothing, nothing, check, tools.present)


__all__ = ["PLAN_156", "PLAN_199", "Centre", "Channel", "Nothing", "OfferOutcome", "mender_of"]
