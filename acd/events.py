"""What may happen to the floor. Each may come late, twice, or about something long gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from acd.dial_events import DialEvent
from acd.pauses import Who
from acd.promise_events import PromiseEvent
from acd.queues import QueueTable
from acd.work_events import WorkEvent
from terms.names import AgentName, CallId, Instant, OfferId, QueueName, Seconds, Skill
from terms.needs import NOTHING, Needs
from terms.outcome import OfferOutcome
from terms.signals import Phone


@dataclass(frozen=True, slots=True)
class CallJoined:
    """A caller is waiting and can be offered. Again for a known call: the same place. `preferred`
    knows the citizen and is taken if idle when the turn comes; `needs`: of this call alone, as its
    step says now; `waits_from`: when this wait began, if the call has talked since it joined;
    `called`: a campaign has called them."""

    call: CallId
    queue: QueueName
    priority: int
    joined: Instant
    line: str
    preferred: AgentName = AgentName("")
    needs: Needs = NOTHING
    waits_from: Instant = 0.0
    called: bool = False


@dataclass(frozen=True, slots=True)
class CallAway:
    """A waiting caller cannot be offered just now (its step is gone); the place is kept."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallHere:
    """A caller who was away can be offered again."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallLeft:
    """The caller's own channel is gone."""

    call: CallId


@dataclass(frozen=True, slots=True)
class AgentLoggedIn:
    """An agent begins to work with these skills (levels: 1 is the best)."""

    agent: AgentName
    skills: Mapping[Skill, int]
    subjects: tuple[Skill, ...] = ()
    reserve: bool = False
    seat: str = ""
    who: Who = Who.AGENT


@dataclass(frozen=True, slots=True)
class AgentSkillsChanged:
    """A supervisor moved an agent: what the agent fits changes, what the agent does goes on."""

    agent: AgentName
    skills: Mapping[Skill, int]
    subjects: tuple[Skill, ...]
    reserve: bool
    because: str = ""


@dataclass(frozen=True, slots=True)
class AgentLoggedOut:
    """An agent gets no more calls; a talk in course goes on."""

    agent: AgentName
    who: Who = Who.AGENT
    because: str = ""


@dataclass(frozen=True, slots=True)
class AgentPaused:
    """An agent rests, for one of the reasons of acd/pauses.py; a talk in course goes on."""

    agent: AgentName
    reason: str
    who: Who = Who.AGENT


@dataclass(frozen=True, slots=True)
class AgentResumed:
    """An agent is back from a pause."""

    agent: AgentName
    who: Who = Who.AGENT


@dataclass(frozen=True, slots=True)
class AgentPhone:
    """What an agent's phone does, whoever caused it."""

    agent: AgentName
    phone: Phone


@dataclass(frozen=True, slots=True)
class OfferRinging:
    """The agent's phone rings for this offer."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The agent picked up."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The offer ended without a talk. `dialled`: it had reached the switch."""

    offer: OfferId
    outcome: OfferOutcome
    dialled: bool = True


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The agent's leg has left the talk; `talked`: for how long, if the switch has measured it. A
    step may come late, when nobody opened for a while."""

    offer: OfferId
    talked: Seconds | None = None


@dataclass(frozen=True, slots=True)
class WrapUpDone:
    """The agent is done with what follows a talk, before its time is up."""

    agent: AgentName


@dataclass(frozen=True, slots=True)
class TalkFound:
    """A talk was found that an earlier process put through; what is known of its wait, too.
    `dialled`: of a call that the dialler made."""

    call: CallId
    agent: AgentName
    offer: OfferId
    since: Instant
    queue: QueueName = QueueName("")
    joined: Instant = 0.0
    line: str = ""
    dialled: bool = False


@dataclass(frozen=True, slots=True)
class ConfigurationChanged:
    """Other queues are in force; callers keep their places."""

    queues: QueueTable


@dataclass(frozen=True, slots=True)
class StormSet:
    """A line's storm mode begins or is over (R37): its wider rings and its reserve are open."""

    line: str
    on: bool


@dataclass(frozen=True, slots=True)
class ConsultAsked:
    """The agent of a talk asks another (or `outside`, a name on the list) about it."""

    consult: OfferId
    call: CallId
    agent: AgentName
    outside: str = ""


@dataclass(frozen=True, slots=True)
class ConsultAnswered:
    """Whoever was asked is there."""

    consult: OfferId


@dataclass(frozen=True, slots=True)
class ConsultFound:
    """A consult was found that an earlier process put through."""

    consult: OfferId
    call: CallId
    agent: AgentName
    outside: str = ""


@dataclass(frozen=True, slots=True)
class ConsultOver:
    """Whoever was asked has left, or never came."""

    consult: OfferId
    outcome: OfferOutcome = OfferOutcome.LOST


@dataclass(frozen=True, slots=True)
class TalkMoved:
    """The agent of a talk has left it to whoever was asked."""

    consult: OfferId


@dataclass(frozen=True, slots=True)
class CallDirected:
    """A caller who waits was sent to one agent, by another."""

    call: CallId
    agent: AgentName
    by: str


Event = (
    CallJoined
    | CallAway
    | CallHere
    | CallLeft
    | AgentLoggedIn
    | AgentSkillsChanged
    | AgentLoggedOut
    | AgentPaused
    | AgentResumed
    | AgentPhone
    | OfferRinging
    | OfferAnswered
    | OfferFailed
    | TalkEnded
    | WrapUpDone
    | WorkEvent
    | PromiseEvent
    | DialEvent
    | TalkFound
    | ConfigurationChanged
    | StormSet
    | ConsultAsked
    | ConsultAnswered
    | ConsultFound
    | ConsultOver
    | TalkMoved
    | CallDirected
)
