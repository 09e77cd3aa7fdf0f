"""What may not be done to an agent, and what the one who tried is told (Portuguese).

One function for each kind of event that somebody may be refused: (floor, agent, event, now) → the
reason, '' when it may be done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from acd import events as ev
from acd import work_events as we
from acd.agents import Agent, State, Status
from acd.moves import Moves
from acd.pauses import BATHROOM, NO_ANSWER, PAUSES, PLANNED_REASONS, Who, rule_of
from acd.rests import day_over, due_pause, logged, plan_now
from acd.shift import Plan, Planned, faults, hour, misplaced
from terms.limits import EXCEPTION_SECONDS_MAX, PLAN_AHEAD
from terms.names import Instant, Seconds

WHOSE: Final = {
    Who.AGENT: "o próprio agente",
    Who.SUPERVISOR: "um supervisor",
    Who.SYSTEM: "o sistema",
}


def refusal(floor: Moves, event: Any, now: Instant) -> str:
    """Why this event changes nothing; '' when it is carried out, or is none that is refused."""
    find = _REFUSALS.get(type(event))
    if find is None:
        return ""
    return find(floor, floor.agents.get(event.agent) or Agent(event.agent), event, now)


def _login(floor: Moves, agent: Agent, event: ev.AgentLoggedIn, now: Instant) -> str:
    if agent.blocked:
        return f"bloqueado por um supervisor: {agent.blocked}"
    if agent.leaves:
        return f"não pode entrar: {agent.leaves}"
    if _day_is_full(floor, agent, now):
        return (
            f"já trabalhou {logged(agent, now) / 3600:.1f} h neste dia; além de "
            f"{floor.work.day / 3600:.0f} h, só com exceção de um supervisor (NR-17)"
        ).replace(".", ",", 1)
    if event.seat:
        for other in floor.agents.values():
            here = other.seat == event.seat and other.logged_since is not None
            if here and other is not agent:
                return f"a posição {event.seat} está com {other.name}"
        elsewhere = agent.seat and agent.seat != event.seat and agent.logged_since is not None
        if elsewhere and agent.state in (State.OFFERED, State.TALKING):
            return f"está numa chamada na posição {agent.seat}; entre aqui depois dela"
    return _not_back(agent, event.who, now) if agent.status is Status.PAUSED else ""


def _day_is_full(floor: Moves, agent: Agent, now: Instant) -> bool:
    if not floor.work.day or agent.logged_since is not None or agent.exempt_until > now:
        return False
    return _worked_today(floor, agent, now) >= floor.work.day


def _worked_today(floor: Moves, agent: Agent, now: Instant) -> Seconds:
    """Seconds logged in on the day at work that a login now belongs to."""
    return 0.0 if day_over(agent, floor.work.between_days, now) else logged(agent, now)


def _logout(floor: Moves, agent: Agent, event: ev.AgentLoggedOut, now: Instant) -> str:
    return "" if event.who is Who.AGENT else _cut(agent, now)


def _cut(agent: Agent, now: Instant) -> str:
    """Why the pause in course, or about to be, is nobody's to end; '' when it is none such."""
    pause = agent.pause
    if pause is None or not rule_of(pause.reason).protected:
        return ""
    if pause.ends is None:
        return f"a pausa {pause.reason} começa quando a chamada terminar; ninguém a tira (NR-17)"
    return f"a pausa {pause.reason} vai até {hour(pause.ends)} e não pode ser cortada (NR-17)"


def _pause(floor: Moves, agent: Agent, event: ev.AgentPaused, now: Instant) -> str:
    rule = PAUSES.get(event.reason)
    if rule is None:
        known = ", ".join(reason for reason in PAUSES if reason != NO_ANSWER)
        return f"não há pausa com este motivo; há: {known}"
    if event.who not in rule.begun_by:
        allowed = " ou ".join(WHOSE[who] for who in Who if who in rule.begun_by)
        return f"a pausa {event.reason} só pode ser dada por: {allowed}"
    if agent.status is Status.LOGGED_OUT:
        return ""
    if event.reason not in (BATHROOM, agent.reason) and (because := _cut(agent, now)):
        return because
    runs = agent.status is Status.PAUSED and agent.reason == event.reason
    return "" if runs or event.reason not in PLANNED_REASONS else _early(floor, agent, event, now)


def _early(floor: Moves, agent: Agent, event: ev.AgentPaused, now: Instant) -> str:
    """A planned pause taken at another time than planned must be lawful there, too."""
    if event.reason in agent.taken:
        return f"a pausa {event.reason} deste turno já foi feita"
    due = due_pause(agent, now)
    if due is not None and due.reason == event.reason:
        return ""
    plan = plan_now(agent, now)
    if plan is not None:
        return misplaced(plan.begins, plan.ends, Planned(now, event.reason))
    if not floor.work.day or agent.logged_since is None:
        return ""
    began = agent.spells[0][0] if agent.spells else agent.logged_since
    return misplaced(began, began + floor.work.day, Planned(now, event.reason))


def _resume(floor: Moves, agent: Agent, event: ev.AgentResumed, now: Instant) -> str:
    return _not_back(agent, event.who, now) if agent.status is Status.PAUSED else ""


def _not_back(agent: Agent, who: Who, now: Instant) -> str:
    if because := _cut(agent, now):
        return because
    rule = rule_of(agent.reason)
    if who in rule.ended_by:
        return ""
    allowed = " ou ".join(WHOSE[one] for one in Who if one in rule.ended_by)
    return f"a pausa {agent.reason} só é terminada por: {allowed}"


def _plan(floor: Moves, agent: Agent, event: we.ShiftPlanned, now: Instant) -> str:
    if wrong := faults(event.plan):
        return "o plano não serve: " + "; ".join(wrong)
    if event.plan.ends <= now:
        return "o turno do plano já terminou"
    if event.plan.begins > now + PLAN_AHEAD:
        return f"planos vão até {PLAN_AHEAD / 86_400:.0f} dias à frente"
    before = plan_now(agent, now)
    if event.who is Who.AGENT:
        return "o plano é feito por um supervisor"
    if before is None or agent.logged_since is None:
        return ""
    return next(filter(None, (_later(agent, one, event.plan) for one in before.pauses)), "")


def _later(agent: Agent, one: Planned, plan: Plan) -> str:
    """In a shift that has begun nobody but the agent puts a pause off (R42)."""
    planned = plan.of(one.reason)
    if one.reason in agent.taken or (planned is not None and planned.at <= one.at):
        return ""
    return f"o turno já começou: a pausa {one.reason} das {hour(one.at)} só o agente pode adiar"


def _postpone(floor: Moves, agent: Agent, event: we.PausePostponed, now: Instant) -> str:
    if event.who is not Who.AGENT:
        return "só o próprio agente pode adiar a pausa (NR-17)"
    plan = plan_now(agent, now)
    one = plan.of(event.reason) if plan is not None else None
    if plan is None or one is None or event.reason in agent.taken:
        return f"não há pausa {event.reason} a fazer neste turno"
    if event.at < max(one.at, now):
        return "adiar é para mais tarde"
    wrong = misplaced(plan.begins, plan.ends, Planned(event.at, event.reason))
    if wrong:
        return wrong
    others = faults(plan.moved(event.reason, event.at))
    return others[0] if others else ""


def _mark(floor: Moves, agent: Agent, event: we.CallMarked, now: Instant) -> str:
    return "" if agent.last_call or agent.call else "não há chamada para marcar"


def _more(floor: Moves, agent: Agent, event: we.WrapUpExtended, now: Instant) -> str:
    if agent.state is not State.WRAP_UP:
        return "não está em pós-atendimento"
    if agent.wrap_up_more + floor.work.wrap_up_more > floor.work.wrap_up_more_max:
        return "o pós-atendimento já foi estendido até o limite"
    return ""


def _exception(floor: Moves, agent: Agent, event: we.HoursExcepted, now: Instant) -> str:
    if not event.because.strip():
        return "uma exceção à jornada precisa de um motivo"
    if not now < event.until <= now + EXCEPTION_SECONDS_MAX:
        return f"uma exceção vale por até {EXCEPTION_SECONDS_MAX / 3600:.0f} horas (CLT, art. 59)"
    longest, before = floor.work.day + EXCEPTION_SECONDS_MAX, _worked_today(floor, agent, now)
    if floor.work.day and before + event.until - now > longest:  # however many there are
        return (
            f"com exceções, um dia tem até {longest / 3600:.0f} horas (CLT, art. 59); "
            f"cabe até {hour(now + longest - before)}"
            if before < longest
            else f"com exceções, um dia tem até {longest / 3600:.0f} horas (CLT, art. 59)"
        )
    return ""


def _block(floor: Moves, agent: Agent, event: we.AgentBlocked, now: Instant) -> str:
    return "" if event.because.strip() else "um bloqueio precisa de um motivo"


_REFUSALS: Final[dict[type, Callable[..., str]]] = {
    ev.AgentLoggedIn: _login,
    ev.AgentLoggedOut: _logout,
    ev.AgentPaused: _pause,
    ev.AgentResumed: _resume,
    we.ShiftPlanned: _plan,
    we.PausePostponed: _postpone,
    we.CallMarked: _mark,
    we.WrapUpExtended: _more,
    we.HoursExcepted: _exception,
    we.AgentBlocked: _block,
}
