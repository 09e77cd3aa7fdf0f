"""What campaigns' calls over real SIP come to in the reports: every attempt by its result, who
talked, how long, by which trunk; and nothing of it among citizens' own calls."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from call_back_bed import calling_centre
from calls_bed import ended, on_the_line, soon, stored
from campaign_bed import Campaign, campaign, hands, number, telephones
from centre_bed import Centre

from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.making import make
from terms.limits import SHORT_CALL
from terms.outcome import Tried
from terms.sheet import Asked, Sheet

pytestmark = pytest.mark.switch

PORTS, RTP = 29000, 50500
DIGITS = (0, 6, 1, 8)
"""Two answer, one is engaged, one does not exist."""

TALK = 2.0
SAME = 1.0
"""Seconds by which the switch's clock and a telephone's may differ about a talk."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("counted"), PORTS, RTP) as running:
        yield running


def _report(centre: Centre, since: float, name: str, **more: Any) -> Sheet:
    asked = Asked(since, time.time() + 1, **more)
    return make(centre.settings.store_url, REPORTS[name], asked, time.time())


def _totals(centre: Centre, since: float, name: str, **more: Any) -> dict[str, Any]:
    return dict(_report(centre, since, name, **more).totals or {})


async def test_what_was_dialled_is_what_is_counted(centre: Centre) -> None:
    since = time.time()
    async with on_the_line(centre) as line, hands(line, "ana"):
        caller = await line.queued("156", "9")
        await stored(centre, caller.caller, "answered", seconds=12)
        await caller.line.hang_up()
        await ended(centre, caller.caller)
        made = await asyncio.to_thread(campaign, centre, [number(last) for last in DIGITS])
        with telephones(centre, talk=TALK) as city:
            await asyncio.to_thread(made.act, "start")
            await soon(made.over, 90, "every contact tried")
            await asyncio.to_thread(made.act, "stop", because="fim do teste")
            dialled = len(city.dialled())
    reached = [row for row in made.attempts() if Tried(row["result"]).reached_for]
    assert len(reached) == dialled
    await asyncio.to_thread(_all_attempts, centre, since, made)
    await asyncio.to_thread(_who_talked, centre, since, made)
    await asyncio.to_thread(_citizens_own, centre, since)


def _all_attempts(centre: Centre, since: float, made: Campaign) -> None:
    attempts = made.attempts()
    came = Counter(row["result"] for row in attempts)
    found = _totals(centre, since, "campanha-tentativas", campaign=made.name)
    for result in (one for one in Tried if one.reached_for):
        assert found[result.value] == came[result.value], result
    dialled = sum(Tried(row["result"]).reached_for for row in attempts)
    assert (found["made"], found["billable"], found["open"]) == (dialled, 2, 0)
    assert found["short"] == sum((row["talk_seconds"] or 99) <= SHORT_CALL for row in attempts) == 2
    contacts = _totals(centre, since, "campanha-contatos", campaign=made.name)
    assert (contacts["contacts"], contacts["reached"], contacts["wrong_number"]) == (4, 2, 1)
    listed = _report(centre, since, "campanha-ligacoes", campaign=made.name, reveal=True)
    of_calls = {row["phone"]: row["protocol"] for row in listed.rows if row["protocol"]}
    assert set(of_calls) == {row["number"] for row in attempts if row["result"] == "answered"}
    (month,) = [row for row in _report(centre, since, "rotas-meses").rows if row["trunk"]]
    assert (month["trunk"], month["attempts"], month["short"]) == ("principal", dialled, 2)
    assert month["operator"]


def _who_talked(centre: Centre, since: float, made: Campaign) -> None:
    (ana,) = _report(centre, since, "campanha-por-atendente", campaign=made.name).rows
    assert str(ana["agent"]).startswith("ana")
    assert ana["answered"] == 2
    assert abs(float(ana["talked"]) - 2 * TALK) < 2 * SAME  # type: ignore[arg-type]
    assert float(ana["held"]) > float(ana["talked"])  # type: ignore[arg-type]
    ours = _totals(centre, since, "ativo-ligacoes", campaign=made.name)
    assert (ours["made"], ours["talked_to"], ours["served"]) == (2, 2, 2)
    worked = _totals(centre, since, "atendimento-produtividade", campaign=made.name)
    assert worked["talks"] == 2
    assert abs(worked["talked"] - 2 * TALK) < 2 * SAME
    assert _totals(centre, since, "atendimento-produtividade")["talks"] == 3


def _citizens_own(centre: Centre, since: float) -> None:
    assert _totals(centre, since, "dac-recebidas")["received"] == 1
    stays = _totals(centre, since, "dac-atendidas")
    assert (stays["entered"], stays["answered"]) == (1, 1)
    counts = _totals(centre, since, "indicadores-contagens")
    assert (counts["received"], counts["answered"], counts["abandoned"]) == (1, 1, 0)
    balanced = _report(centre, since, "dac-balanco")
    assert {row["difference"] for row in balanced.rows} == {0}
