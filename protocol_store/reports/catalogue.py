"""All reports, by name. A module of this folder that has a list `REPORTS` is in it.

Nothing is entered by hand, so that a report cannot be written and then forgotten here; two of one
name are refused.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from protocol_store import reports
from protocol_store.reports.report import Report

_THIS: Final = __name__.rpartition(".")[2]


def _found() -> Iterator[Report]:
    for module in pkgutil.iter_modules(reports.__path__):
        if module.name != _THIS:
            yield from getattr(import_module(f"{reports.__name__}.{module.name}"), "REPORTS", ())


def _in_order(report: Report) -> tuple[list[int], str]:
    """By clause, as the contract numbers them: 4.3.2.3.9 before 4.3.2.3.10."""
    return [int(part) for part in report.clause.split(".") if part.isdecimal()], report.name


def _catalogue() -> Mapping[str, Report]:
    found: dict[str, Report] = {}
    for report in sorted(_found(), key=_in_order):
        if report.name in found:
            raise ValueError(f"two reports are called {report.name}")
        found[report.name] = report
    return MappingProxyType(found)


REPORTS: Final[Mapping[str, Report]] = _catalogue()
