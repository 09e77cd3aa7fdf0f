"""Yes or no, asked in Portuguese: click's own question takes `y` and nothing else."""

from __future__ import annotations

from typing import Final

import click

YES: Final = frozenset({"s", "sim", "y", "yes"})
NO: Final = frozenset({"n", "não", "nao", "no"})


def make_sure(question: str) -> None:
    """Go on if the answer is yes. Raises click.Abort."""
    while True:
        said = click.prompt(f"{question} [s/N]", default="n", show_default=False)
        if said.strip().lower() in YES:
            return
        if said.strip().lower() in NO:
            raise click.Abort
        click.echo("Responda s (sim) ou n (não).")
