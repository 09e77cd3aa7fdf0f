"""The settings about recordings: sealed or not, where, and for how long each class is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from central156.setting_values import _from_text
from terms.limits import RECORDING_ONLINE_DAYS

PREFIX: Final = "CENTRAL156_"

TALK_CLASSES: Final = ("atendimento", "emergencia", "consulta")
"""What an agent says: never less on line than the contract asks for (3.5.3)."""

CLASSES: Final = (*TALK_CLASSES, "recado", "teste")
TO_THE_END: Final = "contrato"
DAYS_MOST: Final = 36_500
_KEPT: Final = re.compile(rf"([0-9]{{1,5}})/([0-9]{{1,5}}|{TO_THE_END})")
_URL: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,200}")


@dataclass(frozen=True, slots=True)
class Kept:
    """How long a class is kept: days on line, and days in all (None: to the contract's end)."""

    online: int
    days: int | None


def _retention(table: dict[str, str]) -> dict[str, str]:
    kept_by_class(table)
    return table


def kept_by_class(table: dict[str, str]) -> dict[str, Kept]:
    """`{"atendimento": "90/contrato", …}` read. ValueError, in Portuguese."""
    found = {}
    for name, text in table.items():
        read = _KEPT.fullmatch(text)
        if name not in CLASSES:
            raise ValueError(f"{name!r} não é uma classe de gravação: {', '.join(CLASSES)}")
        if read is None:
            raise ValueError(f"{name}: use dias no ar/dias ao todo, como 90/1825 ou 90/contrato")
        online = int(read[1])
        days = None if read[2] == TO_THE_END else int(read[2])
        if name in TALK_CLASSES and online < RECORDING_ONLINE_DAYS:
            raise ValueError(f"{name}: ao menos {RECORDING_ONLINE_DAYS} dias no ar (3.5.3)")
        if days is not None and not online <= days <= DAYS_MOST:
            raise ValueError(f"{name}: os dias ao todo incluem os dias no ar")
        found[name] = Kept(online, days)
    if missing := [name for name in CLASSES if name not in found]:
        raise ValueError(f"falta a classe {', '.join(missing)}")
    return found


def _day(text: str) -> str:
    if text:
        try:
            date.fromisoformat(text)
        except ValueError:
            raise ValueError("use uma data, como 2031-06-30; vazio: sem fim marcado") from None
    return text


def _url(text: str) -> str:
    if text and not _URL.fullmatch(text):
        raise ValueError("use http(s)://máquina:porta, sem barra no fim")
    return text


RETENTION: Final = {
    "atendimento": "90/contrato",
    "emergencia": "90/contrato",
    "consulta": "90/contrato",
    "recado": "90/contrato",
    "teste": "7/7",
}


class RecordingSettings(BaseSettings):
    """What `Settings` has about recordings (vault/, central156/recordings.py)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    seal_recordings: bool = Field(
        True, description="Cifrar cada gravação logo depois da chamada (só para testes: false)."
    )
    recordings_key: str = Field(
        "",
        description="Arquivo da chave-mestra das gravações; vazio: secrets/recordings_master. "
        "Guarde cópia fora daqui: sem ela nenhuma gravação se ouve.",
    )
    archive_dir: str = Field(
        "", description="Pasta do arquivo de gravações antigas; vazio: archive na pasta da central."
    )
    retention: Annotated[
        dict[str, str], NoDecode, BeforeValidator(_from_text), AfterValidator(_retention)
    ] = Field(
        RETENTION,
        description="Guarda das gravações por classe: dias no ar/dias ao todo (ou contrato: até "
        "contract_ends). Conversas com agentes: ao menos 90 no ar.",
    )
    contract_ends: Annotated[str, AfterValidator(_day)] = Field(
        "", description="Último dia do contrato, como 2031-06-30; vazio: nada vence com ele."
    )
    public_url: Annotated[str, AfterValidator(_url)] = Field(
        "",
        description="Endereço desta API visto pelo sistema da Prefeitura, para os endereços das "
        "gravações; vazio: o de bind.",
    )
