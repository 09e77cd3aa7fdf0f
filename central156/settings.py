"""The settings: one documented file, `settings.toml` in the state folder, plus environment
variables `CENTRAL156_*`. An environment variable beats the file; the file beats the defaults.

    settings = load_settings(state_dir)      # raises SettingsMistakes, all mistakes at once
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
)

from central156 import mistakes
from central156.setting_values import (
    EXAMPLE_SOURCE,
    Address,
    AddressOrNone,
    Networks,
    Port,
    Sources,
    default_asterisk_dir,
)
from central156.settings_data import DataSettings
from central156.settings_file import SettingsMistakes as SettingsMistakes
from central156.settings_file import read_file, refuse_unknown_variables
from central156.settings_out import OutSettings
from central156.settings_recordings import RecordingSettings
from central156.settings_site import SiteSettings
from central156.settings_sms import SmsSettings
from central156.settings_work import PREFIX as PREFIX
from central156.settings_work import WorkSettings
from terms import limits
from terms.protocol_number import RESCUE_RANGES

STATE_DIR_VARIABLE = "CENTRAL156_STATE_DIR"
CHECKOUT = Path(__file__).resolve().parents[1]
DEFAULT_STATE_DIR = CHECKOUT / ".central156"
SECRETS = (
    *("ami_events", "ami_actions", "admin_token", "test_mark", "proof_mark", "proof_agent"),
    "number_key",
    "chain_key",  # signs the heads of facts (vault/signing.py)
)


class Settings(
    WorkSettings, OutSettings, RecordingSettings, DataSettings, SiteSettings, SmsSettings
):
    """Every setting, with its default and its meaning (the texts go into settings.toml)."""

    state_dir: Path = Field(
        DEFAULT_STATE_DIR, description="Pasta onde fica tudo o que a central grava."
    )
    node: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,11}$")] = Field(
        "n1", description="Nome deste nó; cada nó tem os seus blocos de protocolos."
    )
    bind: Address = Field(
        "127.0.0.1",
        description="Endereço de AGI, AMI e API. Só local ou privado: quem chega a eles manda.",
    )
    sip_bind: AddressOrNone = Field(
        "", description="Endereço da telefonia (SIP e áudio); vazio: o mesmo de bind."
    )
    rescue_range: Annotated[int, Field(ge=0, lt=RESCUE_RANGES)] = Field(
        0, description="Faixa de protocolos de reserva deste nó; dois nós nunca usam a mesma."
    )
    port_base: Port = Field(
        15600,
        description="Primeira porta: tronco SIP +0, ramais SIP +2, AGI +4, AMI +5, API HTTP +6.",
    )
    rtp_first: Port = Field(20000, description="Primeira porta de áudio (RTP).")
    rtp_last: Port = Field(29999, description="Última porta de áudio (RTP).")
    phone_check_seconds: Annotated[int, Field(ge=0, le=3600)] = Field(
        limits.PHONE_QUALIFY_EVERY,
        description="A cada quantos segundos se pergunta aos ramais se estão vivos; 0: nunca.",
    )
    trunk_peers: Networks = Field(
        "127.0.0.0/8", description="Redes de onde o tronco pode ligar, separadas por vírgula."
    )
    collect_call_header: str = Field(
        "P-Asserted-Service-Info: Backward collect call",
        description="Cabeçalho SIP de chamada a cobrar (nome: texto contido). Vazio desliga.",
    )
    database_url: str = Field(
        "",
        description="Banco de dados; vazio usa o SQLite da pasta. "
        "Ex.: postgresql+psycopg://usuario@127.0.0.1/central156",
    )
    redis_host: str = Field(
        "",
        description="Redis do espelho do salão (painéis, reserva que só lê); vazio: sem espelho. "
        "Só em rede privada; senha em secrets/redis ou REDISCLI_AUTH.",
    )
    redis_port: Port = Field(6379, description="Porta desse Redis.")
    sources: Sources = Field(
        EXAMPLE_SOURCE,
        description="Onde as consultas dos menus perguntam: nome = endereço (sqlite:///arquivo, "
        "postgresql+psycopg://…, https://…). Um arquivo sem / inicial é da pasta da central; "
        "a senha (ou o token) de NOME fica em secrets/source_NOME.",
    )
    discreet_queues: str = Field(
        "p156_mulher,p156_social",
        description="Filas cujo assunto a consulta por protocolo nunca diz, separadas por vírgula.",
    )
    asterisk_dir: Path = Field(
        default_factory=default_asterisk_dir,
        description="Onde fica o Asterisk embutido, se o sistema não tiver um que sirva.",
    )
    dialplans_dir: Path = Field(
        CHECKOUT / "dialplans", description="Pasta dos menus (YAML) que a central serve."
    )
    serve_folder: bool = Field(
        False,
        description="Publicar a pasta dos menus a cada início, sem dialplan publish nem aprovação "
        "(só para quem desenvolve menus na própria máquina).",
    )
    rollback_on_alarm: bool = Field(
        False,
        description="Voltar sozinha à versão anterior dos menus quando a nova faz mais cidadãos "
        "errarem ou desistirem.",
    )
    sounds_dir: Path = Field(
        CHECKOUT / "sounds" / "recorded", description="Pasta das mensagens gravadas."
    )
    whisper: bool = Field(
        True, description="Dizer ao agente, ao atender, de que linha é a chamada."
    )
    record: bool = Field(True, description="Gravar as chamadas com agentes.")
    watchdog_seconds: Annotated[float, Field(ge=2, le=3600)] = Field(
        limits.WATCHDOG_SECONDS,
        description="Segundos sem sinal de vida depois dos quais o controle é reiniciado.",
    )
    lease_seconds: Annotated[float, Field(ge=2, le=3600)] = Field(
        limits.LEASE_SECONDS,
        description="Pausa (s) depois da qual o controle não age mais: sai e começa de novo.",
    )
    drain_seconds: Annotated[float, Field(ge=0, le=600)] = Field(
        10.0, description="Quanto esperar, ao parar, pelas chamadas em curso."
    )
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = Field(
        "info", description="Detalhe do registro: debug, info, warning ou error."
    )

    @model_validator(mode="after")
    def _ports_fit(self) -> Settings:
        if self.rtp_last - self.rtp_first < 20:
            raise ValueError("rtp_last deve ser maior que rtp_first em pelo menos 20")
        if self.port_base > 65500:
            raise ValueError("port_base deve ser no máximo 65500")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller states, then the environment, then the file of the state folder."""
        given = init_settings()
        folder = given.get("state_dir") or os.environ.get(STATE_DIR_VARIABLE) or DEFAULT_STATE_DIR
        read = InitSettingsSource(settings_cls, read_file(Path(folder) / "settings.toml"))
        return init_settings, env_settings, read

    # --- addresses and ports ---
    @property
    def sip_address(self) -> str:
        """Where citizens call and agents' phones register."""
        return self.sip_bind or self.bind

    @property
    def trunk_port(self) -> int:
        """Where the trunk (and so a citizen's test phone) calls, SIP over UDP."""
        return self.port_base

    @property
    def agents_port(self) -> int:
        """Where agents' phones register, SIP over UDP."""
        return self.port_base + 2

    @property
    def agi_port(self) -> int:
        """Where the switch asks for a call's next step."""
        return self.port_base + 4

    @property
    def ami_port(self) -> int:
        """Where the switch speaks of what happens on it."""
        return self.port_base + 5

    @property
    def http_port(self) -> int:
        """The HTTP API."""
        return self.port_base + 6

    @property
    def api_url(self) -> str:
        """The API's address, without a slash at its end."""
        return f"http://{self.bind}:{self.http_port}"

    # --- folders and files ---
    @property
    def is_default_state_dir(self) -> bool:
        """Whether commands find this state folder without being told."""
        return self.state_dir == DEFAULT_STATE_DIR

    @property
    def settings_file(self) -> Path:
        """The documented settings file."""
        return self.state_dir / "settings.toml"

    @property
    def secrets_dir(self) -> Path:
        """Random secrets, one a file, readable by the owner alone."""
        return self.state_dir / "secrets"

    @property
    def switch_dir(self) -> Path:
        """Everything that Asterisk writes and reads of ours."""
        return self.state_dir / "asterisk"

    @property
    def recordings_dir(self) -> Path:
        """Recordings, a folder a day."""
        return self.state_dir / "recordings"

    @property
    def papers_dir(self) -> Path:
        """Where reports are while they are made."""
        return self.state_dir / "reports"

    @property
    def journal_dir(self) -> Path:
        """What happened, before the database has it: one folder a node."""
        return self.state_dir / "journal"

    @property
    def rescue_dir(self) -> Path:
        """The rescue script's counter and its spool of records."""
        return self.state_dir / "rescue"

    @property
    def logs_dir(self) -> Path:
        """Our own logs."""
        return self.state_dir / "logs"

    @property
    def heads_dir(self) -> Path:
        """Signed heads of the facts' chain, a file a day."""
        return self.state_dir / "heads"

    @property
    def run_dir(self) -> Path:
        """Lock and process ids."""
        return self.state_dir / "run"

    @property
    def store_url(self) -> str:
        """The database that is really used."""
        return self.database_url or f"sqlite:///{self.state_dir / 'store.sqlite'}"

    def secret(self, name: str) -> str:
        """One of SECRETS. FileNotFoundError before `prepare_state` has run."""
        return (self.secrets_dir / name).read_text().strip()


def load_settings(state_dir: Path | None = None, **given: Any) -> Settings:
    """The settings in force for this state folder; folders come back absolute.

    Raises SettingsMistakes naming every wrong value, in Portuguese.
    """
    if state_dir is not None:
        given["state_dir"] = state_dir
    refuse_unknown_variables(PREFIX, Settings.model_fields)
    try:
        found = Settings(**given)
    except ValidationError as wrong:
        told = [mistakes.sentence(one, PREFIX, Settings.model_fields) for one in wrong.errors()]
        raise SettingsMistakes(told) from None
    folders = ("state_dir", "asterisk_dir", "dialplans_dir", "sounds_dir")
    resolved = found.model_copy(
        update={name: Path(getattr(found, name)).expanduser().absolute() for name in folders}
    )
    # A default that was made absolute has not been chosen: settings.toml must not fix it.
    resolved.model_fields_set.intersection_update(found.model_fields_set)
    return resolved
