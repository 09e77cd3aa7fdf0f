"""Call-backs and tasks: who keeps a place, whom only a person may have called, what is done.

An agent may mark a call that they answered (`não pode falar`, `retorno não seguro`); taking a mark
back, cancelling and closing are a supervisor's.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import StringConstraints

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Person, Refusal, Role
from console.shapes import PROSE, REFUSED, Body, CallInPath
from terms.limits import REASON_CHARACTERS
from terms.names import CallId

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN))]
AtWork = Annotated[Person, Depends(Admits(Role.AGENT, Role.SUPERVISOR, Role.ADMIN))]
TaskInPath = Annotated[int, Path(ge=1, description="Tarefa, como `tasks list` a mostra")]


class Closing(Body):
    """Como a tarefa foi resolvida."""

    how: Annotated[
        str, StringConstraints(min_length=1, max_length=REASON_CHARACTERS, pattern=PROSE)
    ]


class Bar(Body):
    """Quem não deve receber ligação automática: não pode falar, ou o retorno não é seguro."""

    because: Literal["nao_pode_falar", "retorno_nao_seguro"]
    on: bool = True


@routes.get("/call-backs", summary="Quem guardou a vez e vai receber a ligação")
async def promised(who: Overseer, request: Request) -> dict[str, Any]:
    """Os retornos prometidos, na ordem em que serão feitos."""
    return {"call_backs": list(_centre(request).call_backs.promised(who.sees_numbers))}


@routes.post("/call-backs/{call}/cancel", summary="Não ligar mais de volta")
async def cancel(call: CallInPath, who: Supervisor, request: Request) -> dict[str, Any]:
    """O retorno prometido deixa de valer."""
    _centre(request).call_backs.cancel(CallId(call), who.name)
    return {"call": call, "cancelled": True}


@routes.post("/calls/{call}/no-call-back", summary="Só um supervisor decide se este número recebe")
async def bar(call: CallInPath, wanted: Bar, who: AtWork, request: Request) -> dict[str, Any]:
    """Vale para a chamada e para o número dela, até ser desmarcada por um supervisor."""
    centre = _centre(request)
    if who.role is Role.AGENT:
        if not wanted.on:
            raise Refusal(403, "só um supervisor desfaz esta marca")
        story = await centre.story(call, False)
        theirs = story is not None and any(one["agent"] == who.name for one in story["offers"])
        if not theirs:
            raise Refusal(404, "não há chamada com este número")
    await centre.call_backs.bar(CallId(call), wanted.because, wanted.on, who.name)
    return {"call": call, "because": wanted.because, "on": wanted.on}


@routes.post("/tasks/{task}/close", summary="Dar uma tarefa por feita")
async def close(
    task: TaskInPath, closing: Closing, who: Supervisor, request: Request
) -> dict[str, Any]:
    """Guarda quem fez, quando, e como."""
    await _centre(request).call_backs.close_task(task, closing.how, who.name)
    return {"task": task, "closed": True}


def _centre(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre
