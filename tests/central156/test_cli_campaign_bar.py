"""How far a campaign is, as a terminal of any width shows it."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from house import CHECKOUT
from rich.console import Console
from rich.live import Live

from callflow.campaign_ports import NOBODY_NOW
from central156.campaign_pace import Pace
from central156.cli import agents_at_work, campaign
from central156.cli.campaign_bar import drawn, in_words
from dialer.hours import Holidays, Windows

WAY = {"trunk": "principal", "operator": "vivo", "authenticated": True, "month": 410_000}
FOUND: dict[str, Any] = {
    "campaign": "aviso_de_obra",
    "state": "running",
    "subject": "Interdição de rua por obra na zona leste, com desvio de três linhas de ônibus",
    "stopped": "",
    "held": "",
    "because": "",
    "changed_by": "sofia",
    "changed_at": 1_795_600_085.0,
    "at": 1_795_600_085.0,
    "contacts": 1_000_000,
    "to_go": 345_678,
    "called": 700_001,
    "in_course": 120,
    "answered": 300_000,
    "confirmed": 200_000,
    "not_reached": 12_345,
    "left_out": 99,
    "results": {"atendida": 300_000, "não atende": 200_000, "ocupado": 100_000, "inválido": 7},
    "drops": {"answers": 300, "dropped": 6, "share": 0.02, "limit": 0.03},
    "a_minute": 1_200.0,
    "ends_at": 1_795_600_085.0,
    "ways": [{**WAY, "limit": 500_000, "share": 0.82}],
}
WHOLE_WEEK = Windows(week=(((0, 1440),),) * 7, holidays=((0, 1440),))


def shown(width: int, **other: Any) -> list[str]:
    screen = StringIO()
    console = Console(file=screen, width=width, highlight=False)
    console.print(drawn({**FOUND, **other}, width))
    return [line.rstrip() for line in screen.getvalue().splitlines()]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_all_of_it_stands_on_the_screen(width: int) -> None:
    lines = shown(width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert text.startswith("aviso_de_obra  em curso  Interdição")
    assert "654322 de 1000000 (65,4 %)" in text
    assert lines[3].split() == ["700001", "120", "300000", "200000", "12345", "99", "345678"]
    assert "sem ninguém nesta hora: 6 de 300 atendidas, 2,0 % (até 3,0 %)" in text
    assert "fim esperado: 25/11 " in text
    assert "1200 contatos por minuto" in text
    assert "rota principal (vivo, autenticada): 410000 de 500000 no mês, 82,0 %" in text


def test_what_has_stopped_says_how_to_go_on() -> None:
    text = "\n".join(shown(80, stopped="o relógio voltou 90 s"))
    assert "TUDO PARADO: o relógio voltou 90 s" in text
    assert "campaign go-on --motivo" in text
    assert "fim esperado" not in text
    assert "TUDO PARADO" in in_words({**FOUND, "stopped": "o relógio voltou 90 s"})


def test_who_paused_it_and_why_it_dials_nothing() -> None:
    text = "\n".join(shown(80, state="paused", because="chuva", drops=None))
    assert "em pausa desde 25/11/2026" in text
    assert "por sofia: chuva" in text
    assert "sem ninguém nesta hora" not in text
    assert "espera: há quem espere" in "\n".join(shown(80, held="há quem espere"))


def test_while_the_centre_is_away_the_last_picture_stays() -> None:
    text = "\n".join(shown(80, away="a central não está no ar"))
    assert "sem notícias desde 06:48:05: a central não está no ar" in text
    assert "654322 de 1000000" in text
    assert "não está no ar" in in_words({**FOUND, "away": "a central não está no ar"})


def test_a_campaign_without_contacts_is_drawn_too() -> None:
    nothing = dict.fromkeys(
        ("contacts", "to_go", "called", "in_course", "answered", "confirmed", "left_out"), 0
    )
    text = "\n".join(shown(80, **nothing, not_reached=0, results={}, ways=[], ends_at=None))
    assert "0 de 0 (0,0 %)" in text
    assert "não se sabe ainda" in text


def test_who_waits_for_somebodys_hour_reads_when_that_is() -> None:
    later = {"held": NOBODY_NOW, "in_course": 0, "next_at": FOUND["at"] + 3_600.0, "a_minute": 1.0}
    text = " ".join(shown(80, **later))
    assert "espera: ninguém pode ser chamado agora; o próximo, a partir de 25/11 07:48" in text
    assert "1 contato por minuto" in text
    assert "o próximo" in " ".join(shown(80, **later | {"held": ""}))
    assert "o próximo" not in " ".join(shown(80, **later | {"in_course": 1, "held": ""}))
    assert "o próximo" not in " ".join(shown(80, **later | {"next_at": FOUND["at"]}))


def test_the_bar_is_drawn_anew_in_its_place() -> None:
    screen = StringIO()
    console = Console(file=screen, width=80, highlight=False, force_terminal=True)
    with Live(drawn(FOUND, 80), console=console, auto_refresh=False) as live:
        live.update(drawn({**FOUND, "to_go": 0}, 80), refresh=True)
    assert "1000000 de 1000000 (100,0 %)" in screen.getvalue()


def test_the_end_is_reckoned_from_what_was_done_lately() -> None:
    pace = Pace()
    assert pace.ends(0.0, 5, WHOLE_WEEK, Holidays()) is None
    for at in range(0, 61, 10):
        pace.saw(1_795_600_000.0 + at, at * 2)
    now = 1_795_600_060.0
    assert pace.a_second == 2.0
    assert pace.ends(now, 0, WHOLE_WEEK, Holidays()) == now
    assert pace.ends(now, 7_200, WHOLE_WEEK, Holidays()) == pytest.approx(now + 3_600)
    usual = pace.ends(now, 2 * 3_600 * 13, Windows(), Holidays())  # 25/11/2026, a Wednesday
    assert usual is not None
    assert usual - now > 20 * 3_600  # the night lies between
    pace.saw(now + 10, 3)  # another list came in
    assert pace.a_second == 0.0
    assert pace.ends(now, 5, Windows(week=((),) * 7), Holidays()) is None


@pytest.mark.parametrize("name", ["guia-de-campanhas", "guia-do-agente", "guia-do-supervisor"])
def test_every_command_of_the_guides_is_there(name: str) -> None:
    guide = (CHECKOUT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for group, said in (("campaign", campaign.campaign), ("agent", agents_at_work.agents)):
        used = set(re.findall(rf"\b{group} ([a-z][a-z-]+)\b", guide))
        missing = used - set(said.commands)
        assert not missing, f"{group}: {missing}"
