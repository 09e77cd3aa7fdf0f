"""`central156 storm` and `central156 queue`: what supervisors order in a hurry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from central156.cli.api import Api, open_api, route
from central156.cli.moments import EXAMPLES, Until
from central156.cli.motives import motive
from central156.cli.words import moment, program, seconds
from terms.limits import PUBLISH_SECONDS
from terms.names import LINES

Plain = Mapping[str, Any]

ON: Final = {"on": True, "off": False}


@click.command("storm")
@click.argument("state", required=False, metavar="[on|off]", type=click.Choice(list(ON)))
@click.argument("line", required=False, metavar="[LINHA]", type=click.Choice(LINES))
@motive("reason")
@click.option("--until", type=Until(), metavar="QUANDO", help=f"Até quando (6 h); {EXAMPLES}.")
@click.option("--message", default="", metavar="TEXTO", help="O que se diz (senão: o de sempre).")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def storm(
    state_dir: Path | None,
    state: str | None,
    line: str | None,
    reason: str,
    until: float | None,
    message: str,
    as_json: bool,
) -> None:
    """Modo tempestade: storm on 199 --motivo "chuva forte" --until 4h

    De uma vez: menu resumido, mensagem, agentes de reserva chamados, ligações de saída paradas.
    Acaba sozinho, ou com storm off. As pausas valem como sempre. Sem argumentos, diz o que está
    ordenado. Pedidos: PUT /v1/lines/{line}/storm e GET /v1/orders
    """
    api = open_api(state_dir)
    if state is None:
        found = api.get("/v1/orders")
        click.echo(_json(found) if as_json else "\n".join(_ordered(found)))
        return
    if line is None:
        how = "on 199 --motivo TEXTO" if ON[state] else "off 199"
        raise click.UsageError(f"diga a linha: storm {how}")
    if ON[state] and not reason:
        raise click.UsageError("diga o motivo, com --motivo")
    body = {"on": ON[state], "reason": reason, "until": until, "message": message}
    done = api.put(f"/v1/lines/{line}/storm", body, PUBLISH_SECONDS)
    click.echo(_json(done) if as_json else "\n".join(_storm_told(done)))


@click.group("queue")
def queue() -> None:
    """Muda por ora a prioridade e as regras de uma fila."""


@queue.command("set")
@click.argument("name", metavar="FILA")
@click.option("--priority", type=int, metavar="N", help="Prioridade de todos na fila (0 a 100).")
@click.option("--ring", type=float, metavar="SEGUNDOS", help="Quanto o telefone toca.")
@click.option("--wrap-up", type=float, metavar="SEGUNDOS", help="Quanto dura o pós-atendimento.")
@click.option("--wide", is_flag=True, help="Chama já todos os anéis de agentes.")
@motive("reason", required=True)
@click.option("--until", type=Until(), metavar="QUANDO", help=f"Até quando (6 h); {EXAMPLES}.")
@click.pass_obj
def change(
    state_dir: Path | None,
    name: str,
    priority: int | None,
    ring: float | None,
    wrap_up: float | None,
    wide: bool,
    reason: str,
    until: float | None,
) -> None:
    """Muda regras da fila até uma hora; a prioridade alcança quem já espera.

    Ninguém perde o lugar, e 199 e 153 seguem antes de 156. Pedido: PUT /v1/queues/{queue}/rules
    """
    body = {"priority": priority, "ring_seconds": ring, "wrap_up_seconds": wrap_up, "wide": wide}
    path = route("queues", name, "rules")
    done = open_api(state_dir).put(path, {**body, "reason": reason, "until": until})
    click.echo(_queue_told(done))
    click.echo(f"Para voltar às regras publicadas: {program()} queue reset {name}")


@queue.command("reset")
@click.argument("name", metavar="FILA")
@click.pass_obj
def reset(state_dir: Path | None, name: str) -> None:
    """Volta já às regras publicadas. Pedido: DELETE /v1/queues/{queue}/rules"""
    open_api(state_dir).delete(route("queues", name, "rules"))
    click.echo(f"Fila {name}: valem as regras publicadas.")


@queue.command("list")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def listed(state_dir: Path | None, as_json: bool) -> None:
    """Mostra as filas com regras mudadas por ora. Pedido: GET /v1/orders"""
    api: Api = open_api(state_dir)
    found = api.get("/v1/orders")["queues"]
    if as_json:
        click.echo(_json(found))
    else:
        click.echo("\n".join(map(_queue_told, found)) or "Todas as filas seguem o publicado.")


def _ordered(found: Plain) -> Iterator[str]:
    if not found["storms"] and not found["queues"]:
        yield "Nenhuma tempestade, e todas as filas seguem o publicado."
    for one in found["storms"]:
        yield from _storm_told(one)
    yield from map(_queue_told, found["queues"])


def _storm_told(one: Plain) -> Iterator[str]:
    line = one["line"]
    if not one["on"]:
        yield f"Linha {line}: modo tempestade desligado; tudo como antes."
        return
    yield (
        f"Linha {line}: modo tempestade até {moment(one['until'])}, por {one['by']} "
        f"(motivo: {one['reason']})."
    )
    yield f"  menu resumido: {'sim' if one['short'] else 'não'}"
    yield f"  mensagem: {one['message'] or 'não'}"
    yield "  agentes de reserva e todos os anéis: chamados; ligações de saída: paradas"
    yield from (f"  Atenção: {note}" for note in one["notes"])
    yield f"  Para desligar: {program()} storm off {line}"


def _queue_told(one: Plain) -> str:
    changed = []
    if one["priority"] is not None:
        changed.append(f"prioridade {one['priority']}")
    if one["ring_seconds"] is not None:
        changed.append(f"toque de {seconds(one['ring_seconds'])}")
    if one["wrap_up_seconds"] is not None:
        changed.append(f"pós-atendimento de {seconds(one['wrap_up_seconds'])}")
    if one["wide"]:
        changed.append("todos os anéis já")
    return (
        f"Fila {one['queue']}: {', '.join(changed)}, até {moment(one['until'])}, por {one['by']} "
        f"(motivo: {one['reason']})."
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
