"""A person's scope, from the command line."""

from __future__ import annotations

from typing import Any

from api_bed import Bed
from click.testing import CliRunner

from central156.cli import main


def _run(bed: Bed, *words: str) -> Any:
    return CliRunner().invoke(main, ["--pasta", str(bed.settings.state_dir), *words])


def test_a_person_sees_some_lines_and_queues(bed: Bed) -> None:
    scope = ("--linhas", "156, 199", "--filas", "p156_geral")
    added = _run(bed, "person", "add", "lia", "--role", "supervisor", *scope)
    assert added.exit_code == 0, added.output
    listed = _run(bed, "person", "list").output
    assert "156, 199," in listed  # the table may break the cell
    assert "p156_geral" in listed
    assert "todas" in listed


def test_what_there_is_not_is_told(bed: Bed) -> None:
    wrong = _run(bed, "person", "add", "rui", "--role", "supervisor", "--filas", "p156_nada")
    assert wrong.exit_code == 1
    assert "fila desconhecida: p156_nada; há: e199_risco, p156_geral" in wrong.output
