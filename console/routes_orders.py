"""What supervisors order in a hurry: storm mode, a queue's rules for now, numbers under suspicion.

Every order has a reason and an end, and a fact that says by whom it was given and taken back.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, StringConstraints

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Orders, Person, Plain, Refusal, Role
from console.shapes import PROSE, REFUSED, SKILL, Body, CallInPath, LineInPath, Moment
from terms.limits import (
    QUEUE_PRIORITY_MAX,
    REASON_CHARACTERS,
    RING_SECONDS_MAX,
    SPOKEN_CHARACTERS,
    WRAP_UP_SECONDS_MAX,
)
from terms.names import ANONYMOUS

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN))]
AtWork = Annotated[Person, Depends(Admits(Role.AGENT, Role.SUPERVISOR, Role.ADMIN))]

Reason = Annotated[str, StringConstraints(max_length=REASON_CHARACTERS, pattern=PROSE)]
QueueInPath = Annotated[str, Path(pattern=SKILL, description="Fila", examples=["p156_geral"])]
NUMBER = r"^[0-9+() .-]{3,40}$"


class Storm(Body):
    """O modo tempestade de uma linha: por quê, até quando (sem isso: 6 horas), e o que se diz."""

    on: bool
    reason: Reason = ""
    until: Moment | None = None
    message: Annotated[str, StringConstraints(max_length=SPOKEN_CHARACTERS)] = ""


class QueueRules(Body):
    """O que muda numa fila, por quê e até quando (sem isso: 6 horas)."""

    priority: Annotated[int, Field(ge=0, le=QUEUE_PRIORITY_MAX)] | None = None
    ring_seconds: Annotated[float, Field(ge=1, le=RING_SECONDS_MAX)] | None = None
    wrap_up_seconds: Annotated[float, Field(ge=0, le=WRAP_UP_SECONDS_MAX)] | None = None
    wide: bool = False
    reason: Reason
    until: Moment | None = None


class NewMark(Body):
    """Uma marca num número: suspeita (o agente é avisado) ou bloqueio (só na linha 156)."""

    phone: Annotated[str, StringConstraints(pattern=NUMBER)]
    mark: Literal["suspect", "block"] = "suspect"
    reason: Reason
    until: Moment | None = None


class MarkOver(Body):
    """De que número sai que marca: o número, ou o id da lista."""

    which: Annotated[str, StringConstraints(pattern=r"^[0-9a-f+() .-]{3,40}$")]
    mark: Literal["suspect", "block"] = "suspect"


class Suspicion(Body):
    """Por que esta ligação parece trote."""

    reason: Reason


@routes.put("/lines/{line}/storm", summary="Liga ou desliga o modo tempestade de uma linha")
async def storm(line: LineInPath, body: Storm, who: Supervisor, request: Request) -> Plain:
    """Menu resumido, mensagem, agentes de reserva e fim das ligações de saída, de uma vez; acaba
    sozinho. As pausas valem como sempre."""
    orders = _orders(request)
    return await orders.storms.storm(line, body.on, body.reason, body.until, who.name, body.message)


@routes.get("/orders", summary="O que está ordenado agora: tempestades e regras de filas")
async def ordered(who: Overseer, request: Request) -> dict[str, Any]:
    """Cada ordem com quem a deu, por quê e até quando."""
    orders = _orders(request)
    return {"storms": list(orders.storms.ordered()), "queues": list(orders.queues.ordered())}


@routes.put("/queues/{queue}/rules", summary="Muda por ora a prioridade e as regras de uma fila")
async def change(queue: QueueInPath, body: QueueRules, who: Supervisor, request: Request) -> Plain:
    """A prioridade alcança quem já espera; ninguém perde o lugar. `wide`: chama já todos os anéis.
    199 e 153 seguem antes de 156 com qualquer prioridade."""
    wanted = body.model_dump(include={"priority", "ring_seconds", "wrap_up_seconds", "wide"})
    return await _orders(request).queues.change(queue, wanted, body.reason, body.until, who.name)


@routes.delete("/queues/{queue}/rules", summary="Volta às regras publicadas de uma fila")
async def reset(queue: QueueInPath, who: Supervisor, request: Request) -> Plain:
    """Já."""
    return await _orders(request).queues.reset(queue, by=who.name)


@routes.get("/numbers", summary="Os números sob suspeita e os bloqueados na linha 156")
async def marked(who: Overseer, request: Request) -> dict[str, Any]:
    """Cada um pelos últimos algarismos e por um id; quem marcou, por quê e até quando."""
    return {"numbers": list(_orders(request).numbers.marked())}


@routes.post("/numbers", summary="Marca um número como suspeito, ou o bloqueia", status_code=201)
async def mark(body: NewMark, who: Supervisor, request: Request) -> Plain:
    """Suspeita: o agente é avisado. Bloqueio: só na linha 156, com motivo e fim; 199 e 153 atendem
    sempre."""
    numbers = _orders(request).numbers
    return await numbers.mark(body.phone, body.mark, body.reason, body.until, who.name)


@routes.post("/numbers/removal", summary="Tira a marca de um número")
async def unmark(body: MarkOver, who: Supervisor, request: Request) -> Plain:
    """Todas as marcas desse tipo, do número ou do id."""
    return await _orders(request).numbers.unmark(body.which, body.mark, by=who.name)


@routes.post("/calls/{call}/suspicion", summary="Marca como suspeito o número de uma chamada")
async def suspect(call: CallInPath, body: Suspicion, who: AtWork, request: Request) -> Plain:
    """Sem ver o número. Um agente, só o das suas chamadas."""
    centre: Centre = request.app.state.centre
    story = await centre.story(call, reveal=True)
    theirs = story is not None and (
        who.role is not Role.AGENT or any(offer["agent"] == who.name for offer in story["offers"])
    )
    if story is None or not theirs:
        raise Refusal(404, "não há chamada com este número")
    caller = str(story["call"]["caller"])
    if caller in ("", ANONYMOUS):
        raise Refusal(409, "a chamada veio sem número")
    return await centre.orders.numbers.mark(caller, "suspect", body.reason, None, who.name)


def _orders(request: Request) -> Orders:
    centre: Centre = request.app.state.centre
    return centre.orders
