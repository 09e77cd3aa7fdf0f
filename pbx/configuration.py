"""Asterisk's configuration: the templates of asterisk-conf/ filled with our settings.

It is written anew at every start, so nobody edits it there; agents lie in a file of their own
(`write_agents`, then `reload("res_pjsip.so")`), because they come and go while calls go on.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path

from pbx.dialplan_limits import DIALPLAN_LIMITS
from pbx.out_trunks import TRUNKS_DIALPLAN, TRUNKS_PJSIP, WayOutRefused, dialplan_text, pjsip_text
from pbx.rescue_agi import COUNTER, SPOOL
from pbx.switch_install import Installation
from pbx.switch_settings import SwitchSettings
from pbx.way_out import trunks_of, way_out
from terms.names import is_agent_name
from terms.protocol_number import RESCUE_RANGE_SIZE

CHECKOUT = Path(__file__).resolve().parents[1]
TEMPLATES = CHECKOUT / "asterisk-conf"
AGENT_TEMPLATE = "pjsip_agent.conf"
AGENTS_FILE = "pjsip_agents.conf"
OF_TRUNKS = ("extensions_out.conf", "extensions_talk.conf")
"""The templates in which something of the first trunk stands."""
RESCUE_SCRIPT = "c156-rescue"
REALM = "central156"  # of the phones' passwords; pjsip.conf names it too
PROMPT_NAMES = ("login", "logout", "pause", "resume", "wait", "message", "thanks")
"""What the dialplan itself says: the answers to an agent's phone codes, and on the static path
what is heard while waiting, before a message, and after it."""

_PLACEHOLDER = re.compile(r"@([A-Z][A-Z0-9_]*)@")
_PLAIN_VALUE = re.compile(r"[^\x00-\x1f;]*")
_SECRET = re.compile(r"[A-Za-z0-9_-]{8,128}")
_PATH = re.compile(r"[\w ./@+~=-]*")  # in the dialplan; what else it could mean there is refused
_DIGEST = re.compile(r"[0-9a-f]{32}")


class ConfigurationRefused(Exception):
    """A setting cannot stand in Asterisk's configuration; the message says which and why."""


@dataclass(frozen=True, slots=True)
class AgentAccount:
    """A phone account. `secret_digest` is MD5(name:central156:password), as hexadecimal."""

    name: str
    secret_digest: str = field(repr=False)


def secret_digest(name: str, password: str) -> str:
    """What stands for a phone's password, here and in the store, so that it lies nowhere."""
    return md5(f"{name}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


def write_configuration(
    settings: SwitchSettings,
    installation: Installation,
    boot: str,
    agents: Iterable[AgentAccount] | None = None,
) -> None:
    """Write everything that Asterisk reads at its start. `boot` is new at every start.

    `agents` None keeps the phone accounts of the last start. Raises ConfigurationRefused.
    """
    for folder in (settings.etc, settings.run, settings.spool, settings.log, settings.db):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    for folder in (settings.keys, settings.agi, settings.cel_file.parent, settings.recordings_dir):
        folder.mkdir(parents=True, exist_ok=True)
    (settings.rescue_dir / SPOOL).mkdir(parents=True, exist_ok=True)
    _begin_rescue_counter(settings)
    values = _values(settings) | {
        "BOOT": boot,
        "MODULES_DIR": str(installation.modules),
        "DATA_DIR": str(installation.data),
        "MUSIC_DIR": str(installation.music),
    }
    for template in sorted(TEMPLATES.glob("*.conf")):
        if template.name != AGENT_TEMPLATE:
            text = _fill(template.read_text(encoding="utf-8"), values, template.name)
            _write_private(settings.etc / template.name, text)
    (settings.etc / TRUNKS_DIALPLAN).touch(mode=0o600)
    write_trunks(settings)
    if agents is not None or not (settings.etc / AGENTS_FILE).exists():
        write_agents(settings, agents or ())
    _write_rescue_script(settings)


def write_agents(settings: SwitchSettings, agents: Iterable[AgentAccount]) -> bool:
    """Write the agents' phone accounts; whether they differ from those that were there.

    `reload("res_pjsip.so")` makes Asterisk read them. Raises ConfigurationRefused.
    """
    template = (TEMPLATES / AGENT_TEMPLATE).read_text(encoding="utf-8")
    parts = ["; Written by pbx/configuration.py from the agents of the store.\n"]
    for agent in sorted(agents, key=lambda agent: agent.name):
        if not is_agent_name(agent.name):
            raise ConfigurationRefused(f"nome de agente inválido: {agent.name!r}")
        if not _DIGEST.fullmatch(agent.secret_digest):
            raise ConfigurationRefused(f"resumo da senha inválido do agente {agent.name}")
        values = {"AGENT": agent.name, "DIGEST": agent.secret_digest}
        parts.append(_fill(template, values, AGENT_TEMPLATE))
    file, text = settings.etc / AGENTS_FILE, "".join(parts)
    settings.etc.mkdir(parents=True, exist_ok=True)
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return False
    _write_private(file, text)
    return True


def write_trunks(settings: SwitchSettings) -> bool:
    """Write the ways out, and what else of the dialplan depends on them; whether anything differs
    from what was there. Where Asterisk was never started, its first start writes them.

    A reload of res_pjsip.so and of pbx_config.so makes Asterisk read them, beside the calls in
    course. Nothing is written unless all of it can be. Raises ConfigurationRefused.
    """
    if not (settings.etc / TRUNKS_DIALPLAN).exists():
        return False
    values = _values(settings)  # refuses a trunk that is wrong
    trunks = trunks_of(settings)
    texts = {
        name: _fill((TEMPLATES / name).read_text(encoding="utf-8"), values, name)
        for name in OF_TRUNKS
    }
    texts |= {TRUNKS_PJSIP: pjsip_text(trunks), TRUNKS_DIALPLAN: dialplan_text(trunks)}
    changed = False
    for name, text in texts.items():
        file = settings.etc / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            _write_private(file, text)
            changed = True
    return changed


def _values(settings: SwitchSettings) -> dict[str, str]:
    """What stands for each @NAME@ of the templates, wherever Asterisk lies."""
    for secret in (
        settings.events_secret,
        settings.actions_secret,
        settings.test_mark,
        settings.proof_mark,
    ):
        if not _SECRET.fullmatch(secret):
            raise ConfigurationRefused("um segredo tem caracteres que o Asterisk não aceita")
    header, text = _collect_mark(settings.collect_call_header)
    values: dict[str, object] = {
        "ETC": settings.etc,
        "AGI_DIR": settings.agi,
        "DB_DIR": settings.db,
        "KEYS_DIR": settings.keys,
        "SPOOL_DIR": settings.spool,
        "RUN_DIR": settings.run,
        "LOG_DIR": settings.log,
        "RECORDINGS_DIR": settings.recordings_dir,
        "NODE": settings.node,
        "OPEN_FILES": settings.open_files,
        "BIND": settings.bind,
        "SIP_BIND": settings.sip_address,
        "BIND_NETWORK": ipaddress.ip_network(settings.bind),
        "TRUNK_PORT": settings.trunk_port,
        "AGENTS_PORT": settings.agents_port,
        "AMI_PORT": settings.ami_port,
        "AGI_URL": f"agi://{settings.agi_host}:{settings.agi_port}/step",
        "RTP_FIRST": settings.rtp_first,
        "RTP_LAST": settings.rtp_last,
        "RTP_TIMEOUT": settings.rtp_timeout,
        "RTP_TIMEOUT_HOLD": settings.rtp_timeout_hold,
        "TRUNK_PEERS": _networks(settings.trunk_peers),
        "QUALIFY_SECONDS": settings.qualify_seconds,
        "EVENTS_SECRET": settings.events_secret,
        "ACTIONS_SECRET": settings.actions_secret,
        "TEST_MARK": settings.test_mark,
        "PROOF_MARK": settings.proof_mark,
        "COLLECT_HEADER": header,
        "COLLECT_TEXT": text,
        "CAP_156": settings.cap_156,
        **_way_out(settings),
        "RECORD": "yes" if settings.record else "no",
        "TIME_ZONE": settings.time_zone,
        "RING_SECONDS": round(settings.ring_seconds),
        **DIALPLAN_LIMITS,
    }
    for name in PROMPT_NAMES:
        values[f"PROMPT_{name.upper()}"] = settings.prompts.get(name, "")
    texts = {name: str(value) for name, value in values.items()}
    for name, text in texts.items():
        if (name.startswith("PROMPT_") or name == "RECORDINGS_DIR") and not _PATH.fullmatch(text):
            raise ConfigurationRefused(f"caminho com caracteres que o Asterisk não aceita: {text}")
    return texts


def _way_out(settings: SwitchSettings) -> dict[str, object]:
    try:
        return way_out(settings)
    except WayOutRefused as refused:
        raise ConfigurationRefused(str(refused)) from None


def _collect_mark(setting: str) -> tuple[str, str]:
    """`Name: text` → the header to read and the pattern that its upper-case text must hold."""
    name, _, text = setting.partition(":")
    name, text = name.strip(), text.strip()
    if not name or not text:
        return "X-Central156-Collect", ".^"  # a pattern that no text fits
    if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not re.fullmatch(r"[\w .=-]+", text):
        raise ConfigurationRefused(f"cabeçalho de chamada a cobrar inválido: {setting!r}")
    return name, text.upper().replace(".", "[.]")


def _networks(peers: str) -> str:
    """The carriers' networks, checked, as one comma list."""
    parts = [part.strip() for part in peers.split(",") if part.strip()]
    try:
        return ",".join(str(ipaddress.ip_network(part, strict=False)) for part in parts)
    except ValueError as wrong:
        raise ConfigurationRefused(f"rede do tronco inválida: {wrong}") from None


def _fill(template: str, values: Mapping[str, str], where: str) -> str:
    """The template with every @NAME@ replaced; refuses values that could add lines of their own."""

    def value_of(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values:
            raise ConfigurationRefused(f"{where}: @{name}@ não tem valor")
        if not _PLAIN_VALUE.fullmatch(values[name]):
            raise ConfigurationRefused(f"{where}: o valor de {name} tem caracteres proibidos")
        return values[name]

    return _PLACEHOLDER.sub(value_of, template)


def _begin_rescue_counter(settings: SwitchSettings) -> None:
    """The node's reserved numbers begin where its range does; a counter that is there stays."""
    counter = settings.rescue_dir / COUNTER
    if not counter.exists():
        _write_private(counter, f"{settings.rescue_range * RESCUE_RANGE_SIZE}\n")


def _write_rescue_script(settings: SwitchSettings) -> None:
    """The few lines by which Asterisk starts pbx/rescue_agi.py with our Python.

    -I -S: nothing of the caller's environment, and no scan of site-packages, which would cost
    more than the script itself. So the folders it imports from are given. pyst2 uses pprint for a
    log that we throw away; the real one would be a quarter of the whole start.
    """
    import asterisk.agi  # noqa: PLC0415  (only to learn where pyst2 lies)
    import six  # noqa: PLC0415

    sources = {str(CHECKOUT), str(Path(asterisk.agi.__file__).parents[1])}
    sources.add(str(Path(six.__file__).parent))
    code = (
        f"import sys; sys.path[:0] = {sorted(sources)!r}; "
        "plain = type(sys)('pprint'); plain.pformat = repr; sys.modules['pprint'] = plain; "
        f"from pbx.rescue_agi import main; main({str(settings.rescue_dir)!r}, *sys.argv[1:])"
    )
    script = settings.agi / RESCUE_SCRIPT
    _write_private(
        script,
        "#!/bin/sh\n# Written by pbx/configuration.py: starts pbx/rescue_agi.py.\n"
        f'exec {shlex.quote(str(settings.python))} -I -S -c {shlex.quote(code)} "$@"\n',
    )
    script.chmod(0o700)


def _write_private(path: Path, text: str) -> None:
    """Write by rename, readable by us alone: most of these files hold a secret."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
