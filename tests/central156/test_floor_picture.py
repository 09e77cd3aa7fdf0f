"""The floor's picture after a start: the day so far, and then what is heard, each once."""

from __future__ import annotations

from api_bed import Bed

from central156.clock import now
from central156.floor_picture import FloorPicture
from protocol_store import Store, StoreFailing
from terms.facts import Fact, Kind
from terms.names import CallId


def waits(call: str) -> list[Fact]:
    """Somebody who gives up at once."""
    at = now()
    arrived = {"line": "156", "entry": "156", "test": False}
    queued = {"queue": "p156_geral", "joined": at}
    return [
        Fact(at, Kind.CALL_ARRIVED, CallId(call), details=arrived),
        Fact(at, Kind.QUEUED, CallId(call), details=queued),
        Fact(at + 1, Kind.CALL_ENDED, CallId(call), details={"outcome": "abandoned"}),
    ]


def test_a_start_goes_on_with_the_day_s_figures(bed: Bed) -> None:
    bed.enrol("rute")
    with bed.client() as client:
        client.post("/v1/agents/rute/login")
    bed.served_call("rute")
    with bed.client() as client:
        client.post("/v1/agents/rute/logout")

    async def another_run() -> tuple[int, int]:
        store = Store(bed.settings.store_url, "n2")
        await store.start()
        picture = FloorPicture(bed.keeper, bed.book, bed.desk, bed.ear, remembers=True)
        picture._read(waits("meanwhile"))
        assert picture.measures.of_line("156", now()).received == 0
        await picture.remember(store)
        picture._read(waits("later"))
        await store.close()
        figures = picture.measures.of_line("156", now())
        return figures.answered, figures.abandoned

    assert bed.do(another_run) == (1, 2)


def test_a_store_that_fails_costs_figures_only(bed: Bed) -> None:
    class Failing:
        @property
        def history(self) -> object:
            raise StoreFailing("o banco de dados recusou")

    async def begin() -> int:
        picture = FloorPicture(bed.keeper, bed.book, bed.desk, bed.ear, remembers=True)
        picture._read(waits("alone"))
        await picture.remember(Failing())  # type: ignore[arg-type]
        return picture.measures.of_line("156", now()).abandoned

    assert bed.do(begin) == 1
