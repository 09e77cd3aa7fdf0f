"""What is wrong with a setting, in words that a person can act on.

pydantic says `greater_than_equal, ge=1024`; a person is told "deve ser no mínimo 1024", which
setting it is, and whether the value came from the environment.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Collection
from typing import Any, Final

EXPECTED: Final[dict[str, str]] = {
    "node": "deve ter até 12 letras minúsculas sem acento ou algarismos, começando por letra",
    "log_level": "deve ser debug, info, warning ou error",
}
"""What a setting with a pattern must look like."""

BOUNDS: Final = (
    ("ge", "no mínimo {}"),
    ("gt", "maior que {}"),
    ("le", "no máximo {}"),
    ("lt", "menor que {}"),
)

KINDS: Final = (
    ("int_", "deve ser um número inteiro"),
    ("float_", "deve ser um número"),
    ("bool_", "deve ser true ou false"),
    ("string_", "deve ser um texto, entre aspas"),
    ("path_", "deve ser o caminho de uma pasta, entre aspas"),
)
"""The beginning of a pydantic error's type, and what that type of value is called."""


def sentence(error: Any, prefix: str, known: Collection[str]) -> str:
    """One of pydantic's errors, told. `prefix`: of the environment's names; `known`: settings."""
    where = ".".join(str(part) for part in error["loc"]) or "configuração"
    if error["type"] == "extra_forbidden":
        return f"{where}: configuração desconhecida{nearest(where, known)}"
    if error["type"] == "value_error" and not error["loc"]:
        return f"{where}: {error['ctx']['error']}"
    variable = prefix + where.upper()
    source = f" (de {variable})" if variable in os.environ else ""
    return f"{where}: valor inválido {error.get('input')!r}{source}; {_expected(where, error)}"


def nearest(name: str, known: Collection[str]) -> str:
    """`; você quis dizer 'x'?`, or nothing when no known name is like this one."""
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return f"; você quis dizer '{found[0]}'?" if found else ""


def not_toml(wrong: tomllib.TOMLDecodeError | UnicodeDecodeError) -> str:
    """Why a file cannot be read as TOML."""
    return f"não é um arquivo TOML válido: {_why_not_toml(wrong)}"


def _why_not_toml(wrong: tomllib.TOMLDecodeError | UnicodeDecodeError) -> str:
    if isinstance(wrong, UnicodeDecodeError):
        return "não está em UTF-8"
    place = re.search(r"at line (\d+), column (\d+)", str(wrong))
    where = f"linha {place[1]}, coluna {place[2]}" if place else "no fim"
    if "overwrite" in str(wrong):
        return f"{where}: esta configuração já estava escrita antes"
    return f"{where}: o que se espera é nome = valor, com os textos entre aspas"


def _expected(where: str, error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if where in EXPECTED:
        return EXPECTED[where]
    given = error.get("ctx") or {}
    bounds = [words.format(_plain(given[key])) for key, words in BOUNDS if key in given]
    if bounds:
        return "deve ser " + " e ".join(bounds)
    for beginning, words in KINDS:
        if error["type"].startswith(beginning):
            return words
    return "não serve"


def _plain(number: float) -> str:
    return f"{number:g}"
