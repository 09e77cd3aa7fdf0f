"""`central156 dialplan …`: the menus as files — proved, rehearsed, drawn, compared, tried — and as
versions that serve (publish.py).

What does not need the running centre reads a folder, the settings' own unless another is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from central156.cli import Commands
from central156.cli.portuguese import COMMANDS, OPTIONS
from central156.settings import load_settings
from reader import DialplanMistakes, Dialplans, read_dialplans

WHERE: Final[Mapping[str, str]] = {
    "check": "central156.cli.dialplan_check:check",
    "test": "central156.cli.dialplan_check:test",
    "try": "central156.cli.dialplan_try:try_line",
    "draw": "central156.cli.dialplan_show:draw",
    "diff": "central156.cli.dialplan_show:diff",
    "schema": "central156.cli.dialplan_show:schema",
    "publish": "central156.cli.publish:publish",
    "approve": "central156.cli.publish:approve",
    "reject": "central156.cli.publish:reject",
    "rollback": "central156.cli.publish:rollback",
    "versions": "central156.cli.publish:versions",
    "short": "central156.cli.publish:short",
}
"""Each command and where it lives."""


class DialplanCommands(Commands):
    """The commands below `dialplan`."""

    where = WHERE


@click.group(
    "dialplan",
    cls=DialplanCommands,
    options_metavar=OPTIONS,
    subcommand_metavar=COMMANDS,
)
def dialplan() -> None:
    """Os menus das três linhas: provar, ensaiar, desenhar, comparar, publicar.

    Para mudar um menu: edite os arquivos, e então check, test, diff e publish.
    """


# --- what the commands share ---
def folder_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """`[PASTA]`, the settings' folder of dialplans when it is left out."""
    return click.argument(
        "folder",
        required=False,
        metavar="[PASTA]",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
    )(command)


def folder_of(state_dir: Path | None, folder: Path | None) -> Path:
    """The folder that is meant. SettingsMistakes."""
    return folder or load_settings(state_dir).dialplans_dir


def read_or_exit(folder: Path) -> Dialplans:
    """The folder, read; else its mistakes are told and the command ends with 1."""
    try:
        return read_dialplans(folder)
    except DialplanMistakes as wrong:
        exit_with([*map(str, wrong.mistakes)])


def exit_with(mistakes: list[str]) -> NoReturn:
    """Tell mistakes, and end with 1."""
    for mistake in mistakes:
        click.echo(mistake)
    count = len(mistakes)
    raise click.ClickException("há 1 erro" if count == 1 else f"há {count} erros")
