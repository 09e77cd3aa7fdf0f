"""Every report of the catalogue, of a day whose figures are known, in every format."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from report_day import DAY, store_the_day

from central156.reports_of_contract import REPORTS
from papers.sheet import Form, Picture, save
from protocol_store.reports.making import make
from terms.sheet import Asked, Sheet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sheet]:
    url = f"sqlite:///{tmp_path_factory.mktemp('paper') / 'store.sqlite'}"
    asyncio.run(store_the_day(url))
    asked = Asked(DAY, DAY + 86_400.0)
    return {name: make(url, report, asked, DAY) for name, report in REPORTS.items()}


@pytest.mark.parametrize("name", REPORTS)
def test_a_sheet_fits_together(name: str, sheets: dict[str, Sheet]) -> None:
    sheet = sheets[name]
    names = [column.name for column in sheet.columns]
    assert len(set(names)) == len(names)
    assert sheet.title
    assert sheet.notes, "a figure never stands without its definition"
    for row in [*sheet.rows, *([sheet.totals] if sheet.totals else [])]:
        assert set(row) <= set(names), set(row) - set(names)
    if sheet.chart is not None:
        assert {sheet.chart.along, *sheet.chart.over} <= set(names)
        assert bool(Picture(sheet)) == bool(sheet.rows)


@pytest.mark.parametrize("form", list(Form))
def test_every_report_is_written(form: Form, sheets: dict[str, Sheet], tmp_path: Path) -> None:
    for name, sheet in sheets.items():
        path = tmp_path / f"{name}.{form}"
        save(sheet, form, path)
        assert path.stat().st_size
