"""The command line: `central156 …`. Every command about the running centre is a request to its API.

Decides: what to ask, and how the answer is told in a terminal. Start at `main`; each command's
module is loaded when it is used, so that a short command starts fast.
"""

from __future__ import annotations

import errno
import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from central156.cli.portuguese import COMMANDS, OPTIONS, in_portuguese, speak_portuguese
from central156.settings import STATE_DIR_VARIABLE, SettingsMistakes

WHERE: Final = {
    "run": "central156.cli.run:run",
    "install": "central156.cli.run:install",
    "call": "central156.cli.call:call",
    "prove": "central156.cli.call:prove",
    "protocol": "central156.cli.protocol:protocol",
    "agents": "central156.cli.agents_at_work:agents",
    "person": "central156.cli.persons:person",
    "why": "central156.cli.why:why",
    "talk": "central156.cli.talk:talk",
    "supervise": "central156.cli.talk:supervise",
    "floor": "central156.cli.floor:floor",
    "dialplan": "central156.cli.dialplan:dialplan",
    "announce": "central156.cli.publish:announce",
    "storm": "central156.cli.orders:storm",
    "queue": "central156.cli.orders:queue",
    "numbers": "central156.cli.numbers:numbers",
    "tasks": "central156.cli.tasks:tasks",
    "callback": "central156.cli.tasks:callback",
    "campaign": "central156.cli.campaign:campaign",
    "alert": "central156.cli.alert:alert",
    "trunk": "central156.cli.trunk:trunk",
    "sms": "central156.cli.sms:sms",
    "recording": "central156.cli.recording:recording",
    "report": "central156.cli.report:report",
    "citizen": "central156.cli.citizen:citizen",
    "store": "central156.cli.store:store",
    "contract": "central156.cli.contract:contract",
    "doctor": "central156.cli.doctor:doctor",
}
"""Each command and where it lives."""

ALSO: Final = {"agent": "agents"}
"""Names that are understood too."""

TOKEN_FILE: Final = "central156.token_file"
"""The context's key for the file of another token than the installation's own."""

DISK_ERRORS: Final = {
    errno.ENOSPC: "o disco está cheio",
    errno.EDQUOT: "a cota de disco acabou",
    errno.EROFS: "o disco só permite leitura",
    errno.ENOTDIR: "há um arquivo no lugar de uma pasta",
}
"""What a person can mend; any other error of the system is ours, and shows where it arose."""

speak_portuguese()


class Commands(click.Group):
    """A group whose commands are loaded when asked for; mistakes in the settings are told whole."""

    where: Mapping[str, str] = WHERE

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer meets them."""
        return list(self.where)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None when there is none of that name."""
        cmd_name = ALSO.get(cmd_name, cmd_name)
        if cmd_name not in self.where:
            return None
        module, _, name = self.where[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return in_portuguese(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """click's own, but a wrong name is answered with the nearest right ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            name = unknown.command_name
            raise click.exceptions.NoSuchCommand(name, possibilities=self.where, ctx=ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SettingsMistakes as wrong:
            lines = "\n".join(f"  {mistake}" for mistake in wrong.mistakes)
            raise click.ClickException(f"a configuração não serve:\n{lines}") from None
        except PermissionError as wrong:
            raise click.ClickException(
                f"sem permissão: {wrong.filename}; use o usuário que ligou a central, ou outra "
                "pasta de estado (--pasta)"
            ) from None
        except OSError as wrong:
            if wrong.errno not in DISK_ERRORS:
                raise
            raise click.ClickException(
                f"não se pode escrever em {wrong.filename}: {DISK_ERRORS[wrong.errno]}"
            ) from None


class FromEnvironment(click.Option):
    """An option that may come from the environment; click names the variable in English."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """The option as a complaint about it begins."""
        return super().get_error_hint(ctx).replace("(env var: ", "(variável: ")


@click.group(
    "central156",
    cls=Commands,
    options_metavar=OPTIONS,
    subcommand_metavar=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--pasta",
    "state_dir",
    cls=FromEnvironment,
    type=click.Path(file_okay=False, path_type=Path),
    envvar=STATE_DIR_VARIABLE,
    show_envvar=True,
    metavar="PASTA",
    help="Pasta de estado da central (padrão: .central156 no código).",
)
@click.option(
    "--token",
    "token_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ARQUIVO",
    help="Arquivo com o seu token (padrão: o da própria instalação).",
)
@click.version_option(package_name="central156", prog_name="central156")
@click.pass_context
def main(ctx: click.Context, state_dir: Path | None, token_file: Path | None) -> None:
    """A central das linhas 156, 199 e 153.

    Os comandos sobre a central no ar são pedidos à API HTTP dela; a ajuda de cada um diz qual.
    """
    ctx.obj = state_dir
    ctx.meta[TOKEN_FILE] = token_file
