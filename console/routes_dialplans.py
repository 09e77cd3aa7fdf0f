"""The menus: their versions, who approves them, and what is ordered on top of them for a while."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Dialplans, Orders, Person, Plain, Refusal, Role
from console.shapes import (
    REFUSED,
    GoBack,
    LineInPath,
    NewAnnouncement,
    NewVersion,
    OrderInPath,
    ShortMenu,
    VersionInPath,
)

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
Admin = Annotated[Person, Depends(Admits(Role.ADMIN))]
Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN))]

CURRENT = "atual"


@routes.get("/dialplans", summary="As versões dos menus: a que está no ar, e as outras")
async def versions(who: Overseer, request: Request) -> Plain:
    """Autor, nota, aprovação, desde quando cada uma serviu, e o alarme, se houver."""
    return await _dialplans(request).versions()


@routes.get("/dialplans/{version}/files", summary="Os arquivos de uma versão, como publicados")
async def files(version: VersionInPath, who: Overseer, request: Request) -> Plain:
    """`atual`: os da versão que está no ar."""
    found = await _dialplans(request).files("" if version == CURRENT else version)
    if found is None:
        raise Refusal(404, f"não há versão {version}")
    return found


@routes.post("/dialplans", summary="Publica uma pasta de menus")
async def publish(body: NewVersion, who: Admin, request: Request) -> Plain:
    """Tudo é provado antes. Vale já para a próxima chamada; se muda o que 199 ou 153 ouvem, fica
    proposta até que outra pessoa aprove."""
    return await _dialplans(request).publish(body.files, body.note, by=who.name)


@routes.post("/dialplans/rollback", summary="Volta a uma versão anterior dos menus, já")
async def rollback(body: GoBack, who: Admin, request: Request) -> Plain:
    """Sem versão: à anterior. Não precisa de segunda pessoa; fica registrado quem voltou."""
    return await _dialplans(request).rollback(body.version, by=who.name)


@routes.post("/dialplans/{version}/approval", summary="Aprova uma versão proposta")
async def approve(version: VersionInPath, who: Supervisor, request: Request) -> Plain:
    """Quem publicou não aprova. A versão passa a valer já."""
    return await _dialplans(request).approve(version, by=who.name)


@routes.post("/dialplans/{version}/rejection", summary="Rejeita uma versão proposta")
async def reject(version: VersionInPath, who: Supervisor, request: Request) -> Plain:
    """A versão não vai ao ar; pode ser publicada de novo."""
    return await _dialplans(request).reject(version, by=who.name)


@routes.put("/lines/{line}/short", summary="Liga ou desliga o menu resumido de uma linha")
async def short(line: LineInPath, body: ShortMenu, who: Supervisor, request: Request) -> Plain:
    """Vale para a próxima chamada, e acaba sozinho no fim dado."""
    return await _orders(request).short(line, body.on, body.until, by=who.name)


@routes.get("/announcements", summary="Os avisos e menus resumidos, no ar e encerrados")
async def announcements(who: Overseer, request: Request) -> dict[str, Any]:
    """Os mais novos primeiro: quem mandou, até quando, e quem encerrou."""
    return {"announcements": list(await _orders(request).announcements())}


@routes.post("/announcements", summary="Põe um aviso no ar", status_code=201)
async def announce(body: NewAnnouncement, who: Supervisor, request: Request) -> Plain:
    """O áudio é feito antes. Ouve-o a próxima chamada, e acaba sozinho no fim dado."""
    return await _orders(request).announce(
        body.line, body.text, body.until, who.name, body.node, body.name, body.kind
    )


@routes.delete("/announcements/{name}", summary="Tira um aviso do ar")
async def end_announcement(name: OrderInPath, who: Supervisor, request: Request) -> Plain:
    """Só os que foram postos no ar assim; os de announcements.yaml saem publicando sem eles."""
    return await _orders(request).end_announcement(name, by=who.name)


def _dialplans(request: Request) -> Dialplans:
    centre: Centre = request.app.state.centre
    return centre.dialplans


def _orders(request: Request) -> Orders:
    centre: Centre = request.app.state.centre
    return centre.orders
