"""The ways out, for Prometheus: what they carry now, and what Anatel counts by operator (R65).
Labels are names of rotas.yaml and nothing else. Alarms: docker/alerts.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.metrics_core import GaugeMetricFamily

from console.ports_trunks import TrunkGauges


def trunk_figures(now: TrunkGauges) -> Iterator[GaugeMetricFamily]:
    """The gauges central156_trunk_* and central156_operator_*."""
    yield _by("trunk", "trunk_calls", "Ligações em curso pela rota", now.calls)
    yield _by("trunk", "trunk_channels", "Ligações ao mesmo tempo que ela leva", now.channels)
    months = {name: one.calls for name, one in now.operators.items()}
    yield _by("operator", "operator_month_calls", "Ligações da operadora neste mês", months)
    limits = {name: one.limit for name, one in now.operators.items()}
    text = "Daqui em diante, no mês, só rotas autenticadas"
    yield _by("operator", "operator_month_limit", text, limits)
    signed = {name: int(one.authenticated) for name, one in now.operators.items()}
    text = "1: a operadora tem rota autenticada"
    yield _by("operator", "operator_authenticated", text, signed)
    days = {name: one.today for name, one in now.operators.items()}
    yield _by("operator", "operator_day_calls", "Ligações da operadora hoje", days)
    short = {name: one.short_today for name, one in now.operators.items()}
    yield _by("operator", "operator_day_short_calls", "Delas, as de até 6 s", short)


def _by(label: str, name: str, text: str, values: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"central156_{name}", text, labels=(label,))
    for of, value in values.items():
        family.add_metric((of,), value)
    return family
