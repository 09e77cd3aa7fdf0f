"""What a service may be: every rule of terms/services.py has a service that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terms.services import CENTRAL, ServiceSpec, refusal, sql_pieces

READS = "SELECT a FROM t WHERE p = :p"
ADDS = "INSERT INTO t (p) VALUES (:p) ON CONFLICT DO NOTHING"
CHANGES = "UPDATE t SET a = 1 WHERE p = :p"


def asked(source: str, **values: Any) -> ServiceSpec:
    return ServiceSpec("s", source, **{"given": ("p",), **values})


def sql(text: str, **more: Any) -> ServiceSpec:
    return asked("banco", sql=text, **more)


def http(path: str, **more: Any) -> ServiceSpec:
    return asked("web", path=path, **more)


@pytest.mark.parametrize(
    "spec",
    [
        sql(READS),
        sql(f"{READS};\n"),
        sql("  select replace(a, ';--', '') from \"update\" where p = CAST(:p AS int)"),
        sql("SELECT a FROM t WHERE p = :p::int AND c <> :chamada"),
        sql("WITH x AS (SELECT 1) SELECT * FROM x WHERE p = :p"),
        sql("SELECT 'é ''delete'' às 08:30; /* não */ [x] $1 ?' FROM t WHERE p = :p"),
        sql("SELECT 1", given=()),
        sql(ADDS, writes=True),
        sql(ADDS.replace("DO NOTHING", "(p) DO UPDATE SET p = excluded.p"), writes=True),
        sql("INSERT INTO t SELECT :p, :chamada FROM u ON CONFLICT DO NOTHING", writes=True),
        sql(f"{CHANGES} RETURNING a", writes=True),
        http("/a/{p}"),
        http("/a?x={p}&y={chamada}"),
        http("/a", method="POST"),
        http("/a", method="POST", writes=True),
        ServiceSpec(
            "protocolo", CENTRAL, given=("protocolo",), answers=("assunto", "situacao")
        ),
    ],
)  # fmt: skip
def test_what_is_right_is_accepted(spec: ServiceSpec) -> None:
    assert refusal(spec) == ""


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (sql(READS, given=("p", "p")), "pergunta: um nome está escrito duas vezes"),
        (sql(READS, answers=("a", "a")), "responde: um nome está escrito duas vezes"),
        (sql(READS, answers=("A",)), "responde: 'A' deve ter só letras minúsculas"),
        (sql(READS, answers=tuple(f"a{n}" for n in range(9))), "responde: no máximo 8 nomes"),
        (sql(READS, given=("chamada",)), "pergunta: 'chamada' está sempre à mão"),
        (sql(READS, seconds=0.0), "tempo: deve ser maior que zero"),
        (sql(READS, seconds=9.0), "tempo: deve ser maior que zero e no máximo 8 s"),
        (sql(""), "escreva sql ou caminho, um dos dois"),
        (sql(READS, path="/a"), "escreva sql ou caminho, um dos dois"),
        (ServiceSpec("x", CENTRAL), "a central responde só a: protocolo"),
        (ServiceSpec("protocolo", CENTRAL), "pergunta: deve ser [protocolo]"),
        (
            ServiceSpec("protocolo", CENTRAL, given=("protocolo",), answers=("nome",)),
            "responde: 'nome' não existe; há assunto, aberto_em, situacao",
        ),
        (
            ServiceSpec("protocolo", CENTRAL, sql="x", given=("protocolo",)),
            "o que a central responde não leva sql",
        ),
        # --- SQL ---
        (sql("x" * 2001), "sql: no máximo 2000 letras"),
        (sql(" "), "sql: deve começar com SELECT"),
        (sql("DELETE FROM t WHERE p = :p"), "sql: deve começar com SELECT"),
        (sql(CHANGES), "sql: grava; diga grava: sim"),
        (sql(READS, writes=True), "sql: deve começar com INSERT ou UPDATE"),
        (sql(f"{READS}; SELECT 1"), "sql: um comando só"),
        (sql(f"{READS} FOR UPDATE"), "sql: UPDATE não é aceito onde só se lê"),
        (sql("SELECT a INTO b FROM t WHERE p = :p"), "sql: INTO não é aceito"),
        (sql("WITH x AS (DELETE FROM t) SELECT :p"), "sql: DELETE não é aceito"),
        (sql("WITH x AS (INSERT INTO t SELECT 1) SELECT :p"), "sql: INSERT não é aceito"),
        (sql("UPDATE t SET a = :p", writes=True), "sql: UPDATE sem WHERE mudaria tudo"),
        (sql("INSERT INTO t VALUES (:p)", writes=True), "sql: INSERT pede ON CONFLICT"),
        (sql(f"{CHANGES} AND p IN (SELECT drop FROM x)", writes=True), "sql: DROP não é aceito"),
        (sql(f"{READS} -- tudo"), "sql: sem comentários"),
        (sql(f"{READS} /* tudo */"), "sql: sem comentários"),
        (sql(f"{READS} AND b = 'x"), "sql: há uma aspa aberta que não fecha"),
        (sql(f'{READS} AND "b = 1'), "sql: há uma aspa aberta que não fecha"),
        (sql(rf"{READS} AND b = E'\''"), "sql: um texto entre aspas não leva letra"),
        (sql(rf"{READS} AND b = E'\' OR 1=1 --'"), "sql: um texto entre aspas não leva letra"),
        (sql(f"{READS} AND b = $$x$$"), "sql: '$' não é aceito fora de aspas"),
        (sql(f"{READS} AND [b] = 1"), "sql: '[' não é aceito fora de aspas"),
        (sql(f"{READS} AND `b` = 1"), "sql: '`' não é aceito fora de aspas"),
        (sql(f"{READS} AND b = {{p}}"), "sql: '{' não é aceito fora de aspas"),
        (sql("SELECT a FROM t WHERE p = :q", given=()), "sql: :q não está em pergunta"),
        (sql("SELECT a FROM t WHERE p = ':p'"), "pergunta: 'p' não é usado no sql"),
        (sql("SELECT a FROM t WHERE p = %(p)s"), "pergunta: 'p' não é usado no sql"),
        (sql("SELECT a FROM t WHERE p = ?", given=()), "sql: os parâmetros se escrevem :nome"),
        (sql("SELECT a FROM t WHERE p = %s", given=()), "sql: os parâmetros se escrevem :nome"),
        # --- HTTP ---
        (http("/a/{p}", method="PUT"), "metodo: deve ser GET ou POST"),
        (http("/a/{p}", writes=True), "grava: pede metodo POST"),
        (http("a/{p}"), "caminho: deve começar com uma só /"),
        (http("//outro/{p}"), "caminho: deve começar com uma só /"),
        (http("/a b/{p}"), "caminho: deve começar com uma só /"),
        (http("/a#{p}"), "caminho: deve começar com uma só /"),
        (http("/a/{q}/{p}"), "caminho: {q} não está em pergunta"),
        (http("/a/{}/{p}"), "caminho: {} não está em pergunta"),
        (http("/a/{p"), "caminho: deve começar com uma só /"),
        (http("/a"), "pergunta: 'p' não é usado no caminho"),
    ],
)
def test_what_is_wrong_is_told(spec: ServiceSpec, why: str) -> None:
    assert refusal(spec).startswith(why)


@given(st.text(st.sampled_from("abc:p'\"\\;-/*$ \nSELECTUPDATEINTO=()?%{}[]"), max_size=40))
@example("SELECT ''''")
def test_the_check_never_raises_and_loses_no_letter(text: str) -> None:
    assert "".join(piece for _, piece in sql_pieces(text)) == text
    for more in ({}, {"writes": True}):
        refusal(sql(f"SELECT {text}", **more))
        refusal(http(f"/{text}", **more))


@given(st.text(max_size=30))
def test_whatever_is_quoted_is_not_a_word_of_the_statement(text: str) -> None:
    quoted = text.replace("'", "''")
    assert refusal(sql(f"SELECT a FROM t WHERE p = :p AND b = '{quoted}'")) == ""
