"""The API, put together: routes, guard, and what an error looks like.

Guard (size, origin, who asked) → route → Admits (token, role) → the route's own function
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from console import (
    routes_alerts,
    routes_call_backs,
    routes_campaigns,
    routes_citizens,
    routes_contract,
    routes_dialplans,
    routes_floor,
    routes_open,
    routes_orders,
    routes_people,
    routes_recordings,
    routes_reports,
    routes_sms,
    routes_talk,
    routes_trunks,
    routes_work,
)
from console.audience import Audience
from console.guard import Guard
from console.metrics import Figures
from console.ports import Centre, Refusal
from terms.limits import (
    NAME_CHARACTERS,
    NOTE_OF_VERSION,
    QUEUE_PRIORITY_MAX,
    REASON_CHARACTERS,
    SPOKEN_CHARACTERS,
)

log = logging.getLogger(__name__)

SAID = {
    HTTPStatus.BAD_REQUEST: "pedido malformado",
    HTTPStatus.NOT_FOUND: "não há nada neste endereço",
    HTTPStatus.METHOD_NOT_ALLOWED: "este endereço não aceita este método",
}
"""What we say for what the framework says in English."""

LOOKS_LIKE = {
    "name": "de 2 a 32 letras minúsculas sem acento, algarismos, - ou _, começando por letra; "
    "ex.: ana, jose_2",
    "role": "agent, supervisor, admin ou auditor",
    "skills": "ao menos uma, cada uma com nível de 1, o melhor, a 9",
    "full_name": f"até {NAME_CHARACTERS} caracteres, numa linha só",
    "number": "os 9 algarismos do protocolo",
    "line": "156, 199 ou 153",
    "version": "a versão como `dialplan versions` a mostra, ex.: 0123456789ab",
    "files": "ao menos um arquivo: nome e texto",
    "note": f"até {NOTE_OF_VERSION} caracteres",
    "text": f"de 1 a {SPOKEN_CHARACTERS} caracteres",
    "until": "segundos desde 1970",
    "kind": "emergencia ou institucional",
    "on": "true ou false",
    "how": f"como foi resolvida, até {REASON_CHARACTERS} caracteres",
    "because": "o motivo, de 3 letras ou mais; de uma marca: nao_pode_falar ou retorno_nao_seguro",
    "day": "um dia, ex.: 2026-11-25",
    "subjects": "até 3 habilidades do agente, na ordem em que as atende",
    "seat": "letras minúsculas, algarismos, - ou _; ex.: pa-017",
    "opens": "HH:MM",
    "closes": "HH:MM",
    "days": "de 1 (segunda-feira) a 7 (domingo), ex.: 12345",
    "reason": f"o motivo, em até {REASON_CHARACTERS} caracteres",
    "priority": f"de 0 a {QUEUE_PRIORITY_MAX}",
    "mark": "suspect ou block",
    "phone": "um número de telefone, com DDD",
    "which": "o número, ou o id da lista",
    "csv": "o texto do arquivo, até 1 MiB",
    "campaign": "o nome da campanha, como no arquivo",
    "yaml": "o texto do arquivo da campanha",
    "dial": "true ou false",
    "word": "pessoa, caixa_postal, fax, muda, numero_errado ou nao_ligar",
}
"""What stands in a field that people fill in."""


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
    parts = (
        routes_open,
        routes_floor,
        routes_people,
        routes_talk,
        routes_dialplans,
        routes_orders,
        routes_work,
        routes_call_backs,
        routes_alerts,
        routes_campaigns,
        routes_citizens,
        routes_contract,
        routes_recordings,
        routes_reports,
        routes_sms,
        routes_trunks,
    )
    for part in parts:
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
    fields = sorted({_field(one) for one in error.errors()})
    text = "valor inválido ou ausente: " + ", ".join(fields)
    return JSONResponse({"erro": text}, HTTPStatus.UNPROCESSABLE_ENTITY)


def _field(error: Any) -> str:
    """The field's name, and what should stand there."""
    if error["type"] == "json_invalid":
        return "corpo do pedido (não é JSON)"
    inner = [str(part) for part in error["loc"] if part not in ("body", "path", "query")]
    if not inner:
        return "corpo do pedido"
    looks = LOOKS_LIKE.get(inner[0]) if error["type"] != "extra_forbidden" else None
    return ".".join(inner) + (f" ({looks})" if looks else "")


async def _broken(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"erro": "falha interna; veja os registros da central"}, 500)
