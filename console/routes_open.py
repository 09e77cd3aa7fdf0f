"""What may be asked without a token: whether the centre works, its figures, its own description.

None of them tells of a person: /metrics has counts only, so that what reads it (Prometheus) need
not hold a token that opens more.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from console.admits import GuardedRoute, Open
from console.metrics import Figures
from console.ports import Centre, Person
from console.shapes import REFUSED, HealthAnswer

routes = APIRouter(route_class=GuardedRoute, responses=REFUSED)
Anybody = Annotated[Person, Depends(Open())]


@routes.get("/v1/health", summary="Diz se a central está pronta", response_model=HealthAnswer)
async def health(who: Anybody, request: Request, response: Response) -> dict[str, Any]:
    """Pronta (200) com o salão, o banco e a ligação com o Asterisk de pé; senão, 503."""
    centre: Centre = request.app.state.centre
    found = centre.health()
    response.status_code = 200 if found.ready else 503
    return {
        "ready": found.ready,
        "floor": found.floor,
        "store": found.store,
        "link": found.link,
        "node": found.node,
        "epoch": found.epoch,
        "mirror": found.mirror,
    }


@routes.get("/metrics", summary="Números para o Prometheus", response_class=Response)
async def metrics(who: Anybody, request: Request) -> Response:
    """Contadores e medidas no formato de texto do Prometheus; nenhum fala de uma pessoa."""
    figures: Figures = request.app.state.figures
    return Response(figures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@routes.get("/v1/openapi.json", summary="Descreve esta API (OpenAPI)")
async def openapi(who: Anybody, request: Request) -> dict[str, Any]:
    """Todas as rotas, com o que pedem e o que respondem."""
    description: dict[str, Any] = request.app.openapi()
    return description
