"""What the story needs of the world, as Protocols; `central156/` plugs the real rooms in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from callflow.book import OpenCall
from callflow.campaign_ports import Running
from dialer.campaign import KeyMeans
from ivr.texts import PORTUGUESE
from terms.facts import Fact
from terms.names import AgentName, AttemptId, CallId, Instant, OfferId, Seconds
from terms.names import Protocol as ProtocolNumber
from terms.services import ServiceSpec
from terms.signals import LastWords, SwitchSeen


@dataclass(frozen=True, slots=True)
class Prompt:
    """A recorded text: where it lies (no extension) and how long it lasts."""

    path: str
    seconds: Seconds


class Session(Protocol):
    """One step's hold on a call's channel. One command at a time; StepOver when it is gone."""

    request: Mapping[str, str]
    channel: str

    @property
    def hung_up(self) -> bool:
        """The switch said that the citizen is gone or that the step is over."""
        ...

    async def set(self, **variables: str) -> None:
        """Write variables on the channel, all in one command, in the order given."""
        ...

    async def play(self, prompt: str, keys: str = "", seconds: Seconds = 0.0) -> str:
        """Play to the end or to one of `keys`; the key pressed, or ''. PromptLost when it cannot
        be played."""
        ...

    async def play_stoppable(self, prompt: str, seconds: Seconds = 0.0) -> None:
        """Play to the end, or until `Switch.stop_playback` cuts it off. PromptLost."""
        ...

    async def wait_key(self, seconds: Seconds) -> str:
        """Wait for one key; '' after `seconds` of silence."""
        ...

    async def music(self, on: bool, klass: str = "default") -> None:
        """Start or stop the hold music; it plays while nothing else does."""
        ...

    async def tone(self) -> None:
        """The tone after which a message is spoken."""
        ...

    async def record(self, file: str, seconds: Seconds, silence: Seconds) -> None:
        """Record what the citizen says to a `.wav` of this whole path: up to `seconds`, to
        `silence` seconds of silence (0 = however long) or to the key `#`. What was said is kept
        when the citizen hangs up; then StepOver."""
        ...

    async def count_as(self, line: str) -> None:
        """From now on the call counts among those of this line, not of the one it came in on."""
        ...

    async def rearm(self) -> None:
        """Tell the dead-man's switch that we are alive."""
        ...

    async def wait_over(self) -> None:
        """Return when the session is hung up or gone; never sooner."""
        ...


class Switch(Protocol):
    """Orders to the switch that are not one call's own step. Each has a deadline."""

    async def set_global(self, name: str, value: str) -> None: ...
    async def hang_up(self, channel: str) -> None: ...
    async def stop_playback(self, channel: str) -> None: ...
    async def contingency_add(self, queue: str, agent: AgentName) -> None: ...
    async def contingency_remove(self, queue: str, agent: AgentName) -> None: ...
    async def contingency_pause(self, agent: AgentName, paused: bool, reason: str) -> None: ...
    async def contingency_list(self) -> dict[tuple[str, AgentName], bool]: ...
    async def contingency_reasons(self) -> dict[AgentName, str]: ...
    async def look(self) -> SwitchSeen: ...
    async def write_on(self, channel: str, **variables: str) -> None: ...
    async def stop_clock(self, channel: str) -> None: ...
    async def hear_all(self, call: CallId) -> None: ...
    async def read_on(self, channel: str, name: str) -> str: ...
    async def send(
        self, channel: str, place: str, other: str = "", other_place: str = ""
    ) -> None: ...
    async def channel_of(self, call: str) -> str: ...
    async def ring_beside(
        self, phone: AgentName, mode: str, name: str, call: CallId, leg: str, seconds: Seconds
    ) -> None: ...


class Store(Protocol):
    """What remembers. `append` never blocks; `open_call` returns when the number is durable."""

    async def open_call(
        self,
        call: CallId,
        line: str,
        entry: str,
        caller: str,
        at: Instant,
        test: bool,
        version: str = "",
        relay: bool = False,
        campaign: str = "",
        arrived: bool = False,
    ) -> ProtocolNumber: ...
    def append(self, *facts: Fact) -> None: ...
    async def open_calls(self) -> Iterable[Any]: ...
    async def further_protocol(self, call: CallId, most: int) -> tuple[str, int]: ...


class PromiseStore(Protocol):
    """What remembers call-backs. Both are durable when they return."""

    async def remember(self, *facts: Fact) -> None: ...
    async def resume_call(
        self,
        call: CallId,
        line: str,
        entry: str,
        caller: str,
        at: Instant,
        test: bool,
        version: str,
        relay: bool,
        of: CallId,
        protocol: ProtocolNumber,
        how: str,
    ) -> None: ...


class OutSwitch(Protocol):
    """The orders that make a call; `attempt` is its id. AttemptLives: it was a repeat, and nothing
    was done (as when it is told: `CallOutTold.what` again)."""

    async def call_out(
        self, agent: AgentName, attempt: OfferId, seconds: Seconds, order: Mapping[str, str]
    ) -> None: ...
    async def call_alone(
        self, attempt: AttemptId, seconds: Seconds, order: Mapping[str, str]
    ) -> None: ...
    async def hang_up_attempt(self, attempt: AttemptId) -> None: ...


class CampaignCalls(Protocol):
    """What the steps of a campaign's call ask of the dialler (callflow/notice.py)."""

    def campaign_of(self, attempt: AttemptId) -> Running | None:
        """What this attempt is about; None: nobody knows it here."""
        ...

    async def pressed(self, attempt: AttemptId, means: KeyMeans) -> None:
        """The citizen has answered by a key; durable when it returns, harmless to repeat."""
        ...

    def agent_for(self, attempt: AttemptId) -> AgentName:
        """Who was found for a citizen who answered (predictive); '' for nobody."""
        ...

    def dropped(self, attempt: AttemptId) -> asyncio.Event:
        """Set when no agent was free in time for a citizen who answered (R63)."""
        ...

    async def opened(self, visit: Any) -> None:
        """A step (callflow.visit.Visit) of a call with an agent: from now on it has its protocol,
        and its channel says which."""
        ...


class Wishes(Protocol):
    """Who is not to be called any more; durable when it returns, a repeat is no second wish."""

    async def bar(self, number: str, at: Instant, by: str, because: str) -> None: ...


class Voice(Protocol):
    """Texts to recorded prompts. `aloud` reads a value that is known only now, as `how`
    (ivr.texts.HOWS), within its budget; it never raises, and says something else if it must.
    `lost`: this recording could not be played; if it is gone, it is as if there had been none."""

    def find(self, words: str, language: str = PORTUGUESE) -> Prompt | None: ...
    def digits(self, number: str, language: str = PORTUGUESE) -> tuple[Prompt, ...]: ...
    def whisper(self, line: str) -> Prompt | None: ...
    def lost(self, prompt: Prompt) -> None: ...
    async def aloud(
        self, value: str, how: str, language: str, budget: Seconds
    ) -> tuple[Prompt, ...]: ...


class Answered(Protocol):
    """How a service answered (`ivr.turn.Answer`), and the values that it gave."""

    @property
    def how(self) -> str: ...
    @property
    def values(self) -> Mapping[str, str]: ...


class Outside(Protocol):
    """The services that a menu may ask. Answers within `seconds`; what goes wrong is an answer
    too (FAILED). `call` makes it harmless to ask again after a step that broke off."""

    async def ask(
        self, spec: ServiceSpec, given: Mapping[str, str], seconds: Seconds, call: str = "", /
    ) -> Answered: ...


class Clock(Protocol):
    """Instants that never go back within this process."""

    def __call__(self) -> Instant: ...


class SwitchDiary(Protocol):
    """The switch's own event file, for what happened while nobody was listening."""

    def last_words(self, calls: Iterable[CallId]) -> dict[CallId, LastWords]: ...


class SpoolIntake(Protocol):
    """The records that the rescue script left for calls that the switch served without us."""

    async def take_in(self) -> list[OpenCall]:
        """Store what is there; the calls that it tells of, which may be over or still up."""
        ...


class Recordings(Protocol):
    """Where the switch leaves its recordings."""

    def find(self, call: CallId, at: Instant) -> Path | None: ...
    def message_file(self, call: CallId, at: Instant, number: int) -> Path: ...
    def messages(self, call: CallId, at: Instant) -> list[Path]: ...
    def consults(self, call: CallId, at: Instant) -> list[Path]: ...
    def seconds(self, file: Path) -> Seconds: ...
