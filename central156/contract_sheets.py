"""The contract's reports as sheets: what was judged, told in columns and notes (4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from central156 import contract_words as words
from central156.contract_figures import Month
from contract.bands import Verdict
from contract.billing import Bill
from contract.definitions import Indicator
from contract.indicators import Judged, Share, points_of
from reader.share_text import share_text
from terms.sheet import Chart, Column, Drawn, Row, Shape, Sheet, Value

MONTHS: Final = "%m/%Y"
ONE_DEFINITION: Final = (
    "Cada chamada conta no dia em que chegou, na linha que foi discada; as de teste nunca contam. "
    "A espera vai da entrada na primeira fila ao atendimento (R71)."
)


def _share(share: Share | None) -> Value:
    return words.number(share.value) if share is not None else None


# --- indicators ---
INDICATOR_COLUMNS: Final = (
    Column("month", "Mês"),
    Column("indicator", "Indicador"),
    Column("formula", "Definição"),
    Column("count", "Numerador", Shape.COUNT),
    Column("of", "Denominador", Shape.COUNT),
    Column("value", "Valor", Shape.SHARE),
    Column("target", "Meta"),
    Column("met", "Cumprida"),
    Column("band", "Faixa"),
    Column("again", "Reincidência"),
    Column("points", "Pontos", Shape.NUMBER),
    Column("flag", "Sinal"),
    Column("other_formula", "Outra fórmula"),
    Column("other_count", "Numerador da outra", Shape.COUNT),
    Column("other_of", "Denominador da outra", Shape.COUNT),
    Column("other", "Valor pela outra", Shape.SHARE),
    Column("without", "Valor sem dias excepcionais", Shape.SHARE),
    Column("without_met", "Cumprida sem eles"),
    Column("without_points", "Pontos sem eles", Shape.NUMBER),
    Column("without_flag", "Sinal sem eles"),
)


def indicators_sheet(name: str, title: str, months: Sequence[Month], told: str) -> Sheet:
    """One row an indicator and month; with and without exceptional days, by both formulas."""
    rows: list[Row] = []
    notes = [ONE_DEFINITION, f"Termos: {told}."]
    points = without = Fraction(0)
    for month in months:
        judged = month.judged()
        rows += [_indicator_row(month, one) for one in judged]
        points, without = points_of(judged), points_of(judged, without=True)
        notes += _notes_of(month)
    if months:
        notes += words.rules_of(months[-1].terms)
    notes += _odd_tables(months)
    totals = {"points": float(points), "without_points": float(without)}
    chart = Chart(Drawn.BARS, "indicator", ("value", "other"), title)
    one = len(months) == 1
    return Sheet(
        name,
        title,
        INDICATOR_COLUMNS,
        rows,
        totals if one else None,
        chart if one else None,
        notes=notes,
    )


def _indicator_row(month: Month, one: Judged) -> Row:
    indicator, verdict, other = one.indicator, one.verdict, one.indicator.other
    # without exceptional days in the month, both are the same figures
    apart = one.without if one.without is not None else one.share
    apart_verdict = one.without_verdict or verdict
    return {
        "month": month.first.strftime(MONTHS),
        "indicator": indicator.title,
        "formula": _formula(indicator),
        "count": one.share.count,
        "of": one.share.of,
        "value": _share(one.share),
        "target": share_text(indicator.target),
        "met": words.yes_no(verdict.met),
        "band": _band(verdict),
        "again": words.yes_no(one.again),
        "points": _points(verdict),
        "flag": words.FLAGS[verdict.flag],
        "other_formula": other.title if other else "",
        "other_count": one.other.count if one.other else None,
        "other_of": one.other.of if one.other else None,
        "other": _share(one.other),
        "without": _share(apart),
        "without_met": words.yes_no(apart_verdict.met),
        "without_points": words.number(apart_verdict.points)
        if apart_verdict.met is not None
        else None,
        "without_flag": words.FLAGS[apart_verdict.flag],
    }


def _formula(indicator: Indicator) -> str:
    formula = indicator.formula
    return formula.title or f"{words.COUNTED[formula.count]} sobre {words.COUNTED[formula.of]}"


def _points(verdict: Verdict) -> float | None:
    return None if verdict.met is None else float(verdict.points)


def _band(verdict: Verdict) -> str:
    if verdict.met is None:
        return "sem medição"
    return "" if verdict.span is None else share_text(verdict.span)


def _notes_of(month: Month) -> list[str]:
    called = month.first.strftime(MONTHS)
    notes = []
    if not month.whole:
        notes.append(f"{called}: o mês ainda não terminou; os valores são do que passou dele.")
    days = month.exceptional
    if days:
        listed = ", ".join(f"{day:%d/%m}" for day in days)
        notes.append(f"{called}: dias excepcionais: {listed}.")
    else:
        notes.append(f"{called}: nenhum dia excepcional; com e sem eles é o mesmo.")
    return notes


def _odd_tables(months: Sequence[Month]) -> list[str]:
    if not months:
        return ["Nenhum termo do contrato vale no período."]
    return [
        f"A tabela de {one.title} não é completa: {'; '.join(found)}."
        for one in months[-1].terms.indicators
        if (found := words.oddities_of(one))
    ]


# --- the bill ---
BILL_COLUMNS: Final = (
    Column("month", "Mês"),
    Column("item", "Item"),
    Column("amount", "Quantidade", Shape.NUMBER),
    Column("share", "Parte", Shape.SHARE),
    Column("money", "Reais", Shape.MONEY),
    Column("flag", "Sinal"),
)


def bill_sheet(name: str, title: str, months: Sequence[Month], told: str) -> Sheet:
    """What is paid, by the points with and without exceptional days (R72, R74)."""
    rows: list[Row] = []
    notes = [
        "Pagam-se as recebidas que terminaram como o contrato diz, uma por número a cada intervalo "
        "de repetição, e as nossas que o cidadão atendeu; ocupado, sem resposta e inválida não.",
        "Quem liga sem número conta sempre: ninguém sabe se duas chamadas são da mesma pessoa.",
        "Horas não medidas: as em que o sistema todo não atendia; ver disponibilidade.",
        f"Termos: {told}.",
    ]
    for month in months:
        judged = month.judged()
        paid, apart = month.bill(judged, False), month.bill(judged, True)
        rows += _bill_rows(month, paid, apart)
        notes += _notes_of(month)
        if not paid.charged:
            notes.append(
                f"{month.first.strftime(MONTHS)}: mês medido e não cobrado; o fator é calculado e "
                "não aplicado."
            )
        if paid.rule.price is None:
            notes.append("O contrato.yaml não tem preço: não há valores em reais.")
    return Sheet(name, title, BILL_COLUMNS, rows, notes=list(dict.fromkeys(notes)))


def _bill_rows(month: Month, paid: Bill, apart: Bill) -> list[Row]:
    chats = paid.rule.chat * paid.chats if paid.chats is not None else None
    down = sum(month.uptime(day).down for day in month.days())
    rows: list[tuple[str, Fraction | int | None, Fraction | None, Fraction | None, str]] = [
        ("Recebidas que se pagariam", paid.calls_in, None, None, ""),
        ("Repetidas, não pagas", paid.repeated, None, None, ""),
        ("Feitas por nós e atendidas", paid.calls_out, None, None, ""),
        (
            f"Chats, a {words.percent(paid.rule.chat)} de uma chamada",
            chats,
            None,
            None,
            "" if chats is not None else "sem fonte",
        ),
        ("Chamadas pagas", paid.units, None, None, ""),
        ("Pontos", paid.points, None, None, ""),
        ("Fator dos pontos", None, paid.factor, None, words.FLAGS[paid.flag]),
        ("Fator aplicado", None, paid.applied, None, "" if paid.charged else "não cobrado"),
        ("A pagar", paid.units, paid.applied, paid.price, ""),
        ("Pontos sem dias excepcionais", apart.points, None, None, ""),
        ("Fator sem dias excepcionais", None, apart.factor, None, words.FLAGS[apart.flag]),
        ("A pagar sem dias excepcionais", apart.units, apart.applied, apart.price, ""),
        ("Horas não medidas", Fraction(down, 60), None, None, ""),
    ]
    return [
        {
            "month": month.first.strftime(MONTHS),
            "item": item,
            "amount": None if amount is None else float(amount),
            "share": words.number(share),
            "money": words.number(money),
            "flag": flag,
        }
        for item, amount, share, money, flag in rows
    ]
