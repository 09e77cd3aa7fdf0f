"""`central156 campaign start|pause|stop|progress|go-on`: a campaign at work, and how far it is."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.live import Live

from central156.campaign_lists import named
from central156.cli.api import Api, open_api, route
from central156.cli.campaign_bar import drawn, in_words
from central156.cli.campaign_words import STANDS
from central156.cli.letters import keep_to_the_terminal_s_letters
from central156.cli.motives import motive
from central156.cli.words import moment, program

EVERY: Final = 1.0
"""Seconds between two looks of the live bar."""

SPEAKING: Final = 120.0
"""Seconds within which a campaign's texts are spoken and recorded, when it is started first."""

OVER: Final = ("done",)
Plain = Mapping[str, Any]
follow = click.option("--follow", is_flag=True, help="Fica na tela até a campanha acabar.")
NAME = click.argument("name", metavar="CAMPANHA")


@click.command("start")
@NAME
@follow
@click.pass_obj
def start(state_dir: Path | None, name: str, follow: bool) -> None:
    """Começa a ligar, ou recomeça depois de uma pausa.

    Antes confere o arquivo, os contatos, as rotas e se cada texto tem a sua voz; o que falta se diz
    numa frase. Risco à vida: só um supervisor, com --token.

    Pedido: POST /v1/campaigns/{campaign}/start
    """
    api = open_api(state_dir)
    found = api.post(_path(name, "start"), seconds=SPEAKING)
    click.echo(f"{found['campaign']}: {STANDS[found['state']]}.")
    if follow:
        watch(api, name)
    else:
        click.echo(f"Para acompanhar: {program()} campaign progress {found['campaign']} --follow")


@click.command("pause")
@NAME
@motive("because", required=True)
@click.pass_obj
def pause(state_dir: Path | None, name: str, because: str) -> None:
    """Não liga mais, por ora; o que toca e quem conversa vai até o fim.

    Pedido: POST /v1/campaigns/{campaign}/pause
    """
    found = open_api(state_dir).post(_path(name, "pause"), {"because": because})
    click.echo(_stands(found))
    click.echo(f"Para recomeçar: {program()} campaign start {found['campaign']}")


@click.command("stop")
@NAME
@motive("because", required=True)
@click.pass_obj
def stop(state_dir: Path | None, name: str, because: str) -> None:
    """Encerra a campanha: em um segundo nada mais toca; quem conversa vai até o fim.

    Não recomeça: para parar por ora, pause. Pedido: POST /v1/campaigns/{campaign}/stop
    """
    found = open_api(state_dir).post(_path(name, "stop"), {"because": because})
    click.echo(_stands(found))


@click.command("progress")
@NAME
@follow
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def progress(state_dir: Path | None, name: str, follow: bool, as_json: bool) -> None:
    """Mostra como vai a campanha: chamados, em curso, atendidos, a chamar, fim esperado, rotas.

    Pedido: GET /v1/campaigns/{campaign}/progress
    """
    api = open_api(state_dir)
    if follow and not as_json:
        watch(api, name)
        return
    found = api.get(_path(name, "progress"))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    keep_to_the_terminal_s_letters(sys.stdout)
    _draw(found)


@click.command("go-on")
@motive("because", said="Por que se pode seguir; fica gravado.")
@click.pass_obj
def go_on(state_dir: Path | None, because: str) -> None:
    """Recomeça depois que tudo parou sozinho; sem motivo, diz se parou e por quê.

    Pedidos: GET /v1/dialler e POST /v1/dialler/go-on
    """
    api = open_api(state_dir)
    found = api.get("/v1/dialler")
    if not because:
        for line in _standing(found):
            click.echo(line)
        return
    api.post("/v1/dialler/go-on", {"because": because})
    click.echo(f"O discador segue. Estava parado: {found['stopped']}.")


def watch(api: Api, name: str) -> None:
    """Draw how far it is, once a second, until it is over or Ctrl-C; without a terminal, a line
    whenever something has changed."""
    keep_to_the_terminal_s_letters(sys.stdout)
    console = Console(highlight=False)
    found = api.get(_path(name, "progress"))
    if not console.is_terminal:
        _follow_in_lines(api, name, found)
        return
    with Live(drawn(found, console.width), console=console, auto_refresh=False) as live:
        while found["state"] not in OVER:
            time.sleep(EVERY)
            found = _again(api, name, found)
            live.update(drawn(found, console.width), refresh=True)


def _follow_in_lines(api: Api, name: str, found: Plain) -> None:
    told = ""
    while True:
        if (line := in_words(found)) != told:
            click.echo(line)
            told = line
        if found["state"] in OVER:
            return
        time.sleep(EVERY)
        found = _again(api, name, found)


def _again(api: Api, name: str, before: Plain) -> Plain:
    """How far it is now; as it was, and why nothing newer is known, while the centre is away."""
    try:
        found: Plain = api.get(_path(name, "progress"))
    except click.ClickException as away:
        return {**before, "away": away.message}
    return found


def _draw(found: Plain) -> None:
    console = Console(highlight=False)
    console.print(drawn(found, console.width))


def _path(name: str, *more: str) -> str:
    return route("campaigns", named(name), *more)


def _stands(found: Plain) -> str:
    return f"{found['campaign']}: {STANDS[found['state']]}; {found['in_course']} em curso."


def _standing(found: Plain) -> list[str]:
    if not found["dials"]:
        return ["Esta central não liga para campanhas: falta uma rota de saída."]
    if not found["stopped"]:
        return ["O discador não está parado."]
    since = f" desde {moment(found['since'])}" if found["since"] else ""
    return [
        f"Tudo parado{since}: {found['stopped']}.",
        f"Olhe o motivo e, se pode seguir: {program()} campaign go-on --motivo TEXTO",
    ]


COMMANDS: Final = (start, pause, stop, progress, go_on)
