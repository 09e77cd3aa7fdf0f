"""What the tests of campaigns share: a campaign, its list, and acts on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from store_bed import AT

from protocol_store import Store
from protocol_store.attempt_rows import Ended, Ordered
from protocol_store.campaign_rows import CampaignRow, ListRow
from protocol_store.contact_rows import ContactRow
from terms.names import AttemptId, CampaignName, TrunkName
from terms.outcome import Tried

NAME = CampaignName("vacina")
TRUNK = TrunkName("tronco")
ROW = CampaignRow(
    *(NAME, "aviso", "progressivo", "Saúde", "Vacina", 5, "", "campanha: vacina\n", "draft"),
    *(AT, "ana", AT, "ana"),
)
LIST = ListRow.of(NAME, "lista.csv", b"telefone\n", AT, "ana")


def page(count: int, first: int = 2) -> list[tuple[int, str, dict[str, str]]]:
    return [
        (line, f"119{10_000_000 + line:08}", {"nome": f"Zoé {line}"})
        for line in range(first, first + count)
    ]


async def load(store: Store, count: int = 5, to: ListRow = LIST) -> Sequence[int]:
    await store.campaigns.make(ROW)
    await store.campaigns.begin_list(to)
    left_out = await store.campaigns.load(to, page(count), AT)
    await store.campaigns.finish_list(
        replace(to, contacts=count - len(left_out), there_before=len(left_out), loaded_at=AT)
    )
    return left_out


def ordered(row: ContactRow, at: float = AT) -> Ordered:
    count = row.ordered + 1
    name = AttemptId(f"{row.contact}-{count}")
    return Ordered(name, row.contact, count, row.number, TRUNK, at)


def ended(row: ContactRow, wish: Ordered, result: Tried, after: float, talk: float = 0) -> Ended:
    waits = replace(row, state="again", due_at=AT + 3_600, results=(*row.results, result.value))
    answered = AT + after - talk if talk else None
    return Ended(wish.attempt, AT + after, result.value, result.reached_for, waits, "", answered)
