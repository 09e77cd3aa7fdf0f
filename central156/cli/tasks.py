"""`central156 tasks …` and `central156 callback …`: what is to be done, who is called back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Column, Table

from central156.cli.api import open_api, route
from central156.cli.motives import motive
from central156.cli.narrow import CLOSE
from central156.cli.words import moment, number, task_because

HOWS: Final = {"key": "guardou a vez", "emergency": "emergência que caiu"}
OVERDUE: Final = "vencida"
BARS: Final = ("nao_pode_falar", "retorno_nao_seguro")


@click.group("tasks")
def tasks() -> None:
    """Tarefas: o que ainda há a fazer, como retornos a cidadãos."""


@tasks.command("list")
@click.option("--todas", "everything", is_flag=True, help="Também as já encerradas.")
@click.option("--vencidas", "overdue", is_flag=True, help="Só as que já passaram do prazo.")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def list_tasks(state_dir: Path | None, everything: bool, overdue: bool, as_json: bool) -> None:
    """Mostra as tarefas, as de 199 e 153 primeiro, e até quando se devem.

    Pedido: GET /v1/tasks
    """
    wanted = "false" if everything else "true"
    found = open_api(state_dir).get("/v1/tasks", open=wanted)["tasks"]
    if overdue:
        found = [one for one in found if _standing(one) == OVERDUE]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("Não há tarefas vencidas." if overdue else "Não há tarefas.")
        return
    table = Table(
        *("Tarefa", "Linha", Column("Protocolo", no_wrap=True), Column("Número", no_wrap=True)),
        *("Por quê", "Aberta", "Até", "Situação"),
        **CLOSE,
    )
    for one in found:
        table.add_row(
            str(one["task"]),
            one["line"],
            number(one["protocol"]),
            one["caller"],
            task_because(one["because"]),
            moment(one["opened_at"]),
            moment(one["due_at"]) if one["due_at"] else "já",
            _standing(one),
        )
    Console(highlight=False).print(table)


def _standing(task: dict[str, Any]) -> str:
    if task["done_at"]:
        return f"{task['result'] or 'feita'} ({task['done_by'] or 'a central'})"
    return OVERDUE if task["due_at"] and task["due_at"] < time.time() else "aberta"


@tasks.command("close")
@click.argument("task", metavar="TAREFA", type=int)
@motive("how", "--como", required=True, said="Como foi resolvida.")
@click.pass_obj
def close(state_dir: Path | None, task: int, how: str) -> None:
    """Dá uma tarefa por feita.

    Pedido: POST /v1/tasks/{task}/close
    """
    open_api(state_dir).post(f"/v1/tasks/{task}/close", {"how": how})
    click.echo(f"Tarefa {task} encerrada.")


@click.group("callback")
def callback() -> None:
    """Retornos: quem guardou a vez, e quem não deve receber ligação."""


@callback.command("list")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def promised(state_dir: Path | None, as_json: bool) -> None:
    """Mostra os retornos prometidos, na ordem em que serão feitos.

    Pedido: GET /v1/call-backs
    """
    found = open_api(state_dir).get("/v1/call-backs")["call_backs"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("Ninguém espera um retorno.")
        return
    for one in found:
        click.echo(_told(one))


@callback.command("cancel")
@click.argument("call", metavar="CHAMADA")
@click.pass_obj
def cancel(state_dir: Path | None, call: str) -> None:
    """Deixa de ligar de volta para quem guardou a vez.

    Pedido: POST /v1/call-backs/{call}/cancel
    """
    open_api(state_dir).post(route("call-backs", call, "cancel"))
    click.echo("O retorno foi cancelado.")


@callback.command("bar")
@click.argument("call", metavar="CHAMADA")
@motive("because", "--por", required=True, of=click.Choice(BARS))
@click.option("--desmarcar", "off", is_flag=True, help="Desfaz a marca.")
@click.pass_obj
def bar(state_dir: Path | None, call: str, because: str, off: bool) -> None:
    """Nenhuma ligação automática ao número desta chamada; um supervisor decide.

    Pedido: POST /v1/calls/{call}/no-call-back
    """
    body = {"because": because, "on": not off}
    open_api(state_dir).post(route("calls", call, "no-call-back"), body)
    click.echo("Marca desfeita." if off else "Marcado: só um supervisor decide ligar.")


def _told(one: dict[str, Any]) -> str:
    """Two lines, for whoever copies the call's id out of them: a table would cut it off."""
    now = ", ligando agora" if one["calling"] else ""
    return (
        f"{number(one['protocol'])}  {one['caller']}  {HOWS.get(one['how'], one['how'])}{now}\n"
        f"    chamada {one['call']}, fila {one['queue']} desde {moment(one['joined'])},"
        f" vale até {moment(one['expires'])}, tentativas: {one['tries']}"
    )
