"""The watch over versions: it rings for a worse one, goes back once, and goes on after a kill."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from publish_bed import PublishBed, fresh_settings
from small_menus import menus

from central156.settings import Settings
from central156.version_watch import alarm_in
from console.ports import Refusal
from protocol_store import StoreOverdue
from terms.facts import Fact, Kind
from terms.limits import WATCH_SAVE_EVERY
from terms.names import CallId

_NUMBERS = itertools.count()


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    return fresh_settings(tmp_path, rollback_on_alarm=getattr(request, "param", False))


@pytest_asyncio.fixture
async def bed(settings: Settings) -> AsyncIterator[PublishBed]:
    started = await PublishBed.start(settings)
    yield started
    await started.close()


goes_back = pytest.mark.parametrize("settings", [True], indirect=True)


def calls(bed: PublishBed, count: int, hung_up: int, version: str = "") -> Iterator[Fact]:
    """Calls of 156 on what serves; so many of them hang up in the menu."""
    version = version or bed.version
    for number in range(count):
        call = CallId(f"c{next(_NUMBERS)}")
        arrived = {"line": "156", "entry": "156", "caller": "", "version": version}
        outcome = "left_in_menu" if number < hung_up else "served"
        yield Fact(bed.clock(), Kind.CALL_ARRIVED, call, details=arrived)
        yield Fact(bed.clock(), Kind.CALL_ENDED, call, details={"outcome": outcome})


async def worse_version(bed: PublishBed) -> tuple[str, str]:
    """A version after a good one, and callers who hang up on it: (before, worse)."""
    before = bed.version
    bed.tell(calls(bed, 1_000, 50))
    bed.clock.at += 1
    await bed.publishing.publish(menus(note="Pior"), "", by="adao")
    bed.tell(calls(bed, 400, 120))
    return before, bed.version


async def test_a_worse_version_rings_and_stays(bed: PublishBed, settings: Settings) -> None:
    before, worse = await worse_version(bed)
    (fact,) = bed.told(Kind.DIALPLAN_ALARM)
    assert fact.details["version"] == worse
    assert fact.details["before"] == before
    assert fact.details["because"].startswith("linha 156: desligou no menu: ")
    await bed.watch.look()
    assert bed.version == worse  # nobody asked it to go back by itself
    alarm = (await bed.publishing.versions())["alarm"]
    assert (alarm["version"], alarm["line"]) == (worse, "156")
    assert "desligou no menu" in alarm_in(settings)
    bed.tell(calls(bed, 2_000, 600))
    assert len(bed.told(Kind.DIALPLAN_ALARM)) == 1  # it rings once


@goes_back
async def test_it_goes_back_as_soon_as_the_store_answers(
    bed: PublishBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, worse = await worse_version(bed)

    async def down(*_: object) -> None:
        raise StoreOverdue("fora do ar")

    with monkeypatch.context() as patch:
        patch.setattr(bed.store.published, "serve", down)
        await bed.watch.look()
    assert bed.version == worse
    await bed.watch.look()
    assert bed.version == before


@goes_back
async def test_it_never_undoes_what_a_person_published_meanwhile(bed: PublishBed) -> None:
    _, worse = await worse_version(bed)
    mended = bed.publishing.publish(menus(note="Consertado"), "", by="adao")
    await asyncio.gather(mended, bed.watch.look())
    (last, *_) = await bed.store.published.served()
    assert (bed.version, last.how) == (last.version, "publish")
    assert bed.version != worse
    with pytest.raises(Refusal, match="o alarme já não toca"):
        await bed.publishing.rollback(worse, "alarme", "alarm")


async def test_another_version_ends_the_alarm(bed: PublishBed, settings: Settings) -> None:
    await worse_version(bed)
    await bed.publishing.rollback("", by="adao")
    assert (await bed.publishing.versions())["alarm"] is None
    bed.clock.at += WATCH_SAVE_EVERY
    await bed.watch.look()
    assert alarm_in(settings) == ""


@goes_back
async def test_it_goes_back_by_itself_and_only_once(bed: PublishBed) -> None:
    before, worse = await worse_version(bed)
    await bed.watch.look()
    assert bed.version == before
    fact = bed.told(Kind.DIALPLAN_PUBLISHED)[-1]
    assert (fact.by, fact.details["how"], fact.details["before"]) == ("alarme", "alarm", worse)
    bed.tell(calls(bed, 2_000, 1_500))  # the day is bad, whatever serves
    await bed.watch.look()
    assert bed.version == before
    assert len(bed.told(Kind.DIALPLAN_ALARM)) == 1


@goes_back
async def test_what_a_person_went_back_to_is_not_watched(bed: PublishBed) -> None:
    await bed.publishing.publish(menus(note="Segunda"), "", by="adao")
    bed.tell(calls(bed, 1_000, 10))
    await bed.publishing.rollback("", by="adao")
    bed.tell(calls(bed, 1_000, 900))
    await bed.watch.look()
    assert not bed.told(Kind.DIALPLAN_ALARM)


async def test_late_calls_of_the_old_version_count_for_it(bed: PublishBed) -> None:
    before = bed.version
    bed.tell(calls(bed, 1_000, 50))
    await bed.publishing.publish(menus(note="Segunda"), "", by="adao")
    bed.tell(calls(bed, 900, 800, before))
    bed.tell(calls(bed, 400, 20))
    assert not bed.told(Kind.DIALPLAN_ALARM)


async def test_a_version_as_good_as_the_last_rings_nothing(bed: PublishBed) -> None:
    bed.tell(calls(bed, 1_000, 50))
    await bed.publishing.publish(menus(note="Segunda"), "", by="adao")
    bed.tell(calls(bed, 3_200, 165))
    assert not bed.told(Kind.DIALPLAN_ALARM)


async def test_counting_goes_on_after_a_kill(bed: PublishBed) -> None:
    bed.tell(calls(bed, 1_000, 50))
    await bed.publishing.publish(menus(note="Pior"), "", by="adao")
    bed.tell(calls(bed, 150, 45))
    bed.clock.at += WATCH_SAVE_EVERY
    await bed.watch.look()
    again = await bed.again()
    assert not again.told(Kind.DIALPLAN_ALARM)
    again.tell(calls(again, 250, 75))
    assert len(again.told(Kind.DIALPLAN_ALARM)) == 1
    again.clock.at += WATCH_SAVE_EVERY
    await again.watch.look()
    third = await again.again()
    assert (await third.publishing.versions())["alarm"] is not None
    for one in (again, third):
        await one.close()


BROKEN = (
    "",
    "{",
    "[]",
    '{"counts": [{"version": 1}], "alarm": {"version": "x"}}',
    '{"counts": 3, "alarm": 4}',
)


async def test_counts_that_cannot_be_read_begin_anew(bed: PublishBed) -> None:
    for kept in BROKEN:
        (bed.settings.state_dir / "dialplans-em-uso" / "contagem.json").write_text(kept)
        bed.watch.start(await bed.store.published.served())
        assert bed.watch.told() is None
        assert alarm_in(bed.settings) == ""
