"""`central156 run` and `central156 install`: bring the centre up, prove it, keep it up."""

from __future__ import annotations

import asyncio
import functools
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from central156.cli.words import program, seconds
from central156.doctor import ports
from central156.plans import read_plans
from central156.plugs import VoicePlug
from central156.settings import Settings, load_settings
from central156.state_folder import prepare_state
from central156.what_serves import serves_without_folder
from pbx.switch_install import InstallationFailed, find_or_install
from reader import DialplanMistakes
from voice.library import Library, PromptsBroken

PROOF_SECONDS = 60.0


@click.command("run")
@click.option("--no-proof", is_flag=True, help="Não fazer a ligação de prova ao ligar.")
@click.pass_obj
def run(state_dir: Path | None, no_proof: bool) -> None:
    """Liga a central, prova-a com uma ligação de verdade e fica no ar até Ctrl-C."""
    began = time.monotonic()
    screen = Console(highlight=False)
    settings = load_settings(state_dir)
    prepare_state(settings)
    _refuse_broken(settings)
    _warn_of_prompts(settings)
    _install(settings, screen)
    installed = time.monotonic()

    async def on_ready() -> None:
        screen.print(f"[green]No ar[/] {seconds(time.monotonic() - installed)} depois de começar.")
        if not no_proof:
            await prove(settings, screen)
        screen.print(_what_now(settings), soft_wrap=True)

    # Imported late: the parent process must stay small and start fast.
    from central156.supervisor import main  # noqa: PLC0415

    if installed - began > 1.0:
        screen.print(f"Instalação do Asterisk: {installed - began:.0f} s.")
    sys.exit(main(settings, functools.partial(screen.print, soft_wrap=True), on_ready))


@click.command("install")
@click.pass_obj
def install(state_dir: Path | None) -> None:
    """Instala o Asterisk embutido, se o sistema não tiver um que sirva."""
    _install(load_settings(state_dir), Console(highlight=False))


def _install(settings: Settings, screen: Console) -> None:
    with screen.status("Procurando o Asterisk…") as status:
        try:
            found = find_or_install(settings.asterisk_dir, status.update)
        except InstallationFailed as wrong:
            raise click.ClickException(str(wrong)) from None
    screen.print(
        f"Asterisk {found.version} ({'do sistema' if found.kind == 'system' else 'embutido'})"
    )


def _refuse_broken(settings: Settings) -> None:
    """A person is watching: say now what a starting control would only log."""
    try:
        voice = VoicePlug(settings.sounds_dir, settings.state_dir)
        read_plans(settings.dialplans_dir, voice, settings)
    except DialplanMistakes as wrong:
        if not serves_without_folder(settings):
            raise click.ClickException(f"a central não foi ligada:\n{wrong}") from None
        click.echo(f"Atenção, esta pasta não vale, segue a versão publicada:\n{wrong}", err=True)
    except PromptsBroken as wrong:
        raise click.ClickException(f"a central não foi ligada:\n{wrong}") from None
    taken = [one for one in ports(settings) if not one.ok]
    if taken:
        lines = "".join(f"\n  {one.what}: {one.detail}" for one in taken)
        raise click.ClickException(f"a central não foi ligada:{lines}\n{taken[0].advice}")


def _warn_of_prompts(settings: Settings) -> None:
    """A prompt that cannot be heard is no reason to leave a city without its line."""
    for problem in Library(settings.sounds_dir).check():
        click.echo(f"Atenção, o cidadão não ouvirá: {problem}", err=True)


async def prove(settings: Settings, screen: Console) -> None:
    """Place the proof call from a process of its own: a fault of the phone stays in there."""
    screen.print("Prova: uma ligação SIP de verdade para o 156 (leva uns 15 s)…")
    words = ["-m", "central156.cli", "--pasta", str(settings.state_dir), "prove"]
    process = await asyncio.create_subprocess_exec(sys.executable, *words)
    try:
        code = await asyncio.wait_for(process.wait(), PROOF_SECONDS)
    except TimeoutError:
        screen.print("[red]A prova não terminou a tempo.[/] A central continua no ar.")
    else:
        if code != 0:
            screen.print("[red]A prova falhou.[/] A central continua no ar; veja: doctor")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _what_now(settings: Settings) -> str:
    command = program()
    phones = f"{settings.sip_address}:{settings.agents_port}"
    here = "" if settings.is_default_state_dir else f" --pasta {settings.state_dir}"
    return (
        f"\nLigue (SIP, UDP):    sip:156@{settings.sip_address}:{settings.trunk_port}   "
        f"(também 199, 153 e 08000110156)\n"
        f"Ligação de teste:    {command}{here} call 156 --keys 9\n"
        f"Novo agente:         {command}{here} agents add ana --skills p156_geral\n"
        f"                     e registre o ramal em {phones}; nele, disque *11\n"
        f"Ver o movimento:     {command}{here} floor\n"
        f"Mudar um menu:       edite dialplans/; depois {command}{here} dialplan check, e publish\n"
        f"API:                 {settings.api_url}/v1/openapi.json\n"
        f"Parar:               Ctrl-C (espera as ligações em curso; duas vezes para já)"
    )
