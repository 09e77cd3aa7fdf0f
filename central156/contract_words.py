"""How figures of the contract are told: words, stretches of shares, flags."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from contract.availability import Outage, Why
from contract.bands import Flag
from contract.definitions import Gap, Indicator, LikeDays, Overlap, Terms
from contract.exceptional import HOLIDAY
from contract.oddities import Finding, Oddity, oddities
from protocol_store.reports.asked import moment_text
from reader.share_text import comma
from terms.counted import Counted

COUNTED: Final = {
    Counted.RECEIVED: "recebidas",
    Counted.QUEUED: "oferecidas à fila",
    Counted.ANSWERED: "atendidas",
    Counted.ANSWERED_WITHIN: "atendidas no prazo",
    Counted.WITH_PROTOCOL: "atendidas com protocolo",
    Counted.ABANDONED: "abandonadas",
    Counted.ABANDONED_BEYOND: "abandonadas depois do prazo",
    Counted.OWED: "retornos devidos",
    Counted.OWED_DONE: "retornos no prazo",
    Counted.SURVEYED: "pesquisas respondidas",
    Counted.SATISFIED: "pesquisas satisfeitas",
    Counted.MARKS: "notas",
    Counted.GOOD_MARKS: "notas boas",
    Counted.CARRIER_OFFERED: "ofertadas pela operadora",
    Counted.CARRIER_FAILED: "não entregues pela operadora",
    Counted.SHUT_OUT: "recusadas pela central",
    Counted.FAILED_ANYWHERE: "não entregues ou recusadas",
    Counted.MINUTES: "minutos fora de manutenção",
    Counted.MINUTES_UP: "minutos no ar fora de manutenção",
    Counted.ALL_MINUTES: "minutos",
    Counted.ALL_MINUTES_UP: "minutos no ar",
    Counted.CHAT_RECEIVED: "chats recebidos",
    Counted.CHAT_ANSWERED: "chats atendidos",
    Counted.CHAT_ANSWERED_WITHIN: "chats atendidos no prazo",
    Counted.CHAT_ABANDONED: "chats abandonados",
}
FLAGS: Final = {
    Flag.NONE: "",
    Flag.GAP: "lacuna na tabela",
    Flag.OVERLAP: "sobreposição na tabela",
}
GAPS: Final = {
    Gap.WORSE: "vale a pior das faixas vizinhas",
    Gap.BETTER: "vale a melhor das faixas vizinhas",
    Gap.ROUNDED: "arredonda para inteiro; se ainda assim, vale a pior vizinha",
}
OVERLAPS: Final = {Overlap.WORSE: "vale a pior das faixas", Overlap.BETTER: "vale a melhor"}
ALIKE: Final = {
    LikeDays.WEEKDAY: "o mesmo dia da semana, sem feriados; feriados entre si",
    LikeDays.KIND: "dias úteis; sábados; domingos e feriados",
}
ODD: Final = {
    Oddity.HOLE: "nenhuma faixa",
    Oddity.OVERLAP: "mais de uma faixa",
    Oddity.REVERSED: "uma faixa que custa mais do que outra pior",
}
WEEKDAYS: Final = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")
YES, NO = "sim", "não"


def yes_no(value: bool | None) -> str | None:
    """As a cell tells it; None is nothing to tell."""
    return None if value is None else (YES if value else NO)


def number(value: Fraction | None) -> float | None:
    """As a cell tells it."""
    return None if value is None else float(value)


def percent(value: Fraction) -> str:
    """A share as people read it."""
    return f"{comma(value * 100)} %"


def kind_of_day(kind: str) -> str:
    """What a day is compared as (contract.exceptional)."""
    if kind == HOLIDAY:
        return "feriado"
    if kind.isdecimal():
        return WEEKDAYS[int(kind)]
    return "dia útil"


def odd(finding: Finding) -> str:
    """A strange thing in a table of bands, in a few words."""
    low, high = percent(finding.low), percent(finding.high)
    where = f"bem em {low}" if finding.low == finding.high else f"entre {low} e {high}"
    return f"{where}, {ODD[finding.what]}"


def oddities_of(indicator: Indicator) -> list[str]:
    """All that is strange in an indicator's table."""
    return [odd(one) for one in oddities(indicator)]


def rules_of(terms: Terms) -> list[str]:
    """The declared rules of some terms, a sentence each."""
    exceptional, billing = terms.exceptional, terms.billing
    survey = terms.satisfaction
    return [
        f"Fonte: {terms.source}. Vale desde {terms.since:%d/%m/%Y}.",
        f"Valor em lacuna da tabela: {GAPS[terms.gap]}; em sobreposição: "
        f"{OVERLAPS[terms.overlap]}. Um e outro são sinalizados.",
        _recurrence(terms.recurs_in),
        f"Dia excepcional: mais de {percent(exceptional.above)} acima da média dos dias iguais dos "
        f"{exceptional.months} meses anteriores ({ALIKE[exceptional.alike]}; ao menos "
        f"{exceptional.least}).",
        f"Pesquisa satisfeita: nota {survey.mark} ou mais em "
        f"{survey.share.numerator} de {survey.share.denominator} das perguntas respondidas.",
        f"Chamadas do mesmo número em menos de {int(billing.apart // 60)} min: paga-se uma; para a "
        "carga, todas contam.",
    ]


def _recurrence(months: int) -> str:
    if not months:
        return "Não há reincidência."
    lately = "no mês anterior" if months == 1 else f"em um dos {months} meses anteriores"
    return f"Reincidência: a meta também faltou {lately}."


OUT: Final = {
    Why.SWITCH: "controle e Asterisk se perderam de vista",
    Why.ALONE: "o Asterisk atendeu sozinho",
}


def stretch(outage: Outage) -> str:
    """An outage, in words."""
    return f"De {moment_text(outage.since)} a {moment_text(outage.until)}: {OUT[outage.why]}."
