"""The contract's reports over a store, on months that are computed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from contract_bed import DATABASES, call, new_url, tell
from sqlalchemy import Connection

from central156 import reports_of_contract
from central156.reports_of_contract import REPORTS
from protocol_store import Store, Version, VersionState
from protocol_store.engines import make_engine
from protocol_store.reports.asked import CITY
from protocol_store.reports.report import WrongQuestion
from reader import read_dialplans
from terms.facts import Fact, Kind
from terms.names import Instant
from terms.sheet import Asked, Row, Sheet

CONTRACT = """\
termos:
  - desde: 01/01/2026
    fonte: o contrato de teste
    medido_desde: 01/09/2026
    meses_sem_cobranca: 1
    dias_excepcionais: {acima: 15 %, meses: 12, iguais: dia_da_semana, minimo: 4}
    pagamento: {pagas: [atendida, resolvida_no_menu], repetida_em: 15 min, preco: 2}
    fatores:
      - {pontos: 1 ou menos, fator: 100 %}
      - {pontos: 2 ou mais, fator: 90 %}
    indicadores:
      ns:
        titulo: NS
        linhas: [156]
        conta: atendidas_no_prazo
        sobre: atendidas
        outra: {conta: atendidas_no_prazo, sobre: oferecidas_a_fila, titulo: sobre oferecidas}
        meta: 85 % ou mais
        faixas:
          - {de: 70 % a 80 %, pontos: 1, reincidente: 2}
          - {de: menos de 60 %, pontos: 3}
      ila:
        titulo: ILA
        linhas: [156]
        conta: abandonadas_apos_o_prazo
        sobre: recebidas
        meta: 5 % ou menos
        faixas:
          - {de: mais de 5 %, pontos: 1}
      ist:
        titulo: IST
        conta: minutos_no_ar
        sobre: minutos
        outra: {conta: minutos_corridos_no_ar, sobre: minutos_corridos}
        meta: 99 % ou mais
      chat:
        titulo: Chat
        conta: chats_atendidos_no_prazo
        sobre: chats_atendidos
        meta: 90 % ou mais
manutencoes:
  - {de: 2026-11-03 02:00, ate: 2026-11-03 04:00, motivo: troca de disco}
"""


def at(month: int, day: int, hour: int = 12, minute: int = 0) -> Instant:
    """An instant of 2026 on the city's clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=CITY).timestamp()


NOW = at(12, 5)
USUAL_DAYS = (6, 7, 13, 14, 20, 21, 27, 28)
"""Tuesdays and Wednesdays of October."""


def calls(month: int, day: int, answered: int, late: int = 0, left: int = 0) -> list[Fact]:
    """So many calls of a day on 156, a minute apart, of numbers of their own."""
    waits = [("served", 5.0)] * answered + [("served", 60.0)] * late + [("abandoned", 60.0)] * left
    return [
        fact
        for number, (outcome, wait) in enumerate(waits)
        for fact in call(
            f"{month}-{day}-{number}",
            at(month, day) + 60.0 * number,
            outcome,
            wait,
            caller=f"119{month:02}{day:02}{number:04}",
        )
    ]


def story() -> list[Fact]:
    """October and November, with one exceptional day, two hours with the link lost, and a day of
    which the carrier told."""
    day = {"day": "2026-11-03", "number": "156", "line": "156", "offered": 100}
    said = {"days": [{**day, "busy": 2, "no_answer": 1, "failed": 0}], "file": "n.csv"}
    cap = {"line": "156", "because": "cap", "test": False}
    return [
        *calls(10, 5, answered=3, late=47),  # 83 of 130 in time: missed
        *(fact for day in USUAL_DAYS for fact in calls(10, day, answered=10)),
        *calls(11, 3, answered=8, late=1, left=1),
        *calls(11, 4, answered=10, late=10, left=10),  # 30 calls; Wednesdays before had 10
        Fact(at(11, 3, 1), Kind.SWITCH_LOST, details={"why": "x"}),
        Fact(at(11, 3, 3), Kind.SWITCH_SEEN, details={"boot": "b", "calls": 0}),
        *call("again", at(11, 3) + 120.0, caller="11911030000"),
        Fact(at(12, 1), Kind.CARRIER_REPORTED, by="lia", details=said),
        Fact(at(11, 3), Kind.CALL_REFUSED, details=cap),
        Fact(at(11, 4), Kind.CALL_REFUSED, details=cap),
    ]


@pytest.fixture(scope="module", params=DATABASES)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a store that was told the story, and serves the contract above."""
    url = new_url(request, tmp_path_factory)
    whole = Path(__file__).parents[1] / "reader/whole"
    files = {file.name: file.read_text(encoding="utf-8") for file in whole.glob("*.yaml")}
    kept = Version("abc", "lia", "", at(9, 1), "", VersionState.APPROVED)
    tell(url, story(), kept, {**files, "contrato.yaml": CONTRACT})
    return url


@pytest.fixture
def connection(told: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr(reports_of_contract, "now", lambda: NOW)
    engine = make_engine(told, reading=True)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def made(connection: Connection, name: str, since: Instant, until: Instant) -> Sheet:
    return REPORTS[name].run(connection, Asked(since, until), NOW)


def november(connection: Connection, name: str) -> Sheet:
    return made(connection, name, at(11, 1, 0), at(12, 1, 0))


def row(sheet: Sheet, key: str, value: str) -> Row:
    return next(one for one in sheet.rows if one[key] == value)


def test_indicators_by_both_formulas_with_and_without_exceptional_days(
    connection: Connection,
) -> None:
    sheet = november(connection, "indicadores")
    ns = row(sheet, "indicator", "NS")
    # 8 + 10 + 1 of 9 + 20 + 1 answered; 10 + 30 + 1 in the queue
    assert (ns["count"], ns["of"]) == (19, 30)
    assert ns["value"] == pytest.approx(19 / 30)
    assert (ns["other_count"], ns["other_of"]) == (19, 41)
    # 63 % lies between two bands: the worse one, of a repeated miss, and flagged
    assert (ns["met"], ns["again"], ns["points"]) == ("não", "sim", 3.0)
    assert (ns["band"], ns["flag"]) == ("menos de 60 %", "lacuna na tabela")
    # without the 4th: 9 of 10, which meets the target
    assert ns["without"] == pytest.approx(9 / 10)
    assert (ns["without_met"], ns["without_points"]) == ("sim", 0.0)
    ila = row(sheet, "indicator", "ILA")
    assert (ila["count"], ila["of"], ila["points"]) == (11, 41, 1.0)
    assert sheet.totals == {"points": 4.0, "without_points": 1.0}
    assert any("dias excepcionais: 04/11" in note for note in sheet.notes)
    assert any("versão abc" in note for note in sheet.notes)


def test_availability_leaves_maintenance_out(connection: Connection) -> None:
    ist = row(november(connection, "indicadores"), "indicator", "IST")
    # 30 days less 2 h of maintenance; 2 h down, of which 1 h was planned
    assert (ist["count"], ist["of"]) == (30 * 1440 - 120 - 60, 30 * 1440 - 120)
    assert (ist["other_count"], ist["other_of"]) == (30 * 1440 - 120, 30 * 1440)
    sheet = november(connection, "disponibilidade")
    third = row(sheet, "day", "2026-11-03")
    assert (third["down"], third["down_counted"], third["windows"]) == (120, 60, 120)
    assert len(sheet.rows) == 30
    assert any("De 03/11/2026 01:00 a 03/11/2026 03:00" in note for note in sheet.notes)


def test_what_has_no_source_is_not_judged(connection: Connection) -> None:
    chat = row(november(connection, "indicadores"), "indicator", "Chat")
    assert (chat["value"], chat["points"], chat["band"]) == (None, None, "sem medição")


def test_exceptional_days_stand_beside_their_like(connection: Connection) -> None:
    sheet = november(connection, "dias-excepcionais")
    fourth = row(sheet, "day", "2026-11-04")
    assert (fourth["calls"], fourth["like"], fourth["mean"]) == (30, 4, 10.0)
    assert (fourth["above"], fourth["exceptional"], fourth["kind"]) == (2.0, "sim", "quarta")
    third = row(sheet, "day", "2026-11-03")
    assert (third["calls"], third["mean"], third["exceptional"]) == (11, 10.0, "não")
    assert row(sheet, "day", "2026-11-02")["kind"] == "feriado"
    assert row(sheet, "day", "2026-11-02")["exceptional"] == "sem base"


def test_the_bill_counts_a_number_once_and_applies_the_factor(connection: Connection) -> None:
    sheet = november(connection, "fatura")
    items = {one["item"]: one for one in sheet.rows}
    assert items["Recebidas que se pagariam"]["amount"] == 30.0
    assert items["Repetidas, não pagas"]["amount"] == 1.0
    assert items["Chamadas pagas"]["amount"] == 29.0
    assert items["Fator aplicado"]["share"] == 0.9
    assert items["A pagar"]["money"] == pytest.approx(29 * 2 * 0.9)
    assert items["A pagar sem dias excepcionais"]["money"] == pytest.approx(29 * 2)
    assert items["Horas não medidas"]["amount"] == 2.0


def test_the_first_months_are_measured_and_not_charged(
    connection: Connection,
) -> None:
    september = made(connection, "fatura", at(9, 1, 0), at(10, 1, 0))
    items = {one["item"]: one for one in september.rows}
    assert items["Fator aplicado"]["flag"] == "não cobrado"


def test_a_month_that_is_not_over_says_so_and_months_stand_one_under_the_other(
    connection: Connection,
) -> None:
    sheet = made(connection, "indicadores", at(10, 1, 0), at(12, 5))
    months = [one["month"] for one in sheet.rows]
    assert list(dict.fromkeys(months)) == ["10/2026", "11/2026", "12/2026"]
    assert any("12/2026: o mês ainda não terminou" in note for note in sheet.notes)
    assert sheet.totals is None


def test_too_long_a_period_is_refused(connection: Connection) -> None:
    with pytest.raises(WrongQuestion, match="400 dias"):
        made(connection, "indicadores", at(1, 1), at(1, 1) + 401 * 86_400.0)


def test_before_anything_was_published_the_shipped_contract_stands_in(
    database_url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports_of_contract, "now", lambda: NOW)
    engine = make_engine(database_url, reading=True)
    with engine.connect() as connection:
        sheet = november(connection, "indicadores")
        for name in ("fatura", "disponibilidade", "dias-excepcionais", "operadora"):
            november(connection, name)
    engine.dispose()
    shipped = read_dialplans(Path(__file__).parents[2] / "dialplans").contract.terms[-1]
    assert len(sheet.rows) == len(shipped.indicators)
    assert all(one["value"] is None for one in sheet.rows)
    assert any("que vem com o programa" in note for note in sheet.notes)


def test_the_carriers_report_is_by_day(connection: Connection) -> None:
    sheet = november(connection, "operadora")
    third = row(sheet, "day", "2026-11-03")
    assert (third["lost"], third["shut_out"], third["lost_anywhere"]) == (0.03, 1, 0.04)
    assert row(sheet, "day", "2026-11-04")["lost"] is None


def test_the_counts_by_day_show_both_formulas(connection: Connection) -> None:
    fourth = row(november(connection, "indicadores-contagens"), "day", "2026-11-04")
    assert (fourth["level"], fourth["level_offered"]) == (10 / 20, 10 / 30)
    assert (fourth["given_up"], fourth["registered"]) == (10 / 30, 1.0)
