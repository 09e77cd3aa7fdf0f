"""Mass alerts of civil defence over HTTP: made, started and stopped by supervisors.

An alert is a campaign; what is not here is asked of /v1/campaigns under its name.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, StringConstraints

from console.admits import Admits, GuardedRoute
from console.ports import Centre, Person, Plain, Role
from console.ports_alerts import AlertsPort
from console.routes_campaigns import CAMPAIGN, Few, Why, asker_of, scope_of
from console.shapes import NAME, PROSE, REFUSED, Body
from terms.limits import (
    ALERT_AGAIN,
    ALERT_ATTEMPTS,
    ALERT_LIST_BYTES,
    CAMPAIGN_ATTEMPTS_MAX,
    CAMPAIGN_RETRY_MAX,
    CAMPAIGN_RETRY_MIN,
    CAMPAIGN_TRUNKS,
    CONTACT_FIELDS,
    NOTICE_CHARACTERS,
)
from terms.names import CampaignName

routes = APIRouter(prefix="/v1/alerts", route_class=GuardedRoute, responses=REFUSED)
Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN))]
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]
AlertInPath = Annotated[str, Path(pattern=CAMPAIGN, description="O alerta, pelo seu nome")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")]


class NewAlert(Body):
    """O texto, a lista, e quem responde. `where`: coluna → valores; sem ele, a lista toda."""

    name: Annotated[str, StringConstraints(pattern=CAMPAIGN)]
    text: Annotated[
        str, StringConstraints(min_length=1, max_length=NOTICE_CHARACTERS, pattern=PROSE)
    ]
    subject: Few
    csv: Annotated[str, StringConstraints(min_length=1, max_length=ALERT_LIST_BYTES)]
    file: Few = "lista.csv"
    where: dict[Few, Annotated[list[Few], Field(min_length=1, max_length=200)]] = Field(
        default={}, max_length=CONTACT_FIELDS
    )
    supervisor: Annotated[str, StringConstraints(pattern=f"{NAME}|^$")] = ""
    body: Few = "Defesa Civil"
    caller_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,11}$")] = ""
    trunks: list[Slug] = Field(default=[], max_length=CAMPAIGN_TRUNKS)
    queue: Annotated[str, StringConstraints(pattern=r"^(?:[a-z0-9][a-z0-9_-]{0,47})?$")] = ""
    alone: Annotated[str, StringConstraints(max_length=120, pattern=PROSE)] = ""
    keys: dict[str, str] = Field(default={}, max_length=10)
    attempts: Annotated[int, Field(ge=1, le=CAMPAIGN_ATTEMPTS_MAX)] = ALERT_ATTEMPTS
    again: Annotated[float, Field(ge=CAMPAIGN_RETRY_MIN, le=CAMPAIGN_RETRY_MAX)] = ALERT_AGAIN


@routes.get("", summary="Os alertas de massa, o mais novo primeiro")
async def alerts(who: Overseer, request: Request) -> dict[str, Any]:
    """Estado, quem responde e quantos números."""
    return {"alerts": list(await _alerts(request).alerts(scope_of(who)))}


@routes.post("", summary="Guarda um alerta e grava a sua fala", status_code=201)
async def make(body: NewAlert, who: Supervisor, request: Request) -> Plain:
    """Nada se liga. O texto que não diz quem liga ou as teclas ganha essas frases."""
    return await _alerts(request).make(body.model_dump(), asker_of(who))


@routes.get("/{alert}", summary="Como vai o alerta, agora, e o que ele diz")
async def alert(alert: AlertInPath, who: Overseer, request: Request) -> Plain:
    """Chamados, atendidos, confirmados, quem pediu uma pessoa, a chamar, fim esperado."""
    return await _alerts(request).alert(CampaignName(alert), scope_of(who))


@routes.post("/{alert}/start", summary="Liga para todos, já")
async def start(alert: AlertInPath, who: Supervisor, request: Request) -> Plain:
    """Só um supervisor, com o seu token."""
    return await _alerts(request).start(CampaignName(alert), asker_of(who))


@routes.post("/{alert}/stop", summary="Para: em um segundo nada mais toca")
async def stop(alert: AlertInPath, body: Why, who: Supervisor, request: Request) -> Plain:
    """Quem conversa vai até o fim. Não recomeça."""
    return await _alerts(request).stop(CampaignName(alert), body.because, asker_of(who))


def _alerts(request: Request) -> AlertsPort:
    centre: Centre = request.app.state.centre
    return centre.alerts
