"""The settings about calls that go out: by which carrier, as whom, how many, how often."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from terms import limits
from terms.names import CALLER_NUMBER, LINES

PREFIX: Final = "CENTRAL156_"
HOST_AND_PORT: Final = re.compile(r"[A-Za-z0-9.-]{1,253}:[0-9]{1,5}")


def _trunk(text: str) -> str:
    if text and not HOST_AND_PORT.fullmatch(text):
        raise ValueError("use máquina:porta, como 10.0.0.5:5060; vazio: nada sai")
    return text


def _identities(text: str) -> str:
    split_identities(text)
    return text


def split_identities(text: str) -> dict[str, str]:
    """`156=1131560000,199=…` → line and the number that is shown. ValueError, in Portuguese."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        line, _, number = part.partition("=")
        if line not in LINES or not CALLER_NUMBER.fullmatch(number):
            raise ValueError("use linha=número, como 156=1131560000,199=1131560199")
        found[line] = number
    return found


class OutSettings(BaseSettings):
    """What `Settings` has about calls that go out (callflow/dial_out.py, callflow/call_back.py)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    out_trunk: Annotated[str, AfterValidator(_trunk)] = Field(
        "", description="Operadora que recebe as nossas ligações, máquina:porta; vazio: nada sai."
    )
    out_prefix: Annotated[str, Field(pattern=r"^\+?[0-9]{0,8}$")] = Field(
        "", description="Algarismos antes de cada número discado, como a operadora os quer."
    )
    out_identities: Annotated[str, AfterValidator(_identities)] = Field(
        "", description="Número que o cidadão vê, por linha. Ex.: 156=1131560000,199=1131560199"
    )
    out_area: Annotated[str, Field(pattern="^[1-9][1-9]$")] = Field(
        "11", description="DDD dos números que chegam sem ele."
    )
    out_channels: Annotated[int, Field(ge=1, le=1_000)] = Field(
        limits.OUT_CHANNELS, description="Ligações nossas ao mesmo tempo (199 e 153 à parte)."
    )
    out_per_second: Annotated[int, Field(ge=1, le=100)] = Field(
        limits.OUT_PER_SECOND, description="Ligações nossas iniciadas por segundo."
    )
    out_per_hour: Annotated[int, Field(ge=1, le=100_000)] = Field(
        limits.OUT_PER_HOUR, description="Ligações nossas iniciadas por hora."
    )
    out_per_number: Annotated[int, Field(ge=1, le=20)] = Field(
        limits.OUT_PER_NUMBER, description="Ligações por hora ao mesmo número."
    )
    out_ring_seconds: Annotated[float, Field(ge=5, le=limits.OUT_RING_SECONDS)] = Field(
        limits.OUT_RING_SECONDS, description="Quanto deixar tocar o telefone do cidadão (s)."
    )
    calls_156: Annotated[int, Field(ge=1, le=100_000)] = Field(
        limits.CALLS_156, description="Chamadas do 156 ao mesmo tempo; 199 e 153 não têm limite."
    )
    call_back_tries: Annotated[int, Field(ge=1, le=10)] = Field(
        limits.CALL_BACK_TRIES, description="Tentativas de retorno a quem guardou a vez no 156."
    )
    call_back_apart: Annotated[float, Field(ge=1, le=86_400)] = Field(
        limits.CALL_BACK_APART, description="Segundos entre duas tentativas de retorno."
    )
    call_back_lives: Annotated[float, Field(ge=60, le=7 * 86_400)] = Field(
        limits.CALL_BACK_LIVES, description="Por quantos segundos vale a vez guardada."
    )
    urgent_apart: Annotated[float, Field(ge=1, le=60)] = Field(
        limits.URGENT_APART, description="O mesmo entre as duas tentativas a quem caiu no 199/153."
    )
    resume_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        limits.RESUME_SECONDS,
        description="Quem liga de novo até tantos segundos depois de a ligação cair continua com o "
        "mesmo protocolo e o mesmo lugar; 0: nunca.",
    )
    sticky_seconds: Annotated[float, Field(ge=0, le=30 * 86_400)] = Field(
        limits.STICKY_SECONDS,
        description="Por quantos segundos se prefere o agente que já falou com o cidadão; 0: não.",
    )
