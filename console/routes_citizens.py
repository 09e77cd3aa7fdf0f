"""One citizen's data (Lei 13.709/2018, art. 18): found, handed over, erased on the city's word.

An auditor's alone, by name, with a reason. What is asked about stands in the body, never in an
address that some log would keep.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import StringConstraints

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Person, Role
from console.ports_citizens import CitizensPort
from console.shapes import PROSE, REFUSED, Body
from terms.limits import REASON_CHARACTERS

routes = APIRouter(prefix="/v1/citizens", route_class=GuardedRoute, responses=REFUSED)
Auditor = Annotated[Person, Depends(Admits(Role.AUDITOR))]


class About(Body):
    """De quem: um telefone, um CPF ou CNPJ, ou um protocolo; e por quê."""

    kind: Literal["phone", "document", "protocol"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    because: Annotated[
        str, StringConstraints(min_length=1, max_length=REASON_CHARACTERS, pattern=PROSE)
    ]


@routes.post("/find", summary="O que se guarda de um cidadão, mascarado")
async def find(about: About, who: Auditor, request: Request) -> dict[str, Any]:
    """As ligações em que aparece; o que é pessoal vem mascarado."""
    found = _citizens(request).find(about.kind, about.value, about.because, who.name, False)
    return dict(await found)


@routes.post("/export", summary="O mesmo, inteiro, para entregar ao cidadão")
async def export(about: About, who: Auditor, request: Request) -> dict[str, Any]:
    """Tudo o que se guarda dele (art. 18, II). Fica gravado quem pediu e por quê."""
    found = _citizens(request).find(about.kind, about.value, about.because, who.name, True)
    return dict(await found)


@routes.post("/rehearsal", summary="O que um apagamento faria agora")
async def rehearse(about: About, who: Auditor, request: Request) -> dict[str, Any]:
    """Nada muda."""
    told = _citizens(request).rehearse(about.kind, about.value, about.because, who.name)
    return dict(await told)


@routes.post("/erasure", summary="Apagar os dados de um cidadão")
async def erase(about: About, who: Auditor, request: Request) -> dict[str, Any]:
    """As contagens ficam; o que está sob retenção legal, em curso ou por fazer fica também, e é
    dito."""
    done = _citizens(request).erase(about.kind, about.value, about.because, who.name)
    return dict(await done)


@routes.post("/erasure-again", summary="Depois de restaurar uma cópia: apagar de novo")
async def erase_again(who: Auditor, request: Request) -> dict[str, Any]:
    """O que foi apagado depois daquela cópia."""
    return dict(await _citizens(request).erase_again(who.name))


@routes.post("/retention", summary="Apagar agora o que passou do prazo de guarda")
async def expire(who: Auditor, request: Request) -> dict[str, Any]:
    """O mesmo que a central faz sozinha de madrugada; retenções legais e o que está por fazer
    ficam."""
    return dict(await _citizens(request).expire(who.name))


@routes.get("/erasures", summary="O registro dos apagamentos")
async def erasures(who: Auditor, request: Request) -> dict[str, Any]:
    """Quando, por quem, por quê e quanto; nunca de quem."""
    return {"erasures": list(await _citizens(request).register())}


def _citizens(request: Request) -> CitizensPort:
    centre: Centre = request.app.state.centre
    return centre.citizens
