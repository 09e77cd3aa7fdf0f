"""`central156 dialplan check` and `test`: what is proved before anything goes live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

from central156.cli import trunk
from central156.cli.dialplan import exit_with, folder_argument, folder_of, read_or_exit
from central156.cli.words import counted, seconds
from central156.plans import offered
from central156.scripts import run_folder
from central156.settings import Settings, load_settings
from central156.sources import unanswered
from ivr.menu import LinePlan
from ivr.proofs.lengths import LengthOf, languages_of, seconds_of
from ivr.rehearsed import coverage
from ivr.ways import spoken
from reader import Dialplans, Mistake
from reader import check as check_recordings
from voice.library import RECORDED_HERE, Library, PromptsBroken

FULL: Final = 100
SHOWN: Final = 10
"""Texts without a recording, of all that there are."""


@click.command("check")
@folder_argument
@click.option("--gravacoes", "recordings", is_flag=True, help="Falta de gravação também é erro.")
@click.pass_obj
def check(state_dir: Path | None, folder: Path | None, recordings: bool) -> None:
    """Prova os menus de uma pasta: tudo o que está errado, com arquivo, linha e coluna.

    Sem erros, diz de cada linha quantas etapas e saídas foram provadas, o que fica escondido por
    falta de um serviço, e que textos ainda não têm gravação (publish os grava). Confere também
    rotas.yaml, que não se publica (trunk reload).
    """
    settings = load_settings(state_dir)
    dialplans = read_or_exit(folder_of(state_dir, folder))
    trunk.read_or_exit(folder_of(state_dir, folder))
    length_of = _lengths(settings)
    # What callers hear, and so what is recorded.
    served, found = offered(dialplans, settings)
    wrong = [served.mistake(line, one) for line, one in found if not one.told_only]
    missing = _missing(served, length_of)
    wrong += [*check_recordings(served, _zero(length_of)), *(missing if recordings else ())]
    if wrong:
        exit_with([*map(str, dict.fromkeys(wrong))])
    for line, plan in served.lines.items():
        hidden = [served.mistake(line, one) for of, one in found if of == line]
        click.echo(_told(line, plan, length_of, len(hidden)))
        for place in hidden:
            click.echo(f"  {place}")
    for told in unanswered(settings, served.services):
        click.echo(told)
    if missing:
        click.echo(f"{counted(len(missing), 'texto', 'textos')} ainda sem gravação:")
        for one in missing[:SHOWN]:
            click.echo(f"  {one}")
        if len(missing) > SHOWN:
            click.echo(f"  … e mais {len(missing) - SHOWN} (todos: --gravacoes)")
    click.echo(f"Versão {dialplans.version}: nenhum erro.")


def _told(line: str, plan: LinePlan, length_of: LengthOf, hidden: int) -> str:
    """One line about a line: what was proved, and the longest text."""
    ways = len(coverage({line: plan}, ()).all)
    told = f"{line}: {counted(len(plan.nodes), 'etapa', 'etapas')}, {ways} saídas provadas"
    longest = max(_speeches(plan, length_of), default=None)
    if longest is not None and longest[0]:
        told += f"; a fala mais longa dura {seconds(longest[0])} ({longest[1]})"
    if hidden:
        told += f"; {counted(hidden, 'opção escondida', 'opções escondidas')}"
    return told


def _speeches(plan: LinePlan, length_of: LengthOf) -> Iterator[tuple[float, str]]:
    """How long each text lasts, and where it is."""
    for part, texts in spoken(plan):
        where = (
            f"'{part[1]}'" if part[0] == "nodes" else "na espera" if part[0] == "waiting" else ""
        )
        for language in languages_of(texts):
            yield seconds_of(texts, language, length_of), where or "padroes"


# --- recordings ---
def _lengths(settings: Settings) -> LengthOf:
    """How long the recordings of this centre last. Without any, nothing is recorded yet."""
    try:
        library = Library(settings.sounds_dir, settings.state_dir / RECORDED_HERE)
    except PromptsBroken as broken:
        click.echo(f"Aviso: as gravações não podem ser lidas: {broken}", err=True)
        return lambda language, words: None

    def length_of(language: str, words: str) -> float | None:
        found = library.find(words, language)
        return None if found is None else found.seconds

    return length_of


def _zero(length_of: LengthOf) -> Callable[[str, str], float]:
    """What is not recorded yet lasts nothing: only what is recorded can be too long."""
    return lambda language, words: length_of(language, words) or 0.0


def _missing(dialplans: Dialplans, length_of: LengthOf) -> list[Mistake]:
    """The texts without a recording, each where it stands."""
    return list(
        check_recordings(
            dialplans, lambda language, words: None if length_of(language, words) is None else 0.0
        )
    )


# --- scripts ---
@click.command("test")
@folder_argument
@click.option(
    "--cobertura",
    "share",
    type=click.IntRange(0, FULL),
    default=0,
    help="Menos do que esta porcentagem de saídas testadas é erro.",
)
@click.pass_obj
def test(state_dir: Path | None, folder: Path | None, share: int) -> None:
    """Ensaia as chamadas de tests/*.yaml, sem telefone nem rede, e diz que saídas faltam testar.

    As chamadas passam pelo mesmo interpretador que atende os cidadãos.
    """
    chosen = folder_of(state_dir, folder)
    report = run_folder(chosen, read_or_exit(chosen))
    click.echo(report.text)
    if not report.ok:
        raise click.ClickException(
            "há chamadas que não foram como esperado; se a mudança é a que se quer, mude o roteiro"
        )
    if report.share * FULL < share:
        raise click.ClickException(f"a cobertura é menor que {share} %")
