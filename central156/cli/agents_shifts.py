"""`central156 agents plan|propose|postpone|day|pauses|hours|subjects`: shifts and their reports."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from central156.cli.api import open_api, route
from central156.cli.words import CITY, hours_of
from papers.as_csv import write_to as write_csv
from terms.names import Instant
from terms.sheet import Column, Shape, Sheet

_CLOCK: Final = re.compile(r"([01]?\d|2[0-3])[:h]([0-5]\d)")
PAUSES: Final = (
    Column("agent", "agente"),
    Column("reason", "motivo"),
    Column("planned", "planejada", Shape.INSTANT),
    Column("at", "adiada para", Shape.INSTANT),
    Column("began", "começou", Shape.INSTANT),
    Column("ended", "terminou", Shape.INSTANT),
    Column("seconds", "segundos", Shape.COUNT),
    Column("because", "situação"),
    Column("by", "por"),
    Column("ended_by", "terminada por"),
)


class Day(click.ParamType[str]):
    """A day of the city, such as 2026-11-25."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The day as the API wants it."""
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            self.fail(f"{value!r} não é um dia; ex.: 2026-11-25", param, ctx)


def _today() -> str:
    return datetime.now(CITY).date().isoformat()


DAY = click.option("--day", type=Day(), default=_today, metavar="DIA", help="Dia (padrão: hoje).")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Em JSON.")
NAME = click.argument("name", metavar="NOME")


def at_hour(day: str, written: str) -> Instant:
    """`HH:MM` on a day of the city."""
    found = _CLOCK.fullmatch(written.strip())
    if found is None:
        raise click.BadParameter(f"{written!r} não é uma hora; ex.: 08:00")
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), CITY)
    return (midnight + timedelta(hours=int(found[1]), minutes=int(found[2]))).timestamp()


def shift_hours(day: str, begins: str, ends: str) -> tuple[Instant, Instant]:
    """A shift's two instants; one that ends before it begins ends on the next day."""
    first, last = at_hour(day, begins), at_hour(day, ends)
    return first, last if last > first else last + 86_400.0


@click.command("plan")
@NAME
@DAY
@click.option("--begins", required=True, metavar="HH:MM", help="O turno começa.")
@click.option("--ends", required=True, metavar="HH:MM", help="O turno termina.")
@click.option(
    "--pause",
    "pauses",
    multiple=True,
    metavar="MOTIVO=HH:MM",
    help="Uma pausa do plano, várias vezes; sem nenhuma, as propostas. Ex.: NR17-10a=09:45",
)
@click.pass_obj
def plan(
    state_dir: Path | None, name: str, day: str, begins: str, ends: str, pauses: tuple[str, ...]
) -> None:
    """Planeja o turno e as pausas de um agente; o que a NR-17 não permite é recusado.

    Pedido: PUT /v1/agents/{name}/plan
    """
    first, last = shift_hours(day, begins, ends)
    told = []
    for one in pauses:
        reason, equals, hour_ = one.partition("=")
        if not equals:
            raise click.BadParameter(f"{one!r} não é MOTIVO=HH:MM; ex.: NR17-10a=09:45")
        at = at_hour(day, hour_)
        told.append({"reason": reason, "at": at if at >= first else at + 86_400.0})
    body = {"begins": first, "ends": last, "pauses": told}
    _show_plans([open_api(state_dir).put(route("agents", name, "plan"), body)])


@click.command("propose")
@click.argument("names", metavar="NOME…", nargs=-1, required=True)
@DAY
@click.option("--begins", required=True, metavar="HH:MM", help="O turno começa.")
@click.option("--ends", required=True, metavar="HH:MM", help="O turno termina.")
@click.option("--keep", is_flag=True, help="As propostas valem já.")
@AS_JSON
@click.pass_obj
def propose(
    state_dir: Path | None,
    names: tuple[str, ...],
    day: str,
    begins: str,
    ends: str,
    keep: bool,
    as_json: bool,
) -> None:
    """Propõe as pausas de um turno para vários agentes, escalonadas.

    Pedido: POST /v1/plans
    """
    first, last = shift_hours(day, begins, ends)
    shifts = [{"agent": name, "begins": first, "ends": last} for name in names]
    found = open_api(state_dir).post("/v1/plans", {"shifts": shifts, "keep": keep})["plans"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    _show_plans(found)
    if not keep:
        click.echo("São propostas; para que valham: --keep")


@click.command("postpone")
@NAME
@click.argument("reason", metavar="MOTIVO")
@click.argument("hour", metavar="HH:MM")
@click.pass_obj
def postpone(state_dir: Path | None, name: str, reason: str, hour: str) -> None:
    """O agente (com o seu token) adia uma pausa planejada de hoje.

    Pedido: POST /v1/agents/{name}/postpone
    """
    body = {"reason": reason, "at": at_hour(_today(), hour)}
    found = open_api(state_dir).post(route("agents", name, "postpone"), body)
    _show_plans([found["plan"]])


@click.command("day")
@NAME
@AS_JSON
@click.pass_obj
def day_of(state_dir: Path | None, name: str, as_json: bool) -> None:
    """O turno, as pausas e as horas de um agente agora.

    Pedido: GET /v1/agents/{name}/day
    """
    found = open_api(state_dir).get(route("agents", name, "day"))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(f"{name}: logado {hours_of(found['logged'])}, posição {found['seat'] or '—'}")
    if found["limit_at"]:
        click.echo(f"pode trabalhar até {_hour(found['limit_at'])}")
    if found["pause"]:
        pause = found["pause"]
        until = f", até {_hour(pause['ends'])}" if pause["ends"] else ""
        begins = "" if pause["began"] else " (começa depois da chamada)"
        then = f"; depois dela: {found['then']}" if found["then"] else ""
        click.echo(f"em pausa: {pause['reason']}{until}{begins}{then}")
    if found["due"]:
        click.echo(f"pausa devida: {found['due']}")
    if found["blocked"]:
        click.echo(f"bloqueado por um supervisor: {found['blocked']}")
    click.echo(f"pausas feitas: {', '.join(found['taken']) or 'nenhuma'}")
    if found["plan"]:
        _show_plans([found["plan"]])


@click.command("pauses")
@DAY
@click.option("--csv", "as_csv", is_flag=True, help="Em CSV, para a inspeção do trabalho.")
@AS_JSON
@click.pass_obj
def pauses(state_dir: Path | None, day: str, as_csv: bool, as_json: bool) -> None:
    """As pausas de um dia, com horas planejadas e reais; também as que não foram feitas.

    Pedido: GET /v1/pauses
    """
    found = open_api(state_dir).get("/v1/pauses", day=day)["pauses"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif as_csv:
        write_csv(_pauses_sheet(day, found), sys.stdout)
    else:
        table = Table("Agente", "Motivo", "Planejada", "Começou", "Terminou", "Situação")
        for row in found:
            times = (_hour(row[name]) for name in ("at", "began", "ended"))
            table.add_row(row["agent"], row["reason"], *times, row["because"] or "em curso")
        Console(highlight=False).print(table)


@click.command("hours")
@DAY
@AS_JSON
@click.pass_obj
def hours(state_dir: Path | None, day: str, as_json: bool) -> None:
    """As horas de um dia: entrada, saída, tempo logado, exceções.

    Pedido: GET /v1/hours
    """
    found = open_api(state_dir).get("/v1/hours", day=day)["hours"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("Agente", "Entrou", "Saiu", "Logado", "Situação")
    for row in found:
        excepted = "; ".join(f"{one['because']} ({one['by']})" for one in row["exceptions"])
        situation = "; ".join(
            part
            for part in (
                "acima do limite" if row["over"] else "",
                f"exceção: {excepted}" if excepted else "",
            )
            if part
        )
        entered, left = _hour(row["first_login"]), _hour(row["last_logout"])
        table.add_row(row["agent"], entered, left, hours_of(row["seconds"]), situation)
    Console(highlight=False).print(table)


@click.command("subjects")
@DAY
@AS_JSON
@click.pass_obj
def subjects(state_dir: Path | None, day: str, as_json: bool) -> None:
    """A regra dos 80 %: que parte das chamadas foi do primeiro assunto de cada agente.

    Pedido: GET /v1/subjects
    """
    found = open_api(state_dir).get("/v1/subjects", day=day)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("Agente", "Assuntos", "Atendidas", "No primeiro", "Parte")
    for row in found["agents"]:
        named = ", ".join(row["subjects"]) or "—"
        share = _percent(row["share"])
        table.add_row(row["agent"], named, str(row["answered"]), str(row["first"]), share)
    Console(highlight=False).print(table)
    click.echo(f"No todo: {_percent(found['share'])} (meta: {_percent(found['goal'])})")


def _show_plans(plans: Sequence[Mapping[str, Any]]) -> None:
    table = Table("Agente", "Turno", "Pausas")
    for one in plans:
        rests = ", ".join(f"{rest['reason']} {_hour(rest['at'])}" for rest in one["pauses"])
        table.add_row(one["agent"], f"{_hour(one['begins'])} às {_hour(one['ends'])}", rests)
    Console(highlight=False).print(table)


def _pauses_sheet(day: str, found: Sequence[Mapping[str, Any]]) -> Sheet:
    """The pauses of a day, for a spreadsheet."""
    rows = [
        {
            **row,
            "at": None if row["at"] == row["planned"] else row["at"],  # nobody put it off
            "seconds": None if row["seconds"] is None else round(row["seconds"]),
        }
        for row in found
    ]
    return Sheet("pausas", f"Pausas de {day}", PAUSES, rows)


def _hour(at: Instant | None) -> str:
    return "—" if at is None else datetime.fromtimestamp(at, CITY).strftime("%H:%M")


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.1f} %".replace(".", ",")


COMMANDS: Final = (plan, propose, postpone, day_of, pauses, hours, subjects)
