"""What Anatel counts: people are told before the limit, a reload never counts too low, and calls of
no campaign count too."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from trunk_folders import THREE, TWO, folder_with

from callflow.floor_keeper import FloorKeeper
from central156.trunk_acts import TrunkActs
from central156.trunk_counts import OtherCalls
from central156.trunk_figures import Carried, operators, warnings
from central156.trunks import trunks_of
from central156.trunks_told import counted_again
from dialer.trunks import Operators
from protocol_store import Store, StoreError
from protocol_store.trunk_rows import TrunkDay, TrunkMonth
from terms.facts import Fact, Kind
from terms.names import CallId, TrunkName


def month(trunk: str, attempts: int, site: str = "a") -> TrunkMonth:
    return TrunkMonth(site, TrunkName(trunk), "2026-11", attempts, 0, 0)


def day(trunk: str, attempts: int, short: int) -> TrunkDay:
    return TrunkDay("a", TrunkName(trunk), "2026-11-25", attempts, 0, short)


@pytest.mark.parametrize(
    ("months", "days", "told"),
    [
        ([month("principal", 799)], [], []),
        ([month("principal", 800)], [], ["Primeira: 800 ligações no mês, 80% do limite de 1000"]),
        (
            [month("principal", 600), month("principal", 400, "b")],
            [],
            ["Primeira: 1000 ligações no mês, o limite de 1000; nada mais sai por ela"],
        ),
        (
            [month("reserva", 300_000), month("terceira", 200_000), month("outra", 10**9)],
            [],
            [
                "Segunda: 500000 ligações no mês, o limite de 500000; "
                "só as rotas autenticadas discam"
            ],
        ),
        ([], [day("principal", 80_000, 54_400)], []),
        (
            [],
            [day("principal", 80_000, 54_401)],
            ["Primeira: 54401 de 80000 ligações do dia duraram até 6 s"],
        ),
        ([], [day("principal", 79_999, 79_999)], []),
    ],
)
def test_people_are_told_before_the_limit(
    tmp_path: Path, months: Any, days: Any, told: list[str]
) -> None:
    trunks = trunks_of(folder_with(tmp_path, THREE))
    assert list(warnings(operators(trunks, Carried.of(months, days)))) == told


def test_a_reload_never_counts_too_low(tmp_path: Path) -> None:
    trunks = trunks_of(folder_with(tmp_path, TWO))
    today = date(2026, 11, 25)
    first = today.replace(day=1)
    known = Operators()
    known.of("Primeira").months[first] = 12
    carried = Carried.of([month("principal", 10), month("reserva", 5)], [day("reserva", 3, 2)])
    counted_again(known, trunks, carried, today)
    assert known.of("Primeira").months == {first: 12}  # what was ordered since is not lost
    assert (known.of("Segunda").months, known.of("Segunda").short) == ({first: 5}, {today: 2})
    moved = {name: replace(one, operator="Terceira") for name, one in trunks.items()}
    counted_again(known, moved, carried, today)
    assert known.of("Terceira").months == {first: 15}


# --- calls that no campaign makes ---
class Kept:
    """A store that may be away, and what it was told to count."""

    def __init__(self) -> None:
        self.campaigns, self.away = self, False
        self.counted: list[tuple[int, int, int]] = []

    async def count_outside(self, trunk: TrunkName, at: float, **counts: int) -> None:
        if self.away:
            raise StoreError("o banco não responde")
        self.counted.append((counts["attempts"], counts["answered"], counts["short"]))


async def test_call_backs_and_transfers_count_in_the_trunks_month(tmp_path: Path) -> None:
    trunks = trunks_of(folder_with(tmp_path, TWO))
    store, operators = Kept(), Operators()
    first = trunks[TrunkName("principal")]
    others = OtherCalls(cast(Store, store), lambda: first, lambda: operators)
    at = itertools.count(1_795_600_000)
    call = CallId("n1-a-1.1")

    def fact(kind: Kind, **said: Any) -> Fact:
        return Fact(float(next(at)), kind, call, details=said)

    dialled = (
        (fact(Kind.CALL_BACK_RESULT, result="answered"), (1, 1, 0)),
        (fact(Kind.CALL_BACK_RESULT, result="busy"), (1, 0, 0)),
        (fact(Kind.CALL_BACK_RESULT, result="lost"), (1, 0, 0)),
        (fact(Kind.TRANSFER_TRIED, reached=True, because="", seconds=5.0), (1, 1, 1)),
        (fact(Kind.TRANSFER_TRIED, reached=True, because="", seconds=60.0), (1, 1, 0)),
        (fact(Kind.TRANSFER_TRIED, reached=False, because="busy", seconds=0.0), (1, 0, 0)),
        (fact(Kind.CONSULT_ASKED, consult="1-c1", outside="samu"), (1, 0, 0)),
        (fact(Kind.CONSULT_ANSWERED, consult="1-c1"), (0, 1, 0)),
    )
    nothing = (
        fact(Kind.CALL_BACK_RESULT, result="held"),
        fact(Kind.CALL_BACK_RESULT, result="agent"),
        fact(Kind.TRANSFER_TRIED, reached=False, because="gate"),
        fact(Kind.TRANSFER_TRIED, reached=False, because="destino desconhecido"),
        fact(Kind.CONSULT_ASKED, consult="1-c2", outside=""),
        fact(Kind.CONSULT_ANSWERED, consult="1-c2"),
        fact(Kind.CONSULT_OVER, consult="1-c2"),
    )
    others.read((*(one for one, _ in dialled), *nothing))
    store.away = True
    with pytest.raises(StoreError):
        await others.keep()
    store.away = False
    others.read((fact(Kind.CALL_ARRIVED, entry="retorno"), fact(Kind.CALL_ENDED)))  # 1 s
    await others.keep()
    await others.keep()  # once is enough
    assert store.counted == [*(counts for _, counts in dialled), (0, 0, 1)]
    carried = operators.of("Primeira")
    assert [sum(some.values()) for some in (carried.months, carried.days, carried.short)] == [
        *(7, 7, 2)
    ]


async def test_reports_are_told_whose_each_trunk_is_once(tmp_path: Path) -> None:
    settings, told = folder_with(tmp_path, TWO), []

    class Campaigns:
        async def set_operators(self, named: dict[TrunkName, str]) -> None:
            told.append(named)

    store = cast(Store, type("Kept", (), {"campaigns": Campaigns()})())
    acts = TrunkActs(settings, store, cast(FloorKeeper, None))
    for _ in range(2):
        await acts._name_operators()
    assert told == [{name: one.operator for name, one in trunks_of(settings).items()}]
    acts.current = {}
    await acts._name_operators()
    assert told[1:] == [{}]
