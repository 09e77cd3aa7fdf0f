"""`central156 agents …`: who is here, who rests, and what supervisors do to agents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from central156.cli import agents as accounts
from central156.cli import agents_campaigns as calls_made
from central156.cli import agents_shifts as shifts
from central156.cli.agents import levels, one_line
from central156.cli.api import Api, open_api, route
from central156.cli.moments import Until
from central156.cli.motives import motive
from central156.cli.words import hour

NAME = click.argument("name", metavar="NOME")
BECAUSE = motive("because", required=True)


@click.group("agents")
def agents() -> None:
    """Agentes: quem atende, presença, pausas, turnos, jornada."""


def _act(api: Api, name: str, act: str, body: Any = None) -> Mapping[str, Any]:
    screen: Mapping[str, Any] = api.post(route("agents", name, act), body)
    click.echo(one_line(screen))
    return screen


@agents.command("login")
@NAME
@click.option("--seat", default="", metavar="POSIÇÃO", help="Onde se senta; ex.: pa-017.")
@click.pass_obj
def login(state_dir: Path | None, name: str, seat: str) -> None:
    """O agente começa a receber chamadas. Vale o último login: sai da posição anterior.

    Pedido: POST /v1/agents/{name}/login
    """
    screen = _act(open_api(state_dir), name, "login", {"seat": seat})
    if screen["phone"] == "gone":
        click.echo("Atenção: o telefone ainda não está registrado; até lá, nada lhe é oferecido.")


@agents.command("logout")
@NAME
@motive("because")
@click.pass_obj
def logout(state_dir: Path | None, name: str, because: str) -> None:
    """O agente deixa de receber chamadas; uma conversa em curso continua.

    Pedido: POST /v1/agents/{name}/logout
    """
    _act(open_api(state_dir), name, "logout", {"because": because})


@agents.command("pause")
@NAME
@click.argument("reason", metavar="MOTIVO", default="banheiro")
@click.pass_obj
def pause(state_dir: Path | None, name: str, reason: str) -> None:
    """O agente entra em pausa (sem motivo: banheiro). Os motivos: central156 agents reasons.

    Pedido: POST /v1/agents/{name}/pause
    """
    _act(open_api(state_dir), name, "pause", {"reason": reason})


@agents.command("resume")
@NAME
@click.pass_obj
def resume(state_dir: Path | None, name: str) -> None:
    """O agente volta da pausa; as da NR-17 ninguém corta.

    Pedido: POST /v1/agents/{name}/resume
    """
    _act(open_api(state_dir), name, "resume")


@agents.command("wrap-up")
@NAME
@click.option("--result", default="", metavar="RESULTADO", help="O que resultou da chamada.")
@click.pass_obj
def wrap_up(state_dir: Path | None, name: str, result: str) -> None:
    """O agente termina o pós-atendimento, com o resultado da chamada ou sem.

    Pedido: POST /v1/agents/{name}/result e POST /v1/agents/{name}/ready
    """
    api = open_api(state_dir)
    if result:
        api.post(route("agents", name, "result"), {"code": result})
    _act(api, name, "ready")


@agents.command("more-time")
@NAME
@click.pass_obj
def more_time(state_dir: Path | None, name: str) -> None:
    """Mais tempo de pós-atendimento, até o limite.

    Pedido: POST /v1/agents/{name}/more-time
    """
    _act(open_api(state_dir), name, "more-time")


@agents.command("abusive")
@NAME
@click.pass_obj
def abusive(state_dir: Path | None, name: str) -> None:
    """A chamada em curso, ou a última, foi abusiva: pausa «desgaste» depois dela.

    Pedido: POST /v1/agents/{name}/abusive
    """
    _act(open_api(state_dir), name, "abusive")


@agents.command("reasons")
@click.pass_obj
def reasons(state_dir: Path | None) -> None:
    """Os motivos de pausa e os resultados de chamada que há, com os códigos do telefone.

    Pedido: GET /v1/pause-reasons
    """
    found = open_api(state_dir).get("/v1/pause-reasons")
    for one in found["reasons"]:
        lasts = f"{one['seconds'] / 60:.0f} min" if one["seconds"] else "sem prazo"
        click.echo(f"{one['reason']:<12} {lasts:<10} {one['code']}")
    for number, code in enumerate(found["results"], 1):
        click.echo(f"resultado    {code:<16} *18{number}")


@agents.command("exception")
@NAME
@click.option("--until", required=True, type=Until(), metavar="QUANDO", help="Até quando; ex.: 1h.")
@BECAUSE
@click.pass_obj
def exception(state_dir: Path | None, name: str, until: float, because: str) -> None:
    """Deixa o agente trabalhar além das 6 horas do dia (CLT, art. 59).

    Pedido: POST /v1/agents/{name}/exception
    """
    body = {"until": until, "because": because}
    day = open_api(state_dir).post(route("agents", name, "exception"), body)
    click.echo(f"{name} pode trabalhar até {hour(max(until, day['limit_at'] or 0.0))}.")


@agents.command("block")
@NAME
@BECAUSE
@click.pass_obj
def block(state_dir: Path | None, name: str, because: str) -> None:
    """Bloqueia o agente: sai depois da chamada e não entra até ser liberado.

    Pedido: POST /v1/agents/{name}/block
    """
    _act(open_api(state_dir), name, "block", {"because": because})


@agents.command("release")
@NAME
@click.pass_obj
def release(state_dir: Path | None, name: str) -> None:
    """Libera um agente bloqueado.

    Pedido: POST /v1/agents/{name}/release
    """
    _act(open_api(state_dir), name, "release")


@agents.command("skills")
@NAME
@click.option("--skills", default="", metavar="LISTA", help="Como em agents add; substitui todas.")
@click.option("--subjects", default=None, metavar="LISTA", help="Até 3, na ordem; vazia: nenhum.")
@click.option("--reserve/--no-reserve", default=None, help="Entra ou sai da reserva.")
@motive("because")
@click.pass_obj
def skills(
    state_dir: Path | None,
    name: str,
    skills: str,
    subjects: str | None,
    reserve: bool | None,
    because: str,
) -> None:
    """Muda as habilidades, os assuntos ou a reserva de um agente; vale já.

    Pedido: PATCH /v1/agents/{name}/skills
    """
    body: dict[str, Any] = {"because": because}
    if skills:
        body["skills"] = levels(skills)
    if subjects is not None:
        body["subjects"] = [part.strip() for part in subjects.split(",") if part.strip()]
    if reserve is not None:
        body["reserve"] = reserve
    found = open_api(state_dir).patch(route("agents", name, "skills"), body)
    told = ", ".join(f"{skill}:{level}" for skill, level in found["skills"].items())
    click.echo(f"{name}: {told}")
    click.echo(f"assuntos: {', '.join(found['subjects']) or '—'}")
    click.echo("na reserva" if found["reserve"] else "fora da reserva")


@agents.command("seat")
@click.argument("seat", metavar="POSIÇÃO")
@click.option("--opens", required=True, metavar="HH:MM", help="A partir de que hora.")
@click.option("--closes", required=True, metavar="HH:MM", help="Até que hora.")
@click.option("--days", default="1234567", metavar="DIAS", help="1 = segunda … 7 = domingo.")
@click.pass_obj
def seat(state_dir: Path | None, seat: str, opens: str, closes: str, days: str) -> None:
    """O horário em que uma posição pode ser ocupada.

    Pedido: PUT /v1/seats/{seat}
    """
    body = {"opens": opens, "closes": closes, "days": days}
    found = open_api(state_dir).put(route("seats", seat), body)
    click.echo(f"{seat}: das {found['opens']} às {found['closes']}, dias {found['days']}")


own = (accounts.add, accounts.list_agents, accounts.watch, *shifts.COMMANDS)
for command in (*own, calls_made.preview, calls_made.heard):
    agents.add_command(command)
