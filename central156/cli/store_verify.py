"""`central156 store verify` and `head`: were the facts changed, and what says so elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from central156.day_heads import kept_heads, known_keys
from central156.settings import load_settings
from protocol_store import StoreError, chain_walk
from protocol_store.chain_walk import Finding
from protocol_store.heads import Head, all_days, read_head
from protocol_store.offline import opened
from protocol_store.verify import Verified, verify
from vault.signing import holds

DONE: Final = {
    chain_walk.ALTERED: "alterados depois de gravados",
    chain_walk.DIGEST: "com o resumo alterado",
    chain_walk.REMOVED: "removidos",
    chain_walk.INSERTED: "posto no banco sem passar pela central",
    chain_walk.MOVED: "fora do seu lugar",
    chain_walk.REWRITTEN: "a corrente até aqui foi refeita: não é a que foi selada",
    chain_walk.CUT: "o fim foi cortado: faltam",
    chain_walk.DAY: "o que está guardado dos dias não se encaixa",
    chain_walk.SIGNATURE: "a assinatura do selo não vale",
    chain_walk.UNKNOWN_KEY: "selo assinado com uma chave que ninguém reconhece",
    chain_walk.UNSIGNED: "ninguém assinou que são dele",
}
"""What was found, as it is told."""
EVERY: Final = 100_000  # facts between two signs of life


@click.command("verify")
@click.option(
    "--selo",
    "head_files",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    metavar="ARQUIVO",
    help="Selo exportado (store head), ou pasta com vários. Os da própria pasta sempre contam.",
)
@click.option(
    "--chave",
    "keys",
    multiple=True,
    metavar="CHAVE",
    help="Chave pública reconhecida, além das que estão em secrets/chain_keys, uma por linha.",
)
@click.option("--banco", "database", metavar="ENDEREÇO", help="Outro banco, que não o da pasta.")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def verify_facts(
    state_dir: Path | None,
    head_files: Sequence[Path],
    keys: Sequence[str],
    database: str | None,
    as_json: bool,
) -> None:
    """Procura fatos alterados, removidos ou postos no meio, e diz onde.

    Sai com 1 se achar algum. Não é um pedido à API: funciona com a central no ar ou parada.
    """
    settings = load_settings(state_dir)
    known = {*keys, *known_keys(settings)}
    heads = [*([] if database else kept_heads(settings.heads_dir)), *_read_heads(head_files)]
    site = "" if database else settings.site
    with telling(), opened(database or settings.store_url) as engine:
        found = verify(engine, holds, known, heads, site, silent if as_json else alive)
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        tell(found)
    sys.exit(1 if found.findings else 0)


@click.command("head")
@click.option("--dia", "day", metavar="AAAA-MM-DD", help="Só o selo deste dia.")
@click.option("--sitio", "site", metavar="NOME", help="Só os deste sítio (padrão: o daqui).")
@click.pass_obj
def head(state_dir: Path | None, day: str | None, site: str | None) -> None:
    """Exporta os selos dos dias, assinados, em JSON (um por linha): guarde-os em outro lugar.

    Com eles, store verify acha também um fim cortado e uma corrente refeita.
    """
    settings = load_settings(state_dir)
    with telling(), opened(settings.store_url) as engine, engine.connect() as connection:
        days = all_days(connection, site or settings.site)
    wanted = [one for one in days if one.signature and day in (None, one.day)]
    if not wanted:
        raise click.ClickException("não há selo assinado; a central no ar assina de 5 em 5 minutos")
    for one in wanted:
        click.echo(json.dumps(one.exported()))


@contextmanager
def telling() -> Iterator[None]:
    """What goes wrong with the database is told as a command's mistake."""
    try:
        yield
    except StoreError as wrong:
        raise click.ClickException(str(wrong)) from None


def alive(count: int) -> None:
    """A sign of life now and then."""
    if count % EVERY == 0:
        click.echo(f"{figure(count)} fatos…", err=True)


def silent(_count: int) -> None:
    """Nobody watches."""


def _read_heads(files: Sequence[Path]) -> list[Head]:
    found = []
    for path in files:
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            try:
                text = file.read_text(encoding="utf-8").strip()
                found += [read_head(json.loads(one)) for one in _documents(text)]
            except ValueError:
                raise click.ClickException(f"{file}: não é um selo exportado") from None
    return found


def _documents(text: str) -> list[str]:
    """One document, or one in each line."""
    return text.splitlines() if text.startswith('{"') else [text]


def tell(found: Verified) -> None:
    """What a walk through the store came to."""
    for one in found.findings:
        click.echo(click.style("✗ ", fg="red") + told(one))
    if found.untold:
        click.echo(f"  … e mais {figure(found.untold)} achados.")
    for name, (ordinal, digest) in found.sites.items():
        click.echo(f"Sítio {name}: {figure(ordinal)} fatos, até {digest[:16]}…")
    if found.erased:
        click.echo(f"{figure(found.erased)} fatos com dados apagados, o que a corrente atesta.")
    for one in found.unvouched:
        unsigned = one.what == chain_walk.UNSIGNED
        text = "sem selo" if unsigned else "sem chave para conferir"
        click.echo(f"  {text}: {told(one)}{'' if unsigned else ' (use --chave)'}")
    if found.unsigned:
        click.echo(f"Dias encerrados ainda sem selo: {', '.join(found.unsigned)}")
    problems = len(found.findings) + found.untold
    if problems:
        click.echo(f"\n{figure(problems)} achado{'s' if problems > 1 else ''}.")
    else:
        what = f"{figure(found.facts)} fatos, {figure(found.signed)} selos conferidos"
        click.echo(click.style("✓ ", fg="green") + f"Nada foi alterado: {what}.")


def told(finding: Finding) -> str:
    """A finding as one line."""
    where = f"sítio {finding.site or '?'}"
    if finding.last:
        span = figure(finding.first)
        if finding.last > finding.first:
            span += f" a {figure(finding.last)}"
        where += f", fatos nº {span}" if finding.last > finding.first else f", fato nº {span}"
    if finding.day:
        where += f", dia {finding.day}"
    if finding.fact:
        where += f" (linha id {finding.fact})"
    return f"{where}: {DONE[finding.what]}"


def figure(value: int) -> str:
    """`1.234.567`."""
    return f"{value:,}".replace(",", ".")


def _plain(found: Verified) -> dict[str, Any]:
    def finding(one: Finding) -> dict[str, Any]:
        span = {"first": one.first, "last": one.last, "id": one.fact, "day": one.day}
        return {"what": one.what, "site": one.site, **span, "told": told(one)}

    sites = {name: {"facts": at[0], "digest": at[1]} for name, at in found.sites.items()}
    return {
        "facts": found.facts,
        "erased": found.erased,
        "signed": found.signed,
        "sites": sites,
        "findings": [finding(one) for one in found.findings],
        "untold": found.untold,
        "unvouched": [finding(one) for one in found.unvouched],
        "unsigned": list(found.unsigned),
    }
