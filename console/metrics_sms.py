"""Text messages, for Prometheus: the carrier's link, what waits, what came of today's (R68). Labels
are words of terms/text_message.py and nothing else. Alarms: docker/alerts.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.metrics_core import GaugeMetricFamily

from console.ports_sms import SmsGauges
from terms.text_message import TextKind, TextStatus

UNENDED = (TextStatus.WAITING, TextStatus.SENDING, TextStatus.DOUBTFUL)


def sms_figures(now: SmsGauges) -> Iterator[GaugeMetricFamily]:
    """The gauges central156_sms_*; without a carrier they have no values."""
    there = bool(now.carrier)

    def family(
        name: str, text: str, values: Mapping[tuple[str, ...], float], *labels: str
    ) -> GaugeMetricFamily:
        found = GaugeMetricFamily(f"central156_{name}", text, labels=labels)
        for key, value in values.items() if there else ():
            found.add_metric(key, value)
        return found

    yield family("sms_link_up", "1: há enlace com a operadora de SMS", {(): int(now.up)})
    yield family("sms_rate", "Mensagens por segundo, no máximo, agora", {(): now.rate})
    text = "Há quanto tempo espera a mensagem mais antiga que já podia ter saído"
    yield family("sms_late_seconds", text, {(): now.late})
    waiting: dict[tuple[str, ...], float] = {
        (status,): now.waiting.get(status, 0) for status in UNENDED
    }
    yield family("sms_waiting", "Mensagens por terminar, por situação", waiting, "status")
    today: dict[tuple[str, ...], float] = {
        (kind, status): now.ordered.get((kind, status), 0)
        for kind in TextKind
        for status in TextStatus
    }
    text = "Mensagens dos pedidos de hoje, por tipo e situação"
    yield family("sms_today", text, today, "kind", "status")
