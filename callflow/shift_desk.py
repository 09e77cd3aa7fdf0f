"""Where shifts are planned, hours are watched and calls are marked; and what phone codes mean.

Beside `AgentDesk`, which keeps who is on duty: this one keeps what needs more than the floor's own
word, the results that a call may have (a closed list) and the hours in which a seat may be taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from acd.events import AgentSkillsChanged, WrapUpDone
from acd.pauses import reason_of_code
from acd.shift import Plan, propose
from acd.work_events import (
    AgentBlocked,
    AgentReleased,
    CallMarked,
    HoursExcepted,
    PausePostponed,
    ShiftPlanned,
    WrapUpExtended,
)
from callflow.agent_desk import AgentDesk, NotAllowed, Profile, UnknownAgent
from terms.facts import Fact, Kind
from terms.names import AgentName, CallId, Instant

log = logging.getLogger(__name__)

CITY = ZoneInfo("America/Sao_Paulo")


@dataclass(frozen=True, slots=True)
class SeatHours:
    """When a seat may be taken: from `opens` to `closes` (HH:MM, past midnight if smaller), on
    these days (`1` Monday … `7` Sunday; after midnight the day of the opening counts)."""

    opens: str
    closes: str
    days: str

    def is_open(self, at: Instant) -> bool:
        """Whether an agent may log in there at this instant."""
        here = datetime.fromtimestamp(at, UTC).astimezone(CITY)
        now, today = here.strftime("%H:%M"), here.isoweekday()
        if self.opens < self.closes:
            return self.opens <= now < self.closes and str(today) in self.days
        yesterday = today - 1 or 7
        return (now >= self.opens and str(today) in self.days) or (
            now < self.closes and str(yesterday) in self.days
        )


@dataclass(slots=True)
class ShiftDesk:
    """See the file's top. Everything may raise UnknownAgent and NotAllowed."""

    desk: AgentDesk
    results: tuple[str, ...] = ()  # of a call, in the order of their keys 1 … 9
    seats: dict[str, SeatHours] = field(default_factory=dict)
    campaign: Callable[[AgentName, str], None] | None = None  # hears *19 and its digit

    # --- what agents do ---
    def log_in(self, agent: AgentName, by: str, seat: str = "") -> None:
        """As AgentDesk's, if the seat may be taken now."""
        hours = self.seats.get(seat)
        if hours is not None and not hours.is_open(self._now()):
            raise NotAllowed(
                f"a posição {seat} só abre das {hours.opens} às {hours.closes}, "
                f"nos dias {', '.join(hours.days)} (1 = segunda-feira)"
            )
        self.desk.log_in(agent, by, seat)

    def postpone(self, agent: AgentName, reason: str, at: Instant, by: str) -> None:
        """The agent puts a planned pause off (R42)."""
        self.desk.profile(agent)
        self.desk.do(PausePostponed(agent, reason, at, self.desk.who(agent, by)), by)

    def more_time(self, agent: AgentName, by: str) -> None:
        """Longer for what follows the talk, up to its limit."""
        self.desk.profile(agent)
        self.desk.do(WrapUpExtended(agent), by)

    def wrap_up_done(self, agent: AgentName, by: str) -> None:
        """Done with what follows the talk."""
        self.desk.profile(agent)
        self.desk.keeper.tell(WrapUpDone(agent), by=by)

    def abusive(self, agent: AgentName, by: str) -> None:
        """The call was abusive: `desgaste` right after it (R45)."""
        self.desk.profile(agent)
        self.desk.do(CallMarked(agent), by)

    def result(self, agent: AgentName, code: str, by: str) -> CallId:
        """What came of the agent's call, or of the one just over; the last word counts."""
        self.desk.profile(agent)
        if code not in self.results:
            raise NotAllowed(f"não há este resultado; há: {', '.join(self.results)}")
        found = self.desk.keeper.floor.agents.get(agent)
        call = (found.call or found.last_call) if found is not None else None
        if call is None:
            raise NotAllowed("não há chamada de que dizer o resultado")
        fact = Fact(self._now(), Kind.DISPOSITION, call, agent, by, {"code": code})
        self.desk.keeper.record(fact)
        return call

    # --- what supervisors do ---
    def plan(self, agent: AgentName, plan: Plan, by: str) -> None:
        """This shift is the agent's (R41)."""
        self.desk.profile(agent)
        self.desk.do(ShiftPlanned(agent, plan, self.desk.who(agent, by)), by)

    def propose(self, shifts: Mapping[AgentName, tuple[Instant, Instant]]) -> dict[AgentName, Plan]:
        """Lawful plans, staggered; nothing is kept of them yet."""
        for agent in shifts:
            self.desk.profile(agent)
        try:
            return propose(shifts)
        except ValueError as wrong:
            raise NotAllowed(str(wrong)) from None

    def move(self, agent: AgentName, profile: Profile, because: str, by: str) -> None:
        """Other skills, from now on and after a restart."""
        self.desk.profile(agent)
        event = AgentSkillsChanged(
            agent, profile.skills, profile.subjects, profile.reserve, because
        )
        self.desk.do(event, by)

    def except_hours(self, agent: AgentName, until: Instant, because: str, by: str) -> None:
        """The agent may work beyond the day's limit until then (R46)."""
        self.desk.profile(agent)
        if by == agent:
            raise NotAllowed("uma exceção à jornada é dada por um supervisor")
        self.desk.do(HoursExcepted(agent, until, because), by)

    def block(self, agent: AgentName, because: str, by: str) -> None:
        """The agent is out after the call, and not in again until released."""
        self.desk.profile(agent)
        self.desk.do(AgentBlocked(agent, because), by)

    def release(self, agent: AgentName, by: str) -> None:
        """A blocked agent may work again."""
        self.desk.profile(agent)
        self.desk.do(AgentReleased(agent), by)

    def set_seat(self, seat: str, hours: SeatHours, by: str) -> None:
        """When this seat may be taken (3.3.3.31)."""
        self.seats[seat] = hours
        details = {
            "seat": seat,
            "opens": hours.opens,
            "closes": hours.closes,
            "days": hours.days,
        }
        self.desk.keeper.record(Fact(self._now(), Kind.SEAT_HOURS, by=by, details=details))

    # --- phone codes ---
    def by_phone(self, agent: AgentName, code: str, reason: str) -> str:
        """A code was dialled on the agent's own phone; the phone's account is who it is.

        '' when it was done, else why not (Portuguese).
        """
        try:
            self._coded(agent, code, reason)
        except UnknownAgent:
            log.warning("a phone code from no agent of ours", extra={"agent": agent})
            return "este ramal não é de um agente"
        except NotAllowed as refused:
            return str(refused)
        return ""

    def _coded(self, agent: AgentName, code: str, reason: str) -> None:
        match code:
            case "login":
                self.log_in(agent, by=agent)
            case "logout":
                self.desk.log_out(agent, by=agent)
            case "pause":
                self.desk.pause(agent, reason_of_code(reason) or reason, by=agent)
            case "resume":
                self.desk.resume(agent, by=agent)
            case "ready":
                self.wrap_up_done(agent, by=agent)
            case "more":
                self.more_time(agent, by=agent)
            case "result":
                number = int(reason) if reason.isascii() and reason.isdigit() else 0
                known = self.results[number - 1] if 0 < number <= len(self.results) else reason
                self.result(agent, known, by=agent)
            case "abusive":
                self.abusive(agent, by=agent)
            case "campaign" if self.campaign is not None:
                self.campaign(agent, reason)
            case "campaign":
                raise NotAllowed("esta central não liga para campanhas")
            case _:
                log.warning("unknown phone code", extra={"agent": agent, "code": code})

    # --- how it works ---
    def load_seats(self, found: Iterable[tuple[str, SeatHours]]) -> None:
        """At a start: the hours that were set before."""
        self.seats.update(found)

    def _now(self) -> Instant:
        return self.desk.keeper.clock()
