"""`central156 dialplan draw`, `diff` and `schema`: a dialplan as a picture, in words, as a form."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Final

import click

from central156.cli.api import open_api
from central156.cli.dialplan import folder_argument, folder_of, read_or_exit
from central156.contract_diff import contract_differences
from central156.drawing import NoGraphviz
from central156.drawing import draw as drawn
from ivr.difference import NOTHING, differences
from reader import Dialplans
from reader.schema import schema_text
from terms.names import LINES

ON_AIR: Final = "atual"
VERSION: Final = re.compile(r"[0-9a-f]{8,64}")
FILE_NAME: Final = re.compile(r"(?:tests/)?[a-z0-9][a-z0-9_-]{0,63}\.yaml")


@click.command("draw")
@click.argument("line", metavar="LINHA", type=click.Choice(LINES))
@folder_argument
@click.option(
    "-o",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="ARQUIVO",
    help="Onde gravar o desenho (padrão: LINHA.svg).",
)
@click.pass_obj
def draw(state_dir: Path | None, line: str, folder: Path | None, target: Path | None) -> None:
    """Desenha o menu de uma linha em SVG, que cabe numa folha A3 e abre em qualquer navegador."""
    dialplans = read_or_exit(folder_of(state_dir, folder))
    try:
        picture = drawn(dialplans.lines[line], dialplans.version)
    except NoGraphviz:
        raise click.ClickException(
            "falta o programa dot, que faz o desenho; instale-o: sudo apt-get install graphviz"
        ) from None
    path = target or Path(f"{line}.svg")
    path.write_text(picture, encoding="utf-8")
    click.echo(f"Gravado: {path}")


@click.command("diff")
@click.argument("old", metavar="[ANTES]", default=ON_AIR)
@click.argument("new", metavar="[DEPOIS]", required=False)
@click.pass_obj
def diff(state_dir: Path | None, old: str, new: str | None) -> None:
    """Diz em palavras o que um cidadão notaria entre dois menus, e o que muda no contrato.

    ANTES e DEPOIS são pastas, ou versões publicadas (como e62e993d2b31, pedidas à central no ar;
    «atual» é a que está no ar). Sem ANTES, compara a que está no ar; sem DEPOIS, com a pasta dos
    menus. Pedido: GET /v1/dialplans/{version}/files
    """
    before = _read(state_dir, old)
    after = _read(state_dir, new) if new else read_or_exit(folder_of(state_dir, None))
    for sentence in differences(before, after) or (NOTHING,):
        click.echo(sentence)
    for sentence in contract_differences(before.contract, after.contract):
        click.echo(sentence)


def _read(state_dir: Path | None, what: str) -> Dialplans:
    """A folder, or a version that the centre has."""
    if Path(what).is_dir():
        return read_or_exit(Path(what))
    if what != ON_AIR and not VERSION.fullmatch(what):
        raise click.ClickException(f"'{what}' não é uma pasta, nem o nome de uma versão")
    files = open_api(state_dir).get(f"/v1/dialplans/{what}/files")["files"]
    with tempfile.TemporaryDirectory(prefix="central156-") as place:
        folder = Path(place) / what
        for name, text in files.items():
            if FILE_NAME.fullmatch(name):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
        return read_or_exit(folder)


@click.command("schema")
def schema() -> None:
    """Escreve o JSON Schema dos arquivos, com que um editor completa e confere o que se digita."""
    click.echo(schema_text(), nl=False)
