"""Figures for Prometheus: counters folded from facts, and what is true now (metrics_now.py).

Labels are lines, queues, states and results, each from the configuration or a closed list; whatever
else a fact says is counted as OTHER. So their number is bounded, and nobody is named. Test calls
are left out. A registry of its own: two centres in one process do not meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from console.metrics_dialler import Diallings
from console.metrics_now import Moment
from console.ports import Centre, Labels
from terms.facts import Fact, Kind
from terms.limits import LOOP_LAG_EVERY
from terms.names import CallId
from terms.outcome import CallOutcome, Kept, OfferOutcome

WAITS = (1, 2, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
TALKS = (10, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1800)
LAGS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
Known = tuple[str, bool]

OTHER: Final = "other"
"""The label of what is in no list: a fact of an older release, or of somebody who means harm."""

CALL_OUTCOMES: Final = frozenset(CallOutcome)
OFFER_OUTCOMES: Final = frozenset(OfferOutcome)
KEPT: Final = frozenset(Kept)
ANSWERS: Final = frozenset({"achou", "nao_achou", "falhou"})
MARKS: Final = frozenset({"", "1", "2", "3", "4", "5"})
PROBLEMS: Final = frozenset({"missing", "empty", "short"})
SIDES: Final = frozenset({"agent", "citizen", "both"})


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
        self._foretold = self._counter("waits_told", "Esperas ditas a quem espera", "line")
        self._promises = self._counter(
            "wait_promises", "Primeira espera dita, quando se soube", "line", "kept"
        )
        self._promised = self._counter("call_backs_promised", "Retornos prometidos", "line", "how")
        self._called = self._counter("call_backs_over", "Retornos encerrados, por fim", "how")
        self._silent = self._counter("dead_air", "Conversas sem som", "line", "who")
        self._suspect = self._counter(
            "suspect_calls", "Chamadas de números sob suspeita", "line", "refused"
        )
        self._recorded = self._counter("recordings_bad", "Gravações com problema", "problem")
        self._sealed = self._counter("recordings_sealed", "Gravações cifradas")
        for problem in PROBLEMS:  # there from the start: an increase of nothing is not seen
            self._recorded.labels(problem)
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
        self._unbalanced = Gauge(
            "central156_balance_broken",
            "O que não fecha nos totais, na última conferência (R77)",
            registry=self.registry,
        )
        self.registry.register(Moment(centre))
        self.registry.register(Diallings(centre))
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
            elif fact.kind is Kind.BALANCE_CHECKED:
                wrong = int(fact.details["broken"]) + len(fact.details["wrong"])
                self._unbalanced.set(wrong)
            elif fact.kind is Kind.SWITCH_SEEN:
                self._seen.inc()
            elif known is not None and not known[1] and fact.kind in _COUNTED:
                _COUNTED[fact.kind](self, _one_of(known[0], self._labels.lines), fact)

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

    @property
    def _labels(self) -> Labels:
        return self._centre.labels()

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
        if fact.details.get("campaign"):  # nobody called: the dialler's figures have it
            return
        self._arrived.labels(line).inc()

    def _count_key(self, line: str, fact: Fact) -> None:
        silence = fact.details.get("key") == ""
        valid = "valid" if fact.details.get("valid") else "invalid"
        self._keys.labels(line, "silence" if silence else valid).inc()

    def _count_look_up(self, line: str, fact: Fact) -> None:
        where = _one_of(fact.details.get("where"), self._labels.services)
        self._looked_up.labels(line, where, _one_of(fact.details.get("how"), ANSWERS)).inc()

    def _count_mark(self, line: str, fact: Fact) -> None:
        question = _one_of(fact.details.get("question"), self._labels.questions)
        self._marks.labels(line, question, _one_of(fact.details.get("mark"), MARKS)).inc()

    def _count_offer(self, line: str, fact: Fact) -> None:
        self._offers.labels(_one_of(fact.details.get("outcome"), OFFER_OUTCOMES)).inc()

    def _count_foretold(self, line: str, fact: Fact) -> None:
        self._foretold.labels(line).inc()

    def _count_promise(self, line: str, fact: Fact) -> None:
        kept = "yes" if fact.details.get("held") else "no"
        self._promises.labels(line, kept if fact.details.get("answered") else "left").inc()

    def _count_promised(self, line: str, fact: Fact) -> None:
        how = _one_of(fact.details.get("how"), ("key", "emergency"))
        self._promised.labels(line, how).inc()

    def _count_called(self, line: str, fact: Fact) -> None:
        self._called.labels(_one_of(fact.details.get("how"), KEPT)).inc()

    def _count_dead_air(self, line: str, fact: Fact) -> None:
        self._silent.labels(line, _one_of(fact.details.get("who"), SIDES)).inc()

    def _count_suspect(self, line: str, fact: Fact) -> None:
        self._suspect.labels(line, "yes" if fact.details.get("blocked") else "no").inc()

    def _count_recording(self, line: str, fact: Fact) -> None:
        if problem := fact.details.get("problem"):
            self._recorded.labels(_one_of(problem, PROBLEMS)).inc()

    def _count_seal(self, line: str, fact: Fact) -> None:
        self._sealed.inc()

    def _count_answer(self, line: str, fact: Fact) -> None:
        if fact.details.get("dialled"):  # we called: the dialler's figures have it
            return
        self._answered.labels(line).inc()
        self._waited.labels(line).observe(max(0.0, float(fact.details.get("waited", 0.0))))

    def _count_talk(self, line: str, fact: Fact) -> None:
        if fact.details.get("dialled"):
            return
        self._talked.labels(line).observe(float(fact.details.get("talk_seconds", 0.0)))

    def _count_end(self, line: str, fact: Fact) -> None:
        outcome = _one_of(fact.details.get("outcome"), CALL_OUTCOMES)
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
    Kind.WAIT_TOLD: Figures._count_foretold,
    Kind.WAIT_KEPT: Figures._count_promise,
    Kind.CALL_BACK_PROMISED: Figures._count_promised,
    Kind.CALL_BACK_OVER: Figures._count_called,
    Kind.DEAD_AIR: Figures._count_dead_air,
    Kind.NUMBER_SUSPECT: Figures._count_suspect,
    Kind.RECORDED: Figures._count_recording,
    Kind.RECORDING_SEALED: Figures._count_seal,
}


def _one_of(value: Any, known: Collection[str]) -> str:
    """The value as a label, if it is one of these."""
    text = value if isinstance(value, str) else ""
    return text if text in known else OTHER
