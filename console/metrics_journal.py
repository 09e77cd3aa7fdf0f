"""How the journal keeps up, for Prometheus: what is durable on this machine before the database
has it, and whether it has room to go on. Alarms: docker/alerts.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily

from console.ports import JournalGauges


def journal_figures(now: JournalGauges) -> Iterator[GaugeMetricFamily]:
    """The gauges central156_journal_*, and the numbers that are at hand."""
    for name, text, value in (
        ("journal_up", "1: o disco recebeu os últimos fatos do diário", int(now.up)),
        ("journal_waiting_facts", "Fatos ainda só na memória, fora do diário", now.waiting),
        ("journal_waiting_seconds", "Há quanto tempo o mais antigo deles espera", now.seconds),
        ("journal_bytes", "Tamanho do diário no disco", now.size),
        ("journal_disk_free_bytes", "Espaço livre no disco do diário", now.disk_free),
        ("protocol_numbers_ahead", "Protocolos à mão sem o banco de dados", now.numbers),
    ):
        yield GaugeMetricFamily(f"central156_{name}", text, value=value)
