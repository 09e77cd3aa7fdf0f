"""Reports: which there are, and each as JSON or as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Person, Role
from console.shapes import REFUSED

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
ReportInPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", description="Nome do relatório")]
PIECE: Final = 256 * 1024
MOST: Final = 200


def _told(description: str) -> Any:
    return Field(default="", max_length=MOST, description=description)


class Question(BaseModel):
    """O que se pergunta a um relatório; cada um usa só os parâmetros que `/v1/reports` diz."""

    model_config = ConfigDict(extra="allow")

    format: str = Field(default="json", max_length=MOST, description="json, csv, xlsx, ods, …")
    since: str = _told("Desde quando: hoje, ontem, 2026-11, 2026-11-25 08:00, segundos desde 1970")
    until: str = _told("Até quando, o próprio dia ou mês incluído")
    interval: str = _told("15min, 2h, dia, semana, mes, ou segundos")
    line: str = _told("Linha")
    queue: str = _told("Fila (serviço, ilha)")
    agent: str = _told("Agente")
    campaign: str = _told("Campanha")
    phone: str = _told("Parte do telefone")
    protocol: str = _told("Protocolo")
    keyword: str = _told("Palavra-chave")
    node: str = _told("Etapa do menu")
    beyond: str = _told("X, em segundos, de «até X» e «mais de X»")


@routes.get("/reports", summary="Os relatórios que há")
async def catalogue(who: Overseer, request: Request) -> dict[str, Any]:
    """Nome, título, item do contrato e parâmetros de cada um."""
    return {"reports": list(_centre(request).reports.catalogue())}


@routes.get("/reports/{name}", summary="Um relatório", response_class=StreamingResponse)
async def make(
    name: ReportInPath, question: Annotated[Question, Query()], who: Overseer, request: Request
) -> StreamingResponse:
    """Em JSON, ou como arquivo CSV, XLSX, ODS, DOCX ou ODT. Cada pedido fica registrado."""
    given = {
        field: str(value)[:MOST]
        for field, value in question.model_dump(exclude={"format"}).items()
        if value
    }
    made = await _centre(request).reports.make(
        name, question.format, given, who.name, who.sees_numbers
    )
    headers = {"Content-Length": str(made.size)}
    if question.format != "json":
        headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    # read in a thread: the disk never holds up a call
    return StreamingResponse(_pieces(made.file), media_type=made.media, headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _centre(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre
