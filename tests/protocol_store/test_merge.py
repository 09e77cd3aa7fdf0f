"""Two sites' stores become one: without collision, as often as one likes, both chains whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from chain_bed import (
    DAY,
    NUMBERS,
    OTHER_NUMBERS,
    PER_CALL,
    fill,
    found,
    looked_over,
    tamper,
)
from sqlalchemy import insert
from store_bed import AT, execute, rows

from protocol_store import chain
from protocol_store.engines import make_engine
from protocol_store.fact_log import FactLog
from protocol_store.merge import Merged, merge
from protocol_store.merge_checks import MergeRefused
from protocol_store.tables import agents
from terms.facts import Fact, Kind
from terms.names import CallId

ANY = pytest.mark.postgres
PAIRS = [
    ("sqlite", "sqlite"),
    pytest.param(("sqlite", "pg"), marks=ANY),
    pytest.param(("pg", "sqlite"), marks=ANY),
    pytest.param(("pg", "pg"), marks=ANY),
]
FACTS = 9 * PER_CALL
COUNTS = (
    "SELECT (SELECT count(*) FROM facts), (SELECT count(*) FROM calls), count(*) FROM protocols"
)


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A database that nobody has used, of this kind."""
    made: list[str] = []

    def new(kind: str) -> str:
        if kind == "pg":
            return str(request.getfixturevalue("postgres").new_database())
        made.append(f"sqlite:///{tmp_path / f'{len(made)}.sqlite'}")
        return made[-1]

    return new


@pytest.fixture(params=PAIRS, ids=lambda pair: "-from-".join(reversed(pair)))
def pair(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> tuple[str, str]:
    """Two databases: what is taken from, and what takes."""
    source, target = request.param
    return new_url(source), new_url(target)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two SQLite files, each a site's."""
    folder = tmp_path_factory.mktemp("sites")
    fill(f"sqlite:///{folder / 'target.sqlite'}", days=1)
    fill(f"sqlite:///{folder / 'source.sqlite'}", "sp2", OTHER_NUMBERS, days=1)
    return folder


@pytest.fixture
def files(made: Path, tmp_path: Path) -> tuple[str, str]:
    """Copies of them, that a test may change: the source and the target."""
    for name in ("source.sqlite", "target.sqlite"):
        shutil.copyfile(made / name, tmp_path / name)
    return f"sqlite:///{tmp_path / 'source.sqlite'}", f"sqlite:///{tmp_path / 'target.sqlite'}"


def merged(source: str, target: str) -> Merged:
    theirs, ours = make_engine(source, reading=True), make_engine(target)
    try:
        return merge(theirs, ours)
    finally:
        theirs.dispose()
        ours.dispose()


def test_two_sites_become_one_and_again_changes_nothing(pair: tuple[str, str]) -> None:
    source, target = pair
    ours, theirs = fill(target), fill(source, "sp2", OTHER_NUMBERS, since=AT + 7)
    assert merged(source, target).taken == {"sp2": FACTS}
    assert rows(target, COUNTS) == [(2 * FACTS, 18, 18)]
    seen = looked_over(target, *ours, *theirs)
    assert (seen.findings, seen.signed, seen.facts) == ((), 8, 2 * FACTS)
    assert merged(source, target) == Merged({"sp2": 0})
    assert rows(target, COUNTS) == [(2 * FACTS, 18, 18)]

    # both go on, and what is new is taken behind what is there
    fill(source, "sp2", OTHER_NUMBERS, since=AT + 3 * DAY, days=1, first=9)
    fill(target, since=AT + 3 * DAY, days=1, first=9)
    assert merged(source, target).taken == {"sp2": 3 * PER_CALL}
    assert found(target) == []
    assert rows(target, "SELECT call_id FROM calls WHERE wait_seconds IS NOT NULL") == []
    story = (
        "SELECT call_id, protocol, line, caller FROM calls WHERE call_id LIKE 'sp2-%' ORDER BY 1"
    )
    assert [one for one in rows(target, story) if "sp2" in one[0]] == rows(source, story)
    # and the other way round, the other site has it all too
    assert merged(target, source).taken == {"sp1": 12 * PER_CALL, "sp2": 0}
    assert found(source) == []
    assert rows(source, COUNTS) == rows(target, COUNTS)


def test_what_was_altered_in_a_merged_chain_is_found(files: tuple[str, str]) -> None:
    source, target = files
    merged(source, target)
    tamper(target, "UPDATE facts SET kind = 'x' WHERE site = 'sp2' AND ordinal = 5")
    assert found(target) == [("altered", 5, 5)]


# --- what is refused, with nothing written ---
def _overlap(source: str, _target: str) -> None:
    execute(source, f"UPDATE sites SET first_number = {NUMBERS.stop - 1}")


def _number_twice(source: str, target: str) -> None:
    (given,) = rows(target, "SELECT protocol FROM protocols LIMIT 1")[0]
    execute(source, f"UPDATE protocols SET protocol = '{given}' WHERE call_id = 'sp2-40000000'")


def _altered(source: str, _target: str) -> None:
    tamper(source, "UPDATE facts SET by_whom = 'x' WHERE ordinal = 9")


def _cut(source: str, _target: str) -> None:
    tamper(source, "DELETE FROM facts WHERE ordinal > 30")


def _call_twice(source: str, target: str) -> None:
    engine = make_engine(target)
    log = FactLog("w", "sp1")
    with engine.begin() as connection:
        fact = Fact(AT, Kind.SWITCH_LOST, CallId("sp2-40000001"), details={"why": "x"})
        log.write(connection, log.number([fact]))
    engine.dispose()


def _older(source: str, _target: str) -> None:
    execute(source, "UPDATE alembic_version SET version_num = '0007'")


def _renamed(source: str, _target: str) -> None:
    tamper(
        source,
        "UPDATE facts SET site = 'sp1'",
        "UPDATE sites SET site = 'sp1'",
        "UPDATE fact_days SET site = 'sp1'",
    )


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (_overlap, r"as faixas de protocolos se tocam: sítio sp2 \(39999999 a 79999999\) e sítio "),
        (_number_twice, "o protocolo 0000100.. foi dado nos dois bancos, a ligações diferentes"),
        (_altered, "os fatos do sítio sp2 foram alterados na origem, a partir do nº 9"),
        (_cut, "os fatos do sítio sp2 foram alterados na origem, a partir do nº 31"),
        (_call_twice, "a ligação sp2-40000001 está nos dois bancos, em sítios diferentes"),
        (_older, "um dos bancos é de outra versão"),
        (_renamed, "são dois sítios com o mesmo nome"),
    ],
)
def test_stores_that_cannot_be_one_are_refused_and_left_alone(
    files: tuple[str, str], done: Callable[[str, str], None], told: str
) -> None:
    source, target = files
    done(source, target)
    before = rows(target, COUNTS)
    with pytest.raises(MergeRefused, match=told):
        merged(source, target)
    assert rows(target, COUNTS) == before
    assert found(target) == []


def test_a_merge_that_was_broken_off_goes_on(
    files: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = files
    monkeypatch.setattr("protocol_store.merge.MERGE_ROWS", 10)

    def stop(count: int) -> None:
        if count >= 20:
            raise KeyboardInterrupt

    theirs, ours = make_engine(source, reading=True), make_engine(target)
    with pytest.raises(KeyboardInterrupt):
        merge(theirs, ours, stop)
    theirs.dispose()
    ours.dispose()
    assert rows(target, "SELECT count(*) FROM facts WHERE site = 'sp2'") == [(20,)]
    assert merged(source, target).taken == {"sp2": 3 * PER_CALL - 20}
    assert found(target) == []


def test_what_is_erased_at_the_source_after_it_was_taken_is_erased_here_too(
    files: tuple[str, str],
) -> None:
    source, target = files
    merged(source, target)
    engine = make_engine(source)
    log = FactLog("erasure", "sp2")
    with engine.begin() as connection:
        attested = chain.replace_details(
            connection, {("sp2", 1): {"line": "156", "entry": "156", "caller": "apagado"}}
        )
        fact = Fact(AT, Kind.DATA_ERASED, details={"rows": attested})
        log.write(connection, log.number([fact]))
    engine.dispose()
    execute(source, "UPDATE calls SET caller = 'apagado' WHERE call_id = 'sp2-40000000'")
    assert merged(source, target).taken == {"sp2": 1}
    caller = "SELECT caller FROM calls WHERE call_id = 'sp2-40000000'"
    assert rows(target, caller) == [("apagado",)]
    (details,) = rows(target, "SELECT details FROM facts WHERE site = 'sp2' AND ordinal = 1")[0]
    assert "apagado" in details
    seen = looked_over(target)
    assert (seen.findings, seen.erased) == ((), 1)


def test_agents_of_the_same_name_who_are_two_people_are_told(files: tuple[str, str]) -> None:
    for url, full_name in zip(files, ("Ana Souza", "Ana Lima"), strict=True):
        engine = make_engine(url)
        row = {"name": "ana", "full_name": full_name, "skills": {}, "secret_digest": "x"}
        with engine.begin() as connection:
            connection.execute(insert(agents).values(row | {"added_at": AT}))
        engine.dispose()
    assert merged(*files).two_people == ["ana"]
    assert rows(files[1], "SELECT full_name FROM agents") == [("Ana Lima",)]


def test_what_one_site_attests_of_another_is_merged_on(tmp_path: Path) -> None:
    """A citizen was erased in a store of two sites, by a fact of one about a row of the other."""
    first, second, third = (f"sqlite:///{tmp_path / name}.sqlite" for name in "abc")
    fill(first)
    fill(second, "sp2", OTHER_NUMBERS)
    fill(third, "sp3", range(80_000_000, 81_000_000))
    engines = [make_engine(url) for url in (first, second, third)]
    merge(engines[1], engines[0])
    log = FactLog("erasure", "sp1")
    with engines[0].begin() as connection:
        attested = chain.replace_details(connection, {("sp2", 1): {"caller": "apagado"}})
        told = Fact(AT + 9, Kind.DATA_ERASED, details={"rows": attested})
        log.write(connection, log.number([told]))
    merge(engines[0], engines[2])
    for engine in engines:
        engine.dispose()
    seen = looked_over(third)
    assert (seen.findings, seen.erased, seen.facts) == ((), 1, 3 * FACTS + 1)
    tamper(third, "UPDATE facts SET details = '{}' WHERE site = 'sp2' AND ordinal = 1")
    assert found(third) == [("altered", 1, 1)]
