"""The guide to reports lists those that there are, and its examples are understood."""

from __future__ import annotations

import re
import shlex
from datetime import datetime

import click
import pytest
from house import CHECKOUT

from central156.cli import main
from central156.cli.report import OPTIONS
from central156.reports_asked import CITY, asked_of, span_of
from central156.reports_of_contract import REPORTS
from docs import reports_list
from papers.sheet import Form

GUIDE = (CHECKOUT / "docs/guia-dos-relatorios.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\.venv/bin/(central156 report .*)$", GUIDE, re.MULTILINE)
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=CITY)


def test_the_list_is_that_of_the_catalogue() -> None:
    assert reports_list.rewritten(GUIDE) == GUIDE, "write it again: python -m docs.reports_list"
    for name in REPORTS:
        assert f"| `{name}` |" in GUIDE


def test_every_option_and_format_is_told() -> None:
    for option, _, _ in OPTIONS.values():
        assert f"{option} " in GUIDE, option
    for form in Form:
        assert f"`{form}`" in GUIDE, form


@pytest.mark.parametrize("words", COMMANDS)
def test_the_examples_are_understood(words: str) -> None:
    report = main.get_command(click.Context(main), "report")
    assert isinstance(report, click.Group)
    _, _, verb, *more = shlex.split(words)
    command = report.commands[verb]
    with command.make_context(verb, more) as context:
        given = {name: value for name, value in context.params.items() if name in OPTIONS}
        if "name" in context.params:
            asked_of(REPORTS[context.params["name"]], given, NOW.timestamp(), reveal=True)


def test_the_periods_of_the_table_are_understood() -> None:
    table = GUIDE.partition("### O período")[2].partition("###")[0]
    written = re.findall(
        r"--(?:de|ate) (?:\"([^\"]+)\"|([\w/-]+))|· `\"?([^`\"-][^`\"]*)\"?`", table
    )
    assert len(written) > 12
    for found in written:
        span_of("".join(found), NOW)
