"""What the API needs of the running centre, as a Protocol; `central156/centre.py` is it.

Answers are plain values, ready to become JSON. What cannot be done is a `Refusal`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from acd.measures import Measures
from console.ports_alerts import AlertsPort
from console.ports_call_backs import CallBacksPort
from console.ports_campaigns import CampaignsPort
from console.ports_citizens import CitizensPort
from console.ports_contract import ContractPort
from console.ports_journal import JournalGauges as JournalGauges
from console.ports_orders import Numbers, QueueOrders, Storms
from console.ports_recordings import RecordingsPort
from console.ports_reports import ReportsPort
from console.ports_sms import SmsGauges, SmsPort
from console.ports_trunks import TrunkGauges, TrunksPort
from console.ports_work import Work
from terms.facts import Fact
from terms.names import AgentName, CallId, Instant, Seconds
from terms.sight import Reveal, Sight

Plain = Mapping[str, Any]


class Role(StrEnum):
    """What a person is. What each may do stands at every route (`Admits`)."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


LOCAL: Final = "local"
"""The name of whoever holds the state folder's own token: an admin, and nobody in particular."""

REVEALED_TO: Final = frozenset({Role.SUPERVISOR, Role.AUDITOR})
"""Who sees callers' numbers whole: supervisors, who have citizens called back, and auditors, who
answer for what was done. Agents see the number on the phone while they talk, and admins look
after machines: to both, what is stored comes masked."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever asks: known by their token."""

    name: str
    role: Role
    owner: bool = False  # holds the installation's own token, and could read its files as well
    lines: tuple[str, ...] = ()  # whose callers they see; with `queues` empty too: all
    queues: tuple[str, ...] = ()
    discreet: tuple[str, ...] = ()  # queues whose callers auditors see, or whose scope names them

    @property
    def sees_numbers(self) -> Sight:
        """Whose numbers are shown whole to them; false for nobody's. See `REVEALED_TO`."""
        if self.owner:
            return Sight(True)
        whole = self.role in REVEALED_TO
        discreet = () if self.role is Role.AUDITOR else self.discreet
        return Sight(whole, self.lines, self.queues, discreet)


class Refusal(Exception):
    """What was asked cannot be done. `status` is HTTP's; the text is Portuguese."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Health:
    """Which parts are up. Ready: calls are taken and everything works."""

    floor: bool
    store: bool
    link: bool
    node: str
    epoch: int
    mirror: str  # its state; `off` when none is wanted. It decides nothing, so it is no readiness

    @property
    def ready(self) -> bool:
        """All parts are up."""
        return self.floor and self.store and self.link


@dataclass(frozen=True, slots=True)
class Gauges:
    """Figures of this moment, for /metrics."""

    waiting: Mapping[tuple[str, str], int]  # (line, queue) → callers
    longest_wait: Mapping[tuple[str, str], Seconds]
    targets: Mapping[tuple[str, str], tuple[Seconds, float]]  # (line, queue) → seconds, share
    agents: Mapping[tuple[str, str, str], int]  # (status, state, reason of the pause) → agents
    able: Mapping[tuple[str, str], int]  # (line, queue) → agents at work who may answer there
    call_backs: Mapping[str, int]  # line → places that are kept for people who are called back
    storms: Mapping[str, int]  # line → 1 while it is in storm mode
    marked: Mapping[str, int]  # mark → numbers
    open_calls: Mapping[str, int]  # line → calls
    store_pending: int
    store_lag: Seconds
    store_refused: int
    store_violations: int
    store_up: bool
    journal: JournalGauges
    link_up: bool
    agi_sessions: int
    live_texts: Mapping[str, int]  # what read a value aloud → how often
    mirror: str  # its state; `off` when none is wanted
    mirror_age: Seconds  # since it was written last
    recordings_waiting: int  # of calls that are over, not sealed …
    recordings_oldest: Seconds  # … and for how long the oldest has waited
    chain_broken: int = 0  # facts that do not follow from those before them
    chain_signed_at: Instant | None = None  # when the chain's head was signed last
    trunks: TrunkGauges = TrunkGauges()
    sms: SmsGauges = SmsGauges()


@dataclass(frozen=True, slots=True)
class Labels:
    """What the configuration that serves knows by name: what may be a label in /metrics."""

    lines: Collection[str]
    queues: Collection[str]
    services: Collection[str]
    questions: Collection[str]


@dataclass(frozen=True, slots=True)
class PhoneAccount:
    """A new agent's phone account; the password is never shown again."""

    agent: AgentName
    password: str
    server: str
    port: int


class Dialplans(Protocol):
    """The versions of the menus, and which one serves. `by` stands in the facts."""

    async def versions(self) -> Plain:
        """The versions, what served since when, and the alarm if one rings."""
        ...

    async def files(self, version: str) -> Plain | None:
        """A version's files as they were handed in; '' = the version that serves."""
        ...

    async def publish(self, files: Mapping[str, str], note: str, by: str) -> Plain:
        """Prove files and serve them, or propose them where a second person has to agree."""
        ...

    async def approve(self, version: str, by: str) -> Plain: ...
    async def reject(self, version: str, by: str) -> Plain: ...
    async def rollback(self, version: str, by: str) -> Plain:
        """An approved version serves again; '' = the one before what serves."""
        ...


class Orders(Protocol):
    """What is ordered for a while, on top of the menus and besides. Instants are seconds since
    1970."""

    @property
    def storms(self) -> Storms: ...
    @property
    def queues(self) -> QueueOrders: ...
    @property
    def numbers(self) -> Numbers: ...

    async def short(self, line: str, on: bool, until: Instant | None, by: str) -> Plain: ...
    async def announce(
        self, line: str, text: str, until: Instant, by: str, node: str, name: str, kind: str
    ) -> Plain: ...
    async def announcements(self) -> Sequence[Plain]: ...
    async def end_announcement(self, name: str, by: str) -> Plain: ...


class TalkActs(Protocol):
    """What is done with talks in course. `by` stands in the facts."""

    async def act(self, agent: AgentName, act: str, by: str) -> Plain: ...
    async def consult(self, agent: AgentName, kind: str, to: str, by: str) -> Plain: ...
    async def transfer(
        self, agent: AgentName, kind: str, to: str, returns: bool, by: str
    ) -> Plain: ...
    async def protocol(self, agent: AgentName, note: str, by: str) -> Plain: ...
    def destinations(self) -> Plain: ...
    async def supervise(
        self, agent: AgentName, phone: AgentName, mode: str, because: str, by: str
    ) -> Plain:
        """Ring this phone, to listen (ouvir), whisper (sussurrar) or come in (entrar)."""
        ...

    async def leave(self, supervision: str) -> Plain: ...
    def supervisions(self) -> Sequence[Plain]: ...


class Centre(Protocol):
    """The running centre. `by` names the person who asks, and stands in the facts."""

    @property
    def dialplans(self) -> Dialplans: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def work(self) -> Work: ...
    @property
    def talks(self) -> TalkActs: ...
    @property
    def call_backs(self) -> CallBacksPort: ...
    @property
    def contract(self) -> ContractPort: ...
    @property
    def citizens(self) -> CitizensPort: ...
    @property
    def recordings(self) -> RecordingsPort: ...
    @property
    def reports(self) -> ReportsPort: ...
    @property
    def sms(self) -> SmsPort: ...
    @property
    def trunks(self) -> TrunksPort: ...
    @property
    def alerts(self) -> AlertsPort: ...
    @property
    def campaigns(self) -> CampaignsPort: ...

    @property
    def measures(self) -> Measures:
        """Figures of queues and lines, for windows of time."""
        ...

    def health(self) -> Health: ...
    def gauges(self) -> Gauges: ...
    def labels(self) -> Labels: ...
    def now(self) -> Instant: ...
    def line_of(self, call: CallId) -> tuple[str, bool] | None:
        """An open call's line, and whether it is a test call."""
        ...

    def watch(self, hear: Callable[[tuple[Fact, ...]], None]) -> Callable[[], None]:
        """Call `hear` with all new facts, until the answer is called."""
        ...

    async def person_with(self, token: str) -> Person | None:
        """Whose token this is; None when nobody's, or revoked."""
        ...

    def floor(self) -> Plain:
        """Who waits, who talks, who is logged in, now. No caller's number is in it."""
        ...

    def screen(self, agent: AgentName, reveal: Reveal = False) -> Plain:
        """What an agent sees of themselves and of the call that they are offered or talk on; what
        the caller typed is whole only if `reveal`."""
        ...

    async def story(self, protocol_or_call: str, reveal: Reveal) -> Plain | None:
        """All that is stored of a call; the caller's number whole only if `reveal`."""
        ...

    async def why(self, protocol_or_call: str, only: AgentName | None) -> Plain | None:
        """How a call was distributed, choice by choice. `only`: an agent who asks, who is told of
        no other agent, and of no call that was never offered to them."""
        ...

    async def open_calls(self, reveal: Reveal) -> Sequence[Plain]: ...
    async def tasks(self, open_only: bool, reveal: Reveal) -> Sequence[Plain]: ...
    async def agents(self) -> Sequence[Plain]: ...
    async def add_agent(
        self, agent: AgentName, full_name: str, skills: Mapping[str, int], by: str
    ) -> PhoneAccount: ...
    def log_out(self, agent: AgentName, by: str, because: str = "") -> None: ...
    def pause(self, agent: AgentName, reason: str, by: str) -> None: ...
    def resume(self, agent: AgentName, by: str) -> None: ...
    def end_wrap_up(self, agent: AgentName, by: str) -> None: ...
    async def persons(self) -> Sequence[Plain]: ...
    async def add_person(
        self, name: str, role: Role, by: str, lines: Sequence[str] = (), queues: Sequence[str] = ()
    ) -> str:
        """The person's token: shown once, kept only as a hash. `lines`, `queues`: their scope."""
        ...

    async def revoke_person(self, name: str, by: str) -> None: ...
