"""The floor and the calls: what is, and what was."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from console.admits import EVERYBODY, Admits, GuardedRoute
from console.ports import Centre, Person, Plain, Refusal, Role
from console.shapes import REFUSED, CallInPath, ProtocolInPath
from console.streams import EventStream, floor_events
from terms.facts import Kind
from terms.names import AgentName
from terms.protocol_number import is_protocol

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
Everybody = Annotated[Person, Depends(Admits(*EVERYBODY))]
SUPERVISION = frozenset(
    {Kind.SUPERVISION_BEGAN, Kind.SUPERVISION_ENDED, Kind.RECORDING_HEARD}
    | {Kind.RECORDING_HELD, Kind.RECORDING_RELEASED, Kind.RECORDING_ERASED}
)
"""Who watched a call, then or later, and why."""


@routes.get("/floor", summary="O salão agora: quem espera, quem fala, quem está disponível")
async def floor(who: Overseer, request: Request) -> Plain:
    """Filas, chamadas e agentes neste instante; sem números de telefone."""
    return _centre(request).floor()


@routes.get(
    "/floor/events",
    summary="O salão ao vivo (server-sent events)",
    response_class=EventStream,
)
async def events(who: Overseer, request: Request) -> EventStream:
    """Eventos `floor` (o salão inteiro) e `fact` (cada fato, sem dados pessoais)."""
    audience = request.app.state.audience
    return EventStream(floor_events(audience, audience.join(who)))


@routes.get("/calls", summary="Chamadas em curso")
async def calls(who: Overseer, request: Request) -> dict[str, Any]:
    """As chamadas sem fim gravado, por ordem de chegada."""
    return {"calls": list(await _centre(request).open_calls(who.sees_numbers))}


@routes.get("/calls/{call}", summary="Tudo o que está gravado de uma chamada")
async def call_story(call: CallInPath, who: Everybody, request: Request) -> Plain:
    """Fatos, ofertas (com o porquê), gravações e tarefas. Um agente só vê as suas chamadas."""
    return await _story(_centre(request), call, who)


@routes.get("/protocols/{number}", summary="Tudo o que está gravado de um protocolo")
async def protocol_story(number: ProtocolInPath, who: Everybody, request: Request) -> Plain:
    """O mesmo que `/v1/calls/{call}`, pelo número que o cidadão recebeu."""
    return await _story(_centre(request), _checked(number), who)


@routes.get("/calls/{call}/why", summary="Por que uma chamada foi para quem foi")
async def call_why(call: CallInPath, who: Everybody, request: Request) -> Plain:
    """Cada escolha: quem foi chamado, quem ficou de fora e por quê, que regra decidiu; ofertas,
    esperas ditas, transferências. Um agente só vê as suas chamadas, e nenhum outro agente."""
    return await _why(_centre(request), call, who)


@routes.get(
    "/protocols/{number}/why", summary="Por que a chamada de um protocolo foi para quem foi"
)
async def protocol_why(number: ProtocolInPath, who: Everybody, request: Request) -> Plain:
    """O mesmo que `/v1/calls/{call}/why`, pelo número que o cidadão recebeu."""
    return await _why(_centre(request), _checked(number), who)


@routes.get("/tasks", summary="O que ainda há a fazer, como retornos a cidadãos")
async def tasks(
    who: Overseer,
    request: Request,
    open_only: Annotated[bool, Query(alias="open", description="só as que faltam")] = True,
) -> dict[str, Any]:
    """As de 199 e 153 primeiro."""
    found = await _centre(request).tasks(open_only, who.sees_numbers)
    return {"tasks": list(found)}


async def _story(centre: Centre, which: str, who: Person) -> Plain:
    """A call's story. An agent is told of others' calls what is said of calls that never were."""
    story = await centre.story(which, who.sees_numbers)
    theirs = story is not None and (
        who.role is not Role.AGENT or any(offer["agent"] == who.name for offer in story["offers"])
    )
    if story is None or not theirs:
        raise Refusal(404, "não há chamada com este número")
    return _unwatched(story) if who.role is Role.AGENT else story


def _unwatched(story: Plain) -> Plain:
    """The story without who listened in: nothing that an agent is told."""
    facts = [fact for fact in story["facts"] if fact["kind"] not in SUPERVISION]
    return {**story, "facts": facts}


async def _why(centre: Centre, which: str, who: Person) -> Plain:
    found = await centre.why(which, AgentName(who.name) if who.role is Role.AGENT else None)
    if found is None:
        raise Refusal(404, "não há chamada com este número")
    return found


def _checked(number: str) -> str:
    """The protocol's digits."""
    digits = "".join(character for character in number if character.isdigit())
    if not is_protocol(digits):
        raise Refusal(404, "este protocolo não existe: o dígito verificador não confere")
    return digits


def _centre(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre
