"""The room and its guide: what decides is pure; what the guide shows is read, and exists."""

from __future__ import annotations

import re
import shlex

import click
import pytest
import test_architecture
from house import CHECKOUT, tree

from central156.cli import main
from central156.sms_file import read
from terms.text_message import TextStatus

GUIDE = (CHECKOUT / "docs/guia-de-sms.md").read_text(encoding="utf-8")
PURE = ("decide", "hours", "pace", "opt_out", "alphabet", "numbers", "smpp_words")
_JOINED = re.sub(r"\\\n\s*", " ", GUIDE)
COMMANDS = re.findall(r"^\.venv/bin/central156 (.*?)(?:   +.*)?$", _JOINED, re.MULTILINE)


@pytest.mark.parametrize("name", PURE)
def test_what_decides_is_pure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(test_architecture.RULES, "sms", test_architecture.THINKS)
    assert test_architecture.offences("sms", tree(CHECKOUT / "sms" / f"{name}.py")) == []


def test_the_file_of_the_guide_is_read_without_a_mistake() -> None:
    (text,) = re.findall(r"```\n(numero;texto;id.*?)```", GUIDE, re.DOTALL)
    found = read(text)
    assert (len(found.texts), found.mistakes) == (2, ())


def test_every_situation_is_explained() -> None:
    told = set(re.findall(r"^\| `([a-z_]+)` \|", GUIDE, re.MULTILINE))
    assert {status.value for status in TextStatus} <= told


@pytest.mark.parametrize("written", COMMANDS)
def test_every_command_of_the_guide_is_understood(written: str) -> None:
    words = shlex.split(written)
    words = [str(CHECKOUT / "README.md") if one == "consultas.csv" else one for one in words]
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, written
        command = found
    command.make_context("central156", words, obj=None)


def test_the_guide_has_commands() -> None:
    assert len(COMMANDS) >= 5
