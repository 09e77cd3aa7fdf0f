"""What the switch said, in our words. `pbx/` makes them; `callflow/` reads them.

A signal may come late, twice, or for something that is long gone; none of them is an order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from terms.names import AgentName, AttemptId, CallId, Instant, OfferId, QueueName, Seconds


class StepOver(Exception):
    """The session has ended under us: hung up, timed out, redirected, or superseded."""


class PromptLost(Exception):
    """A recording could not be played; the call goes on."""


class AttemptLives(Exception):
    """An order to call was a repeat: nothing was done, and the first one's end will be told."""


class Phone(StrEnum):
    """What an agent's phone is doing, whoever caused it."""

    IDLE = "idle"
    RINGING = "ringing"
    BUSY = "busy"
    GONE = "gone"  # not registered, not reachable


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The citizen's own channel is gone: the only thing that ends a call."""

    call: CallId
    at: Instant
    stage: str  # the stage text that stood on the channel
    dial_result: str = ""  # what the last dial left behind, if any
    attempt: AttemptId = AttemptId("")  # of a campaign, if it was we who called


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The citizen hung up while an agent was being put through; the channel goes a bit later."""

    call: CallId
    offer: OfferId
    at: Instant


@dataclass(frozen=True, slots=True)
class AgentRinging:
    """An agent's phone is being rung for a call; `leg` is what to hang up to take it back."""

    call: CallId
    offer: OfferId
    agent: AgentName
    leg: str
    at: Instant


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """An agent and the citizen are joined (the agent has heard the whisper)."""

    call: CallId
    offer: OfferId
    agent: AgentName
    at: Instant


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A citizen who waits in a queue pressed a key. Personal, like all that is typed."""

    call: CallId
    key: str = field(repr=False)
    at: Instant


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """An agent's phone changed what it is doing."""

    agent: AgentName
    phone: Phone
    at: Instant


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """An agent dialled a code on the phone: a change of status, or a word about a call."""

    agent: AgentName
    code: str  # login | logout | pause | resume | ready | more | abusive | result
    reason: str  # the digits behind the code
    at: Instant
    channel: str = field(default="", compare=False)  # waits to be told whether it was done


@dataclass(frozen=True, slots=True)
class Leg:
    """Somebody else's leg of a call: an agent's, or that of somebody outside who was called in."""

    role: str  # main (the offer's own) | consult | outside
    call: CallId
    booking: OfferId  # the offer, or the consult
    who: str  # the agent, or the name on the list
    channel: str
    in_room: bool = False  # in the call's own room, or on its way there


@dataclass(frozen=True, slots=True)
class LegJoined:
    """Such a leg is up and joined with somebody. Told each time it is joined."""

    leg: Leg
    at: Instant


@dataclass(frozen=True, slots=True)
class LegGone:
    """Such a leg has ended."""

    leg: Leg
    at: Instant


@dataclass(frozen=True, slots=True)
class LegKey:
    """A key was pressed on such a leg."""

    leg: Leg
    key: str = field(repr=False)
    at: Instant


class Side(StrEnum):
    """One side of a talk."""

    AGENT = "agent"
    CITIZEN = "citizen"


class Sound(StrEnum):
    """What is heard of a leg."""

    BEGAN = "began"
    ENDED = "ended"  # it has been silent for DEAD_AIR_QUIET
    HELD = "held"  # its phone put the other side on hold
    BACK = "back"


@dataclass(frozen=True, slots=True)
class LegSound:
    """A leg of a talk is heard, or not (any more)."""

    call: CallId
    side: Side
    leg: str
    sound: Sound
    at: Instant
    attempt: AttemptId = AttemptId("")  # of a campaign, if it was we who called


@dataclass(frozen=True, slots=True)
class TalkNews:
    """What an agent's leg says of a talk: it goes back to the citizen, a consult is over."""

    agent: AgentName
    call: CallId
    what: str  # back | consulted | supervised
    detail: str
    at: Instant


@dataclass(frozen=True, slots=True)
class CallOutTold:
    """What became of a call that goes out (asterisk-conf/extensions_out.conf and _alone.conf).

    `what`, of a call whose agent is rung first: up (the agent is there, the citizen's phone will
    ring); of one that goes out alone: answered (the citizen's channel, `call`, is up). Then at most
    one of machine, fax, silent, about who or what has picked up: advice, but for a fax, which is
    certain and is hung up on.
    An attempt that comes to no call ends with exactly one of: agent (was not there), citizen (was
    not), capped (nothing was dialled), over (hung up before the citizen was there). One that does
    ends with its CallEnded. `again` ends nothing: the order was a repeat of one that is a call.
    """

    offer: OfferId
    agent: AgentName  # '' for a call that goes out alone
    what: str
    result: str
    cause: str
    at: Instant
    attempt: AttemptId = AttemptId("")  # of a campaign; '' for a call-back
    call: CallId = CallId("")


@dataclass(frozen=True, slots=True)
class SwitchLost:
    """The link to the switch is down; calls go on without us."""

    at: Instant
    why: str


@dataclass(frozen=True, slots=True)
class SeenCall:
    """One citizen's channel as a snapshot found it."""

    call: CallId
    line: str
    stage: str
    place: str
    channel: str
    since: Instant  # when the channel was made
    joined: bool = True  # with somebody, now: a talk that is over leaves its stage behind
    attempt: AttemptId = AttemptId("")


@dataclass(frozen=True, slots=True)
class SwitchSeen:
    """A whole look at the switch: sent after every (re)connect and now and then between."""

    at: Instant
    boot: str  # differs after every start of the switch
    calls: tuple[SeenCall, ...]
    phones: dict[AgentName, Phone] = field(default_factory=dict)
    complete: bool = True  # False: a list was cut; believe what is there, not what is missing
    legs: tuple[Leg, ...] = ()
    calling: frozenset[OfferId] = frozenset()  # calls that go out and are not answered yet
    attempts: frozenset[AttemptId] = frozenset()  # of campaigns: each that has any channel


@dataclass(frozen=True, slots=True)
class CallRefused:
    """The switch turned a citizen away at the door; there is no call of it (R75)."""

    line: str
    because: str  # cap | stopping
    test: bool
    at: Instant


Signal = (
    CallEnded
    | CallRefused
    | CallerHungUp
    | AgentRinging
    | AgentAnswered
    | KeyPressed
    | LegSound
    | PhoneChanged
    | PhoneCode
    | LegJoined
    | LegGone
    | LegKey
    | TalkNews
    | CallOutTold
    | SwitchLost
    | SwitchSeen
)


@dataclass(frozen=True, slots=True)
class LastWords:
    """What the switch's own event file says of a call that we did not see end."""

    ended: Instant
    answered: Instant | None  # when it was first joined with an agent
    agent: AgentName | None
    talk_seconds: Seconds
    queue: QueueName | None = None
