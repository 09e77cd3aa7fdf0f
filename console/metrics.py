"""Figures for Prometheus: counters folded from facts, gauges asked at the moment of the scrape.

Labels are lines, queues, states and results only, so their number is bounded and nobody is
named. Test calls are left out. A registry of its own: two centres in one process do not meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from console.ports import Centre
from terms.facts import Fact, Kind
from terms.limits import LOOP_LAG_EVERY
from terms.names import CallId

WAITS = (1, 2, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
TALKS = (10, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1800)
LAGS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
Known = tuple[str, bool]


class Figures:
    """All metrics of one centre. `close` stops reading facts and measuring the loop."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._calls: dict[CallId, Known] = {}
        self._latest = 0.0  # the loop's worst lateness since the last scrape
        self.registry = CollectorRegistry()
        self._arrived = self._counter("calls_arrived", "Chamadas recebidas", "line")
        self._answered = self._counter("calls_answered", "Chamadas atendidas", "line")
        self._abandoned = self._counter("calls_abandoned", "Desistências na espera", "line")
        self._ended = self._counter("calls_ended", "Chamadas encerradas", "line", "outcome")
        self._offers = self._counter("offers_ended", "Ofertas a agentes, por fim", "outcome")
        self._keys = self._counter("menu_keys", "Teclas em menus, por resultado", "line", "result")
        self._looked_up = self._counter(
            "look_ups", "Perguntas a serviços, por resposta", "line", "where", "how"
        )
        self._marks = self._counter(
            "survey_marks", "Notas da pesquisa (vazia: sem resposta)", "line", "question", "mark"
        )
        self._waited = self._histogram("wait_seconds", "Espera até o atendimento", WAITS, "line")
        self._talked = self._histogram("talk_seconds", "Duração da conversa", TALKS, "line")
        self._lost = self._counter("switch_lost", "Quedas da ligação com o Asterisk (AMI)")
        self._seen = self._counter("ami_reconnects", "Vezes em que o Asterisk foi reencontrado")
        self._lag = self._histogram("loop_lag_seconds", "Atraso do laço de eventos", LAGS)
        self._worst = Gauge(
            "central156_loop_lag_worst_seconds",
            "Maior atraso do laço de eventos desde a última leitura",
            registry=self.registry,
        )
        self.registry.register(_Moment(centre))
        self._stop = centre.watch(self.read)
        self._measuring = asyncio.get_running_loop().create_task(self._measure_loop())

    def text(self) -> bytes:
        """The text that Prometheus reads."""
        self._worst.set(self._latest)
        self._latest = 0.0
        return generate_latest(self.registry)

    def close(self) -> None:
        """Stop reading and measuring."""
        self._stop()
        self._measuring.cancel()

    def read(self, facts: Iterable[Fact]) -> None:
        """Count what new facts tell."""
        for fact in facts:
            known = self._known(fact)
            if fact.kind is Kind.SWITCH_LOST:
                self._lost.inc()
            elif fact.kind is Kind.SWITCH_SEEN:
                self._seen.inc()
            elif known is not None and not known[1] and fact.kind in _COUNTED:
                _COUNTED[fact.kind](self, known[0], fact)

    def _known(self, fact: Fact) -> Known | None:
        """The line of the fact's call, and whether it is a test."""
        if fact.call is None:
            return None
        if fact.kind is Kind.CALL_ARRIVED:
            test = bool(fact.details.get("test", False))
            self._calls[fact.call] = (str(fact.details["line"]), test)
        known = self._calls.get(fact.call) or self._centre.line_of(fact.call)
        if fact.kind is Kind.CALL_ENDED:
            self._calls.pop(fact.call, None)
        elif known is not None:
            self._calls[fact.call] = known
        return known or ("", False)

    async def _measure_loop(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + LOOP_LAG_EVERY
            await asyncio.sleep(LOOP_LAG_EVERY)
            late = max(0.0, clock() - due)
            self._lag.observe(late)
            self._latest = max(self._latest, late)

    # --- what each kind of fact counts ---
    def _count_arrival(self, line: str, fact: Fact) -> None:
        self._arrived.labels(line).inc()

    def _count_key(self, line: str, fact: Fact) -> None:
        silence = fact.details.get("key") == ""
        valid = "valid" if fact.details.get("valid") else "invalid"
        self._keys.labels(line, "silence" if silence else valid).inc()

    def _count_look_up(self, line: str, fact: Fact) -> None:
        self._looked_up.labels(line, str(fact.details["where"]), str(fact.details["how"])).inc()

    def _count_mark(self, line: str, fact: Fact) -> None:
        details = fact.details
        self._marks.labels(line, str(details["question"]), str(details["mark"])).inc()

    def _count_offer(self, line: str, fact: Fact) -> None:
        self._offers.labels(str(fact.details["outcome"])).inc()

    def _count_answer(self, line: str, fact: Fact) -> None:
        self._answered.labels(line).inc()
        self._waited.labels(line).observe(max(0.0, float(fact.details.get("waited", 0.0))))

    def _count_talk(self, line: str, fact: Fact) -> None:
        self._talked.labels(line).observe(float(fact.details.get("talk_seconds", 0.0)))

    def _count_end(self, line: str, fact: Fact) -> None:
        outcome = str(fact.details["outcome"])
        self._ended.labels(line, outcome).inc()
        if outcome == "abandoned":
            self._abandoned.labels(line).inc()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"central156_{name}", text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        full = f"central156_{name}"
        return Histogram(full, text, labels, registry=self.registry, buckets=buckets)


_COUNTED: dict[Kind, Callable[[Figures, str, Fact], None]] = {
    Kind.CALL_ARRIVED: Figures._count_arrival,
    Kind.KEY_PRESSED: Figures._count_key,
    Kind.LOOKED_UP: Figures._count_look_up,
    Kind.SURVEY_ANSWERED: Figures._count_mark,
    Kind.OFFER_ENDED: Figures._count_offer,
    Kind.ANSWERED: Figures._count_answer,
    Kind.TALK_ENDED: Figures._count_talk,
    Kind.CALL_ENDED: Figures._count_end,
}


class _Moment:
    """What is true at the moment of the scrape."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def describe(self) -> Iterator[Metric]:
        """Nothing to check at registration."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All gauges."""
        now = self._centre.gauges()
        queue = ("line", "queue")
        yield _family("waiting", "Quem espera agora", queue, now.waiting)
        yield _family("longest_wait_seconds", "A espera mais longa agora", queue, now.longest_wait)
        yield _family("agents", "Agentes, por situação", ("status", "state"), now.agents)
        lines = {(line,): count for line, count in now.open_calls.items()}
        yield _family("open_calls", "Chamadas em curso", ("line",), lines)
        for name, text, value in (
            ("store_pending_facts", "Fatos ainda não gravados", now.store_pending),
            ("store_lag_seconds", "Idade do fato mais antigo não gravado", now.store_lag),
            ("store_refused_facts", "Fatos perdidos por falta de lugar", now.store_refused),
            ("ami_up", "1: a ligação com o Asterisk (AMI) está de pé", int(now.link_up)),
            ("agi_sessions", "Sessões AGI abertas", now.agi_sessions),
        ):
            yield _family(name, text, (), {(): value})
        if now.mirror != "off":
            up, age = int(now.mirror == "up"), now.mirror_age
            yield _family("mirror_up", "1: o espelho do salão no Redis está certo", (), {(): up})
            text = "Há quanto tempo o espelho foi escrito pela última vez"
            yield _family("mirror_age_seconds", text, (), {(): age})
        spoken = CounterMetricFamily(
            "central156_live_texts", "Valores lidos durante a ligação, por meio", labels=("by",)
        )
        for by, count in now.live_texts.items():
            spoken.add_metric((by,), count)
        yield spoken


def _family(name: str, text: str, labels: tuple[str, ...], values: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"central156_{name}", text, labels=labels)
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family
