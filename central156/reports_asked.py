"""What people write when they ask for a report → `Asked`; every mistake at once, in Portuguese.

    hoje  ontem  semana  mês  semana passada  mês passado      a period, by its name
    2026  2026-11  11/2026  2026-11-25  25/11/2026             a year, a month, a day
    2026-11-25 08:00  25/11/2026 08:00  agora  1764072000      an instant
    24h  7d                                                    the last 24 hours, the last 7 days

`since` alone is its whole period, as far as it has passed. `until` is in: `--ate 2026-11-25` is
until the end of that day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from protocol_store.reports.asked import interval_of
from protocol_store.reports.report import Report, WrongQuestion
from terms.limits import NAME_CHARACTERS, REPORT_INTERVAL_MIN
from terms.names import LINES, Instant, Seconds
from terms.sheet import Asked
from terms.sight import Reveal

CITY: Final = ZoneInfo("America/Sao_Paulo")
PERIODS: Final = "ex.: hoje, ontem, semana passada, 2026-11, 25/11/2026, 2026-11-25 08:00, 24h, 7d"
FIELDS: Final = (
    *("interval", "line", "queue", "agent", "campaign", "phone", "protocol", "keyword", "node"),
    "beyond",
)
PHONE_DIGITS: Final = range(3, 16)
PROTOCOL_DIGITS: Final = range(1, 10)
EARLIEST, LATEST = 946_684_800.0, 4_102_444_800.0  # the years 2000 and 2100

Span = tuple[datetime, datetime]

_LENGTH: Final = re.compile(r"(\d{1,4})\s*(min|h|d|dias?|horas?)")
_YEAR: Final = re.compile(r"(\d{4})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})|(\d{1,2})/(\d{4})")
_DAY: Final = re.compile(
    r"(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4}))"
    r"(?:[ t](\d{1,2})[:h](\d{2})(?::(\d{2}))?)?"
)
_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d{1,6})?")


class Mistaken(ValueError):
    """What was asked makes no sense. `found`: each field that is wrong, and what is wrong with it;
    '' stands for the question as a whole."""

    def __init__(self, found: Mapping[str, str]) -> None:
        super().__init__("; ".join(found.values()))
        self.found = found


def asked_of(report: Report, given: Mapping[str, str], now: Instant, reveal: Reveal) -> Asked:
    """What these texts ask of this report; empty ones ask nothing. Raises Mistaken."""
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    more: dict[str, str] = {}
    written = {name: text.strip() for name, text in given.items() if text.strip()}
    at = datetime.fromtimestamp(now, CITY)
    try:
        since, until = _period(written.pop("since", ""), written.pop("until", ""), at)
    except Mistaken as mistake:
        wrong.update(mistake.found)
        since = until = now
    for name, text in written.items():
        if name not in report.takes:
            wrong[name] = "este relatório não usa este parâmetro"
            continue
        try:
            if name in FIELDS:
                values[name] = _READ[name](text)
            else:
                more[name] = _words(text)
        except ValueError as mistake:
            wrong[name] = str(mistake)
    if "phone" in values and not reveal:
        wrong["phone"] = "só quem pode ver os números inteiros pode procurar por telefone"
    if wrong:
        raise Mistaken(wrong)
    asked = Asked(since, until, reveal=reveal, more=more, **values)
    try:
        report.check(asked)
    except WrongQuestion as mistake:
        raise Mistaken({"": str(mistake)}) from None
    return asked


def _period(since: str, until: str, now: datetime) -> tuple[Instant, Instant]:
    wrong: dict[str, str] = {}
    found: dict[str, Span] = {}
    for name, text in (("since", since), ("until", until)):
        try:
            if text:
                found[name] = span_of(text, now)
        except ValueError as mistake:
            wrong[name] = str(mistake)
    if wrong:
        raise Mistaken(wrong)
    first = found.get("since") or found.get("until") or span_of("hoje", now)
    begins, ends = first[0], found["until"][1] if until else max(first[1], first[0])
    if not until:
        # a period that is named is told as far as it has passed; an instant, until now
        ends = now if ends == begins or ends > now else ends
        if begins >= now:
            raise Mistaken({"since": "este período ainda não começou"})
    if ends <= begins:
        raise Mistaken({"until": "o período termina antes de começar"})
    return begins.timestamp(), ends.timestamp()


def span_of(written: str, now: datetime) -> Span:
    """The period meant; an instant begins and ends at once. ValueError, in Portuguese."""
    text = " ".join(written.lower().replace("ê", "e").split())
    text = text.replace("-passad", " passad")
    try:
        for pattern, read in _SPANS:
            if found := pattern.fullmatch(text):
                return _sensible(read(found, now))
        if text in _NAMED:
            return _NAMED[text](now)
    except (ValueError, OverflowError):
        pass  # the 30th of February
    raise ValueError(f"«{written}» não é um período; {PERIODS}")


def _sensible(span: Span) -> Span:
    if not EARLIEST <= span[0].timestamp() <= span[1].timestamp() <= LATEST:
        raise ValueError
    return span


def _midnight(now: datetime, days: int = 0) -> datetime:
    return datetime(now.year, now.month, now.day, tzinfo=CITY) + timedelta(days=days)


def _week(now: datetime, ago: int = 0) -> Span:
    monday = _midnight(now, -now.weekday() - 7 * ago)
    return monday, monday + timedelta(days=7)


def _month(year: int, month: int) -> Span:
    following = (year, month + 1) if month < 12 else (year + 1, 1)
    return datetime(year, month, 1, tzinfo=CITY), datetime(*following, 1, tzinfo=CITY)


def _last_month(now: datetime) -> Span:
    last = _midnight(now).replace(day=1) - timedelta(days=1)
    return _month(last.year, last.month)


def _last(found: re.Match[str], now: datetime) -> Span:
    units = {"m": "minutes", "h": "hours", "d": "days"}
    return now - timedelta(**{units[found[2][0]]: int(found[1])}), now


def _on_day(found: re.Match[str], now: datetime) -> Span:
    year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    begins = datetime(int(year), int(month), int(day), tzinfo=CITY)
    if found[7] is None:
        return begins, begins + timedelta(days=1)
    at = begins.replace(hour=int(found[7]), minute=int(found[8]), second=int(found[9] or 0))
    return at, at


def _of_year(found: re.Match[str], now: datetime) -> Span:
    year = int(found[1])
    return datetime(year, 1, 1, tzinfo=CITY), datetime(year + 1, 1, 1, tzinfo=CITY)


def _of_month(found: re.Match[str], now: datetime) -> Span:
    return _month(int(found[1] or found[4]), int(found[2] or found[3]))


def _at_epoch(found: re.Match[str], now: datetime) -> Span:
    at = datetime.fromtimestamp(float(found[0]), CITY)
    return at, at


_SPANS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime], Span]], ...]] = (
    (_LENGTH, _last),
    (_YEAR, _of_year),
    (_MONTH, _of_month),
    (_DAY, _on_day),
    (_EPOCH, _at_epoch),
)
_NAMED: Final[dict[str, Callable[[datetime], Span]]] = {
    "agora": lambda now: (now, now),
    "hoje": lambda now: (_midnight(now), _midnight(now, 1)),
    "ontem": lambda now: (_midnight(now, -1), _midnight(now)),
    "semana": _week,
    "semana passada": lambda now: _week(now, 1),
    "mes": lambda now: _month(now.year, now.month),
    "mes passado": _last_month,
}


def _interval(text: str) -> Seconds:
    """As people write it, or whole seconds as programs do."""
    if text.isdecimal():
        seconds = float(text)
        if seconds < REPORT_INTERVAL_MIN or seconds % 60:
            raise ValueError("o intervalo é como 15min, 2h, dia, semana ou mes (falta a unidade?)")
        return seconds
    return interval_of(text)


def _beyond(text: str) -> Seconds:
    found = re.fullmatch(r"(\d{1,5}(?:[.,]\d{1,3})?)\s*(s|min)?", text)
    if found is None:
        raise ValueError(f"«{text}» não é um número de segundos; ex.: 15, 20s, 1min")
    return float(found[1].replace(",", ".")) * (60 if found[2] == "min" else 1)


def _line(text: str) -> str:
    if text not in LINES:
        raise ValueError(f"«{text}» não é uma linha; há: {', '.join(sorted(LINES))}")
    return text


def _digits(text: str, allowed: range, what: str) -> str:
    digits = re.sub(r"[\s().+-]", "", text)
    if not (digits.isascii() and digits.isdecimal() and len(digits) in allowed):
        most = f"de {allowed.start} a {allowed.stop - 1} algarismos"
        raise ValueError(f"{what} tem {most}, com ou sem pontuação")
    return digits


def _words(text: str) -> str:
    if len(text) > NAME_CHARACTERS or not text.isprintable():
        raise ValueError(f"tem até {NAME_CHARACTERS} caracteres, numa linha só")
    return text


_READ: Final[dict[str, Callable[[str], Any]]] = {
    "interval": _interval,
    "beyond": _beyond,
    "line": _line,
    "phone": lambda text: _digits(text, PHONE_DIGITS, "parte de um telefone"),
    "protocol": lambda text: _digits(text, PROTOCOL_DIGITS, "um protocolo"),
    **dict.fromkeys(("queue", "agent", "campaign", "keyword", "node"), _words),
}
