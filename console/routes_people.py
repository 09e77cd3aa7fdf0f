"""Agents and persons: who answers, who may ask, and what each does now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from console.admits import Admits, GuardedRoute, own_or_above
from console.ports import Centre, Person, Plain, Refusal, Role
from console.shapes import (
    REFUSED,
    AgentInPath,
    Login,
    Logout,
    NewAgent,
    NewPerson,
    NewPhone,
    NewToken,
    Pause,
    PersonInPath,
)
from console.streams import EventStream, screen_events
from terms.names import AgentName

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
Admin = Annotated[Person, Depends(Admits(Role.ADMIN))]
AdminOrAuditor = Annotated[Person, Depends(Admits(Role.ADMIN, Role.AUDITOR))]
AtWork = Annotated[Person, Depends(Admits(Role.AGENT, Role.SUPERVISOR, Role.ADMIN))]


@routes.get("/agents", summary="Os agentes e a situação de cada um")
async def agents(who: Overseer, request: Request) -> dict[str, Any]:
    """Nome, habilidades, situação (o que a pessoa escolheu) e estado (o que acontece)."""
    return {"agents": list(await _centre(request).agents())}


@routes.post(
    "/agents",
    summary="Cria um agente e a conta do telefone dele",
    status_code=201,
    response_model=NewPhone,
)
async def add_agent(body: NewAgent, who: Admin, request: Request) -> dict[str, Any]:
    """A senha do telefone só aparece nesta resposta: dela fica guardado apenas um resumo."""
    centre, name = _centre(request), AgentName(body.name)
    if strange := sorted(set(body.subjects) - set(body.skills)):
        raise Refusal(422, f"assunto sem a habilidade: {', '.join(strange)}")
    account = await centre.add_agent(name, body.full_name or body.name, body.skills, by=who.name)
    if body.subjects or body.reserve:
        wanted = {"subjects": body.subjects, "reserve": body.reserve}
        await centre.work.move(name, wanted, "agente novo", by=who.name)
    return {
        "agent": account.agent,
        "password": account.password,
        "server": account.server,
        "port": account.port,
    }


@routes.post("/agents/{name}/login", summary="O agente começa a receber chamadas")
async def login(
    name: AgentInPath, who: AtWork, request: Request, body: Login | None = None
) -> Plain:
    """Agentes, só por si mesmos; supervisores e admins, por qualquer um. Vale o último login: quem
    entra noutra posição sai da anterior, a menos que esteja numa chamada."""
    own_or_above(who, name)
    seat = body.seat if body is not None else ""
    _centre(request).work.log_in(AgentName(name), seat, by=who.name)
    return _centre(request).screen(AgentName(name))


@routes.post("/agents/{name}/logout", summary="O agente deixa de receber chamadas")
async def logout(
    name: AgentInPath, who: AtWork, request: Request, body: Logout | None = None
) -> Plain:
    """Uma conversa em curso continua."""
    own_or_above(who, name)
    because = body.because if body is not None else ""
    _centre(request).log_out(AgentName(name), by=who.name, because=because)
    return _centre(request).screen(AgentName(name))


@routes.post("/agents/{name}/pause", summary="O agente entra em pausa")
async def pause(name: AgentInPath, body: Pause, who: AtWork, request: Request) -> Plain:
    """Uma conversa em curso continua; a pausa começa quando ela terminar."""
    own_or_above(who, name)
    _centre(request).pause(AgentName(name), body.reason, by=who.name)
    return _centre(request).screen(AgentName(name))


@routes.post("/agents/{name}/resume", summary="O agente volta da pausa")
async def resume(name: AgentInPath, who: AtWork, request: Request) -> Plain:
    """Também depois da pausa que segue uma chamada não atendida."""
    own_or_above(who, name)
    _centre(request).resume(AgentName(name), by=who.name)
    return _centre(request).screen(AgentName(name))


@routes.post("/agents/{name}/ready", summary="O agente termina o pós-atendimento antes do tempo")
async def ready(name: AgentInPath, who: AtWork, request: Request) -> Plain:
    """Quem não está em pós-atendimento fica como está."""
    own_or_above(who, name)
    _centre(request).end_wrap_up(AgentName(name), by=who.name)
    return _centre(request).screen(AgentName(name))


@routes.get(
    "/agents/{name}/watch",
    summary="A tela do agente ao vivo (server-sent events)",
    response_class=EventStream,
)
async def watch(name: AgentInPath, who: AtWork, request: Request) -> EventStream:
    """Eventos `screen`: a situação do agente e a chamada que lhe é oferecida ou que atende. O que
    o cidadão digitou é mascarado para quem administra sem atender."""
    own_or_above(who, name)
    agent = AgentName(name)
    _centre(request).screen(agent)  # 404 before the stream begins
    audience = request.app.state.audience
    box = audience.join(who, agent)
    reveal = who.role is Role.AGENT or who.sees_numbers  # an agent's own, by the line above
    return EventStream(screen_events(_centre(request), audience, box, agent, reveal))


@routes.get("/persons", summary="As pessoas que podem usar a central")
async def persons(who: AdminOrAuditor, request: Request) -> dict[str, Any]:
    """Nome, papel e desde quando; nunca o token."""
    return {"persons": list(await _centre(request).persons())}


@routes.post(
    "/persons",
    summary="Dá um token a uma pessoa",
    status_code=201,
    response_model=NewToken,
)
async def add_person(body: NewPerson, who: Admin, request: Request) -> dict[str, Any]:
    """O token só aparece nesta resposta. O de um agente vale para o agente de mesmo nome."""
    scope = (body.lines, body.queues)
    token = await _centre(request).add_person(body.name, body.role, who.name, *scope)
    return {"name": body.name, "role": body.role, "token": token}


@routes.post("/persons/{name}/revoke", summary="Tira o token de uma pessoa")
async def revoke_person(name: PersonInPath, who: Admin, request: Request) -> dict[str, Any]:
    """Vale já: o que ela acompanhava ao vivo acaba."""
    await _centre(request).revoke_person(name, by=who.name)
    return {"name": name, "revoked": True}


def _centre(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre
