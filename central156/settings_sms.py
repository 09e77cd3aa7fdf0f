"""The settings about text messages (SMS): through which carrier, as whom, how fast."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from central156.settings_out import HOST_AND_PORT
from terms.limits import SMS_RATE
from terms.names import EMERGENCY_LINES, LINES

PREFIX: Final = "CENTRAL156_"


NEVER, AGREED, ALWAYS = "nunca", "se_aceitou", "sempre"
"""Whether a line's callers get their protocol number as a text after the call (R50)."""


def _by_line(text: str) -> str:
    rules = split_rules(text)
    if wrong := sorted(set(rules) - set(LINES)):
        raise ValueError(f"não há a linha {wrong[0]!r}; use 156, 199 e 153")
    if wrong := sorted(set(rules.values()) - {NEVER, AGREED, ALWAYS}):
        raise ValueError(f"regra inválida: {wrong[0]!r}; use {NEVER}, {AGREED} ou {ALWAYS}")
    if wrong := sorted(line for line in EMERGENCY_LINES if rules.get(line) == ALWAYS):
        raise ValueError(f"na linha {wrong[0]} só quem aceitou pode receber: use {AGREED}")
    return text


def split_rules(text: str) -> dict[str, str]:
    """By line: `156=se_aceitou, 199=nunca`. A line that is not named sends to nobody."""
    pairs = (one.partition("=") for one in text.split(",") if one.strip())
    return {line.strip(): rule.strip() for line, _, rule in pairs}


def _smsc(text: str) -> str:
    if text and not HOST_AND_PORT.fullmatch(text):
        raise ValueError("use máquina:porta, como 10.0.0.9:2775; vazio: não há SMPP")
    return text


def _web(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise ValueError("use https://servidor/caminho; vazio: não há provedor HTTP")
    return text


class SmsSettings(BaseSettings):
    """What `Settings` has about text messages (central156/sms_acts.py, sms/, outside/)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    sms_smpp: Annotated[str, AfterValidator(_smsc)] = Field(
        "",
        description="Operadora de SMS por SMPP 3.4, máquina:porta; vazio: não há. A senha fica em "
        "secrets/sms_password.",
    )
    sms_system_id: Annotated[str, Field(pattern="^[!-~]{0,15}$")] = Field(
        "", description="Usuário nessa operadora (system_id)."
    )
    sms_system_type: Annotated[str, Field(pattern="^[!-~]{0,12}$")] = Field(
        "", description="O system_type, se a operadora pede um."
    )
    sms_tls: bool = Field(False, description="SMPP cifrado (TLS), onde a operadora o oferece.")
    sms_long: Literal["udh", "payload"] = Field(
        "udh",
        description="Textos longos: udh (cortados por nós) ou payload (a operadora corta).",
    )
    sms_http: Annotated[str, AfterValidator(_web)] = Field(
        "",
        description="Provedor de SMS por HTTP, em vez de SMPP; vazio: não há. O token fica em "
        "secrets/sms_token.",
    )
    sms_http_keeps_ids: bool = Field(
        False, description="O provedor promete não repetir um Idempotency-Key já aceito."
    )
    sms_sender: Annotated[str, Field(pattern="^(?:[0-9]{2,15}|[A-Za-z0-9 ]{1,11})$")] = Field(
        "156", description="Remetente que o celular mostra: número curto, ou nome de até 11 letras."
    )
    sms_prefix: Annotated[str, Field(pattern=r"^\+?[0-9]{0,4}$")] = Field(
        "55", description="O que vai antes do DDD, como a operadora quer os números."
    )
    sms_rate: Annotated[float, Field(ge=0.5, le=500)] = Field(
        SMS_RATE, description="Mensagens por segundo, no máximo."
    )
    sms_protocol: Annotated[str, AfterValidator(_by_line)] = Field(
        "156=se_aceitou,199=nunca,153=nunca",
        description="Por linha, quem recebe o protocolo por SMS depois de atendido: nunca, "
        "se_aceitou ou sempre.",
    )
    sms_result: Annotated[str, Field(pattern="^[a-z0-9_-]{0,32}$")] = Field(
        "",
        description="O resultado (de `results`) com que o agente diz que o cidadão aceitou o "
        "protocolo por SMS; vazio: nenhum.",
    )
    sms_never_queues: str = Field(
        "p156_mulher",
        description="Filas cujos cidadãos não recebem SMS, separadas por vírgula.",
    )
