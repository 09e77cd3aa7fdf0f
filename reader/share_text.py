"""Shares, points and stretches of them as people write them: «85 %», «0,5», «80 % a 84 %»."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final

from contract.definitions import Span
from ivr.menu import Part
from reader.forms import Reading, Sheet, shown
from reader.readings import matching, one_text
from reader.yaml_text import Tree

NUMBER: Final = r"[0-9]{1,6}(?:[.,][0-9]{1,4})?"
PERCENT: Final = rf"{NUMBER}\s*%"
MORE, LESS = "mais de", "menos de"
ABOVE, BELOW = "ou mais", "ou menos"


def _stretch(one: str) -> str:
    return (
        rf"{one}\s+(?:{ABOVE}|{BELOW})|(?:{MORE}|{LESS})\s+{one}"
        rf"|(?:{MORE}\s+)?{one}\s+(?:a|até)\s+(?:{LESS}\s+)?{one}"
    )


_SHARES: Final = _stretch(rf"{NUMBER}(?:\s*%)?")
_POINTS: Final = rf"{NUMBER}|{_stretch(NUMBER)}"
_RANGE: Final = re.compile(
    rf"(?P<more>{MORE}\s+)?(?P<low>{NUMBER})\s+(?:a|até)\s+(?P<less>{LESS}\s+)?(?P<high>{NUMBER})"
)


def number_of(text: str) -> Fraction:
    """`84,5` → 169/2. The text must follow NUMBER."""
    return Fraction(text.replace(",", "."))


def span_of(text: str) -> Span | None:
    """A stretch of numbers without `%`; None when it is none. Its ends may be the wrong way."""
    if found := _RANGE.fullmatch(text):
        low, high = number_of(found["low"]), number_of(found["high"])
        return Span(low, high, found["more"] is None, found["less"] is None)
    numbers = re.findall(NUMBER, text)
    if len(numbers) != 1:
        return None
    value = number_of(numbers[0])
    forms = {
        numbers[0]: Span(value, value),
        f"{numbers[0]} {ABOVE}": Span(low=value),
        f"{numbers[0]} {BELOW}": Span(high=value),
        f"{MORE} {numbers[0]}": Span(low=value, low_in=False),
        f"{LESS} {numbers[0]}": Span(high=value, high_in=False),
    }
    return forms.get(" ".join(text.split()))


def share_text(span: Span) -> str:
    """A stretch of shares as it is written: the inverse of SHARES."""
    return _text(span, lambda value: f"{comma(value * 100)} %")


def points_text(span: Span) -> str:
    """A stretch of points as it is written."""
    return _text(span, comma)


def comma(value: Fraction) -> str:
    """A number as people write it: 169/2 → `84,5`; at most four decimals."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".").replace(".", ",")


def _text(span: Span, told: Any) -> str:
    low, high = span.low, span.high
    if low is None and high is None:
        return "qualquer valor"
    if low is None:
        return f"{told(high)} {BELOW}" if span.high_in else f"{LESS} {told(high)}"
    if high is None:
        return f"{told(low)} {ABOVE}" if span.low_in else f"{MORE} {told(low)}"
    if low == high:
        return str(told(low))
    more, less = "" if span.low_in else f"{MORE} ", "" if span.high_in else f"{LESS} "
    return f"{more}{told(low)} a {less}{told(high)}"


# --- readings ---
def _percent(sheet: Sheet, tree: Tree, part: Part) -> Fraction:
    text = one_text(sheet, tree, part)
    if text is None:
        return Fraction(0)
    if not re.fullmatch(PERCENT, text):
        sheet.wrong_at(part, f"porcentagem inválida '{shown(text)}'; escreva, por exemplo: 85 %")
        return Fraction(0)
    value = number_of(text.rstrip("% \t")) / 100
    if value > 1:
        sheet.wrong_at(part, f"'{shown(text)}' passa de 100 %")
    return value


percent: Final = Reading(_percent, matching(PERCENT))
"""`85 %` → 17/20, up to 100 %."""


def _amount(sheet: Sheet, tree: Tree, part: Part) -> Fraction:
    text = one_text(sheet, tree, part)
    if text is None:
        return Fraction(0)
    if not re.fullmatch(NUMBER, text):
        sheet.wrong_at(part, f"número inválido '{shown(text)}'; escreva, por exemplo: 2 ou 0,5")
        return Fraction(0)
    return number_of(text)


amount: Final = Reading(_amount, {"anyOf": [matching(NUMBER), {"type": "number", "minimum": 0}]})
"""A number of zero or more, with a comma or a point: points, reais."""


def _shares(sheet: Sheet, tree: Tree, part: Part) -> Span:
    text = one_text(sheet, tree, part)
    if text is None:
        return Span()
    span = span_of(re.sub(r"\s*%", "", text)) if re.fullmatch(_SHARES, text) else None
    if span is None or "%" not in text:
        sheet.wrong_at(
            part,
            f"faixa inválida '{shown(text)}'; escreva, por exemplo: 85 % ou mais, 80 % a 84 %, "
            "mais de 5 % a 6 %, menos de 75 %",
        )
        return Span()
    ends = [None if end is None else end / 100 for end in (span.low, span.high)]
    return _in_order(sheet, part, Span(ends[0], ends[1], span.low_in, span.high_in), text)


shares: Final = Reading(_shares, matching(_SHARES))
"""A stretch of shares."""


def _points(sheet: Sheet, tree: Tree, part: Part) -> Span:
    text = one_text(sheet, tree, part)
    if text is None:
        return Span()
    span = span_of(text) if re.fullmatch(_POINTS, text) else None
    if span is None:
        sheet.wrong_at(
            part,
            f"faixa inválida '{shown(text)}'; escreva, por exemplo: 2, 15 a 18, mais de 30",
        )
        return Span()
    return _in_order(sheet, part, span, text)


points: Final = Reading(_points, {"anyOf": [matching(_POINTS), {"type": "number", "minimum": 0}]})
"""A stretch of points."""


def _in_order(sheet: Sheet, part: Part, span: Span, text: str) -> Span:
    low, high = span.low, span.high
    if low is not None and high is not None:
        empty = low == high and not (span.low_in and span.high_in)
        if low > high or empty:
            sheet.wrong_at(
                part, f"a faixa '{shown(text)}' não contém nada; comece pelo menor valor"
            )
            return Span()
    return span
