"""The guide to the contract: its file is read, its commands and reports exist."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from house import CHECKOUT

import reader
from central156.cli import main
from central156.reports_of_contract import REPORTS
from protocol_store.carrier_file import read_carrier_file

GUIDE = (CHECKOUT / "docs/guia-do-contrato.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\.venv/bin/central156 (.*)$", GUIDE, re.MULTILINE)


def test_the_file_of_the_guide_is_read_without_a_mistake() -> None:
    (text,) = re.findall(r"```yaml contrato\n(.*?)```", GUIDE, re.DOTALL)
    contents = reader.Contents("dialplans", {"contrato.yaml": text.encode()})
    contract, _ = reader.read_contract_alone(contents)
    assert [one.name for one in contract.terms[0].indicators] == ["ns_156"]
    assert len(contract.windows) == 1


def test_the_carriers_file_of_the_guide_is_read() -> None:
    (text,) = re.findall(r"```\n(dia;numero.*?)```", GUIDE, re.DOTALL)
    assert len(read_carrier_file(text.encode())) == 2


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_of_the_guide_exists(words: str) -> None:
    name, verb, *more = shlex.split(words)
    group = main.get_command(click.Context(main), name)
    assert isinstance(group, click.Group)
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    options = {option for one in command.params for option in one.opts}
    assert {word for word in more if word.startswith("-")} <= options
    if name == "report":
        assert more[0] in REPORTS


def test_every_report_of_the_contract_stands_in_the_guide() -> None:
    table = re.findall(r"^\| `([a-z-]+)` \| ", GUIDE, re.MULTILINE)
    ours = {"indicadores", "fatura", "dias-excepcionais", "disponibilidade", "operadora"}
    assert {*ours, "indicadores-contagens"} <= set(table)
    assert ours <= set(REPORTS)
