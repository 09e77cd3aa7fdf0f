"""Campaigns over HTTP: kept by admins, started and stopped by supervisors, read by auditors.

An agent sees their own preview and says what answered their own call. Whoever has a scope of lines
and queues has to do with the campaigns of those alone.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import StringConstraints

from console.admits import Admits, GuardedRoute, own_or_above
from console.ports import Centre, Person, Plain, Role
from console.ports_campaigns import Asker, CampaignsPort, Scope
from console.shapes import PROSE, REFUSED, AgentInPath, Body
from terms.limits import DIALPLAN_BYTES, NAME_CHARACTERS, PUBLISH_BODY_BYTES, REASON_CHARACTERS
from terms.names import AgentName, CampaignName

routes = APIRouter(prefix="/v1", route_class=GuardedRoute, responses=REFUSED)
Admin = Annotated[Person, Depends(Admits(Role.ADMIN))]
Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN))]
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
AtWork = Annotated[Person, Depends(Admits(Role.AGENT, Role.SUPERVISOR, Role.ADMIN))]

CAMPAIGN = "^[a-z][a-z0-9_]{0,47}$"
CampaignInPath = Annotated[str, Path(pattern=CAMPAIGN, description="A campanha, como no arquivo")]
Reason = Annotated[
    str, StringConstraints(min_length=3, max_length=REASON_CHARACTERS, pattern=PROSE)
]
Few = Annotated[
    str, StringConstraints(min_length=1, max_length=NAME_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class Why(Body):
    """Por quê; fica gravado."""

    because: Reason


class NewCampaign(Body):
    """O arquivo da campanha, como em `dialplans/campanhas`."""

    name: Annotated[str, StringConstraints(pattern=CAMPAIGN)]
    yaml: Annotated[str, StringConstraints(min_length=1, max_length=DIALPLAN_BYTES)]


class NewList(Body):
    """Uma lista de contatos em CSV; as maiores, pela linha de comando."""

    campaign: Annotated[str, StringConstraints(pattern=CAMPAIGN)]
    file: Few
    csv: Annotated[str, StringConstraints(min_length=1, max_length=PUBLISH_BODY_BYTES)]


class Looked(Body):
    """O atendente olhou o caso: ligar, ou deixar para depois."""

    dial: bool


class Heard(Body):
    """O que atendeu, por quem ouviu."""

    word: Literal["pessoa", "caixa_postal", "fax", "muda", "numero_errado", "nao_ligar"]


@routes.get("/campaigns", summary="As campanhas, a mais nova primeiro")
async def campaigns(who: Overseer, request: Request) -> dict[str, Any]:
    """Tipo, modo, estado e quantos contatos."""
    return {"campaigns": list(await _campaigns(request).campaigns(scope_of(who)))}


@routes.post("/campaigns", summary="Guarda uma campanha, em rascunho", status_code=201)
async def make(body: NewCampaign, who: Admin, request: Request) -> Plain:
    """O arquivo é conferido; nada se liga."""
    return await _campaigns(request).make(CampaignName(body.name), body.yaml, asker_of(who))


@routes.post("/campaigns/list", summary="Guarda uma lista de contatos")
async def load(body: NewList, who: Admin, request: Request) -> Plain:
    """A mesma lista, de novo, nada muda. As linhas com erro ficam de fora, e são ditas."""
    found, name = _campaigns(request), CampaignName(body.campaign)
    return await found.load(name, body.file, body.csv, asker_of(who))


@routes.get("/campaigns/{campaign}", summary="Uma campanha: o que diz, listas, resultados")
async def campaign(campaign: CampaignInPath, who: Overseer, request: Request) -> Plain:
    """Contatos por estado e tentativas pelo resultado (R66)."""
    return await _campaigns(request).campaign(CampaignName(campaign), scope_of(who))


@routes.get("/campaigns/{campaign}/progress", summary="Como vai a campanha, agora")
async def progress(campaign: CampaignInPath, who: Overseer, request: Request) -> Plain:
    """Chamados, em curso, atendidos, confirmados, a chamar, sem ninguém, fim esperado, rotas."""
    return await _campaigns(request).progress(CampaignName(campaign), scope_of(who))


@routes.post("/campaigns/{campaign}/start", summary="Começa a ligar, ou recomeça")
async def start(campaign: CampaignInPath, who: Supervisor, request: Request) -> Plain:
    """O que falta à campanha se diz numa frase. Risco à vida: só um supervisor com o seu token."""
    return await _campaigns(request).start(CampaignName(campaign), asker_of(who))


@routes.post("/campaigns/{campaign}/pause", summary="Não liga mais, por ora")
async def pause(campaign: CampaignInPath, body: Why, who: Supervisor, request: Request) -> Plain:
    """O que toca e quem conversa vai até o fim."""
    found = _campaigns(request)
    return await found.pause(CampaignName(campaign), body.because, asker_of(who))


@routes.post("/campaigns/{campaign}/stop", summary="Encerra: em um segundo nada mais toca")
async def stop(campaign: CampaignInPath, body: Why, who: Supervisor, request: Request) -> Plain:
    """Quem conversa vai até o fim. Não recomeça."""
    found = _campaigns(request)
    return await found.stop(CampaignName(campaign), body.because, asker_of(who))


@routes.get("/dialler", summary="Se tudo parou, por quê, e quanto cada rota levou no mês")
async def standing(who: Overseer, request: Request) -> Plain:
    """O discador para sozinho quando algo está errado com ele mesmo."""
    return await _campaigns(request).standing()


@routes.post("/dialler/go-on", summary="Recomeça, depois que tudo parou")
async def go_on(body: Why, who: Supervisor, request: Request) -> Plain:
    """Quem olhou o motivo diz por que se pode seguir; fica gravado."""
    return await _campaigns(request).go_on(body.because, asker_of(who))


@routes.get("/agents/{name}/preview", summary="O contato que o atendente olha antes de ligar")
async def preview(name: AgentInPath, who: AtWork, request: Request) -> Plain:
    """Roteiro e campos; vazio quando não há."""
    own_or_above(who, name)
    reveal = who.role is Role.AGENT or who.sees_numbers  # an agent's own, by the line above
    return _campaigns(request).preview(AgentName(name), reveal)


@routes.post("/agents/{name}/preview", summary="Ligar, ou deixar para depois")
async def look_done(name: AgentInPath, body: Looked, who: AtWork, request: Request) -> Plain:
    """Sem resposta no prazo, o contato fica para depois."""
    own_or_above(who, name)
    return await _campaigns(request).look_done(AgentName(name), body.dial)


@routes.post("/agents/{name}/answered-by", summary="O que atendeu: caixa postal, fax, muda…")
async def judged(name: AgentInPath, body: Heard, who: AtWork, request: Request) -> Plain:
    """Da ligação de campanha em curso, ou da última; a palavra do atendente vale."""
    own_or_above(who, name)
    return await _campaigns(request).judged(AgentName(name), body.word, who.name)


def scope_of(who: Person) -> Scope:
    """The lines and queues whose campaigns they have to do with."""
    return Scope(who.lines, who.queues)


def asker_of(who: Person) -> Asker:
    """Who orders; named by a token of their own, never by the installation's (R64)."""
    return Asker(who.name, scope_of(who), who.role is Role.SUPERVISOR and not who.owner)


def _campaigns(request: Request) -> CampaignsPort:
    centre: Centre = request.app.state.centre
    return centre.campaigns
