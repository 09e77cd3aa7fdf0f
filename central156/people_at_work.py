"""Agents at work as the API sees them (console/ports_work.py), over the desks and the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from acd.agents import Agent
from acd.pauses import PAUSES
from acd.rests import due_pause, logged, plan_now
from acd.shift import Plan, Planned
from callflow.agent_desk import NotAllowed, Profile, UnknownAgent
from callflow.shift_desk import SeatHours, ShiftDesk
from central156.refusals import asked
from central156.work_reports import pause_rows, ranked_row, rested
from console.ports import Plain, Refusal
from protocol_store import SessionRow, Store
from terms.names import AgentName, Instant, QueueName, Skill

CITY: Final = ZoneInfo("America/Sao_Paulo")
GOAL: Final = 0.8
"""R22: of the calls that an agent with subjects answers, this share is in the first of them."""


@contextmanager
def refusing() -> Iterator[None]:
    """What the desks refuse, as HTTP says it."""
    try:
        yield
    except UnknownAgent as unknown:
        raise Refusal(404, f"não há agente com o nome {unknown}") from None
    except NotAllowed as refused:
        raise Refusal(409, str(refused)) from None


def day_bounds(day: str) -> tuple[Instant, Instant]:
    """A day of the city, from its midnight to the next. Refusal for what is no day."""
    try:
        first = datetime.combine(date.fromisoformat(day), datetime.min.time(), CITY)
    except ValueError:
        raise Refusal(422, f"{day!r} não é um dia; ex.: 2026-11-25") from None
    return first.timestamp(), (first + timedelta(days=1)).timestamp()


@dataclass(slots=True)
class PeopleAtWork:
    """console.ports_work.Work."""

    store: Store
    shifts: ShiftDesk
    now: Callable[[], Instant]

    # --- the lists that there are ---
    def reasons(self) -> Sequence[Plain]:
        """The closed list of pauses."""
        rules = self.shifts.desk.keeper.floor.work
        return [
            {
                "reason": reason,
                "seconds": rules.seconds(reason),
                "begun_by": sorted(rule.begun_by),
                "ended_by": sorted(rule.ended_by),
                "code": f"*13{rule.code}" if rule.code else "",
            }
            for reason, rule in PAUSES.items()
        ]

    def results(self) -> Sequence[str]:
        """What may come of a call."""
        return self.shifts.results

    # --- what agents do ---
    def log_in(self, agent: AgentName, seat: str, by: str) -> None:
        """The agent is available, at this seat."""
        with refusing():
            self.shifts.log_in(agent, by, seat)

    def more_time(self, agent: AgentName, by: str) -> None:
        """Longer for what follows a talk."""
        with refusing():
            self.shifts.more_time(agent, by)

    def abusive(self, agent: AgentName, by: str) -> None:
        """The call was abusive."""
        with refusing():
            self.shifts.abusive(agent, by)

    def result(self, agent: AgentName, code: str, by: str) -> Plain:
        """What came of the call."""
        with refusing():
            return {"call": self.shifts.result(agent, code, by), "code": code}

    def postpone(self, agent: AgentName, reason: str, at: Instant, by: str) -> None:
        """The agent puts a pause off."""
        with refusing():
            self.shifts.postpone(agent, reason, at, by)

    def day_of(self, agent: AgentName) -> Plain:
        """The agent's shift, pauses and hours now."""
        with refusing():
            profile = self.shifts.desk.profile(agent)
        found = self.shifts.desk.keeper.floor.agents.get(agent) or Agent(agent)
        now = self.now()
        plan, due = plan_now(found, now), due_pause(found, now)
        return {
            "agent": agent,
            "at": now,
            "seat": found.seat,
            "skills": dict(profile.skills),
            "subjects": list(profile.subjects),
            "reserve": profile.reserve,
            "blocked": found.blocked,
            "logged": round(logged(found, now), 3),
            "logged_since": found.logged_since,
            "limit_at": found.limit_at or None,
            "exempt_until": found.exempt_until or None,
            "pause": None if found.pause is None else asdict(found.pause),
            "then": found.then,
            "due": None if due is None else due.reason,
            "taken": sorted(found.taken),
            "plan": None if plan is None else _plan(agent, plan),
        }

    # --- what supervisors do ---
    def plan(self, agent: AgentName, shift: Plain, by: str) -> Plain:
        """Keep a shift and its pauses."""
        begins, ends = float(shift["begins"]), float(shift["ends"])
        with refusing():
            if shift["pauses"]:
                pauses = sorted(Planned(one["at"], one["reason"]) for one in shift["pauses"])
                plan = Plan(begins, ends, tuple(pauses))
            else:
                plan = self.shifts.propose({agent: (begins, ends)})[agent]
            self.shifts.plan(agent, plan, by)
        return _plan(agent, plan)

    def propose(self, shifts: Sequence[Plain], keep: bool, by: str) -> Sequence[Plain]:
        """Staggered plans."""
        wanted = {AgentName(one["agent"]): (one["begins"], one["ends"]) for one in shifts}
        with refusing():
            plans = self.shifts.propose(wanted)
            if keep:
                for agent, plan in plans.items():
                    self.shifts.plan(agent, plan, by)
        return [_plan(agent, plan) for agent, plan in plans.items()]

    async def move(self, agent: AgentName, wanted: Plain, because: str, by: str) -> Plain:
        """Other skills, subjects or reserve; kept before the answer."""
        with refusing():
            before = self.shifts.desk.profile(agent)
        skills = wanted.get("skills", before.skills)
        subjects = wanted.get("subjects", before.subjects)
        # What an agent has stays theirs even where the queues' skills have other names by now.
        there = self.shifts.desk.lines_of  # by what is published now
        unknown = sorted({*skills, *subjects} - {*there, *before.skills})
        if unknown:
            known = ", ".join(sorted(there))
            raise Refusal(422, f"habilidade desconhecida: {', '.join(unknown)}; há: {known}")
        if strange := sorted(set(subjects) - set(skills)):
            raise Refusal(422, f"assunto sem a habilidade: {', '.join(strange)}")
        if not skills:
            raise Refusal(422, "um agente tem ao menos uma habilidade")
        profile = Profile(
            {Skill(skill): int(level) for skill, level in skills.items()},
            tuple(dict.fromkeys(map(Skill, subjects))),
            bool(wanted.get("reserve", before.reserve)),
        )
        with refusing():
            self.shifts.move(agent, profile, because, by)
        await self.store.settled()
        return {
            "agent": agent,
            "skills": dict(profile.skills),
            "subjects": list(profile.subjects),
            "reserve": profile.reserve,
        }

    def except_hours(self, agent: AgentName, until: Instant, because: str, by: str) -> None:
        """The agent may work beyond the day's limit."""
        with refusing():
            self.shifts.except_hours(agent, until, because, by)

    def block(self, agent: AgentName, because: str, by: str) -> None:
        """The agent may not work."""
        with refusing():
            self.shifts.block(agent, because, by)

    def release(self, agent: AgentName, by: str) -> None:
        """The agent may work again."""
        with refusing():
            self.shifts.release(agent, by)

    async def seats(self) -> Sequence[Plain]:
        """Seats that have hours."""
        return [asdict(one) for one in await asked(self.store.work.seats())]

    def set_seat(self, seat: str, opens: str, closes: str, days: str, by: str) -> Plain:
        """When a seat may be taken."""
        days = "".join(sorted(set(days)))
        self.shifts.set_seat(seat, SeatHours(opens, closes, days), by)
        return {"seat": seat, "opens": opens, "closes": closes, "days": days, "by": by}

    # --- reports ---
    async def pauses(self, day: str) -> Sequence[Plain]:
        """Pauses of a day, and planned ones that were not made."""
        since, until = day_bounds(day)
        made = await asked(self.store.work.pauses(since, until))
        planned = await asked(self.store.work.planned(since, until))
        return pause_rows(made, planned, self.now())

    async def hours(self, day: str) -> Sequence[Plain]:
        """Logged time of a day, by agent."""
        since, until = day_bounds(day)
        sessions = await asked(self.store.work.sessions(since, until))
        exceptions = await asked(self.store.work.exceptions(since, until))
        rests = rested(await asked(self.store.work.pauses(since, until)))
        limit = self.shifts.desk.keeper.floor.work.day
        rows = []
        for agent in dict.fromkeys(one.agent for one in sessions):
            own = [one for one in sessions if one.agent == agent]
            seconds = sum(self._seconds(one) for one in own)
            rows.append(
                {
                    "agent": agent,
                    "first_login": own[0].began,
                    "last_logout": own[-1].ended,
                    "seconds": round(seconds, 3),
                    "over": bool(limit) and seconds > limit,
                    "rests": dict(rests[agent]),
                    "sessions": [asdict(one) for one in own],
                    "exceptions": [asdict(one) for one in exceptions if one.agent == agent],
                }
            )
        return rows

    def _seconds(self, one: SessionRow) -> float:
        return max(0.0, (self.now() if one.ended is None else one.ended) - one.began)

    async def subjects(self, day: str) -> Plain:
        """The 80 % rule."""
        since, until = day_bounds(day)
        skill_of = {rule.name: rule.skill for rule in self.shifts.desk.keeper.floor.queues.rules}
        told: dict[AgentName, Counter[Skill]] = {}
        for row in await asked(self.store.work.answered(since, until)):
            skill = skill_of.get(QueueName(row.queue), Skill(row.queue))
            told.setdefault(row.agent, Counter())[skill] += row.answered
        rows = [ranked_row(agent, self._subjects_of(agent), calls) for agent, calls in told.items()]
        ranked = [row for row in rows if row["subjects"]]
        answered = sum(row["answered"] for row in ranked)
        first = sum(row["first"] for row in ranked)
        return {
            "day": day,
            "goal": GOAL,
            "answered": answered,
            "first": first,
            "share": first / answered if answered else None,
            "agents": rows,
        }

    def _subjects_of(self, agent: AgentName) -> tuple[Skill, ...]:
        profile = self.shifts.desk.profiles.get(agent)
        return () if profile is None else profile.subjects


def _plan(agent: AgentName, plan: Plan) -> Plain:
    pauses = [{"reason": one.reason, "at": one.at, "seconds": one.seconds} for one in plan.pauses]
    return {"agent": agent, "begins": plan.begins, "ends": plan.ends, "pauses": pauses}
