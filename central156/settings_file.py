"""Where settings are read from, and what is said when they cannot be used."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from central156 import mistakes


class SettingsMistakes(Exception):
    """The settings cannot be used. `mistakes` are sentences in Portuguese, one for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def read_file(path: Path) -> dict[str, Any]:
    """The settings of this file; none when there is no file. SettingsMistakes."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SettingsMistakes([f"{path}: {mistakes.not_toml(wrong)}"]) from None


def refuse_unknown_variables(prefix: str, names: Collection[str]) -> None:
    """Every variable of ours in the environment must name a setting. SettingsMistakes."""
    known = {prefix + name.upper() for name in names}
    unknown = sorted(name for name in os.environ if name.startswith(prefix) and name not in known)
    if unknown:
        raise SettingsMistakes(
            [
                f"variável de ambiente desconhecida: {name}"
                f"{mistakes.nearest(name, known) or '; veja settings.toml'}"
                for name in unknown
            ]
        )
