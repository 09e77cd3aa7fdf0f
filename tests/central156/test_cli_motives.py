"""`--motivo` has one name in every help, and is understood by its older spellings too."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from central156.cli.motives import motive


@click.command()
@motive("because", "--por", required=True)
def order(because: str) -> None:
    click.echo(because)


@pytest.mark.parametrize("spelling", ["--motivo", "--reason", "--because", "--por"])
def test_every_spelling_is_understood(spelling: str) -> None:
    assert CliRunner().invoke(order, [spelling, "chuva"]).output == "chuva\n"


def test_help_and_complaints_show_one_name() -> None:
    told = CliRunner().invoke(order, ["--help"]).output + CliRunner().invoke(order, []).output
    assert "--motivo" in told
    assert not any(other in told for other in ("--reason", "--because", "--por"))
