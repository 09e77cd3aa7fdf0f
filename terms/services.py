"""A question that a menu may put to a service of the city: what is asked, of whom, how long it may
take. Read from servicos.yaml, asked by `outside/`; the menu sees only names and texts.

`refusal` says why a service may not be asked as it is written. It looks at the words alone: what
really keeps a reading statement from writing is the database (outside/sql_source.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from terms.limits import (
    LOOK_UP_SECONDS,
    LOOK_UP_SECONDS_MAX,
    SERVICE_PARAMETERS,
    SERVICE_SQL_CHARACTERS,
)
from terms.names import Seconds

CENTRAL: Final = "central"
"""The source that is ourselves: the protocol store."""

FOUND, MISSING, FAILED = "achou", "nao_achou", "falhou"
"""How a question ends; also the names of a look-up's three ways out."""

CALL: Final = "chamada"
"""A parameter that is always there: the call's id, alike when a call asks twice. A statement that
writes uses it to do once what is asked twice."""

CENTRAL_ANSWERS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "protocolo": (("protocolo",), ("assunto", "aberto_em", "situacao")),
}
"""What we answer ourselves, by the service's name: (parameters, values)."""

METHODS: Final = ("GET", "POST")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What services, sources, parameters and values may be called."""


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service. `source` is CENTRAL or the name that the settings give to a database or an
    HTTP address; exactly one of `sql` and `path` says what to ask there. `given` are the
    parameters that a menu must hand over, `answers` the values that come back. `writes`: asking
    changes something there (one INSERT or UPDATE, or a POST); it must be harmless to repeat."""

    name: str
    source: str
    sql: str = ""
    path: str = ""
    method: str = "GET"
    given: tuple[str, ...] = ()
    answers: tuple[str, ...] = field(default=())
    seconds: Seconds = LOOK_UP_SECONDS
    writes: bool = False


def refusal(spec: ServiceSpec) -> str:
    """Why this service may not be asked as it is written, in Portuguese; '' if it may."""
    for what, names in (("pergunta", spec.given), ("responde", spec.answers)):
        if len(set(names)) != len(names):
            return f"{what}: um nome está escrito duas vezes"
        if len(names) > SERVICE_PARAMETERS:
            return f"{what}: no máximo {SERVICE_PARAMETERS} nomes"
        for name in names:
            if not NAME.fullmatch(name):
                return f"{what}: {name!r} deve ter só letras minúsculas sem acento, algarismos e _"
    if CALL in spec.given:
        return f"pergunta: {CALL!r} está sempre à mão e não precisa ser perguntado"
    if not 0 < spec.seconds <= LOOK_UP_SECONDS_MAX:
        return f"tempo: deve ser maior que zero e no máximo {LOOK_UP_SECONDS_MAX:g} s"
    if spec.source == CENTRAL:
        return _central_refusal(spec)
    if bool(spec.sql) == bool(spec.path):
        return "escreva sql ou caminho, um dos dois"
    return _sql_refusal(spec) if spec.sql else _path_refusal(spec)


def _central_refusal(spec: ServiceSpec) -> str:
    known = CENTRAL_ANSWERS.get(spec.name)
    if known is None:
        return f"a central responde só a: {', '.join(sorted(CENTRAL_ANSWERS))}"
    given, answers = known
    if spec.sql or spec.path or spec.writes:
        return "o que a central responde não leva sql, caminho nem grava"
    if set(spec.given) != set(given):
        return f"pergunta: deve ser [{', '.join(given)}]"
    unknown = [name for name in spec.answers if name not in answers]
    return f"responde: {unknown[0]!r} não existe; há {', '.join(answers)}" if unknown else ""


# --- HTTP ---
_SLOT: Final = re.compile(r"\{([^{}]*)\}")
_PATH: Final = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")


def _path_refusal(spec: ServiceSpec) -> str:
    if spec.method not in METHODS:
        return f"metodo: deve ser {' ou '.join(METHODS)}"
    if spec.writes and spec.method != "POST":
        return "grava: pede metodo POST"
    used = _SLOT.findall(spec.path)
    if not _PATH.fullmatch(_SLOT.sub("x", spec.path)) or "//" in spec.path:
        return "caminho: deve começar com uma só / e ter só letras sem acento, algarismos e {nomes}"
    for name in used:
        if name not in (*spec.given, CALL):
            return f"caminho: {{{name}}} não está em pergunta"
    unused = [name for name in spec.given if name not in used]
    if unused and spec.method == "GET":
        return f"pergunta: {unused[0]!r} não é usado no caminho"
    return ""


def filled(path: str, value_of: Callable[[str], str]) -> str:
    """A path template with its gaps filled; `value_of` a name must be percent-encoded."""
    return _SLOT.sub(lambda slot: value_of(slot[1]), path)


# --- SQL ---
_PIECES: Final = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<bare>[^'"]+)|(?P<open>.)""",
    re.VERBOSE | re.DOTALL,
)
_PARAMETER: Final = re.compile(r"(?<![:\w]):(\w+)")
_READING: Final = frozenset({"select", "with"})
_WRITING: Final = frozenset({"insert", "update"})
_NEVER: Final = frozenset(
    {"alter", "analyze", "attach", "begin", "call", "cluster", "commit", "copy", "create"}
    | {"declare", "delete", "detach", "do", "drop", "execute", "explain", "grant", "into"}
    | {"listen", "load", "lock", "merge", "notify", "pragma", "prepare", "reindex", "release"}
    | {"reset", "revoke", "rollback", "savepoint", "truncate", "vacuum"}
)
_BY_PLACE: Final = {"into": "insert", "do": "conflict"}
"""Words of _NEVER that are right after these: INSERT INTO, ON CONFLICT … DO."""


def sql_pieces(sql: str) -> Iterator[tuple[bool, str]]:
    """A statement cut into what stands in quotes and what does not: (quoted, text)."""
    for piece in _PIECES.finditer(sql):
        yield piece.lastgroup == "quoted", piece[0]


def _sql_refusal(spec: ServiceSpec) -> str:
    if len(spec.sql) > SERVICE_SQL_CHARACTERS:
        return f"sql: no máximo {SERVICE_SQL_CHARACTERS} letras"
    pieces = tuple(sql_pieces(spec.sql))
    bare = "".join("''" if quoted else text for quoted, text in pieces)
    return _form_refusal(pieces, bare) or _words_refusal(bare, spec) or _use_refusal(bare, spec)


def _form_refusal(pieces: tuple[tuple[bool, str], ...], bare: str) -> str:
    """Whatever would make our idea of the statement differ from the database's own."""
    if re.search(r"\w''", bare):
        return "sql: um texto entre aspas não leva letra antes da aspa"
    if any(not quoted and ("'" in text or '"' in text) for quoted, text in pieces):
        return "sql: há uma aspa aberta que não fecha"
    if "--" in bare or "/*" in bare:
        return "sql: sem comentários; escreva-os em porque"
    if found := re.search(r"[\\`\[\]$#{}\x00]", bare):
        return f"sql: {found[0]!r} não é aceito fora de aspas"
    if ";" in bare.rstrip().removesuffix(";"):
        return "sql: um comando só"
    return ""


def _words_refusal(bare: str, spec: ServiceSpec) -> str:
    words = re.findall(r"\w+", bare.lower())
    first = words[0] if words else ""
    if first not in (_WRITING if spec.writes else _READING):
        if first in _WRITING:
            return "sql: grava; diga grava: sim"
        expected = "INSERT ou UPDATE" if spec.writes else "SELECT"
        return f"sql: deve começar com {expected}"
    for before, word in zip(("", *words), words, strict=False):
        if word in _NEVER and not (spec.writes and _in_its_place(before, word, words)):
            return f"sql: {word.upper()} não é aceito"
        if not spec.writes and word in _WRITING:
            return f"sql: {word.upper()} não é aceito onde só se lê"
    if first == "update" and "where" not in words:
        return "sql: UPDATE sem WHERE mudaria tudo"
    if first == "insert" and "conflict" not in words:
        return "sql: INSERT pede ON CONFLICT, para que repetir não faça mal"
    return ""


def _in_its_place(before: str, word: str, words: list[str]) -> bool:
    needed = _BY_PLACE.get(word)
    return needed is not None and (before == needed or (word == "do" and needed in words))


def _use_refusal(bare: str, spec: ServiceSpec) -> str:
    used = set(_PARAMETER.findall(bare))
    for name in sorted(used - {*spec.given, CALL}):
        return f"sql: :{name} não está em pergunta"
    for name in spec.given:
        if name not in used:
            return f"pergunta: {name!r} não é usado no sql"
    if "?" in bare or re.search(r"%[s(]", bare):
        return "sql: os parâmetros se escrevem :nome"
    return ""
