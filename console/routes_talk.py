"""What an agent does with the talk in course, from the console; supervisors for anyone."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, StringConstraints

from console.admits import Admits, GuardedRoute, own_or_above
from console.ports import Centre, Person, Plain, Refusal, Role, TalkActs
from console.shapes import NAME, PROSE, REFUSED, AgentInPath, Body, Words
from terms.limits import REASON_CHARACTERS
from terms.names import AgentName

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
AtWork = Annotated[Person, Depends(Admits(Role.AGENT, Role.SUPERVISOR, Role.ADMIN))]

Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR))]
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
SupervisionInPath = Annotated[str, Path(pattern=r"^[0-9]+-s[0-9]+$")]

Target = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class Consult(Body):
    """A quem perguntar: um agente, o próximo de uma fila, ou um número da lista."""

    kind: Literal["agente", "fila", "externo"]
    to: Target


class TalkTransfer(Body):
    """Para onde vai o cidadão. `returns`: do fim da etapa ele volta à fila; senão, a chamada
    acaba."""

    kind: Literal["fila", "agente", "etapa", "externo"]
    to: Target
    returns: bool = False


class MoreProtocol(Body):
    """Do que trata o novo protocolo."""

    note: Words = Field(default="")


class Beside(Body):
    """Como acompanhar uma conversa, e por quê. `phone`: outro telefone que o do próprio nome."""

    mode: Literal["ouvir", "sussurrar", "entrar"]
    reason: Annotated[
        str, StringConstraints(min_length=3, max_length=REASON_CHARACTERS, pattern=PROSE)
    ]
    phone: Annotated[str, StringConstraints(pattern=f"{NAME}|^$")] = ""


@routes.get("/destinations", summary="Para onde uma conversa pode ir")
async def destinations(who: AtWork, request: Request) -> Plain:
    """Filas e números da lista; os de emergência, só com consulta."""
    return _talks(request).destinations()


@routes.post("/agents/{name}/talk/{act}", summary="Espera, volta, completar, conferência")
async def act(
    name: AgentInPath,
    act: Literal["hold", "unhold", "complete", "back", "conference"],
    who: AtWork,
    request: Request,
) -> Plain:
    """Agentes, só por si mesmos. `hold`: o cidadão ouve música; `unhold` e `back`: os dois juntos
    de novo; `complete`: o cidadão fica com quem foi consultado; `conference`: os três."""
    own_or_above(who, name)
    return await _talks(request).act(AgentName(name), act, by=who.name)


@routes.post("/agents/{name}/consult", summary="Consulta outra pessoa, com o cidadão em espera")
async def consult(name: AgentInPath, body: Consult, who: AtWork, request: Request) -> Plain:
    """Responde já; a outra pessoa ainda pode não atender, e então os dois voltam a falar."""
    own_or_above(who, name)
    return await _talks(request).consult(AgentName(name), body.kind, body.to, by=who.name)


@routes.post("/agents/{name}/transfer", summary="Transfere o cidadão, e o agente sai")
async def transfer(name: AgentInPath, body: TalkTransfer, who: AtWork, request: Request) -> Plain:
    """Protocolo, caminho e o que foi digitado vão junto; o lugar na fila conta desde que a chamada
    esperou pela primeira vez. Para 190, 192, 193, só com consulta."""
    own_or_above(who, name)
    acts = _talks(request)
    return await acts.transfer(AgentName(name), body.kind, body.to, body.returns, by=who.name)


@routes.post("/agents/{name}/protocol", summary="Mais um protocolo na mesma chamada")
async def protocol(
    name: AgentInPath, body: MoreProtocol, who: AtWork, request: Request
) -> dict[str, Any]:
    """Para outro pedido do mesmo cidadão; fica ligado à chamada, e ele o ouve no fim."""
    own_or_above(who, name)
    return dict(await _talks(request).protocol(AgentName(name), body.note, by=who.name))


@routes.post("/agents/{name}/supervise", summary="Ouvir, sussurrar ao agente, ou entrar")
async def supervise(name: AgentInPath, body: Beside, who: Supervisor, request: Request) -> Plain:
    """Toca o telefone do supervisor (a conta de mesmo nome, ou `phone`). Todo acompanhamento tem
    motivo e fica registrado com quem, quando e até quando; acaba com a conversa."""
    phone = AgentName(body.phone or who.name)
    shown = request.app.state.centre.screen(AgentName(name)).get("shown")
    if shown and not who.sees_numbers.of([shown["line"]], [shown["queue"]]):
        raise Refusal(403, "esta conversa está fora do seu recorte de linhas e filas")
    return await _talks(request).supervise(
        AgentName(name), phone, body.mode, body.reason, by=who.name
    )


@routes.get("/supervisions", summary="Quem acompanha qual conversa agora")
async def supervisions(who: Overseer, request: Request) -> dict[str, Any]:
    """Os acompanhamentos em curso, com o motivo de cada um."""
    return {"supervisions": list(_talks(request).supervisions())}


@routes.post("/supervisions/{supervision}/end", summary="O supervisor deixa a conversa")
async def leave(supervision: SupervisionInPath, who: Supervisor, request: Request) -> Plain:
    """Também acaba quando o supervisor desliga."""
    return await _talks(request).leave(supervision)


def _talks(request: Request) -> TalkActs:
    centre: Centre = request.app.state.centre
    return centre.talks
