"""All reports: those that the store makes alone, and those that need the contract's terms.

protocol_store/ knows no contract, so the latter are put together here: the terms of the published
version, the store's counts, and contract/, which judges. A report is by calendar months: each month
that the period touches is judged by the terms that hold on its first day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from central156.clock import now
from central156.contract_days_sheets import days_sheet, uptime_sheet
from central156.contract_figures import Month, months_of
from central156.contract_in_force import in_force
from central156.contract_sheets import bill_sheet, indicators_sheet
from protocol_store.indicator_counts import Database
from protocol_store.reports.catalogue import REPORTS as OF_THE_STORE
from protocol_store.reports.report import Report, WrongQuestion
from terms.limits import CONTRACT_PERIOD_DAYS
from terms.sheet import Asked, Sheet

MakesSheet = Callable[[str, str, Sequence[Month], str], Sheet]


def _months(connection: Database, asked: Asked) -> tuple[list[Month], str]:
    if asked.until - asked.since > timedelta(days=CONTRACT_PERIOD_DAYS).total_seconds():
        raise WrongQuestion(f"este relatório é de até {CONTRACT_PERIOD_DAYS} dias")
    found, instant = in_force(connection), now()
    months = [
        Month(connection, found.contract, terms, found.calendar, first, instant)
        for first in months_of(asked.since, asked.until)
        if (terms := found.contract.holding(first)) is not None
    ]
    return [month for month in months if month.since < instant], found.told


def _report(name: str, title: str, clause: str, sheet: MakesSheet) -> Report:
    def make(connection: Database, asked: Asked) -> Sheet:
        months, told = _months(connection, asked)
        return sheet(name, title, months, told)

    return Report(name, title, clause, frozenset(), make)


OF_THE_CONTRACT: Final = (
    _report("indicadores", "Indicadores do contrato", "4.5", indicators_sheet),
    _report("fatura", "Fatura do mês: chamadas pagas e fator", "4.5.2", bill_sheet),
    _report("disponibilidade", "Disponibilidade da solução (IST)", "4.5.6.8", uptime_sheet),
    _report("dias-excepcionais", "Dias excepcionais", "5.2.5.7", days_sheet),
)

REPORTS: Final[Mapping[str, Report]] = MappingProxyType(
    {**OF_THE_STORE, **{report.name: report for report in OF_THE_CONTRACT}}
)
"""All reports by name."""
