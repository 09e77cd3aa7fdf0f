"""Whatever click itself says, it says in Portuguese."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from central156.cli import WHERE, main
from central156.cli.portuguese import MANY, ONE

FOR_PROGRAMMERS = re.compile(
    r"Could not determine name|No options defined|Arguments take exactly|defined twice"
    r"|cannot use the same flag|Unknown (color|standard stream)|shell completion is not"
    r"|Shell completion is not|Editing failed|Windows error"
)
"""What only a mistake in our own code, or another system, can make click say."""


def _texts() -> Iterator[tuple[str, str]]:
    """(function, text) of everything that click gives to gettext."""
    for file in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("_", "ngettext") and isinstance(node.args[0], ast.Constant):
                text = str(node.args[0].value)
                if not FOR_PROGRAMMERS.search(text):
                    yield node.func.id, text


@pytest.mark.parametrize(("function", "text"), sorted(set(_texts())))
def test_every_text_of_click_is_in_the_catalogue(function: str, text: str) -> None:
    assert text in (ONE if function == "_" else MANY)


def test_a_translation_fills_the_same_places() -> None:
    pairs = list(ONE.items())
    pairs += [(one, found) for one, both in MANY.items() for found in both]
    for english, portuguese in pairs:
        if "{number_type}" not in english and english not in MANY:
            assert _places(portuguese) == _places(english)


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


ENGLISH = re.compile(
    r"\b(Usage|Options|Commands|Error|Missing|Invalid|Show this|Try|required|default|COMMAND|ARGS"
    r"|OPTIONS|TEXT|INTEGER|PATH|FILE|DIRECTORY|FLOAT)\b"
)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--help",),
        *((name, "--help") for name in WHERE),
        *(("agent", name, "--help") for name in ("add", "list", "login", "logout", "watch")),
        *(("person", name, "--help") for name in ("add", "list", "revoke")),
        ("flor",),
        ("agent", "add"),
        ("agent", "add", "ana"),
        ("agent", "add", "ana", "bia", "--skills", "x"),
        ("floor", "--onec"),
        ("floor", "--once=1"),
        ("person", "add", "x", "--role"),
        ("person", "add", "x", "--role", "y"),
        ("call",),
        ("call", "190"),
        ("call", "156", "--hang-up-after", "logo"),
        ("--token", "/nada/nada", "floor"),
    ],
)
def test_help_and_mistakes(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")
    told = CliRunner().invoke(main, list(words), prog_name="central156")
    assert told.output
    assert not ENGLISH.findall(told.output)
    if "--help" not in words and words:
        assert told.exit_code == 2
        assert "Erro: " in told.output


def test_a_near_miss_is_met_half_way() -> None:
    assert "Você quis dizer 'floor'?" in CliRunner().invoke(main, ["flor"]).output
    assert "Você quis dizer '--pasta'?" in CliRunner().invoke(main, ["--pata"]).output


def test_the_environment_is_named_in_portuguese(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(main, ["--pasta", str(tmp_path / "file"), "doctor"])
    assert "(variável: 'CENTRAL156_STATE_DIR')" in result.output
