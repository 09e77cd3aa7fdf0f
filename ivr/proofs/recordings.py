"""Every text is recorded in each of its languages, and none is longer than people listen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ivr.menu import LinePlan, Part
from ivr.proofs.findings import LANGUAGE_NAMES, Problem, comma, short
from ivr.proofs.lengths import GAP_SECONDS, LengthOf, languages_of, seconds_of
from ivr.texts import PORTUGUESE, Texts, recorded_words
from ivr.ways import spoken
from terms.limits import PROMPT_SECONDS_MAX
from terms.names import Seconds

FOLLOWED_BY_THE_PROTOCOL: Final = (
    ("waiting", "protocol_text"),
    ("waiting", "call_back", "promised_text"),
)


def all_are_recorded(plan: LinePlan, length_of: LengthOf) -> Iterator[Problem]:
    """Each run of words between gaps has a recording that decodes."""
    for part, texts in spoken(plan):
        yield from not_recorded(part, texts, length_of)


def not_recorded(part: Part, texts: Texts, length_of: LengthOf) -> Iterator[Problem]:
    """What of these texts has no recording."""
    for number, text in enumerate(texts):
        for language, words in recorded_words(text):
            if length_of(language, words) is None:
                where = (*part, str(number)) if len(texts) > 1 else part
                told = "" if language == PORTUGUESE else f" em {_name(language)}"
                yield Problem(where, f"não há gravação{told} para o texto '{short(words)}'")


def none_is_long(plan: LinePlan, length_of: LengthOf) -> Iterator[Problem]:
    """All that a node says at once counts together; the texts of the waiting are said in turn."""
    for part, texts in spoken(plan):
        if part == ("waiting", "repeat"):
            for number, text in enumerate(texts):
                where = (*part, str(number)) if len(texts) > 1 else part
                yield from too_long(where, (text,), length_of, PROMPT_SECONDS_MAX)
        else:
            protocol = part in FOLLOWED_BY_THE_PROTOCOL and plan.waiting.speak_protocol
            more = GAP_SECONDS["protocolo"] if protocol else 0.0
            yield from too_long(part, texts, length_of, PROMPT_SECONDS_MAX, more)


def too_long(
    part: Part, texts: Texts, length_of: LengthOf, most: Seconds, more: Seconds = 0.0
) -> Iterator[Problem]:
    """Whether these texts (and `more`) last longer than `most` seconds in some language."""
    for language in languages_of(texts):
        seconds = seconds_of(texts, language, length_of) + more
        if seconds > most:
            told = "" if language == PORTUGUESE else f" em {_name(language)}"
            yield Problem(
                part, f"o texto dura {comma(seconds)} s{told}; o máximo é {comma(most)} s"
            )


def _name(language: str) -> str:
    return LANGUAGE_NAMES.get(language, language)
