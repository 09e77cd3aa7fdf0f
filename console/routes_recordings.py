"""Recordings: who finds them, who hears them, and why (R57, 3.5.4, 3.5.5).

Only a person hears a recording: the installation's own token is nobody's, and an admin looks after
machines. Each listening has a reason, and its fact is durable before the first byte leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Person, Plain, Refusal, Role
from console.ports_recordings import SoundPort
from console.shapes import LAST_MOMENT, NAME, PROSE, REFUSED, SKILL, Body
from terms.limits import (
    NAME_CHARACTERS,
    REASON_CHARACTERS,
    RECORDINGS_PAGE,
    RECORDINGS_PAGE_MAX,
    SOUND_BLOCK,
)
from terms.recording_name import NAME as RECORDING_NAME


class Personal(Admits):
    """A person's own token, of one of these roles."""

    async def __call__(self, request: Request) -> Person:
        """The person. 403 also for the installation's own token, in words of its own."""
        try:
            return await super().__call__(request)
        except Refusal:
            person: Person | None = getattr(request.state, "person", None)
            if person is not None and person.owner:
                raise Refusal(
                    403, "gravações pedem um login pessoal: o token da instalação não é de ninguém"
                ) from None
            raise


routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Listener = Annotated[Person, Depends(Personal(Role.SUPERVISOR, Role.AUDITOR))]
Auditor = Annotated[Person, Depends(Personal(Role.AUDITOR))]
Keeper = Annotated[Person, Depends(Admits(Role.ADMIN))]
Reason = Annotated[
    str, StringConstraints(min_length=3, max_length=REASON_CHARACTERS, pattern=PROSE)
]
RecordingInPath = Annotated[
    str, Path(pattern=f"^(?:{RECORDING_NAME.pattern})$", description="Nome da gravação")
]
HoldInPath = Annotated[int, Path(ge=1, description="Número da retenção")]
Moment = Annotated[float | None, Query(ge=0, le=LAST_MOMENT, description="segundos desde 1970")]
Word = Annotated[str, Query(max_length=NAME_CHARACTERS, pattern=PROSE)]
Digits = Annotated[str, Query(pattern=r"^[0-9 .+()-]{0,24}$")]
SkillOrNone = Annotated[str, Query(pattern=f"{SKILL}|^$")]

RANGES: Final = {"Accept-Ranges": "bytes"}
RANGE_DIGITS: Final = 18  # more than any file has


class Why(Body):
    """Por quê."""

    reason: Reason


class NewHold(Body):
    """A chamada (ou o protocolo) cujas gravações não podem ser apagadas, e por quê."""

    call: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{3,64}$")]
    reason: Reason


class NewKey(Body):
    """Uma chave-mestra nova; `drop`: as antigas são esquecidas."""

    drop: bool = False


@routes.get("/recordings", summary="Procurar gravações")
async def search(
    who: Listener,
    request: Request,
    since: Moment = None,
    until: Moment = None,
    line: Annotated[str, Query(pattern=r"^([0-9]{3})?$")] = "",
    queue: SkillOrNone = "",
    agent: Annotated[str, Query(pattern=f"{NAME}|^$")] = "",
    campaign: Word = "",
    phone: Digits = "",
    protocol: Digits = "",
    keyword: Word = "",
    kind: Literal["", "talk", "consult", "message"] = "",
    problem: Literal["", "any", "missing", "empty", "short"] = "",
    after: Annotated[str, Query(pattern=r"^([0-9]{1,18}-[0-9]{1,18})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=RECORDINGS_PAGE_MAX)] = RECORDINGS_PAGE,
) -> Plain:
    """Por período, linha, fila, agente, campanha, parte do telefone, protocolo, palavra (assunto,
    notas, marcas, resultados), tipo e problema; da mais nova à mais antiga, em páginas."""
    wanted = {
        "since": since,
        "until": until,
        "line": line,
        "queue": queue,
        "agent": agent,
        "campaign": campaign,
        "phone": phone,
        "protocol": protocol,
        "keyword": keyword,
        "kind": kind,
        "problem": problem,
        "after": after,
        "limit": limit,
    }
    return await _centre(request).recordings.search(wanted, who.sees_numbers)


@routes.get("/recordings/holds", summary="Chamadas cujas gravações não podem ser apagadas")
async def holds(
    who: Listener, request: Request, open_only: Annotated[bool, Query(alias="open")] = True
) -> dict[str, Any]:
    """As retenções legais, a mais nova primeiro."""
    return {"holds": list(await _centre(request).recordings.holds(open_only))}


@routes.post("/recordings/holds", summary="Reter as gravações de uma chamada")
async def hold(wanted: NewHold, who: Listener, request: Request) -> Plain:
    """Nada desta chamada é apagado, por prazo ou a pedido, até a retenção ser liberada."""
    return await _centre(request).recordings.hold(wanted.call, wanted.reason, who.name)


@routes.post("/recordings/holds/{hold}/release", summary="Liberar uma retenção")
async def release(hold: HoldInPath, why: Why, who: Auditor, request: Request) -> dict[str, Any]:
    """Outra retenção da mesma chamada continua valendo."""
    await _centre(request).recordings.release(hold, why.reason, who.name)
    return {"hold": hold, "released": True}


@routes.get("/recordings/retention", summary="O que a política de guarda faria agora")
async def rehearse(
    who: Annotated[Person, Depends(Admits(Role.AUDITOR, Role.ADMIN))], request: Request
) -> Plain:
    """Ensaio: quantas gravações de cada classe iriam para o arquivo, seriam apagadas ou estão
    retidas. Nada muda."""
    return await _centre(request).recordings.retention(True, who.name)


@routes.post("/recordings/retention", summary="Aplicar agora a política de guarda")
async def retain(who: Auditor, request: Request) -> Plain:
    """O mesmo que a central faz sozinha de hora em hora; cada gravação fica nos fatos."""
    return await _centre(request).recordings.retention(False, who.name)


@routes.post("/recordings/master-key", summary="Trocar a chave-mestra das gravações")
async def change_key(wanted: NewKey, who: Keeper, request: Request) -> Plain:
    """Cada chave de gravação é embrulhada de novo; nenhum som é lido."""
    return await _centre(request).recordings.change_master_key(wanted.drop, who.name)


@routes.get("/recordings/{name}", summary="O que se sabe de uma gravação")
async def one(name: RecordingInPath, who: Listener, request: Request) -> Plain:
    """Chamada, protocolo, duração, classe, retenção; o som está em `/sound`."""
    return await _centre(request).recordings.one(name, who.sees_numbers)


@routes.get(
    "/recordings/{name}/sound", summary="Ouvir uma gravação", response_class=StreamingResponse
)
async def sound(
    name: RecordingInPath,
    who: Listener,
    request: Request,
    reason: Annotated[Reason, Query(description="Por que se ouve; fica registrado")],
    form: Annotated[Literal["wav", "ogg", "mp3"], Query(alias="format")] = "wav",
) -> Response:
    """O som, inteiro ou em parte (Range). Quem ouviu, o quê e por quê fica gravado antes."""
    recordings = _centre(request).recordings
    await recordings.one(name, who.sees_numbers)  # 404 beyond their scope
    opened = await recordings.open(name, form)
    try:
        part = _part(request.headers.get("range", ""), opened.length)
        if part is None:
            opened.close()
            return Response(
                status_code=416, headers={**RANGES, "Content-Range": f"bytes */{opened.length}"}
            )
        start, stop, status = part
        await recordings.heard(name, form, reason, start, who.name)
    except BaseException:
        opened.close()
        raise
    headers = {
        **RANGES,
        "Content-Length": str(stop - start),
        "Content-Disposition": f'inline; filename="{opened.file_name}"',
    }
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{opened.length}"
    pieces = _pieces(opened, start, stop)
    return StreamingResponse(pieces, status, headers=headers, media_type=opened.media)


@routes.post("/recordings/{name}/erase", summary="Apagar uma gravação a pedido")
async def erase(name: RecordingInPath, why: Why, who: Auditor, request: Request) -> dict[str, Any]:
    """Destrói a chave: ninguém mais ouve. A chamada e todos os totais ficam como estavam."""
    await _centre(request).recordings.one(name, who.sees_numbers)
    await _centre(request).recordings.erase(name, why.reason, who.name)
    return {"name": name, "erased": True}


async def _pieces(opened: SoundPort, start: int, stop: int) -> AsyncIterator[bytes]:
    try:
        while start < stop:
            piece = await asyncio.to_thread(opened.read, start, min(SOUND_BLOCK, stop - start))
            if not piece:
                raise EOFError("the sound ended too soon")
            start += len(piece)
            yield piece
    finally:
        opened.close()


def _part(header: str, length: int) -> tuple[int, int, int] | None:
    """(start, stop, status) of a request's one range (RFC 9110, 14.1.2); what is no single range
    of bytes asks for everything. None: nothing of it is there (416)."""
    unit, _, wanted = header.partition("=")
    first, dash, last = wanted.strip().partition("-")
    numbers = all(
        not one or (one.isdecimal() and len(one) <= RANGE_DIGITS) for one in (first, last)
    )
    if unit.strip() != "bytes" or not dash or not numbers or not (first or last):
        return 0, length, 200
    if not first:
        start, stop = max(0, length - int(last)), length
    else:
        start, stop = int(first), min(length, int(last) + 1 if last else length)
        if last and int(last) < start:
            return 0, length, 200
    return (start, stop, 206) if start < stop else None


def _centre(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre
