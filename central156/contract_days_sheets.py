"""The contract's reports of days: exceptional ones (R73), and availability (4.5.6.8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from central156 import contract_words as words
from central156.contract_figures import Month
from terms.sheet import Chart, Column, Drawn, Row, Shape, Sheet, Value

DAY_COLUMNS: Final = (
    Column("day", "Dia", Shape.DAY),
    Column("kind", "Comparado como"),
    Column("calls", "Recebidas", Shape.COUNT),
    Column("like", "Dias iguais", Shape.COUNT),
    Column("mean", "Média deles", Shape.NUMBER),
    Column("above", "Acima da média", Shape.SHARE),
    Column("exceptional", "Excepcional"),
)


def days_sheet(name: str, title: str, months: Sequence[Month], told: str) -> Sheet:
    """Each day that is over, beside its like (R73)."""
    rows: list[Row] = [
        {
            "day": one.day.isoformat(),
            "kind": words.kind_of_day(one.kind),
            "calls": one.calls,
            "like": one.like_days,
            "mean": words.number(one.mean),
            "above": words.number(one.above),
            "exceptional": "sem base" if one.mean is None else words.yes_no(one.exceptional),
        }
        for month in months
        for one in month.compared
    ]
    notes = [
        "Contam as recebidas das três linhas, sem as de teste; as repetidas também contam.",
        "Sem base: há menos dias iguais, com a central no ar, do que o contrato pede.",
        f"Termos: {told}.",
        *(words.rules_of(months[-1].terms) if months else ()),
    ]
    chart = Chart(Drawn.LINES, "day", ("calls", "mean"), title)
    return Sheet(name, title, DAY_COLUMNS, rows, None, chart, notes=notes)


UP_COLUMNS: Final = (
    Column("day", "Dia", Shape.DAY),
    Column("minutes", "Minutos", Shape.COUNT),
    Column("windows", "Em manutenção", Shape.COUNT),
    Column("down", "Fora do ar", Shape.COUNT),
    Column("down_counted", "Fora do ar sem manutenção", Shape.COUNT),
    Column("up", "Disponibilidade", Shape.SHARE),
    Column("up_all", "Sem descontar manutenção", Shape.SHARE),
)


def uptime_sheet(name: str, title: str, months: Sequence[Month], told: str) -> Sheet:
    """Minutes of each day, and the stretches in which calls were not served whole (4.5.6.8)."""
    rows: list[Row] = []
    sums = dict.fromkeys(("minutes", "windows", "down", "down_counted"), 0)
    for month in months:
        for day in month.days():
            found = month.uptime(day)
            row = {
                "minutes": found.minutes,
                "windows": found.windows,
                "down": found.down,
                "down_counted": found.down - found.down_in_windows,
            }
            for key, value in row.items():
                sums[key] += value
            rows.append({"day": day.isoformat(), **row, **_up(row)})
    notes = [
        "Um minuto está fora do ar se em parte dele o controle e o Asterisk se perderam de vista, "
        "ou se chegou uma chamada que o Asterisk teve de atender sozinho; isso dura até a próxima "
        "chamada atendida pelo sistema todo, ou até o controle recomeçar.",
        "Sem chamada e sem perda ninguém pode dizer, e o minuto conta como no ar.",
        "Manutenções combinadas (manutencoes, em contrato.yaml) saem das duas partes da conta.",
        f"Termos: {told}.",
        *_stretches(months),
    ]
    chart = Chart(Drawn.LINES, "day", ("up",), title)
    return Sheet(name, title, UP_COLUMNS, rows, {**sums, **_up(sums)}, chart, notes=notes)


def _up(row: dict[str, int]) -> dict[str, Value]:
    counted, minutes = row["minutes"] - row["windows"], row["minutes"]
    return {
        "up": (counted - row["down_counted"]) / counted if counted else None,
        "up_all": (minutes - row["down"]) / minutes if minutes else None,
    }


STRETCHES_TOLD: Final = 20


def _stretches(months: Sequence[Month]) -> list[str]:
    """The longest outages, in words."""
    found = {
        one for month in months for one in month.outages if month.since <= one.until <= month.until
    }
    longest = sorted(found, key=lambda one: one.since - one.until)[:STRETCHES_TOLD]
    return [words.stretch(one) for one in sorted(longest, key=lambda one: one.since)]
