"""Announcements and short menus: heard at once, ended by themselves, the same after a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from publish_bed import PublishBed, fresh_settings

from console.ports import Refusal
from protocol_store import StoreOverdue
from terms.facts import Kind
from terms.limits import ORDERED_SECONDS_MAX, ORDERS_OPEN, SHORT_MENU_SECONDS

BY = "sofia"


@pytest_asyncio.fixture
async def bed(tmp_path: Path) -> AsyncIterator[PublishBed]:
    started = await PublishBed.start(fresh_settings(tmp_path))
    yield started
    await started.close()


def heard(bed: PublishBed, line: str = "199") -> list[str]:
    found = bed.serving.notices(line, bed.clock())
    return [one.text.plain() for notices in found.values() for one in notices]


async def announce(bed: PublishBed, text: str = "Chove forte.", **more: Any) -> Any:
    given = {"line": "199", "text": text, "until": bed.clock() + 60, "by": BY, **more}
    return await bed.orders.announce(**given)


async def test_an_announcement_from_order_to_its_own_end(bed: PublishBed) -> None:
    made = await announce(bed)
    assert (made["name"], made["node"]) == ("aviso-1", "risco")
    assert heard(bed) == ["Chove forte."]
    assert heard(bed, "156") == []
    (fact,) = bed.told(Kind.ANNOUNCED)
    assert (fact.by, fact.details["until"]) == (BY, bed.clock() + 60)
    bed.clock.at += 60
    assert heard(bed) == []  # at the instant itself, before anybody looked
    await bed.orders.look()
    (fact,) = bed.told(Kind.ANNOUNCEMENT_ENDED)
    assert (fact.at, fact.by, fact.details["name"]) == (bed.clock(), "", "aviso-1")
    await bed.orders.look()
    assert len(bed.told(Kind.ANNOUNCEMENT_ENDED)) == 1
    (listed,) = await bed.orders.announcements()
    assert (listed["on_air"], listed["ended_by"]) == (False, "")


async def test_an_announcement_that_is_taken_back(bed: PublishBed) -> None:
    await announce(bed, name="chuva", node="na_espera", line="156", kind="institucional")
    await announce(bed, "Outro aviso.")
    assert [one["on_air"] for one in await bed.orders.announcements()] == [True, True]
    await bed.orders.end_announcement("chuva", by="adao")
    assert (heard(bed, "156"), heard(bed)) == ([], ["Outro aviso."])
    (fact,) = bed.told(Kind.ANNOUNCEMENT_ENDED)
    assert fact.by == "adao"
    with pytest.raises(Refusal, match="não há no ar aviso com o nome chuva"):
        await bed.orders.end_announcement("chuva", by="adao")


async def test_the_short_menu_on_and_off(bed: PublishBed) -> None:
    on = await bed.orders.short("156", True, None, BY)
    assert (on["short"], on["until"]) == (True, bed.clock() + SHORT_MENU_SECONDS)
    again = await bed.orders.short("156", True, bed.clock() + 60, BY)  # takes the other's place
    assert again["until"] == bed.clock() + 60
    assert len(await bed.store.published.open_orders()) == 1
    off = await bed.orders.short("156", False, None, "adao")
    assert (off["short"], off["until"]) == (False, None)
    facts = bed.told(Kind.SHORT_MENU)
    assert [(one.details["on"], one.by) for one in facts] == [
        (True, BY),
        (True, BY),
        (False, "adao"),
    ]
    await bed.orders.short("156", False, None, BY)  # off is off
    assert len(bed.told(Kind.SHORT_MENU)) == 3


async def test_a_short_menu_ends_by_itself(bed: PublishBed) -> None:
    await bed.orders.short("156", True, bed.clock() + 30, BY)
    bed.clock.at += 30
    assert not bed.serving.short("156", bed.clock())
    await bed.orders.look()
    last = bed.told(Kind.SHORT_MENU)[-1]
    assert (last.details["on"], last.by, last.at) == (False, "", bed.clock())


async def test_orders_are_there_after_a_restart(bed: PublishBed) -> None:
    await announce(bed)
    await announce(bed, "Já passa.", until=bed.clock() + 5)
    await bed.orders.short("156", True, bed.clock() + 60, BY)
    bed.clock.at += 10
    again = await bed.again()
    assert heard(again) == ["Chove forte."]
    assert again.serving.short("156", bed.clock())
    await again.orders.look()  # what ended while nobody served is written down, at its own end
    (fact,) = again.told(Kind.ANNOUNCEMENT_ENDED)
    assert fact.at == bed.clock() - 5
    await again.close()


async def test_an_order_whose_answer_was_lost_is_obeyed(
    bed: PublishBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("order", "end_order"):
        real = getattr(bed.store.published, name)

        async def late(*what: Any, _real: Any = real) -> None:
            await _real(*what)
            raise StoreOverdue("tarde")

        monkeypatch.setattr(bed.store.published, name, late)
    with pytest.raises(Refusal):
        await announce(bed)
    assert heard(bed) == []
    await bed.orders.obey()
    assert heard(bed) == ["Chove forte."]
    with pytest.raises(Refusal):
        await bed.orders.end_announcement("aviso-1", by=BY)
    await bed.orders.obey()
    assert heard(bed) == []


REFUSED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({"line": "190"}, 404, "não há linha 190"),
    ({"node": "risca"}, 422, "não tem a etapa 'risca'; você quis dizer 'risco'?"),
    ({"kind": "institucional"}, 422, "só há avisos de emergência"),
    ({"kind": "outro"}, 422, "emergencia ou institucional"),
    ({"text": " "}, 422, "de 1 a 600 caracteres"),
    ({"text": "x" * 601}, 422, "de 1 a 600 caracteres"),
    ({"text": "…!"}, 422, "com palavras"),
    ({"text": "Olá {nome}."}, 422, "sem {lacunas}"),
    ({"text": "palavra " * 20}, 422, "o texto dura 10,6 s; o máximo é 10 s"),
    ({"until": 1.0}, 422, "o fim já passou"),
    ({"until": 1_790_000_001.0 + ORDERED_SECONDS_MAX}, 422, "no máximo 31 dias"),
)


async def test_what_nobody_sees_is_not_announced(bed: PublishBed) -> None:
    made = await announce(bed, "Ch\u200bove\0 for\ud800te.\n Fique\tem casa.")
    assert made["text"] == "Chove forte. Fique em casa."


async def test_what_cannot_be_announced(bed: PublishBed) -> None:
    for given, status, told in REFUSED:
        with pytest.raises(Refusal) as refusal:
            await announce(bed, **given)
        assert (refusal.value.status, told in refusal.value.text) == (status, True), told
    assert heard(bed) == []
    assert not bed.told(Kind.ANNOUNCED)


async def test_without_a_voice_only_what_is_recorded_can_be_announced(bed: PublishBed) -> None:
    bed.workshop.recorded.add(("pt", "Chove forte."))
    bed.workshop.mute = True
    await announce(bed)
    with pytest.raises(Refusal, match=r"o aviso não pode ser gravado\.\nfalta a voz"):
        await announce(bed, "Outro aviso.")
    assert heard(bed) == ["Chove forte."]


async def test_names_and_their_number_are_bounded(bed: PublishBed) -> None:
    await announce(bed, name="chuva")
    with pytest.raises(Refusal, match="já há um aviso com o nome chuva"):
        await announce(bed, name="chuva")
    for _ in range(ORDERS_OPEN - 1):
        await announce(bed)
    with pytest.raises(Refusal, match=f"já há {ORDERS_OPEN} avisos"):
        await announce(bed)


async def test_a_line_without_a_short_menu(bed: PublishBed) -> None:
    with pytest.raises(Refusal, match="não tem menu resumido"):
        await bed.orders.short("199", True, None, BY)
    with pytest.raises(Refusal, match="não há linha 190"):
        await bed.orders.short("190", True, None, BY)
