"""`central156 contract …`: what the contract counts and pays, and the carrier's file (INR)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from central156.cli.api import open_api
from central156.cli.dialplan import exit_with, folder_argument, folder_of
from central156.cli.words import CITY, counted, program
from central156.contract_words import COUNTED, oddities_of, percent, rules_of
from contract.definitions import Contract, Indicator, Terms
from protocol_store.carrier_file import CarrierMistakes, read_carrier_file
from reader import DialplanMistakes, contents_of, read_contract_alone
from reader.folder import CONTRACT
from reader.share_text import comma, points_text, share_text
from terms.limits import CARRIER_FILE_BYTES, NAME_CHARACTERS

ANY_LINE: Final = "todas"


@click.group("contract")
def contract() -> None:
    """O contrato: indicadores, metas, faixas, pontos e pagamento.

    Os valores de um mês: central156 report show indicadores --de 2026-11
    """


@contract.command("show")
@folder_argument
@click.option("--indicador", "name", default="", metavar="NOME", help="Só este, com suas faixas.")
@click.pass_obj
def show(state_dir: Path | None, folder: Path | None, name: str) -> None:
    """Mostra o contrato de uma pasta: o que vale hoje, com faixas, pontos e fatores."""
    terms = _holding(_read(folder_of(state_dir, folder)))
    if name and name not in terms.named():
        known = ", ".join(terms.named())
        raise click.ClickException(f"não há o indicador {name}; há: {known}")
    screen = Console(highlight=False)
    if name:
        _show_one(screen, terms.named()[name])
        return
    for sentence in rules_of(terms):
        click.echo(sentence)
    table = Table("Indicador", "Linhas", "Definição", "Meta", "Pontos (reincidente)")
    for one in terms.indicators:
        table.add_row(one.name, _lines(one), _definition(one), share_text(one.target), _points(one))
    screen.print(table)
    factors = Table("Pontos no mês", "Fator de pagamento")
    for row in terms.factors:
        factors.add_row(points_text(row.points), percent(row.factor))
    screen.print(factors)
    click.echo(f"As faixas de um indicador: {program()} contract show --indicador NOME")


def _show_one(screen: Console, one: Indicator) -> None:
    click.echo(f"{one.title}: {_definition(one)}. Meta: {share_text(one.target)}.")
    if one.other:
        click.echo(f"Ao lado, sem ser julgada: {_formula(one.other.count, one.other.of)}.")
    if one.because:
        click.echo(one.because)
    table = Table("Faixa", "Pontos", "Na reincidência")
    for band in one.bands:
        table.add_row(share_text(band.span), comma(band.points), comma(band.again))
    screen.print(table)
    for odd in oddities_of(one):
        click.echo(f"Atenção: {odd}.")


@contract.command("check")
@folder_argument
@click.pass_obj
def check(state_dir: Path | None, folder: Path | None) -> None:
    """Confere contrato.yaml: todos os erros, com arquivo, linha e coluna.

    Sem erros, diz que lacunas e sobreposições as tabelas têm: não são erros de quem escreveu, e o
    arquivo declara o que fazer com elas (na_lacuna, na_sobreposicao).
    """
    found = _read(folder_of(state_dir, folder))
    for terms in found.terms:
        click.echo(
            f"Desde {terms.since:%d/%m/%Y}: "
            f"{counted(len(terms.indicators), 'indicador', 'indicadores')}, "
            f"{counted(len(terms.factors), 'fator', 'fatores')}"
        )
        for one in terms.indicators:
            for odd in oddities_of(one):
                click.echo(f"  {one.name}: {odd}")
    click.echo("contrato.yaml: nenhum erro.")


@contract.command("import-operadora")
@click.argument(
    "file", metavar="ARQUIVO", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--conferir", "only_check", is_flag=True, help="Só confere o arquivo; nada é guardado."
)
@click.pass_obj
def import_carrier(state_dir: Path | None, file: Path, only_check: bool) -> None:
    """Guarda o arquivo da operadora com o que ela não entregou (para o INR).

    CSV com o cabeçalho dia;numero;ofertadas;entregues;ocupado;nao_atende;falha. Tudo ou nada; um
    dia dito de novo substitui o que havia dele. Pedido: POST /v1/contract/carrier
    """
    with file.open("rb") as opened:
        content = opened.read(CARRIER_FILE_BYTES + 1)
    try:
        days = read_carrier_file(content)
    except CarrierMistakes as wrong:
        exit_with([f"{file.name}, {one}" for one in wrong.mistakes])
    if only_check:
        click.echo(f"{file.name}: {counted(len(days), 'linha', 'linhas')}, nenhum erro.")
        return
    body = {"file": file.name[:NAME_CHARACTERS], "csv": content.decode("utf-8-sig")}
    told: dict[str, Any] = open_api(state_dir).post("/v1/contract/carrier", body)
    click.echo(
        f"Guardado: {counted(told['days'], 'dia', 'dias')}, de {told['first']} a {told['last']} "
        f"({counted(told['rows'], 'linha', 'linhas')})."
    )


def _read(folder: Path) -> Contract:
    contents = contents_of(folder)
    if CONTRACT not in contents.files and CONTRACT not in contents.unreadable:
        raise click.ClickException(f"não há {CONTRACT} em {folder}")
    try:
        return read_contract_alone(contents)[0]
    except DialplanMistakes as wrong:
        exit_with([*map(str, wrong.mistakes)])


def _holding(found: Contract) -> Terms:
    terms = found.holding(datetime.now(CITY).date())
    if terms is None:
        raise click.ClickException("nenhum termo do contrato vale hoje: veja 'desde'")
    return terms


def _lines(one: Indicator) -> str:
    return ", ".join(one.lines) or ANY_LINE


def _definition(one: Indicator) -> str:
    return one.formula.title or _formula(one.formula.count, one.formula.of)


def _formula(count: Any, of: Any) -> str:
    return f"{COUNTED[count]} sobre {COUNTED[of]}"


def _points(one: Indicator) -> str:
    return "; ".join(_told(one))


def _told(one: Indicator) -> Iterator[str]:
    for band in one.bands:
        yield f"{share_text(band.span)}: {comma(band.points)} ({comma(band.again)})"
