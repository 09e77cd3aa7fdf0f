"""The ways out: how they stand, and rotas.yaml taken in anew."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Person, Role
from console.ports_trunks import TrunksPort
from console.shapes import REFUSED

routes = APIRouter(prefix="/v1/trunks", route_class=GuardedRoute, responses=REFUSED)
Admin = Annotated[Person, Depends(Admits(Role.ADMIN))]
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]


@routes.get("", summary="As rotas de saída: o que levam agora, no dia e no mês")
async def standing(person: Overseer, request: Request) -> dict[str, Any]:
    """Por rota e por operadora; os avisos são os da Anatel (80 e 100 % do mês, chamadas curtas)."""
    return dict(await _trunks(request).standing())


@routes.post("/reload", summary="Pôr em vigor o rotas.yaml, sem tocar nas ligações em curso")
async def reload(person: Admin, request: Request) -> dict[str, Any]:
    """Com erros no arquivo, ou sem resposta do Asterisk, vale o que valia."""
    return dict(await _trunks(request).reload(person.name))


def _trunks(request: Request) -> TrunksPort:
    centre: Centre = request.app.state.centre
    return centre.trunks
