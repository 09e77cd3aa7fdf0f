"""Text messages (SMS): ordered by supervisors, one by one or by a text file; followed, stopped."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field, StringConstraints

from console.admits import Admits, GuardedRoute, own_or_above
from console.ports import Centre, Person, Refusal, Role
from console.ports_sms import SmsPort
from console.shapes import PROSE, REFUSED, AgentInPath, Body, Moment
from terms.limits import NAME_CHARACTERS, PUBLISH_BODY_BYTES, SMS_CHARACTERS, SMS_REF_CHARACTERS
from terms.names import AgentName

routes = APIRouter(prefix="/v1/sms", route_class=GuardedRoute, responses=REFUSED)
Supervisor = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN))]
AtWork = Annotated[Person, Depends(Admits(Role.AGENT, Role.SUPERVISOR, Role.ADMIN))]
Overseer = Annotated[Person, Depends(Admits(Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR))]

ORDER = "^[a-z0-9][a-z0-9-]{0,39}$"
MESSAGES_AT_ONCE = 100
Few = Annotated[
    str, StringConstraints(min_length=1, max_length=NAME_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Text = Annotated[str, StringConstraints(max_length=SMS_CHARACTERS, pattern=PROSE)]
Ref = Annotated[
    str, StringConstraints(max_length=SMS_REF_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Number = Annotated[str, StringConstraints(min_length=1, max_length=30)]
OrderInPath = Annotated[str, Path(pattern=ORDER, description="O pedido, como `sms list` o mostra")]


class NewMessage(Body):
    """Um texto para um celular. `ref`: o identificador de quem pede; `call`: a chamada."""

    number: Number
    text: Annotated[Text, StringConstraints(min_length=1)]
    ref: Ref = ""
    call: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{0,64}$")] = ""


class Wanted(Body):
    """O que vale para todas: para quê, de que órgão, a partir de quando e até quando.

    `order`: o mesmo nome, de novo, é o mesmo pedido, e nada sai duas vezes.
    """

    kind: Literal["alerta", "protocolo", "lembrete", "aviso", "campanha"]
    body: Few
    subject: Few
    scheduled: Moment | None = None
    deadline: Moment | None = None
    order: Annotated[str, StringConstraints(pattern=f"{ORDER}|^$")] = ""
    plain: bool = False
    skip: bool = False
    life_safety: bool = False
    repeats: bool = False


class NewOrder(Wanted):
    """Até 100 mensagens de uma vez."""

    messages: list[NewMessage] = Field(min_length=1, max_length=MESSAGES_AT_ONCE)


class NewFile(Wanted):
    """Um arquivo de texto (CSV), inteiro ou em pedaços com o mesmo cabeçalho e o mesmo `order`."""

    csv: Annotated[str, StringConstraints(min_length=1, max_length=PUBLISH_BODY_BYTES)]
    file: Annotated[str, StringConstraints(max_length=NAME_CHARACTERS, pattern=PROSE)] = ""
    text: Text = ""
    first: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    more: bool = False


class Refusing(Body):
    """Um número que não quer mensagens (ou que as quer de novo)."""

    number: Number
    on: bool = True


@routes.get("", summary="A operadora, e o que espera")
async def standing(who: Overseer, request: Request) -> dict[str, Any]:
    """Se o enlace está de pé, e quantas mensagens aguardam ou ficaram sem resposta."""
    return dict(await _sms(request).standing())


@routes.get("/orders", summary="Os pedidos, do mais novo ao mais antigo")
async def orders(who: Overseer, request: Request) -> dict[str, Any]:
    """Cada um com as suas mensagens por situação."""
    return {"orders": list(await _sms(request).orders())}


@routes.post("/orders", summary="Enviar mensagens")
async def send(wanted: NewOrder, who: Supervisor, request: Request) -> dict[str, Any]:
    """A cada número na sua hora, até o prazo, no máximo em três tentativas."""
    return dict(await _sms(request).send(wanted.model_dump(), who.name))


@routes.post("/file", summary="Enviar o que um arquivo de texto diz")
async def load(wanted: NewFile, who: Supervisor, request: Request) -> dict[str, Any]:
    """Nada sai antes de o último pedaço (`more` falso) ter chegado."""
    return dict(await _sms(request).load(wanted.model_dump(), who.name))


@routes.post("/orders/{order}/stop", summary="Não enviar o que falta de um pedido")
async def stop(order: OrderInPath, who: Supervisor, request: Request) -> dict[str, Any]:
    """O que já foi entregue à operadora não volta."""
    return dict(await _sms(request).stop(order, who.name))


@routes.post("/agreed/{name}", summary="O cidadão quer o protocolo por SMS")
async def agreed(name: AgentInPath, who: AtWork, request: Request) -> dict[str, Any]:
    """O da chamada em curso deste agente, ou da última: vai depois que ela termina (R50)."""
    own_or_above(who, name)
    return dict(_sms(request).agreed(AgentName(name), by=who.name))


@routes.get("/messages", summary="As mensagens de um pedido, ou para um número")
async def messages(
    who: Overseer,
    request: Request,
    order: Annotated[str, Query(pattern=f"{ORDER}|^$")] = "",
    status: Annotated[str, Query(pattern="^[a-z_]{0,20}$")] = "",
) -> dict[str, Any]:
    """Até 500; números e textos inteiros só para quem os vê."""
    found = await _sms(request).messages(order, status, "", _whole(who))
    return {"messages": list(found)}


@routes.get("/messages/{name}", summary="Uma mensagem e o seu caminho")
async def message(
    name: Annotated[str, Path(max_length=SMS_REF_CHARACTERS)], who: Overseer, request: Request
) -> dict[str, Any]:
    """Pelo nome dela, ou pelo identificador de quem a pediu."""
    found = await _sms(request).message(name, _whole(who))
    if found is None:
        raise Refusal(404, "não há mensagem com este nome")
    return dict(found)


@routes.get("/refusals", summary="Quem não quer mensagens")
async def refusals(who: Overseer, request: Request) -> dict[str, Any]:
    """Por uma palavra que enviou, ou por ter dito a alguém."""
    return {"refusals": list(await _sms(request).refusals(_whole(who)))}


@routes.post("/refusals", summary="Um número não quer mensagens, ou as quer de novo")
async def refuse(refusing: Refusing, who: Supervisor, request: Request) -> dict[str, Any]:
    """Vale para tudo, menos alertas que salvam vidas."""
    return dict(await _sms(request).refuse(refusing.number, refusing.on, who.name))


@routes.get("/received", summary="O que os cidadãos enviaram")
async def received(who: Overseer, request: Request) -> dict[str, Any]:
    """Os últimos textos recebidos."""
    return {"received": list(await _sms(request).received(_whole(who)))}


def _whole(who: Person) -> bool:
    """Texts are of no line and no queue: whose sight is of some alone sees none of them whole."""
    return who.sees_numbers.whole and not who.sees_numbers.is_scoped


def _sms(request: Request) -> SmsPort:
    centre: Centre = request.app.state.centre
    return centre.sms
