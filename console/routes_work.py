"""Agents at work: shifts, pauses, hours, results, and what supervisors do to agents.

Agents act for themselves alone; every act of somebody else's has a reason, and a fact with both.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field, StringConstraints

from console.admits import Admits, GuardedRoute, own_or_above
from console.ports import Centre, Person, Plain, Role
from console.ports_work import Work
from console.shapes import PROSE, REFUSED, SKILL, AgentInPath, Body, Moment, Name, Skill, Words
from terms.limits import REASON_CHARACTERS
from terms.names import AgentName

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN))]
AtWork = Annotated[Person, Depends(Admits(Role.AGENT, Role.SUPERVISOR, Role.ADMIN))]

SHIFTS_AT_ONCE = 2_000
Reason = Annotated[str, StringConstraints(max_length=REASON_CHARACTERS, pattern=PROSE)]
Day = Annotated[
    str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Dia", examples=["2026-11-25"])
]
Hour = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
SeatInPath = Annotated[str, Path(pattern=SKILL, description="Posição", examples=["pa-017"])]


class PlannedPause(Body):
    """Uma pausa do plano: o motivo e quando começa."""

    reason: Words
    at: Moment


class Shift(Body):
    """Um turno; sem pausas, as propostas."""

    begins: Moment
    ends: Moment
    pauses: list[PlannedPause] = Field(default=[], max_length=10)


class ShiftOf(Body):
    """O turno de um agente, para propor as pausas."""

    agent: Name
    begins: Moment
    ends: Moment


class Shifts(Body):
    """Turnos a planejar de uma vez; `keep`: as propostas valem já."""

    shifts: list[ShiftOf] = Field(min_length=1, max_length=SHIFTS_AT_ONCE)
    keep: bool = False


class Postponed(Body):
    """A pausa planejada e a hora para a qual fica."""

    reason: Words
    at: Moment


class Result(Body):
    """O resultado de uma chamada, da lista fechada."""

    code: Words


class Because(Body):
    """Por quê."""

    because: Reason


class HoursException(Body):
    """Até quando, e o motivo legal."""

    until: Moment
    because: Reason


class Moved(Body):
    """Habilidades com nível (1 é o melhor), assuntos por ordem, reserva; o que falta fica."""

    skills: dict[Skill, Annotated[int, Field(ge=1, le=9)]] | None = Field(None, max_length=32)
    subjects: list[Skill] | None = Field(None, max_length=3)
    reserve: bool | None = None
    because: Reason = ""


class SeatHoursBody(Body):
    """Das … às …, em que dias (1 = segunda-feira … 7 = domingo)."""

    opens: Hour
    closes: Hour
    days: Annotated[str, StringConstraints(pattern=r"^[1-7]{1,7}$")] = "1234567"


@routes.get("/pause-reasons", summary="Os motivos de pausa e os resultados que há")
async def reasons(who: AtWork, request: Request) -> dict[str, Any]:
    """A lista fechada: quanto dura cada pausa, quem a dá e quem a termina, e o código."""
    work = _work(request)
    return {"reasons": list(work.reasons()), "results": list(work.results())}


@routes.get("/agents/{name}/day", summary="O turno, as pausas e as horas de um agente hoje")
async def day(name: AgentInPath, who: AtWork, request: Request) -> Plain:
    """Pausas planejadas e feitas, tempo logado, até quando pode trabalhar."""
    own_or_above(who, name)
    return _work(request).day_of(AgentName(name))


@routes.post("/agents/{name}/more-time", summary="Mais tempo de pós-atendimento")
async def more_time(name: AgentInPath, who: AtWork, request: Request) -> Plain:
    """Até o limite; o agente pede."""
    own_or_above(who, name)
    _work(request).more_time(AgentName(name), by=who.name)
    return _screen(request, name)


@routes.post("/agents/{name}/abusive", summary="A chamada foi abusiva: pausa «desgaste» depois")
async def abusive(name: AgentInPath, who: AtWork, request: Request) -> Plain:
    """A chamada em curso, ou a última."""
    own_or_above(who, name)
    _work(request).abusive(AgentName(name), by=who.name)
    return _screen(request, name)


@routes.post("/agents/{name}/result", summary="O resultado da chamada")
async def result(name: AgentInPath, body: Result, who: AtWork, request: Request) -> Plain:
    """Da chamada em curso, ou da última; a última palavra vale."""
    own_or_above(who, name)
    return _work(request).result(AgentName(name), body.code, by=who.name)


@routes.post("/agents/{name}/postpone", summary="O agente adia uma pausa planejada")
async def postpone(name: AgentInPath, body: Postponed, who: AtWork, request: Request) -> Plain:
    """Só o próprio agente, e nunca para os últimos 60 minutos."""
    own_or_above(who, name)
    _work(request).postpone(AgentName(name), body.reason, body.at, by=who.name)
    return _work(request).day_of(AgentName(name))


@routes.put("/agents/{name}/plan", summary="O turno e as pausas de um agente")
async def plan(name: AgentInPath, body: Shift, who: Supervisor, request: Request) -> Plain:
    """Um plano que a NR-17 não permite é recusado, com o motivo."""
    return _work(request).plan(AgentName(name), body.model_dump(), by=who.name)


@routes.post("/plans", summary="Propõe as pausas de vários turnos, escalonadas")
async def plans(body: Shifts, who: Supervisor, request: Request) -> dict[str, Any]:
    """Com `keep`, as propostas valem já."""
    shifts = [one.model_dump() for one in body.shifts]
    return {"plans": list(_work(request).propose(shifts, body.keep, by=who.name))}


@routes.patch("/agents/{name}/skills", summary="Muda as habilidades de um agente")
async def move(name: AgentInPath, body: Moved, who: Supervisor, request: Request) -> Plain:
    """Vale já, e depois de um reinício; uma conversa em curso continua."""
    wanted = body.model_dump(exclude={"because"}, exclude_none=True)
    return await _work(request).move(AgentName(name), wanted, body.because, by=who.name)


@routes.post("/agents/{name}/exception", summary="Deixa trabalhar além das 6 horas do dia")
async def exception(
    name: AgentInPath, body: HoursException, who: Supervisor, request: Request
) -> Plain:
    """Com o motivo legal, que fica gravado."""
    _work(request).except_hours(AgentName(name), body.until, body.because, by=who.name)
    return _work(request).day_of(AgentName(name))


@routes.post("/agents/{name}/block", summary="Bloqueia um agente")
async def block(name: AgentInPath, body: Because, who: Supervisor, request: Request) -> Plain:
    """Sai depois da chamada em curso e não entra até ser liberado."""
    _work(request).block(AgentName(name), body.because, by=who.name)
    return _screen(request, name)


@routes.post("/agents/{name}/release", summary="Libera um agente bloqueado")
async def release(name: AgentInPath, who: Supervisor, request: Request) -> Plain:
    """Ele pode entrar de novo."""
    _work(request).release(AgentName(name), by=who.name)
    return _screen(request, name)


@routes.get("/seats", summary="As posições que têm horário")
async def seats(who: Overseer, request: Request) -> dict[str, Any]:
    """Quem não tem horário aqui pode ser ocupada a qualquer hora."""
    return {"seats": list(await _work(request).seats())}


@routes.put("/seats/{seat}", summary="O horário de uma posição")
async def set_seat(
    seat: SeatInPath, body: SeatHoursBody, who: Supervisor, request: Request
) -> Plain:
    """Fora dele ninguém entra nessa posição; quem já está continua."""
    work = _work(request)
    return work.set_seat(seat, body.opens, body.closes, body.days, by=who.name)


@routes.get("/pauses", summary="As pausas de um dia, para a inspeção do trabalho")
async def pauses(day: Day, who: Overseer, request: Request) -> dict[str, Any]:
    """Agente, motivo, horas planejada e real, por quem; também as que não foram feitas."""
    return {"day": day, "pauses": list(await _work(request).pauses(day))}


@routes.get("/hours", summary="As horas de um dia")
async def hours(day: Day, who: Overseer, request: Request) -> dict[str, Any]:
    """Entradas, saídas, tempo logado e exceções de cada agente."""
    return {"day": day, "hours": list(await _work(request).hours(day))}


@routes.get("/subjects", summary="A regra dos 80 %: chamadas no primeiro assunto de cada agente")
async def subjects(day: Day, who: Overseer, request: Request) -> Plain:
    """Por agente e no todo; a meta é 80 %."""
    return await _work(request).subjects(day)


def _work(request: Request) -> Work:
    centre: Centre = request.app.state.centre
    return centre.work


def _screen(request: Request, name: str) -> Plain:
    centre: Centre = request.app.state.centre
    return centre.screen(AgentName(name))
