"""`central156 agents add|list|watch`: who answers calls, and what an agent sees of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from central156.cli import agents_campaigns as calls_made
from central156.cli.api import open_api, route
from central156.cli.words import FOREIGN, PHONES, STATES, STATUSES, clock, hour, number, program


@click.command("add")
@click.argument("name", metavar="NOME")
@click.option(
    "--skills",
    required=True,
    metavar="LISTA",
    help="Habilidades, separadas por vírgula; nível depois de dois-pontos (1 é o melhor). "
    "Ex.: p156_geral,p156_zeladoria:2",
)
@click.option("--nome", "full_name", default="", help="Nome por extenso.")
@click.pass_obj
def add(state_dir: Path | None, name: str, skills: str, full_name: str) -> None:
    """Cria um agente e a conta SIP dele; mostra a senha uma única vez.

    Pedido: POST /v1/agents
    """
    body = {"name": name, "full_name": full_name, "skills": levels(skills)}
    account = open_api(state_dir).post("/v1/agents", body)
    click.echo(f"Agente {account['agent']} criado. Conta para o telefone SIP:")
    click.echo(f"  servidor  {account['server']}:{account['port']} (UDP)")
    click.echo(f"  usuário   {account['agent']}")
    click.echo(f"  senha     {account['password']}")
    click.echo("Anote a senha: ela não fica guardada e não será mostrada de novo.")
    click.echo("Com o telefone registrado, o agente disca *11 para entrar e *12 para sair.")


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def list_agents(state_dir: Path | None, as_json: bool) -> None:
    """Mostra os agentes e a situação de cada um.

    Pedido: GET /v1/agents
    """
    found = open_api(state_dir).get("/v1/agents")["agents"]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo(f"Ainda não há agentes. Para criar: {program()} agents add NOME --skills …")
        return
    table = Table("Agente", "Nome", "Situação", "Estado", "Telefone")
    table.add_column("Habilidades", no_wrap=True)  # a name that is cut cannot be typed again
    for one in found:
        skills = "\n".join(
            skill if level == 1 else f"{skill}:{level}" for skill, level in one["skills"].items()
        )
        table.add_row(one["agent"], one["full_name"], *_situation(one), skills)
    Console(highlight=False).print(table)


@click.command("watch")
@click.argument("name", metavar="NOME")
@click.option("--json", "as_json", is_flag=True, help="Uma linha de JSON por mudança.")
@click.pass_obj
def watch(state_dir: Path | None, name: str, as_json: bool) -> None:
    """Mostra ao vivo o que o agente vê da chamada que toca ou que atende.

    Pedido: GET /v1/agents/{name}/watch
    """
    for event, screen in open_api(state_dir).events(route("agents", name, "watch")):
        if as_json and event == "screen":
            click.echo(json.dumps(screen, ensure_ascii=False))
        elif event == "screen":
            click.echo(f"{hour(screen['at'])}  {one_line(screen)}")
            for line in _call_lines(screen):
                click.echo(f"          {line}")
        elif event == "away":
            click.echo("A central saiu do ar; esperando que volte…", err=True)


def levels(text: str) -> dict[str, int]:
    """`a,b:2` → each skill with its level."""
    levels: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        skill, colon, level = part.partition(":")
        if colon and not level.isdigit():
            raise click.BadParameter(f"nível inválido em {part!r}", param_hint="--skills")
        levels[skill.strip()] = int(level) if colon else 1
    return levels


def _situation(one: Mapping[str, Any]) -> tuple[str, str, str]:
    status = STATUSES.get(one["status"], one["status"])
    if one["reason"]:
        status += f" ({one['reason']})"
    return (
        status,
        STATES.get(one["state"], one["state"]),
        PHONES.get(one["phone"], one["phone"]),
    )


def one_line(screen: Mapping[str, Any]) -> str:
    """An agent in one line."""
    status, state, phone = _situation(screen)
    return f"{screen['agent']}: {status}, {state}, telefone {phone}"


def _call_lines(screen: Mapping[str, Any]) -> list[str]:
    campaign = screen.get("campaign") or screen.get("preview")
    return [*_shown_lines(screen), *(calls_made.told(campaign) if campaign else ())]


def _shown_lines(screen: Mapping[str, Any]) -> list[str]:
    shown = screen["shown"]
    if not shown:
        return []
    lines = [
        f"linha      {shown['line']}",
        f"assunto    {shown['subject'] or '—'}",
        f"protocolo  {number(shown['protocol'])}",
        f"caminho    {shown['path'] or '—'}",
        f"fila       {shown['queue'] or '—'}",
    ]
    if shown["language"] in FOREIGN:
        lines.append(f"idioma     {FOREIGN[shown['language']]}")
    if shown["relay"]:
        lines.append("surdo      fala por um intérprete; sem pressa")
    if shown["data"]:
        told = ", ".join(f"{name} {value}" for name, value in shown["data"].items())
        lines.append(f"dados      {told}")
    if shown["waiting_since"]:
        waited = (shown["answered"] or screen["at"]) - shown["waiting_since"]
        lines.append(f"esperou    {clock(waited)}")
    return lines
