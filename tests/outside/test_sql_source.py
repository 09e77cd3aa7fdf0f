"""Databases as sources: SQLite files and a real PostgreSQL, working, hanging, gone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import PostgresServer
from sqlalchemy import create_engine

from outside import Answer, Outside, SqlSource
from outside.engines import database_url
from outside.sql_source import bound
from terms.limits import OUTSIDE_AT_ONCE
from terms.services import ServiceSpec

SECONDS = 5.0
SHORT = 0.2
TOLERANCE = 0.2

TABLES = """
CREATE TABLE consultas (codigo VARCHAR(20) PRIMARY KEY, numero INTEGER, data DATE,
                        preco NUMERIC(10, 2), situacao VARCHAR(20));
INSERT INTO consultas VALUES ('a1', 1, '2026-12-02', 12.50, 'marcada');
INSERT INTO consultas VALUES ('a2', 2, '2026-12-03', NULL, NULL);
CREATE TABLE reforcos (pedido VARCHAR(20), chamada VARCHAR(64), PRIMARY KEY (pedido, chamada));
"""

SEE = "SELECT data, preco, situacao FROM consultas WHERE codigo = :codigo"


def spec(sql: str, answers: str = "", given: str = "codigo", **more: object) -> ServiceSpec:
    return ServiceSpec(
        "s", "banco", sql=sql, given=tuple(given.split()), answers=tuple(answers.split()),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def write(address: str, script: str) -> list[tuple[object, ...]]:
    """What somebody else does to the database."""
    if address.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as made:
            rows = [row for one in script.split(";\n") if one.strip() for row in made.execute(one)]
            made.commit()
            return rows
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as made_there:
        found = made_there.execute(script)
        return found.fetchall() if found.description else []


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path / 'a banco%20#.sqlite'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        found = server.new_database()
    write(found, TABLES)
    return found


@pytest_asyncio.fixture
async def room_at() -> AsyncIterator[Callable[[str], Outside]]:
    rooms: list[Outside] = []

    def make(address: str) -> Outside:
        rooms.append(Outside({}, {"banco": SqlSource(address)}))
        return rooms[-1]

    yield make
    for room in rooms:
        await room.close()


@pytest.fixture
def room(room_at: Callable[[str], Outside], address: str) -> Outside:
    return room_at(address)


async def ask(
    room: Outside,
    one: ServiceSpec,
    typed: str = "a1",
    call: str = "c-1",
    seconds: float = SECONDS,
) -> Answer:
    began = time.monotonic()
    answer = await room.ask(one, dict.fromkeys(one.given, typed), seconds, call)
    assert time.monotonic() - began < seconds + TOLERANCE
    return answer


async def test_a_row_a_missing_row_and_what_values_look_like(room: Outside) -> None:
    see = spec(SEE, "data preco situacao")
    found = {"data": "2026-12-02", "preco": "12.50", "situacao": "marcada"}
    answer = await ask(room, see)
    if answer.values.get("preco") == "12.5":  # SQLite knows no decimals
        found["preco"] = "12.5"
    assert answer == Answer("achou", found)
    assert await ask(room, see, "a2") == Answer(
        "achou", {"data": "2026-12-03", "preco": "", "situacao": ""}
    )
    assert await ask(room, see, "a3") == Answer("nao_achou")
    assert (await ask(room, spec(SEE))).how == "achou"
    assert (await ask(room, spec(SEE, "hora"))).why == "falta 'hora' na resposta"


async def test_a_parameter_takes_the_type_of_what_it_is_compared_with(room: Outside) -> None:
    by_number = spec("SELECT codigo FROM consultas WHERE numero = :codigo", "codigo")
    assert await ask(room, by_number, "2") == Answer("achou", {"codigo": "a2"})


async def test_one_row_or_an_order_among_them(room: Outside) -> None:
    many = "SELECT codigo FROM consultas WHERE codigo <> :codigo"
    answer = await ask(room, spec(many, "codigo"), "x")
    assert answer.why == "mais de uma linha, e o sql não diz ORDER BY"
    answer = await ask(room, spec(f"{many} ORDER BY codigo DESC;", "codigo"), "x")
    assert answer.values == {"codigo": "a2"}


@pytest.mark.parametrize(
    "typed",
    ["' OR '1'='1", "'; DELETE FROM consultas; --", '" OR 1=1 --', "a1' --", "%", "_1", "\\' OR 1",
     ":codigo", "a1) OR (1=1", "%(codigo)s", "%s", "$1", "?", "a1\u2019 OR 1=1", "{codigo}"],
)  # fmt: skip
async def test_what_is_typed_is_never_sql(room: Outside, address: str, typed: str) -> None:
    assert await ask(room, spec(SEE, "data"), typed) == Answer("nao_achou")
    assert len(write(address, "SELECT * FROM consultas")) == 2


async def test_quoted_colons_and_percents_are_text(room: Outside) -> None:
    odd = r"SELECT 'às 08:30, 5% :x \: %(a)s' AS texto FROM consultas WHERE codigo = :codigo"
    assert (await ask(room, spec(odd, "texto"))).values == {"texto": r"às 08:30, 5% :x \: %(a)s"}


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM consultas WHERE codigo = :codigo",
        "UPDATE consultas SET situacao = 'x' WHERE codigo = :codigo",
        "SELECT 1; DELETE FROM consultas WHERE codigo = :codigo",
    ],
)
async def test_a_reading_service_that_would_write_is_not_asked(
    room: Outside, address: str, sql: str
) -> None:
    assert (await ask(room, spec(sql))).why.startswith("sql: ")
    assert len(write(address, "SELECT * FROM consultas WHERE situacao = 'marcada'")) == 1


async def test_even_a_statement_that_slipped_through_cannot_write(
    room: Outside, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are looked at to help whoever wrote them; the database itself is what refuses."""
    monkeypatch.setattr("outside.sql_source._not_for_a_database", lambda _: "")
    for sql in (
        "UPDATE consultas SET situacao = 'x' WHERE codigo = :codigo",
        "DELETE FROM consultas WHERE codigo = :codigo",
        "CREATE TABLE t AS SELECT :codigo AS x",
    ):
        assert (await ask(room, spec(sql))).why.startswith("o banco de dados recusou (")
    assert len(write(address, "SELECT * FROM consultas WHERE situacao = 'marcada'")) == 1


async def test_writing_once_however_often_a_call_asks(room: Outside, address: str) -> None:
    confirm = spec(
        "UPDATE consultas SET situacao = 'confirmada' WHERE codigo = :codigo", writes=True
    )
    assert [(await ask(room, confirm)).how for _ in range(2)] == ["achou", "achou"]
    assert (await ask(room, confirm, "a9")).how == "nao_achou"
    support = spec(
        "INSERT INTO reforcos (pedido, chamada) SELECT codigo, :chamada FROM consultas "
        "WHERE codigo = :codigo ON CONFLICT (pedido, chamada) "
        "DO UPDATE SET chamada = excluded.chamada RETURNING pedido",
        "pedido",
        writes=True,
    )
    for call in ("c-1", "c-1", "c-2"):
        assert (await ask(room, support, call=call)).values == {"pedido": "a1"}
    assert (await ask(room, support, "a9")).how == "nao_achou"
    assert (await ask(room, support, call="")).why == "falta o parâmetro 'chamada'"
    assert len(write(address, "SELECT * FROM reforcos")) == 2
    assert len(write(address, "SELECT * FROM consultas WHERE situacao = 'confirmada'")) == 1


async def test_a_wrong_statement_is_told_by_its_kind_alone(
    room: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for sql in (
        "SELECT x FROM nowhere WHERE y = :codigo",
        "SELECT FROM WHERE :codigo",
        "SELECT codigo FROM consultas WHERE CAST(:codigo AS INTEGER) / 0 = 1 AND nada = 1",
    ):
        for _ in range(4):
            answer = await ask(room, spec(sql, "x"), "98765432100")
            assert answer.why.startswith("o banco de dados recusou (")
            assert "98765432100" not in answer.why
    assert room.states() == {"banco": "closed"}, "one bad service must not rest a whole source"
    assert "98765432100" not in caplog.text
    assert not any("98765432100" in str(vars(record)) for record in caplog.records)


async def test_many_at_once_and_nothing_is_left_open(room: Outside, address: str) -> None:
    see = spec(SEE, "data")
    answers = await asyncio.gather(*(ask(room, see) for _ in range(100)))
    assert {one.how for one in answers} == {"achou"}
    write(address, "DROP TABLE consultas")  # a transaction left open would hold it


# --- SQLite alone ---
async def test_a_file_that_is_not_there_is_not_made(
    room_at: Callable[[str], Outside], tmp_path: Path
) -> None:
    room = room_at(f"sqlite:///{tmp_path / 'nada.sqlite'}")
    for writes in (False, True):
        one = spec("UPDATE t SET a = 1 WHERE b = :codigo" if writes else SEE, writes=writes)
        assert (await ask(room, one)).how == "falhou"
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240


async def test_a_locked_file_and_an_endless_query_are_cut(
    room_at: Callable[[str], Outside], tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path / 'b.sqlite'}"
    write(address, TABLES)
    room = room_at(address)
    endless = spec(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        "SELECT count(*) AS x FROM n WHERE x <> :codigo", "x",
    )  # fmt: skip
    confirm = spec("UPDATE consultas SET situacao = 'c' WHERE codigo = :codigo", writes=True)
    assert (await ask(room, endless, seconds=SHORT)).why == "sem resposta no prazo"
    with contextlib.closing(sqlite3.connect(tmp_path / "b.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert (await ask(room, spec(SEE, "data"), seconds=SHORT)).how == "falhou"
        assert (await ask(room, confirm, seconds=SHORT)).how == "falhou"
    await asyncio.sleep(0.1)
    assert not [one for one in threading.enumerate() if one.name == "outside"]
    assert (await ask(room, spec(SEE, "situacao"))).values == {"situacao": "marcada"}


literals = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(literal=literals, value=literals)
def test_any_literal_and_any_value_come_back_as_they_are(literal: str, value: str) -> None:
    quoted = literal.replace("'", "''")
    statement = bound(f"SELECT '{quoted}' AS a, :p AS b", ("p",))
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert tuple(connection.execute(statement, {"p": value}).one()) == (literal, value)
    engine.dispose()


@pytest.mark.parametrize(
    "address",
    ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "postgresql://a/b", "x", "sqlite:///a?b=1"],
)
def test_an_address_that_cannot_be_used_is_told(address: str) -> None:
    with pytest.raises(ValueError, match=r"use sqlite|não é um endereço"):
        SqlSource(address)


def test_a_password_comes_from_the_secrets() -> None:
    url = database_url("postgresql+psycopg://central@127.0.0.1/b", "s3gr3do")
    assert url.password == "s3gr3do"
    assert "s3gr3do" not in str(url)


# --- PostgreSQL alone ---
@pytest.mark.postgres
async def test_a_slow_query_is_stopped_by_the_server_too(
    postgres: PostgresServer, room_at: Callable[[str], Outside]
) -> None:
    address = postgres.new_database()
    room = room_at(address)
    slow = spec("SELECT pg_sleep(30) AS x, CAST(:codigo AS text) AS y", "y")
    assert (await ask(room, slow, seconds=SHORT)).why == "sem resposta no prazo"
    await asyncio.sleep(0.3)
    sleeping = (
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' "
        "AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"
    )
    assert not write(address, sleeping)


@pytest.mark.postgres
async def test_a_server_that_stands_still_costs_seconds_and_no_threads(
    postgres: PostgresServer, room_at: Callable[[str], Outside]
) -> None:
    """Frozen in the middle and frozen at the door; then it goes on as if nothing had been."""
    address = postgres.new_database()
    write(address, TABLES)
    room, newcomer = room_at(address), room_at(address)
    see = spec(SEE, "situacao")
    await asyncio.gather(*(ask(room, see) for _ in range(OUTSIDE_AT_ONCE)))
    postgres.freeze()
    try:
        asked = [ask(one, see, seconds=SHORT) for one in (room, newcomer) for _ in range(100)]
        answers = await asyncio.gather(*asked)
        assert {one.how for one in answers} == {"falhou"}
        await asyncio.sleep(2.5)  # connecting has its own limit, of two seconds at the least
        assert not [one for one in threading.enumerate() if one.name == "outside"]
    finally:
        postgres.thaw()
    with_rest = room_at(address)
    assert (await ask(with_rest, see)).values == {"situacao": "marcada"}


@pytest.mark.postgres
async def test_a_connection_that_died_in_its_pool_is_made_anew(
    postgres: PostgresServer, room_at: Callable[[str], Outside]
) -> None:
    address = postgres.new_database()
    write(address, TABLES)
    room, see = room_at(address), spec(SEE, "situacao")
    await ask(room, see)
    write(
        address,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    assert (await ask(room, see)).values == {"situacao": "marcada"}


@pytest.mark.postgres
async def test_a_server_that_is_not_there_is_a_failure_at_once(
    room_at: Callable[[str], Outside],
) -> None:
    room = room_at("postgresql+psycopg://central@127.0.0.1:45198/nada")
    began = time.monotonic()
    assert (await ask(room, spec(SEE))).why == "o banco de dados recusou (OperationalError)"
    assert time.monotonic() - began < 0.2
