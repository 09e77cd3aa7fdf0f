"""The settings about personal data: how old it gets (Lei 13.709/2018, arts. 15 and 16)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from central156.settings_recordings import DAYS_MOST, PREFIX
from terms.limits import CONTACT_DAYS, NUMBER_DAYS, TEXT_DAYS, TYPED_DAYS

Days = Annotated[int, Field(ge=0, le=DAYS_MOST)]


class DataSettings(BaseSettings):
    """What `Settings` has about personal data (central156/data_retention.py)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    typed_days: Days = Field(
        TYPED_DAYS,
        description="Dias que fica guardado o que os cidadãos digitam (CPF, códigos); 0: para "
        "sempre. Dois anos: uma reclamação e o que dela segue já terminaram.",
    )
    number_days: Days = Field(
        NUMBER_DAYS,
        description="Dias que ficam guardados os números de quem ligou; 0: para sempre. Cinco "
        "anos: até quando se pode cobrar algo da Prefeitura (Decreto 20.910/1932).",
    )
    contact_days: Days = Field(
        CONTACT_DAYS,
        description="Dias que ficam guardados números e campos de quem as campanhas chamaram, "
        "depois de encerrado o contato; 0: para sempre. As contagens ficam.",
    )
    text_days: Days = Field(
        TEXT_DAYS,
        description="Dias que ficam guardados números e textos das mensagens (SMS), enviadas e "
        "recebidas; 0: para sempre. O registro de cada uma fica (3.11).",
    )
    complaint_queues: str = Field(
        "p156_ouvidoria",
        description="Filas em que se reclama de alguém: como nas discretas, quem ligou só é visto "
        "por auditores e por quem as tem no recorte (Lei 13.460, art. 10).",
    )
