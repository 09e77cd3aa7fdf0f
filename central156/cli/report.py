"""`central156 report list|show|export`: every report of the contract, in the terminal or as a file.

While the centre is on the air it is asked, which keeps a fact of every report; else the report is
made here, from the folder's own database, which is only read, and with numbers masked.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
from rich.table import Table

from central156.cli.api import Api, CentreAway, open_api, route
from central156.cli.report_shown import console_for, sheet_of, show
from central156.reports import file_name, told
from central156.reports_asked import PERIODS, Mistaken, asked_of
from central156.reports_of_contract import REPORTS
from central156.settings import load_settings
from papers.as_json import write_to as as_json_text
from papers.sheet import Form, save
from protocol_store import StoreError
from protocol_store.reports.making import make
from protocol_store.reports.report import Report, WrongQuestion
from terms.limits import REPORT_BUDGET, REPORTS_WAITING
from terms.sheet import Asked, Sheet

PATIENCE: Final = REPORT_BUDGET * (REPORTS_WAITING + 1)
OPTIONS: Final = {
    "since": ("--de", "PERÍODO", f"Desde quando (padrão: hoje); {PERIODS}."),
    "until": ("--ate", "PERÍODO", "Até quando; o próprio dia ou mês está incluído."),
    "interval": ("--intervalo", "TEMPO", "Uma linha por: 15min, 1h, dia, semana, mes."),
    "line": ("--linha", "LINHA", "156, 199 ou 153."),
    "queue": ("--fila", "FILA", "Só esta fila (serviço, ilha)."),
    "agent": ("--agente", "NOME", "Só este agente."),
    "campaign": ("--campanha", "NOME", "Só esta campanha."),
    "phone": ("--telefone", "NÚMERO", "Parte do telefone."),
    "protocol": ("--protocolo", "NÚMERO", "Este protocolo."),
    "keyword": ("--palavra", "PALAVRA", "Palavra-chave: assunto, marca, classificação."),
    "node": ("--etapa", "NOME", "Só esta etapa do menu."),
    "beyond": ("--limite", "SEGUNDOS", "X de «até X» e «mais de X»; ex.: 20."),
}
NAME: Final = click.argument("name", metavar="RELATÓRIO")


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every report."""
    for field, (option, metavar, text) in reversed(OPTIONS.items()):
        command = click.option(option, field, default="", metavar=metavar, help=text)(command)
    more = click.option(
        "--com", "more", multiple=True, metavar="NOME=VALOR", help="Outro parâmetro do relatório."
    )
    return more(command)


@click.group("report")
def report() -> None:
    """Os relatórios do contrato: na tela, em CSV, XLSX, ODS, DOCX e ODT."""


@report.command("list")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
def list_them(as_json: bool) -> None:
    """Lista os relatórios, com o item do contrato e os parâmetros de cada um.

    Pela API: GET /v1/reports
    """
    found = [told(one) for one in REPORTS.values()]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("Relatório", "O que conta", "Item", "Parâmetros, além do período")
    for one in found:
        takes = (
            OPTIONS.get(each["name"], (f"--com {each['name']}=…",))[0] for each in one["parameters"]
        )
        table.add_row(one["name"], one["title"], one["clause"], " ".join(takes))
    console_for(sys.stdout).print(table)


@report.command("show")
@NAME
@asking
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def show_it(state_dir: Path | None, /, name: str, as_json: bool, **given: Any) -> None:
    """Mostra um relatório na tela. Ex.: report show dac-recebidas --de ontem --intervalo 15min

    Pedido: GET /v1/reports/{name}
    """
    wanted = _known(name)
    texts, asked = _asked(wanted, given)
    try:
        answer = _from_api(open_api(state_dir), wanted, texts, Form.JSON)
        sheet = sheet_of(json.loads(answer))
    except CentreAway:
        sheet = _made_here(state_dir, wanted, asked)
    if as_json:
        as_json_text(sheet, sys.stdout)
    else:
        show(sheet, console_for(sys.stdout))


@report.command("export")
@NAME
@asking
@click.option(
    "--formato",
    "form",
    type=click.Choice([str(one) for one in Form]),
    help="Padrão: o do nome do arquivo, ou xlsx.",
)
@click.option(
    "--arquivo",
    "-o",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Onde gravar (padrão: aqui, com o nome e os dias do relatório).",
)
@click.option("--por-cima", "over", is_flag=True, help="Grava por cima do que houver.")
@click.pass_obj
def export(
    state_dir: Path | None,
    /,
    name: str,
    form: str | None,
    path: Path | None,
    over: bool,
    **given: Any,
) -> None:
    """Grava um relatório num arquivo, que só você pode ler.

    Pedido: GET /v1/reports/{name}?format=…
    """
    wanted = _known(name)
    texts, asked = _asked(wanted, given)
    chosen = _form(form, path)
    path = path or Path(file_name(name, asked, chosen))
    if path.exists() and not over:
        raise click.ClickException(f"já existe {path}; para gravar por cima: --por-cima")
    try:
        content = _from_api(open_api(state_dir), wanted, texts, chosen)
        _replace(path, lambda new: _write(new, content))
    except CentreAway:
        sheet = _made_here(state_dir, wanted, asked)
        _replace(path, lambda new: save(sheet, chosen, new))
    click.echo(f"{path}: {path.stat().st_size / 1024:.0f} kB")


def _known(name: str) -> Report:
    found = REPORTS.get(name)
    if found is None:
        raise click.exceptions.BadParameter(
            f"não há o relatório «{name}»; veja: central156 report list", param_hint="RELATÓRIO"
        )
    return found


def _asked(wanted: Report, given: Mapping[str, Any]) -> tuple[dict[str, str], Asked]:
    """What is asked: as texts for the API, and as it is understood here. Every mistake at once."""
    texts = {name: value for name, value in given.items() if name != "more" and value}
    for one in given["more"]:
        name, _, value = one.partition("=")
        texts[name] = value
    try:
        # whether this person may search by a phone, the centre decides
        asked = asked_of(wanted, texts, time.time(), reveal=True)
    except Mistaken as wrong:
        lines = [
            f"{OPTIONS[name][0] if name in OPTIONS else name}: {text}" if name else text
            for name, text in wrong.found.items()
        ]
        raise click.ClickException("\n  ".join(["o pedido não está certo:", *lines])) from None
    # both ends as they were understood, so that the file's name says what is in it
    texts |= {"since": f"{asked.since:.3f}", "until": f"{asked.until:.3f}"}
    return texts, asked


def _from_api(api: Api, wanted: Report, texts: Mapping[str, str], form: Form) -> bytes:
    return api.fetch(route("reports", wanted.name), PATIENCE, **texts, format=str(form))


def _made_here(state_dir: Path | None, wanted: Report, asked: Asked) -> Sheet:
    """The report from the folder's own database. Nobody is asked who they are: numbers masked."""
    click.echo("A central não está no ar: lendo o banco desta pasta, números mascarados.", err=True)
    question = replace(asked, reveal=False)
    if asked.phone:
        raise click.ClickException("procurar por telefone só com a central no ar, que o registra")
    try:
        return make(load_settings(state_dir).store_url, wanted, question, time.time())
    except (StoreError, WrongQuestion) as trouble:
        raise click.ClickException(str(trouble)) from None


def _form(form: str | None, path: Path | None) -> Form:
    ending = path.suffix.removeprefix(".").lower() if path else ""
    if form is None and ending and ending not in list(Form):
        raise click.ClickException(f"«.{ending}» não é um formato; há: {', '.join(Form)}")
    return Form(form or ending or Form.XLSX)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """All of the new file, or the old one."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(new)
        new.replace(path)
    except FileNotFoundError:
        raise click.ClickException(f"não há a pasta {path.parent}") from None
    finally:
        new.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "wb") as file:
        file.write(content)
