"""The API, put together: routes, guard, and what an error looks like.

Guard (size, origin, who asked) → route → Admits (token, role) → the route's own function
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from console import routes_floor, routes_open, routes_people
from console.audience import Audience
from console.guard import Guard
from console.metrics import Figures
from console.ports import Centre, Refusal

log = logging.getLogger(__name__)

SAID = {
    HTTPStatus.BAD_REQUEST: "pedido malformado",
    HTTPStatus.NOT_FOUND: "não há nada neste endereço",
    HTTPStatus.METHOD_NOT_ALLOWED: "este endereço não aceita este método",
}
"""What we say for what the framework says in English."""


def build_app(centre: Centre) -> FastAPI:
    """The API of this centre. `close_app` ends what it started."""
    app = FastAPI(
        title="Central 156",
        version="1",
        description="A central das linhas 156, 199 e 153. Token em `Authorization: Bearer`.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.centre = centre
    app.state.audience = Audience(centre)
    app.state.figures = Figures(centre)
    for part in (routes_open, routes_floor, routes_people):
        app.router.routes.extend(part.routes.routes)  # as they are: each has stated whom it admits
    app.add_middleware(Guard)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _said_in_english)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _broken)
    return app


def close_app(app: FastAPI) -> None:
    """End all streams, and what reads facts."""
    app.state.audience.close()
    app.state.figures.close()


async def _refused(request: Request, refusal: Exception) -> JSONResponse:
    assert isinstance(refusal, Refusal)
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse({"erro": refusal.text}, refusal.status, headers=headers)


async def _said_in_english(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    text = SAID.get(HTTPStatus(error.status_code), HTTPStatus(error.status_code).phrase)
    return JSONResponse({"erro": text}, error.status_code, headers=error.headers)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Which fields are wrong; never what stood in them, which may be personal."""
    assert isinstance(error, RequestValidationError)
    fields = sorted({_field(one["loc"]) for one in error.errors()})
    text = "valor inválido ou ausente: " + ", ".join(fields)
    return JSONResponse({"erro": text}, HTTPStatus.UNPROCESSABLE_ENTITY)


def _field(where: tuple[int | str, ...]) -> str:
    inner = [str(part) for part in where if part not in ("body", "path", "query")]
    return ".".join(inner) or "corpo do pedido"


async def _broken(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"erro": "falha interna; veja os registros da central"}, 500)
