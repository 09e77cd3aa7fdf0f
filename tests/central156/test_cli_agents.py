"""`central156 agents …`, against a running API."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import click
import pytest
from api_bed import Bed
from click.testing import CliRunner, Result

from central156.cli import main
from central156.cli.agents_shifts import at_hour, shift_hours
from central156.people_at_work import CITY
from terms.names import AgentName


def agents(bed: Bed, *words: str) -> Result:
    return CliRunner().invoke(main, ["--pasta", str(bed.settings.state_dir), "agents", *words])


@pytest.fixture(autouse=True)
def _settings_of_the_bed(bed: Bed) -> None:
    file = bed.settings.settings_file
    file.write_text(f"port_base = {bed.settings.port_base}\n", encoding="utf-8")


def test_a_day_at_work_from_the_terminal(bed: Bed) -> None:
    bed.enrol("lia")
    assert "lia: disponível" in agents(bed, "login", "lia", "--seat", "pa-1").output
    assert "em pausa (banheiro)" in agents(bed, "pause", "lia").output
    refused = agents(bed, "resume", "lia")
    assert refused.exit_code == 1
    assert "só é terminada por: o próprio agente" in refused.output
    bed.do(bed.ear.shifts.desk.resume, AgentName("lia"), "lia")
    call, _ = bed.do(bed.arrive)
    waiter = bed.do(bed.queue, call)
    bed.do(bed.answer, waiter)
    bed.do(bed.hang_up_agent, waiter)
    assert "pós-atendimento" in agents(bed, "more-time", "lia").output
    assert "lia: disponível, livre" in agents(bed, "wrap-up", "lia", "--result", "engano").output
    assert "em pausa (desgaste)" in agents(bed, "abusive", "lia").output
    bed.do(bed.end, call, "after")
    assert "posição pa-1" in agents(bed, "day", "lia").output
    assert "lia: fora" in agents(bed, "block", "lia", "--motivo", "fim").output
    assert "bloqueado por um supervisor: fim" in agents(bed, "login", "lia").output
    assert "lia" in agents(bed, "release", "lia").output
    bed.do(bed.store.settled)
    assert "lia" in agents(bed, "hours").output
    rows = list(csv.reader(io.StringIO(agents(bed, "pauses", "--csv").output), delimiter=";"))
    assert rows[0][:4] == ["agente", "motivo", "planejada", "adiada para"]
    mine = [row for row in rows if row[0] == "lia"]
    assert [row[1] for row in mine] == ["banheiro", "desgaste"]
    assert mine[0][7:10] == ["voltou", "local", "lia"]


def test_shifts_are_planned_from_the_terminal(bed: Bed) -> None:
    bed.enrol("mia")
    bed.enrol("noé".replace("é", "e"))
    day = (datetime.now(CITY) + timedelta(days=1)).date().isoformat()
    hours = ("--day", day, "--begins", "08:00", "--ends", "14:00")
    proposed = agents(bed, "propose", "mia", "noe", *hours)
    assert "08:00 às 14:00" in proposed.output
    assert "--keep" in proposed.output
    pauses = ("--pause", "NR17-10a=09:45", "--pause", "lanche-20=11:00", "--pause")
    kept = agents(bed, "plan", "mia", *hours, *pauses, "NR17-10b=12:30")
    assert "NR17-10a 09:45" in kept.output
    refused = agents(bed, "plan", "mia", *hours, *pauses, "NR17-10b=13:05")
    assert "últimos 60 minutos" in refused.output
    bed.do(bed.store.settled)
    table = agents(bed, "pauses", "--day", day, "--csv").output
    assert "por vir" in table
    year, month, date = day.split("-")
    assert f"NR17-10a;{date}/{month}/{year} 09:45:00;;;" in table
    assert "não é um dia" in agents(bed, "pauses", "--day", "ontem").output


def test_skills_subjects_and_seats(bed: Bed) -> None:
    bed.enrol("olga")
    moved = agents(
        bed, "skills", "olga", "--skills", "p156_geral,e199_risco:2", "--subjects", "p156_geral",
        "--reserve", "--motivo", "chuva",
    )  # fmt: skip
    assert "p156_geral:1, e199_risco:2" in moved.output
    assert "na reserva" in moved.output
    assert "habilidade desconhecida" in agents(bed, "skills", "olga", "--skills", "nada").output
    assert "das 08:00 às 14:00" in agents(
        bed, "seat", "pa-9", "--opens", "08:00", "--closes", "14:00", "--days", "12345"
    ).output  # fmt: skip
    assert "meta: 80,0 %" in agents(bed, "subjects").output
    assert "NR17-10a" in agents(bed, "reasons").output
    assert "olga pode trabalhar até" in agents(
        bed, "exception", "olga", "--until", "1h", "--motivo", "enchente"
    ).output  # fmt: skip


def test_hours_as_people_write_them() -> None:
    assert at_hour("2026-11-25", "08:00") == datetime(2026, 11, 25, 8, tzinfo=CITY).timestamp()
    assert at_hour("2026-11-25", "8h30") - at_hour("2026-11-25", "8:00") == 1_800
    begins, ends = shift_hours("2026-11-25", "22:00", "04:00")
    assert ends - begins == 6 * 3_600
    with pytest.raises(click.BadParameter):
        at_hour("2026-11-25", "25:00")
