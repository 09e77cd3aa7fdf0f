"""The settings that tell two sites apart whose stores may be merged one day (R82)."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from terms.protocol_number import CITY_NUMBER, RESCUE_FIRST

PREFIX: Final = "CENTRAL156_"
LOWEST: Final = 1_000  # 00000000 looks like a mistake when it is read out
Number = Annotated[int, Field(ge=LOWEST, lt=RESCUE_FIRST)]


class SiteSettings(BaseSettings):
    """What `Settings` has about its site."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    site: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,11}$")] = Field(
        "sp1",
        description="Nome deste sítio; dois sítios nunca têm o mesmo, e um sítio nunca muda o seu.",
    )
    protocol_first: Number = Field(
        LOWEST, description="Primeiro número de protocolo deste sítio, sem o dígito verificador."
    )
    protocol_last: Number = Field(
        RESCUE_FIRST - 1,
        description="Último número de protocolo deste sítio; dois sítios não repartem faixa.",
    )

    protocol_pattern: str = Field(
        CITY_NUMBER.pattern,
        description="Que número do sistema da cidade se aceita (expressão regular, só "
        "algarismos), quando é ele quem numera; outro não é dito a ninguém.",
    )

    @field_validator("protocol_pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error:
            raise ValueError("não é uma expressão regular, ex.: 2[0-9]{9}") from None
        return pattern

    @model_validator(mode="after")
    def _numbers_in_order(self) -> SiteSettings:
        if self.protocol_last < self.protocol_first:
            raise ValueError("protocol_last deve ser maior que protocol_first")
        return self

    @property
    def numbers(self) -> range:
        """The site's own protocol numbers, without their check digits."""
        return range(self.protocol_first, self.protocol_last + 1)
