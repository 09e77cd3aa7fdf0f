"""One call's present step: its session, its place, and the tools that a step works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callflow.book import Book, OpenCall
from callflow.floor_keeper import FloorKeeper
from callflow.place import Place, parse_stage
from callflow.ports import Clock, Session, Store, Switch, Voice
from ivr.menu import LinePlan
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, OfferId
from terms.names import Protocol as ProtocolNumber
from terms.stages import Stage


class Do(StrEnum):
    """What the dialplan is asked to do next: a step's last word."""

    DIAL = "dial"
    END = "end"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class Plans:
    """The menus in force: one LinePlan a line, and the version they were read from."""

    lines: Mapping[str, LinePlan]
    version: str


@dataclass(slots=True)
class Tools:
    """What every step works with."""

    store: Store
    switch: Switch
    voice: Voice
    keeper: FloorKeeper
    clock: Clock
    plans: Plans
    whisper: bool = True
    static_only: bool = False  # draining: new steps are left to the static path
    book: Book = field(default_factory=Book)
    present: dict[CallId, Visit] = field(default_factory=dict)

    def opened(self, visit: Visit, protocol: ProtocolNumber) -> None:
        """A call has its number: note it in the book and tell whoever watches."""
        now = self.clock()
        test = bool(visit.test)
        self.book.open(OpenCall(visit.call, visit.line, now, visit.caller, protocol, test))
        arrived = {"line": visit.line, "entry": visit.entry, "caller": visit.caller, "test": test}
        given = {"protocol": protocol, "issuer": "block"}
        self.keeper.publish(
            Fact(now, Kind.CALL_ARRIVED, call=visit.call, details=arrived),
            Fact(now, Kind.PROTOCOL_GIVEN, call=visit.call, details=given),
        )


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
    quit: Callable[[], object] = lambda: None

    @staticmethod
    def of(tools: Tools, session: Session) -> Visit:
        """Read a step's request. ValueError when it has no call, line or known stage."""
        request = session.request
        stage, offer, agent = parse_stage(request.get("stage") or Stage.ARRIVED)
        if not request.get("call") or request.get("line") not in tools.plans.lines:
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
            place=Place.from_text(request.get("place", "")),
            dial_result=request.get("dialstatus", ""),
            joined=bool(request.get("joined")),
            answered_seconds=_milliseconds(request.get("answered_ms", "")),
        )

    @property
    def plan(self) -> LinePlan:
        """The menus of this call's line."""
        return self.tools.plans.lines[self.line]

    async def mark(self, stage: Stage, place: Place, **more: str) -> None:
        """Write where the call stands on its channel, before doing what it announces."""
        await self.session.set(C156_STAGE=str(stage), C156_PLACE=place.to_text(), **more)
        self.stage, self.place = stage, place

    def note(self, kind: Kind, **details: Any) -> None:
        """Remember a fact about this call, at this instant."""
        fact = Fact(self.tools.clock(), kind, call=self.call, details=details)
        self.tools.keeper.record(fact)


def _milliseconds(text: str) -> float:
    return int(text) / 1000 if text.isdigit() else 0.0
