"""`central156 report`: with the centre on the air, and from the folder alone."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import odfdo
import openpyxl
import pytest
from api_bed import CALLER, Bed, api_bed
from click.testing import CliRunner, Result
from rich.console import Console

from central156.cli import main
from central156.cli.report import OPTIONS
from central156.cli.report_shown import show
from central156.reports_asked import FIELDS
from central156.reports_of_contract import REPORTS
from central156.settings import load_settings
from central156.state_folder import prepare_state
from terms.sheet import Column, Shape, Sheet

PORT_BASE, NOBODY_THERE = 23640, 23660


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """A centre with one call that was abandoned in the queue."""
    with api_bed(tmp_path_factory.mktemp("report"), port_base=PORT_BASE) as running:
        running.settings.settings_file.write_text(f"port_base = {PORT_BASE}\n", encoding="utf-8")
        call, _ = running.do(running.arrive)
        running.do(running.queue, call)
        running.do(running.end, call, "waiting")
        yield running


def report(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--pasta", str(folder), "report", *words])


def on_air(bed: Bed, *words: str) -> Result:
    return report(bed.settings.state_dir, *words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder whose centre was never on the air."""
    settings = load_settings(tmp_path / "state", port_base=NOBODY_THERE)
    prepare_state(settings)
    settings.settings_file.write_text(f"port_base = {NOBODY_THERE}\n", encoding="utf-8")
    return settings.state_dir


# --- what needs no centre ---
def test_every_parameter_has_its_option() -> None:
    assert set(OPTIONS) == {"since", "until", *FIELDS}


def test_the_list_names_every_report_with_its_options(folder: Path) -> None:
    told = report(folder, "list")
    assert told.exit_code == 0, told.output
    for name, one in REPORTS.items():
        assert name in told.output
        assert one.title in told.output
    found = json.loads(report(folder, "list", "--json").output)
    assert [one["name"] for one in found] == list(REPORTS)


@pytest.mark.parametrize(("width", "tables"), [(80, 2), (200, 1)])
def test_in_a_narrow_terminal_a_wide_table_comes_in_parts(width: int, tables: int) -> None:
    titles = {f"{number}": f"Interrompidas {number}" for number in range(6)}
    columns = (
        Column("at", "Intervalo", Shape.INSTANT),
        *(Column(name, title, Shape.COUNT) for name, title in titles.items()),
    )
    row = {"at": 1_795_620_425.0, **dict.fromkeys(titles, 7)}
    console = Console(width=width, record=True, file=io.StringIO())
    show(Sheet("x", "Título", columns, [row]), console)
    text = console.export_text()
    assert text.count("Intervalo") == tables
    assert text.count("25/11/2026") == tables
    assert text.count("Interrompidas") == len(titles)
    assert max(map(len, text.splitlines())) <= width


def test_mistakes_are_told_all_at_once_by_the_options_names(folder: Path) -> None:
    told = report(
        *(folder, "show", "dac-recebidas", "--de", "outrora", "--intervalo", "7"),
        *("--linha", "190", "--campanha", "natal", "--com", "cor=azul"),
    )
    assert told.exit_code == 1
    for name in ("--de", "--intervalo", "--linha", "--campanha", "cor"):
        assert f"\n  {name}: " in told.output
    unknown = report(folder, "show", "dac-recebida")
    assert "report list" in unknown.output
    assert unknown.exit_code == 2


def test_files_are_not_written_over_and_formats_are_known(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "a.csv"
    there.write_text("meu")
    told = report(folder, "export", "dac-recebidas", "-o", str(there))
    assert "--por-cima" in told.output
    assert there.read_text() == "meu"
    told = report(folder, "export", "dac-recebidas", "-o", str(tmp_path / "a.pdf"))
    assert "não é um formato" in told.output


def test_without_centre_and_database_it_says_so(folder: Path) -> None:
    told = report(folder, "show", "dac-recebidas")
    assert told.exit_code == 1
    assert "não está no ar" in told.output
    assert "não há banco de dados" in told.output
    assert not (folder / "store.sqlite").exists()


# --- on the air, and then from the folder alone ---
@pytest.mark.slow
def test_a_report_in_the_terminal(bed: Bed) -> None:
    told = on_air(bed, "show", "dac-recebidas", "--de", "24h", "--linha", "156")
    assert told.exit_code == 0, told.output
    assert "Ligações recebidas" in told.output
    assert "linha: 156" in told.output
    assert "Total" in told.output
    numbers = on_air(bed, "show", "ura-por-numero", "--de", "24h", "--telefone", CALLER[-5:])
    assert CALLER in numbers.output
    found = json.loads(on_air(bed, "show", "dac-recebidas", "--de", "24h", "--json").output)
    assert found["totals"]["received"] == 1


@pytest.mark.slow
def test_a_report_as_a_file_is_its_owners_alone(bed: Bed, tmp_path: Path) -> None:
    path = tmp_path / "recebidas.xlsx"
    told = on_air(bed, "export", "dac-recebidas", "--de", "24h", "-o", str(path))
    assert told.exit_code == 0, told.output
    assert "Dados" in openpyxl.load_workbook(path).sheetnames
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = ("--formato", "csv", "--por-cima")
    on_air(bed, "export", "dac-recebidas", "--de", "24h", "-o", str(path), *again)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[-1][0] == "Total"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.slow
def test_from_the_folder_alone_numbers_are_masked(
    bed: Bed, folder: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    bed.do(bed.store.settled)
    url = f'database_url = "{bed.settings.store_url}"\nport_base = {NOBODY_THERE}\n'
    load_settings(folder).settings_file.write_text(url, encoding="utf-8")
    told = report(folder, "show", "ura-por-numero", "--de", "24h")
    assert told.exit_code == 0, told.output
    assert "números mascarados" in told.output
    assert CALLER not in told.output
    assert CALLER[-2:] in told.output
    refused = report(folder, "show", "ura-por-numero", "--de", "24h", "--telefone", "98765")
    assert "só com a central no ar" in refused.output
    monkeypatch.chdir(tmp_path)
    told = report(folder, "export", "dac-recebidas", "--de", "ontem", "--formato", "ods")
    assert told.exit_code == 0, told.output
    (made,) = tmp_path.glob("dac-recebidas-*.ods")
    assert odfdo.Document(made).body.tables[0].name == "Dados"
    as_json = report(folder, "show", "dac-recebidas", "--de", "24h", "--json").stdout
    assert json.loads(as_json)["totals"]["received"] == 1
