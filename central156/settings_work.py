"""The settings about people's work: what a call's results may be called, how long a rest lasts."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from terms.limits import DESGASTE_SECONDS, DISPOSITIONS_MAX

PREFIX: Final = "CENTRAL156_"
RESULT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


def _results(text: str) -> str:
    names = split_results(text)
    wrong = [name for name in names if not RESULT.fullmatch(name)]
    if wrong:
        raise ValueError(
            f"resultado inválido: {wrong[0]!r}; use letras minúsculas sem acento, algarismos, - e _"
        )
    if not 1 <= len(names) <= DISPOSITIONS_MAX or len(set(names)) < len(names):
        raise ValueError(f"de 1 a {DISPOSITIONS_MAX} resultados, sem repetir")
    return text


def split_results(text: str) -> tuple[str, ...]:
    """The names in a list with commas; the first has the key 1."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


class WorkSettings(BaseSettings):
    """What `Settings` has beside the machine's own settings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    results: Annotated[str, AfterValidator(_results)] = Field(
        "resolvido,registrado,encaminhado,informado,engano,trote,caiu,outro",
        description="Resultados que um atendimento pode ter, separados por vírgula; o primeiro "
        "tem o código *181, o segundo *182, …",
    )
    strain_minutes: Annotated[int, Field(ge=1, le=60)] = Field(
        round(DESGASTE_SECONDS / 60),
        description="Minutos da pausa «desgaste», depois de uma chamada abusiva (código *17).",
    )
