"""What those who wait may be told of the wait, and the key by which they go home without losing
their place: on 156 alone, in few words, and with a key that nothing else needs (R25, R26)."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.forecast import AHEAD, MINUTES, PEOPLE, WAIT
from ivr.menu import LinePlan, Part, QueueNode
from ivr.proofs.findings import Problem
from ivr.proofs.lengths import LengthOf, languages_of, seconds_of
from ivr.proofs.recordings import too_long
from ivr.texts import Gap, Texts, gaps
from terms.limits import FORECAST_SPEECH_MAX
from terms.names import EMERGENCY_LINES

FORECAST: Part = ("waiting", "forecast")
CALL_BACK: Part = ("waiting", "call_back")
WAIT_PART, AHEAD_PART = (*FORECAST, "wait_text"), (*FORECAST, "ahead_text")


def nobody_in_danger_is_told_to_wait(plan: LinePlan) -> Iterator[Problem]:
    """199 and 153 foretell nothing and never offer to call back."""
    if plan.line not in EMERGENCY_LINES:
        return
    if plan.waiting.forecast.wait_text or plan.waiting.forecast.ahead_text:
        yield Problem(FORECAST, f"na linha {plan.line} não se fala em tempo de espera nem posição")
    if plan.waiting.call_back.call_back_key:
        message = (
            f"na linha {plan.line} não se oferece ligar de volta: quem está em perigo é atendido"
        )
        yield Problem(CALL_BACK, message)


def a_forecast_foretells(plan: LinePlan) -> Iterator[Problem]:
    """Each of its texts has its own gap, read as what it is, once in every language."""
    forecast = plan.waiting.forecast
    for part, texts, wanted in (
        (WAIT_PART, forecast.wait_text, Gap(WAIT, MINUTES)),
        (AHEAD_PART, forecast.ahead_text, Gap(AHEAD, PEOPLE)),
    ):
        for language in languages_of(texts) if texts else ():
            if _gaps_in(texts, language, wanted) != 1:
                told = f"{{{wanted.name}:{wanted.how}}}"
                yield Problem(part, f"aqui se diz {told} uma vez em cada idioma")
                break


def _gaps_in(texts: Texts, language: str, wanted: Gap) -> int:
    return sum(piece == wanted for text in texts for piece in text.pieces(language))


def what_is_foretold_is_told_there_alone(plan: LinePlan) -> Iterator[Problem]:
    """The gaps of a forecast are known nowhere else, and others are not known there."""
    for part, texts in ((WAIT_PART, plan.waiting.forecast.wait_text),
                        (AHEAD_PART, plan.waiting.forecast.ahead_text)):  # fmt: skip
        known = WAIT if part == WAIT_PART else AHEAD
        for name in dict.fromkeys(gap.name for text in texts for gap in gaps(text)):
            if name != known:
                yield Problem(part, f"aqui só se diz o dado '{known}', não '{name}'")


def the_key_is_free(plan: LinePlan) -> Iterator[Problem]:
    """The key of the call-back means nothing else to who waits, in whichever queue."""
    key = plan.waiting.call_back.call_back_key
    if not key:
        return
    part = (*CALL_BACK, "call_back_key")
    if key == plan.defaults.protocol_key:
        yield Problem(part, f"a tecla {key} já repete o protocolo: escolha outra para o retorno")
    for name, node in plan.nodes.items():
        if isinstance(node, QueueNode) and key in node.options:
            message = f"a tecla {key} já tem um sentido na fila '{name}': escolha outra"
            yield Problem(part, message)


def it_is_short(plan: LinePlan, length_of: LengthOf) -> Iterator[Problem]:
    """A forecast, all of it, and the offer to call back, each in FORECAST_SPEECH_MAX."""
    forecast, most = plan.waiting.forecast, FORECAST_SPEECH_MAX
    ahead = forecast.ahead_text
    more = max((seconds_of(ahead, one, length_of) for one in languages_of(ahead)), default=0.0)
    yield from too_long(WAIT_PART, forecast.wait_text, length_of, most, more if ahead else 0.0)
    yield from too_long(
        (*CALL_BACK, "offer_text"), plan.waiting.call_back.offer_text, length_of, most
    )
