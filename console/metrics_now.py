"""What is true at the moment of the scrape: who waits, how the service level stands, what is up.

    central156_service_level_ratio{line,queue,window,formula}   every formula, by its name
    central156_target_seconds{line,queue}                       what «in time» and «short» mean

Everything is asked of the centre at once, so that one scrape is of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from acd.measures import FORMULAS, Window
from console.metrics_journal import journal_figures
from console.metrics_sms import sms_figures
from console.metrics_trunks import trunk_figures
from console.ports import Centre, Gauges
from terms.names import QueueName

QUEUE: Final = ("line", "queue")
COUNTS: Final = {
    "received": "received",
    "offered": "offered",
    "answered": "answered",
    "answered_in_time": "answered_in_target",
    "abandoned": "abandoned",
    "abandoned_short": "abandoned_in_target",
    "abandoned_late": "abandoned_late",
    "elsewhere": "elsewhere",
}
"""The label `what` of central156_queue_calls, and the figure that it is (acd/figures.py)."""

MEANS: Final = {
    "wait": "mean_wait",
    "talk": "mean_talk",
    "wrap_up": "mean_wrap_up",
    "handling": "mean_handling",
}
WINDOWS: Final = (Window.QUARTER, Window.TODAY)


class Moment:
    """A collector of prometheus_client."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def describe(self) -> Iterator[Metric]:
        """Nothing to check at registration."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All gauges."""
        now = self._centre.gauges()
        yield from _hall(now)
        yield from self._figures(now)
        yield from _parts(now)
        yield from journal_figures(now.journal)
        yield from trunk_figures(now.trunks)
        yield from sms_figures(now.sms)

    def _figures(self, now: Gauges) -> Iterator[Metric]:
        """What came of each queue's callers, today and in the last quarter of an hour."""
        measures, at = self._centre.measures, self._centre.now()
        levels: dict[tuple[str, ...], float] = {}
        counts: dict[tuple[str, ...], float] = {}
        means: dict[tuple[str, ...], float] = {}
        for line, queue in now.targets:
            for window in WINDOWS:
                key, found = (line, queue, str(window)), measures.of(QueueName(queue), at, window)
                for formula in FORMULAS:
                    if (share := getattr(found, formula)) is not None:
                        levels[*key, formula] = share
                counts |= {(*key, what): getattr(found, name) for what, name in COUNTS.items()}
                for what, name in MEANS.items():
                    if (mean := getattr(found, name)) is not None:
                        means[*key, what] = mean
        text = "NS e ILA de cada fila, por fórmula: " + "; ".join(
            f"{name}: {told}" for name, told in FORMULAS.items()
        )
        yield _family("service_level_ratio", text, (*QUEUE, "window", "formula"), levels)
        text = "Chamadas da fila na janela; curta: desistiu até central156_target_seconds"
        yield _family("queue_calls", text, (*QUEUE, "window", "what"), counts)
        yield _family("mean_seconds", "Médias da fila", (*QUEUE, "window", "what"), means)
        occupied = {
            (str(window),): share
            for window in WINDOWS
            if (share := measures.occupancy(at, window)) is not None
        }
        text = "Parte do tempo dos agentes que as chamadas tomaram, pausas à parte"
        yield _family("occupancy_ratio", text, ("window",), occupied)


def _hall(now: Gauges) -> Iterator[Metric]:
    yield _family("waiting", "Quem espera agora", QUEUE, now.waiting)
    yield _family("longest_wait_seconds", "A espera mais longa agora", QUEUE, now.longest_wait)
    seconds = {key: target[0] for key, target in now.targets.items()}
    shares = {key: target[1] for key, target in now.targets.items()}
    yield _family("target_seconds", "Prazo da fila: no prazo, e desistência curta", QUEUE, seconds)
    yield _family("target_ratio", "Meta da fila: parte atendida no prazo", QUEUE, shares)
    text = "Agentes, por situação, estado e motivo da pausa"
    yield _family("agents", text, ("status", "state", "reason"), now.agents)
    text = "Agentes no trabalho que podem atender a fila, em pausa ou não"
    yield _family("agents_for_queue", text, QUEUE, now.able)
    yield _by_line("open_calls", "Chamadas em curso", now.open_calls)
    yield _by_line("call_backs_open", "Retornos que guardam o lugar na fila", now.call_backs)
    yield _by_line("storm", "1: modo tempestade", now.storms)
    marked = {(kind,): count for kind, count in now.marked.items()}
    yield _family("marked_numbers", "Números marcados, por marca", ("mark",), marked)


def _parts(now: Gauges) -> Iterator[Metric]:
    for name, text, value in (
        ("store_pending_facts", "Fatos ainda não gravados", now.store_pending),
        ("store_lag_seconds", "Idade do fato mais antigo não gravado", now.store_lag),
        ("store_refused_facts", "Fatos perdidos por falta de lugar", now.store_refused),
        ("store_violations", "Fatos gravados com problema", now.store_violations),
        ("chain_broken_facts", "Fatos gravados que foram alterados", now.chain_broken),
        ("chain_signed_timestamp", "Quando a corrente foi selada", now.chain_signed_at or 0.0),
        ("ami_up", "1: a ligação com o Asterisk (AMI) está de pé", int(now.link_up)),
        ("store_up", "1: a última gravação no banco foi feita", int(now.store_up)),
        ("agi_sessions", "Sessões AGI abertas", now.agi_sessions),
        ("recordings_waiting", "Gravações por cifrar", now.recordings_waiting),
        ("recordings_oldest_seconds", "Idade da mais velha delas", now.recordings_oldest),
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


def _by_line(name: str, text: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    return _family(name, text, ("line",), {(line,): value for line, value in values.items()})


def _family(name: str, text: str, labels: tuple[str, ...], values: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"central156_{name}", text, labels=labels)
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family
