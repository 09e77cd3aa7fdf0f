"""What a report is: a name, what it may be asked, and how a question to it comes to a sheet.

    report.run(connection, asked, now)   → Sheet, or WrongQuestion with a text for people

Reports take of `Asked` only what they say in `takes`: one that ignored the queue it was asked for
would answer another question than the one put. Period and `reveal` every report takes. Keys of
`Asked.more` are named in `takes` like fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from sqlalchemy import Connection

from protocol_store.masking import masked_number
from protocol_store.reports.asked import interval_text, moment_text
from terms import limits
from terms.names import Instant
from terms.sheet import Asked, Sheet

PARAMETERS: Final = {
    "interval": "intervalo",
    "line": "linha",
    "queue": "fila",
    "agent": "agente",
    "campaign": "campanha",
    "phone": "telefone",
    "protocol": "protocolo",
    "keyword": "palavra-chave",
    "node": "etapa",
    "beyond": "X (segundos)",
}
"""How people read the names of Asked's fields."""

_ALWAYS: Final = frozenset({"since", "until", "reveal", "more"})
_DEFAULTS: Final = {
    one.name: one.default for one in fields(Asked) if one.name not in {"since", "until", "more"}
}


class WrongQuestion(ValueError):
    """A report was asked what it cannot answer; the text is Portuguese and says what it takes."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `clause`: where the contract asks for it. `takes`: names of Asked's fields, and
    keys of its `more`, beyond the period."""

    name: str
    title: str
    clause: str
    takes: frozenset[str]
    make: Callable[[Connection, Asked], Sheet]

    def run(self, connection: Connection, asked: Asked, now: Instant = 0.0) -> Sheet:
        """The sheet, with what was asked, when it was made, and no more than limits.SHEET_ROWS.

        Raises WrongQuestion for a parameter that this report does not take, a period that is
        empty, and an interval that is no whole number of minutes.
        """
        self.check(asked)
        sheet = self.make(connection, asked)
        rows, cut = sheet.rows, sheet.cut
        if len(rows) > limits.SHEET_ROWS:
            cut += len(rows) - limits.SHEET_ROWS
            rows = rows[: limits.SHEET_ROWS]
        notes = tuple(sheet.notes)
        if cut:
            notes += (f"Linhas que ficaram de fora: {_counted(cut)}. Os totais contam todas.",)
        told = (*self.told(asked), *sheet.asked)
        return replace(sheet, rows=rows, cut=cut, notes=notes, asked=told, made_at=now)

    def check(self, asked: Asked) -> None:
        """Raises WrongQuestion; see `run`."""
        wrong = [name for name in _given(asked) if name not in self.takes]
        if wrong:
            names = ", ".join(PARAMETERS.get(name, name) for name in wrong)
            raise WrongQuestion(f"o relatório {self.name} não aceita: {names}. {self._takes()}")
        if not asked.since < asked.until:
            raise WrongQuestion("o período termina antes de começar")
        if asked.interval < limits.REPORT_INTERVAL_MIN or asked.interval % 60:
            raise WrongQuestion("o intervalo é de minutos inteiros, no mínimo um")
        if asked.beyond < 0:
            raise WrongQuestion("X é zero ou mais segundos")

    def told(self, asked: Asked) -> tuple[tuple[str, str], ...]:
        """What was asked, as people read it."""
        period = f"{moment_text(asked.since)} a {moment_text(asked.until)}"
        told = [("período", period)]
        if "interval" in self.takes:
            told.append((PARAMETERS["interval"], interval_text(asked.interval)))
        if "beyond" in self.takes:
            told.append((PARAMETERS["beyond"], f"{asked.beyond:g}"))
        for name in _given(asked):
            if name in ("interval", "beyond"):
                continue
            value = str(asked.more[name] if name in asked.more else getattr(asked, name))
            if name == "phone" and not asked.reveal:
                value = masked_number(value)
            told.append((PARAMETERS.get(name, name), value))
        return tuple(told)

    def _takes(self) -> str:
        taken = [text for name, text in PARAMETERS.items() if name in self.takes]
        taken += sorted(name for name in self.takes if name not in PARAMETERS)
        return f"Aceita: período, {', '.join(taken)}." if taken else "Aceita só o período."


def _counted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _given(asked: Asked) -> list[str]:
    """What was asked for beyond the period: a default is not a question."""
    given: list[Any] = [
        name
        for name, default in _DEFAULTS.items()
        if name not in _ALWAYS and getattr(asked, name) != default
    ]
    return given + list(asked.more)
