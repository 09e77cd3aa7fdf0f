"""`central156 store merge`, `backup` and `restore`: stores that become one, or are kept aside."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from central156 import backup as copies
from central156.cli.store_verify import alive, figure, silent, tell, telling
from central156.recordings_open import shelf_of
from central156.settings import Settings, load_settings
from central156.settings_file import read_file
from central156.state_folder import prepare_state
from central156.supervisor import AlreadyRunning, sole_owner
from protocol_store import merge as merging
from protocol_store.heads import prepare
from protocol_store.offline import opened, others_in

MEGABYTE = 1024 * 1024


@click.command("merge")
@click.argument("source", metavar="ORIGEM")
@click.option("--json", "as_json", is_flag=True, help="Em JSON.")
@click.pass_obj
def merge(state_dir: Path | None, source: str, as_json: bool) -> None:
    """Traz para o registro desta pasta os fatos de outro sítio.

    ORIGEM é a pasta de estado do outro sítio, ou o endereço do banco dele (SQLite ou PostgreSQL).
    Repetir não faz mal: só vem o que ainda falta. A central desta pasta precisa estar parada; a
    da origem, não.
    """
    settings = load_settings(state_dir)
    with (
        telling(),
        ours_alone(settings),
        opened(_address(source, settings.store_url)) as other,
        opened(settings.store_url, reading=False, new=True) as ours,
    ):
        if count := others_in(ours):
            raise click.ClickException(
                f"o banco de destino está em uso ({count} conexões): pare a central e tudo o "
                "que o lê"
            )
        prepare(ours, settings.site, settings.numbers)
        merged = merging.merge(other, ours, silent if as_json else alive)
    if as_json:
        said = {
            "taken": merged.taken,
            "left_out": merged.left_out,
            "two_people": merged.two_people,
        }
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    for site, count in merged.taken.items():
        click.echo(f"Sítio {site}: {figure(count)} fatos novos.")
    if merged.left_out:
        click.echo(f"{figure(merged.left_out)} fatos ficaram só na história, fora das tabelas.")
    for name in merged.two_people:
        click.echo(f"Atenção: o agente {name} tem nomes diferentes nos dois sítios; são somados.")
    click.echo("Confira: central156 store verify")


@click.command("backup")
@click.argument("folder", metavar="DESTINO", type=click.Path(path_type=Path))
@click.option(
    "--com-segredos",
    "with_secrets",
    is_flag=True,
    help="Também a pasta secrets: chaves-mestras e tokens. Guarde essa cópia como se guarda chave.",
)
@click.pass_obj
def backup(state_dir: Path | None, folder: Path, with_secrets: bool) -> None:
    """Copia o registro inteiro para uma pasta nova, com a central no ar ou parada.

    Vão: o banco, o diário, os selos, as configurações e a lista das gravações. Não vão: o som das
    gravações (arquivos lacrados, copie-os como arquivos) e, sem --com-segredos, os segredos.
    """
    settings = load_settings(state_dir)
    with telling():
        made = copies.back_up(settings, folder, time.time(), with_secrets=with_secrets)
    megabytes = f"{made.size / MEGABYTE:.1f}".replace(".", ",")
    click.echo(f"Copiado para {made.folder}: {figure(made.facts)} fatos, {megabytes} MB.")
    shelf = shelf_of(settings)
    click.echo(
        f"Gravações na lista: {figure(made.recordings)}. O som não vai na cópia: copie, como "
        f"arquivos, {shelf.online} e {shelf.archive}."
    )
    if not made.secrets:
        click.echo(
            f"Os segredos ({settings.secrets_dir}) não estão na cópia: guarde-os à parte, longe "
            "dela. Sem secrets/recordings_master nenhuma gravação é aberta."
        )


@click.command("restore")
@click.argument("folder", metavar="CÓPIA", type=click.Path(exists=True, path_type=Path))
@click.pass_obj
def restore(state_dir: Path | None, folder: Path) -> None:
    """Traz uma cópia de volta, para uma pasta (e um banco) ainda sem fatos, e confere-a.

    Sai com 1 se a conferência achar algo. A pasta é a da opção --pasta; o banco, o das
    configurações dela, ou das da cópia se ela ainda não tiver nenhuma.
    """
    with telling():
        settings = copies.settings_for(state_dir, folder)
        brought, found = copies.restore(settings, folder, time.time())
    click.echo(f"Restaurado em {settings.state_dir}: {figure(brought.facts)} fatos.")
    if brought.missing:
        shelf = shelf_of(settings)
        click.echo(
            f"Falta o som de {figure(brought.missing)} de {figure(brought.recordings)} gravações: "
            f"copie-o para {shelf.online} e {shelf.archive}."
        )
    if not brought.secrets:
        click.echo(f"Os segredos não vieram na cópia: ponha os seus em {settings.secrets_dir}.")
    tell(found)
    sys.exit(1 if found.findings else 0)


@contextmanager
def ours_alone(settings: Settings) -> Iterator[None]:
    """Nobody runs on this state folder meanwhile."""
    prepare_state(settings)
    try:
        with sole_owner(settings.run_dir):
            yield
    except AlreadyRunning as other:
        raise click.ClickException(
            f"há uma central no ar nesta pasta (processo {other.pid}): pare-a antes"
        ) from None


def _address(source: str, ours: str) -> str:
    """What a person typed, a state folder or an address, as an address."""
    found = source
    if "://" not in source:
        folder = Path(source).expanduser().absolute()
        # The environment's settings are those of our folder, not of this one.
        found = read_file(folder / "settings.toml").get("database_url") or ""
        found = found or f"sqlite:///{folder / 'store.sqlite'}"
    if found == ours:
        raise click.ClickException("a origem e o destino são o mesmo banco")
    return found
