"""Numbers under suspicion: told, never blocked by themselves, and never on 199 and 153 (R36)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from publish_bed import PublishBed, fresh_settings

from callflow.suspects import Marks
from console.ports import LOCAL, Refusal
from terms.facts import Kind
from terms.limits import MARK_SECONDS

NUMBER, BY, WHY = "11987654321", "sofia", "três trotes nesta semana"


@pytest_asyncio.fixture
async def bed(tmp_path: Path) -> AsyncIterator[PublishBed]:
    started = await PublishBed.start(fresh_settings(tmp_path))
    yield started
    await started.close()


async def mark(bed: PublishBed, number: str = NUMBER, kind: str = "suspect", **more: Any) -> Any:
    given = {"reason": WHY, "until": bed.clock() + 60, "by": BY, **more}
    return await bed.orders.numbers.mark(number, kind, **given)


def marks(bed: PublishBed, number: str = NUMBER) -> Marks:
    return bed.orders.numbers.marks(number)


async def test_suspicions_are_counted_and_block_nothing(bed: PublishBed) -> None:
    assert not marks(bed)
    for count in range(1, 41):
        told = await mark(bed)
        assert told["suspicions"] == count
    assert marks(bed) == Marks(40, blocked=False)
    assert not marks(bed, "11987654322")
    for written in ("+5511987654321", "011987654321", "5511987654321"):
        assert marks(bed, written) == Marks(40, blocked=False)
    assert not marks(bed, "anonymous")
    await bed.orders.numbers.unmark("(11) 98765-4321", "suspect", "adao")
    assert not marks(bed)
    assert len(bed.told(Kind.NUMBER_UNMARKED)) == 40


async def test_a_block_has_a_person_a_reason_and_an_end(bed: PublishBed) -> None:
    for given, told in (
        ({"by": LOCAL}, "alguém com nome"),
        ({"until": None}, "até quando"),
        ({"reason": ""}, "o motivo"),
        ({"until": bed.clock() + 181 * 86_400}, "no máximo 180 dias"),
    ):
        with pytest.raises(Refusal, match=told):
            await mark(bed, kind="block", **given)
    assert not marks(bed)
    await mark(bed, kind="block")
    assert marks(bed) == Marks(0, blocked=True)
    await mark(bed, kind="block", until=bed.clock() + 120)  # in the other's place
    bed.clock.at += 60
    await bed.orders.look()
    assert marks(bed).blocked
    bed.clock.at += 60
    await bed.orders.look()
    assert not marks(bed)
    (fact, *_) = bed.told(Kind.NUMBER_MARKED)
    assert (fact.by, fact.details["mark"], fact.details["reason"]) == (BY, "block", WHY)


async def test_marks_are_there_after_a_restart(bed: PublishBed) -> None:
    await mark(bed, until=None)
    await mark(bed, kind="block")
    again = await bed.again()
    again.orders.numbers._key = bed.orders.numbers._key
    assert again.orders.numbers.marks(NUMBER) == Marks(1, blocked=True)
    (listed,) = again.orders.numbers.marked()
    assert [one["until"] - bed.clock() for one in listed["marks"]] == [MARK_SECONDS, 60]
    await again.orders.numbers.unmark(listed["id"], "block", BY)
    assert again.orders.numbers.marks(NUMBER) == Marks(1, blocked=False)
    await again.close()


async def test_no_number_stands_anywhere(bed: PublishBed) -> None:
    await mark(bed)
    await mark(bed, kind="block")
    listed = json.dumps(bed.orders.numbers.marked())
    facts = json.dumps([dict(one.details) for one in bed.heard])
    kept = (bed.settings.state_dir / "store.sqlite").read_bytes()
    await bed.store.settled()
    assert "*******4321" in listed
    for text in (listed, facts, kept.decode("latin-1")):
        assert NUMBER not in text


async def test_what_is_no_number_or_has_no_mark(bed: PublishBed) -> None:
    with pytest.raises(Refusal, match="um número de telefone"):
        await mark(bed, "anonymous")
    with pytest.raises(Refusal, match="não há suspeita deste número"):
        await bed.orders.numbers.unmark(NUMBER, "suspect", BY)
    assert not bed.orders.numbers.marked()
