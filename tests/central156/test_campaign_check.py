"""Why a campaign cannot start: one sentence for each thing that may be missing, and none else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from house import CHECKOUT

from central156.campaign_check import Found, why_not
from central156.campaign_lists import row_of
from dialer.campaign import CAMPAIGN_SUCCESSORS, CampaignState
from protocol_store.campaign_rows import Counts, ListRow
from reader.campaign_file import read_campaign
from terms.names import CampaignName

FILE = (CHECKOUT / "dialplans/campanhas/pesquisa_zeladoria.yaml").read_bytes()
NAME = CampaignName("pesquisa_zeladoria")
WHOLE = ListRow("l1", NAME, "lista.csv", "d", 1.0, "ana", contacts=2, loaded_at=2.0)
ROW = row_of(read_campaign(FILE, f"{NAME}.yaml"), FILE, 1.0, "ana")
GOOD = Found(
    *(ROW, Counts({"pending": 2}), [WHOLE], {"p156_geral", "p156_zeladoria"}, {"principal"}, 10.0)
)


def lacking(**other: Any) -> Found:
    return replace(GOOD, **other)


def test_what_lacks_nothing_may_start() -> None:
    assert why_not(GOOD) == ""


@pytest.mark.parametrize(
    ("found", "because"),
    [
        (lacking(queues={"outra"}), "não passa na conferência"),
        (lacking(row=replace(ROW, file="campanha: [")), "não passa na conferência"),
        (lacking(lists=[replace(WHOLE, loaded_at=None)]), "lista.csv está incompleta"),
        (lacking(lists=[], counts=Counts()), "não tem contatos"),
        (lacking(counts=Counts({"done": 2}, {"reached": 2})), "estão encerrados"),
        (lacking(trunks=set()), "não tem rota de saída"),
        (lacking(trunks={"vivo", "oi"}), "rota desconhecida: principal; há: oi, vivo"),
        (lacking(row=replace(ROW, state="running")), "já está em curso"),
        (lacking(row=replace(ROW, state="draining")), "está terminando"),
        (lacking(row=replace(ROW, state="done")), "guarde-a com outro nome"),
    ],
)
def test_each_thing_that_lacks_is_one_sentence(found: Found, because: str) -> None:
    told = why_not(found)
    assert because in told
    assert "\n" not in told


@pytest.mark.parametrize("state", CampaignState)
def test_it_starts_from_the_states_that_the_table_knows(state: CampaignState) -> None:
    may = CampaignState.RUNNING in CAMPAIGN_SUCCESSORS[state]
    assert (why_not(lacking(row=replace(ROW, state=str(state)))) == "") is may
