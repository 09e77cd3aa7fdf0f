"""`central156 store …`: what a person does with the stored facts as a whole.

These commands open the database themselves, so that they work with the centre up or down; only
`merge`, `restore` and `rebuild` want it down.
"""

from __future__ import annotations

import click

from central156.cli.store_ages import retention
from central156.cli.store_copies import backup, merge, restore
from central156.cli.store_tables import balance, rebuild
from central156.cli.store_verify import head, verify_facts


@click.group("store")
def store() -> None:
    """O registro dos fatos: conferir, selar, juntar, copiar, restaurar, refazer."""


for command in (verify_facts, head, merge, backup, restore, balance, rebuild, retention):
    store.add_command(command)
