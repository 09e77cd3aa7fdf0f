"""`central156 protocol`: what is stored of a protocol."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from central156.cli.api import open_api
from central156.cli.story import tell

PUNCTUATION = re.compile(r"[\s.-]")


@click.command("protocol")
@click.argument("number", metavar="NÚMERO", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Contar em JSON.")
@click.pass_obj
def protocol(state_dir: Path | None, number: tuple[str, ...], as_json: bool) -> None:
    """Conta o que está gravado de um protocolo (com ou sem pontuação).

    Pedido: GET /v1/protocols/{number}
    """
    digits = PUNCTUATION.sub("", "".join(number))
    if not (digits.isascii() and digits.isdigit()):
        raise click.BadParameter("um protocolo tem só algarismos", param_hint="NÚMERO")
    story = open_api(state_dir).get(f"/v1/protocols/{digits}")
    click.echo(json.dumps(story, ensure_ascii=False, indent=2) if as_json else tell(story))
