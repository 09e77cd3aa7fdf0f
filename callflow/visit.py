"""One call's present step: its session, its place, and the tools that a step works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from callflow.book import Book, OpenCall
from callflow.data import data_from_text, data_to_text
from callflow.floor_keeper import FloorKeeper
from callflow.place import Place, parse_stage
from callflow.ports import (
    CampaignCalls,
    Clock,
    Outside,
    Recordings,
    Session,
    Store,
    Switch,
    Voice,
    Wishes,
)
from callflow.relay import is_relay
from callflow.serving import Plans, Serving
from callflow.suspects import NoMarks, Numbers
from ivr.known import Known, language_of
from ivr.menu import LinePlan
from ivr.turn import JoinQueue, Say
from terms.facts import Fact, Kind
from terms.names import AgentName, AttemptId, CallId, Instant, OfferId
from terms.outcome import CallOutcome
from terms.stages import Stage

if TYPE_CHECKING:
    from callflow.call_back import CallBacks
    from callflow.talk import Talks


class Do(StrEnum):
    """What the dialplan is asked to do next: a step's last word."""

    DIAL = "dial"
    END = "end"
    OUTSIDE = "outside"
    ROOM = "room"
    STATIC = "static"


@dataclass(slots=True)
class Tools:
    """What every step works with."""

    store: Store
    switch: Switch
    voice: Voice
    keeper: FloorKeeper
    clock: Clock
    plans: Serving
    outside: Outside
    recordings: Recordings
    whisper: bool = True
    numbers: Numbers = field(default_factory=NoMarks)  # under suspicion (R36)
    static_only: bool = False  # draining: new steps are left to the static path
    book: Book = field(default_factory=Book)
    present: dict[CallId, Visit] = field(default_factory=dict)
    call_backs: CallBacks | None = None  # who keeps a place without a channel; likewise
    talks: Talks | None = None  # what agents do with talks; control plugs it in
    dialler: CampaignCalls | None = None  # what calls of campaigns are about; likewise …
    wishes: Wishes | None = None  # … and who does not want to be called any more

    def opened(self, visit: Visit) -> None:
        """A call has its number: note it in the book and tell whoever watches."""
        now, place = self.clock(), visit.place
        entry = OpenCall(
            visit.call, visit.line, now, visit.caller, place.protocol, bool(visit.test)
        )
        self.book.open(replace(entry, relay=visit.relay, campaign=visit.campaign))
        arrived = {
            "line": visit.line,
            "entry": visit.entry,
            "caller": visit.caller,
            "test": bool(visit.test),
            "version": place.version,
            "relay": visit.relay,
        }
        given = Fact(
            now,
            Kind.CALL_RESUMED if place.of else Kind.PROTOCOL_GIVEN,
            call=visit.call,
            details={"protocol": place.protocol, "issuer": "block", "of_call": place.of},
        )
        arrival = Fact(now, Kind.CALL_ARRIVED, call=visit.call, details=arrived)
        self.keeper.publish(arrival, given)


@dataclass(eq=False, slots=True)
class Visit:
    """A step of one call. `stage` and `place` are what stands on the channel."""

    tools: Tools
    session: Session
    call: CallId
    line: str
    entry: str
    caller: str
    test: str
    stage: Stage
    offer: OfferId
    agent: AgentName
    place: Place
    dial_result: str
    joined: bool  # the last dial brought citizen and agent together
    answered_seconds: float
    data: Mapping[str, str]  # typed and looked up: personal
    data_text: str  # … as it stands on the channel
    line_text: str  # the line, likewise
    attempt: AttemptId = AttemptId("")  # by which a campaign made this call …
    campaign: str = ""  # … and which one
    joining: JoinQueue | None = None  # how the menu put it into its queue, if this step did
    preface: tuple[Say, ...] = ()  # said before that, and heard while waiting
    quit: Callable[[], object] = lambda: None

    @staticmethod
    def of(tools: Tools, session: Session) -> Visit:
        """Read a step's request. ValueError when it has no call, line or known stage."""
        request = session.request
        stage, offer, agent = parse_stage(request.get("stage") or Stage.ARRIVED)
        place = Place.from_text(request.get("place", ""))
        if (
            not request.get("call")
            or request.get("line") not in tools.plans.of(place.version).lines
        ):
            raise ValueError("a step needs a call and a known line")
        return Visit(
            tools=tools,
            session=session,
            call=CallId(request["call"]),
            line=request["line"],
            entry=request.get("entry", ""),
            caller=request.get("caller", ""),
            test=request.get("test", ""),
            stage=Stage(stage),
            offer=OfferId(offer),
            agent=AgentName(agent),
            place=place,
            dial_result=request.get("dialstatus", ""),
            joined=bool(request.get("joined")),
            answered_seconds=_milliseconds(request.get("answered_ms", "")),
            data=data_from_text(request.get("data", "")),
            data_text=request.get("data", ""),
            line_text=request["line"],
            attempt=AttemptId(request.get("attempt", "")),
            campaign=request.get("campaign", ""),
        )

    @property
    def plans(self) -> Plans:
        """What the call began on, for as long as that is known."""
        return self.tools.plans.of(self.place.version)

    @property
    def plan(self) -> LinePlan:
        """The menus of this call's line."""
        return self.plans.lines[self.line]

    @property
    def relay(self) -> bool:
        """Whether an interpreter speaks for a deaf citizen (R85)."""
        return is_relay(self.caller, self.plans.relay_numbers)

    @property
    def language(self) -> str:
        """What is spoken with the citizen."""
        return language_of(self.data)

    def known(self) -> Known:
        """What the menu may decide by, at this instant."""
        serving, plans, at = self.tools.plans, self.plans, self.tools.clock()
        return Known(
            at=at,
            entry=self.entry,
            caller=self.caller,
            protocol=self.place.protocol,
            data=self.data,
            calendar=plans.calendar,
            notices=serving.notices(self.line, at),
            short=serving.short(self.line, at),
            relay=self.relay,
            talked=self.place.outcome == CallOutcome.SERVED,
        )

    @property
    def arrived(self) -> Instant:
        """When the call came in; now, if that was never written down."""
        return self.place.arrived or self.tools.clock()

    async def mark(self, stage: Stage, place: Place, **more: str) -> None:
        """Write where the call stands on its channel, before doing what it announces."""
        if (text := data_to_text(self.data)) != self.data_text:
            more["C156_DATA"] = self.data_text = text
        if self.line != self.line_text:
            more["C156_LINE"] = self.line_text = self.line
        text = more.pop("C156_STAGE", str(stage))
        await self.session.set(C156_STAGE=text, C156_PLACE=place.to_text(), **more)
        self.stage, self.place = stage, place

    def note(self, kind: Kind, **details: Any) -> None:
        """Remember a fact about this call, at this instant."""
        fact = Fact(self.tools.clock(), kind, call=self.call, details=details)
        self.tools.keeper.record(fact)


def _milliseconds(text: str) -> float:
    return int(text) / 1000 if text.isdigit() else 0.0
