"""An indicator of contrato.yaml: what it counts, over what, its target and its bands."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from contract.definitions import Band, Formula, Indicator, Span
from ivr.menu import Part
from reader.forms import Form, Key, Reading, Sheet, list_of, record
from reader.readings import duration, one_of, text_of_at_most
from reader.share_text import amount, shares
from reader.yaml_text import Tree
from terms.counted import Counted
from terms.limits import CONTRACT_BANDS_MAX, CONTRACT_TEXT_CHARACTERS
from terms.names import LINES

COUNTS: Final = {
    "recebidas": Counted.RECEIVED,
    "oferecidas_a_fila": Counted.QUEUED,
    "atendidas": Counted.ANSWERED,
    "atendidas_no_prazo": Counted.ANSWERED_WITHIN,
    "atendidas_com_protocolo": Counted.WITH_PROTOCOL,
    "abandonadas": Counted.ABANDONED,
    "abandonadas_apos_o_prazo": Counted.ABANDONED_BEYOND,
    "retornos_devidos": Counted.OWED,
    "retornos_no_prazo": Counted.OWED_DONE,
    "pesquisas_respondidas": Counted.SURVEYED,
    "pesquisas_satisfeitas": Counted.SATISFIED,
    "notas": Counted.MARKS,
    "notas_boas": Counted.GOOD_MARKS,
    "ofertadas_pela_operadora": Counted.CARRIER_OFFERED,
    "nao_entregues_pela_operadora": Counted.CARRIER_FAILED,
    "recusadas_pela_central": Counted.SHUT_OUT,
    "nao_entregues_ou_recusadas": Counted.FAILED_ANYWHERE,
    "minutos": Counted.MINUTES,
    "minutos_no_ar": Counted.MINUTES_UP,
    "minutos_corridos": Counted.ALL_MINUTES,
    "minutos_corridos_no_ar": Counted.ALL_MINUTES_UP,
    "chats_recebidos": Counted.CHAT_RECEIVED,
    "chats_atendidos": Counted.CHAT_ANSWERED,
    "chats_atendidos_no_prazo": Counted.CHAT_ANSWERED_WITHIN,
    "chats_abandonados": Counted.CHAT_ABANDONED,
}
"""What an indicator may count, as the file says it. What each means: terms/counted.py."""

TEXT: Final = text_of_at_most(CONTRACT_TEXT_CHARACTERS)
X_LEAST, X_MOST = 1.0, 3_600.0


def meaning(words: dict[str, Any]) -> Reading:
    """One of a few words, as what it stands for."""
    reading = one_of(words)
    first = next(iter(words.values()))

    def read(sheet: Sheet, tree: Tree, part: Part) -> Any:
        return words.get(reading(sheet, tree, part), first)

    return Reading(read, reading.schema)


FORMULA: Form = {
    "conta": Key("count", meaning(COUNTS), neutral=Counted.RECEIVED, says="O que se conta."),
    "sobre": Key("of", meaning(COUNTS), neutral=Counted.RECEIVED, says="Dividido por quê."),
    "titulo": Key("title", TEXT, "", says="Como a fórmula se chama nos relatórios."),
}


def _formula(sheet: Sheet, part: Part, values: dict[str, Any]) -> Formula:
    return Formula(**values)


BAND: Form = {
    "de": Key("span", shares, neutral=Span(), says="80 % a 84 %, menos de 75 %, mais de 5 % a 6 %"),
    "pontos": Key("points", amount, neutral=Fraction(0)),
    "reincidente": Key("again", amount, None, says="Pontos quando a meta também faltou há pouco."),
}


def _band(sheet: Sheet, part: Part, values: dict[str, Any]) -> Band:
    again = values["again"]
    return Band(values["span"], values["points"], values["points"] if again is None else again)


INDICATOR: Form = {
    "titulo": Key("title", TEXT),
    "linhas": Key("lines", list_of(one_of(LINES), "linhas", len(LINES)), (), ()),
    "prazo": Key("within", duration(X_LEAST, X_MOST), 15.0, 15.0, "O X de «até X segundos»."),
    "conta": FORMULA["conta"],
    "sobre": FORMULA["sobre"],
    "formula": Key("told", TEXT, "", says="A definição em palavras."),
    "outra": Key(
        "other",
        record(FORMULA, "outra", _formula),
        None,
        None,
        "A outra fórmula comum, mostrada ao lado e nunca julgada.",
    ),
    "meta": Key("target", shares, neutral=Span(), says="85 % ou mais; 5 % ou menos"),
    "faixas": Key(
        "bands", list_of(record(BAND, "uma faixa", _band), "faixas", CONTRACT_BANDS_MAX, 0), (), ()
    ),
    "porque": Key("because", TEXT, ""),
}


def _indicator(sheet: Sheet, part: Part, values: dict[str, Any]) -> Indicator:
    target: Span = values["target"]
    if (target.low is None) == (target.high is None) and target != Span():
        sheet.wrong_at((*part, "target"), "a meta é 'X % ou mais' ou 'X % ou menos'")
    formula = Formula(values.pop("count"), values.pop("of"), values.pop("told"))
    lines = tuple(line for line in values.pop("lines") if line)
    return Indicator(part[-1], formula=formula, lines=lines, **values)


INDICATORS_ENTRY: Final = record(INDICATOR, "indicador '{}'", _indicator)
"""An indicator, under the name that it has in the file."""
