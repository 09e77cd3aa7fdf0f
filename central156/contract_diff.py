"""What differs between two contracts, a Portuguese sentence each, for `dialplan diff`.

Reasons (`porque`) make no difference. Whatever else is not the same is told, at least by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Final

from contract.definitions import Contract, Indicator, Terms
from protocol_store.reports.asked import moment_text
from reader.share_text import share_text

OF_TERMS: Final = {
    "source": "a fonte",
    "factors": "os fatores de pagamento",
    "measured_from": "o primeiro mês medido",
    "free_months": "os meses sem cobrança",
    "recurs_in": "a reincidência",
    "gap": "a regra de lacunas",
    "overlap": "a regra de sobreposições",
    "exceptional": "os dias excepcionais",
    "satisfaction": "o que é pesquisa satisfeita",
    "billing": "o pagamento",
}
OF_AN_INDICATOR: Final = {
    "title": "o título",
    "formula": "a definição",
    "lines": "as linhas",
    "within": "o prazo",
    "other": "a outra fórmula",
    "bands": "as faixas ou os pontos",
}


def contract_differences(old: Contract, new: Contract) -> tuple[str, ...]:
    """All that differs; () when nothing does."""
    before = {terms.since: terms for terms in old.terms}
    after = {terms.since: terms for terms in new.terms}
    found: list[str] = []
    for since in sorted({*before, *after}):
        called = f"No contrato que vale desde {since:%d/%m/%Y}"
        if since not in before:
            found.append(f"Há termos novos do contrato, desde {since:%d/%m/%Y}.")
        elif since not in after:
            found.append(f"{called}: os termos saem; meses julgados por eles mudam.")
        else:
            found += [f"{called}: {one}." for one in _of_terms(before[since], after[since])]
    for window in new.windows:
        if window not in old.windows:
            found.append(f"Há manutenção combinada de {_stretch(window.since, window.until)}.")
    for window in old.windows:
        if window not in new.windows:
            found.append(f"Sai a manutenção de {_stretch(window.since, window.until)}.")
    return tuple(found)


def _stretch(since: float, until: float) -> str:
    return f"{moment_text(since)} a {moment_text(until)}"


def _of_terms(old: Terms, new: Terms) -> Iterator[str]:
    before, after = old.named(), new.named()
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            yield f"o indicador {name} é novo"
        elif name not in after:
            yield f"o indicador {name} não há mais"
        else:
            yield from _of_an_indicator(before[name], after[name])
    for field in fields(Terms):
        told = OF_TERMS.get(field.name)
        if told and getattr(old, field.name) != getattr(new, field.name):
            yield f"mudam {told}" if told.startswith("os ") else f"muda {told}"


def _of_an_indicator(old: Indicator, new: Indicator) -> Iterator[str]:
    if replace(old, because="") == replace(new, because=""):
        return
    if old.target != new.target:
        yield (
            f"em {new.name}, a meta é {share_text(new.target)} (antes: {share_text(old.target)})"
        )
    for name, told in OF_AN_INDICATOR.items():
        if getattr(old, name) != getattr(new, name):
            yield f"em {new.name}, {'mudam' if told.startswith('as ') else 'muda'} {told}"
