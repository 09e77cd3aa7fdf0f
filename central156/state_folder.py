"""The state folder: made once, with random secrets and a settings file that explains itself."""

from __future__ import annotations

import json
import os
import secrets

from central156.settings import SECRETS, Settings
from central156.settings_work import WorkSettings


def prepare_state(settings: Settings) -> None:
    """Make the state folder, its secrets and its settings file where they are missing."""
    for folder in (
        settings.state_dir,
        settings.secrets_dir,
        settings.recordings_dir,
        settings.rescue_dir / "spool",
        settings.logs_dir,
        settings.run_dir,
    ):
        folder.mkdir(parents=True, exist_ok=True)
    settings.secrets_dir.chmod(0o700)
    for name in SECRETS:
        path = settings.secrets_dir / name
        if not path.exists():
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
    if not settings.settings_file.exists():
        settings.settings_file.write_text(documented_file(settings), encoding="utf-8")


def documented_file(settings: Settings) -> str:
    """The text of settings.toml: every setting with its meaning, defaults commented out."""
    lines = [
        "# Central 156: configurações. O que está comentado é o valor padrão.",
        "# Cada uma também pode vir do ambiente, ex.: CENTRAL156_PORT_BASE=16600.",
        "",
    ]
    fields = Settings.model_fields.items()
    # the machine's own settings first, people's work after them
    for name, field in sorted(fields, key=lambda one: one[0] in WorkSettings.model_fields):
        if name == "state_dir":
            continue
        value = getattr(settings, name)
        chosen = name in settings.model_fields_set
        lines += [f"# {field.description}", f"{'' if chosen else '# '}{name} = {_toml(value)}", ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    # JSON's escapes are TOML's, but for one character.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
