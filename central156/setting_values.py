"""What a setting's value may look like, where a type alone does not say it."""

from __future__ import annotations

import ipaddress
import json
import os
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from terms import services

EXAMPLE_SOURCE: Final = {"exemplo": "sqlite:///exemplo.sqlite"}
"""What look-ups find when nothing else is said: made in the state folder at the start."""

SOURCE_KINDS: Final = ("sqlite", "postgresql+psycopg", "http", "https")


def default_asterisk_dir() -> Path:
    """Where the embedded Asterisk is unpacked when nothing else is said."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "central156" / "asterisk-forky"


def _address(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("deve ser um endereço IP desta máquina, como 127.0.0.1") from None
    return text


def _address_or_none(text: str) -> str:
    return _address(text) if text else text


def _networks(text: str) -> str:
    for one in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise ValueError(f"{one!r} não é uma rede; ex.: 200.1.2.0/24,10.0.0.5") from None
    return text


def _from_text(value: object) -> object:
    """A table comes from the environment as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError('no ambiente é JSON, como {"saude": "https://…"}') from None


def _sources(found: dict[str, str]) -> dict[str, str]:
    for name, address in found.items():
        if not services.NAME.fullmatch(name) or name == services.CENTRAL:
            raise ValueError(f"{name!r} não serve de nome: letras minúsculas, algarismos e _")
        if address.partition("://")[0] not in SOURCE_KINDS:
            raise ValueError(f"{name}: o endereço começa com {', '.join(SOURCE_KINDS)}")
    return found


Port = Annotated[int, Field(ge=1024, le=65535)]
Address = Annotated[str, AfterValidator(_address)]
AddressOrNone = Annotated[str, AfterValidator(_address_or_none)]
Networks = Annotated[str, AfterValidator(_networks)]
Sources = Annotated[dict[str, str], NoDecode, BeforeValidator(_from_text), AfterValidator(_sources)]
"""Name → address. A password in an address would stand in settings.toml: see source secrets."""
