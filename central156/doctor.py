"""Looks the whole installation over: `check(settings)` says what is well and what to do if not.

It looks and changes nothing; a centre that is up may be looked at while it serves.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import socket
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from central156.cli.words import MIRRORS
from central156.mirror import address_of, trouble_with
from central156.plans import read_plans
from central156.plugs import VoicePlug
from central156.settings import SECRETS, Settings
from central156.state_folder import prepare_state
from central156.switch import switch_settings
from central156.version_watch import alarm_in
from central156.what_serves import differs
from pbx.configuration import PROMPT_NAMES
from pbx.preflight import Finding, check_switch
from pbx.switch_install import LOWEST_VERSION, find_embedded, find_system
from reader import DialplanMistakes
from terms.limits import DISK_FREE_BYTES, OPEN_FILES, SHOWN_PROBLEMS
from terms.names import LINES
from voice.library import RECORDED_HERE, Library, PromptsBroken

__all__ = ["Finding", "check", "ports", "running", "sound_ports"]

_GIGABYTE: Final = 1024**3
_UDP, _TCP = socket.SOCK_DGRAM, socket.SOCK_STREAM
_REFUSED: Final = {
    errno.EADDRINUSE: (
        "em uso por outro programa",
        "Pare o outro programa, ou mude port_base em settings.toml "
        "(ou CENTRAL156_PORT_BASE no ambiente).",
    ),
    errno.EADDRNOTAVAIL: (
        "este endereço não é desta máquina",
        "Mude bind ou sip_bind em settings.toml para um endereço desta máquina.",
    ),
}
"""Why a port cannot be had, and what to do."""


def check(settings: Settings) -> list[Finding]:
    """All findings, in the order in which they should be mended. Blocking: a few seconds."""
    return [
        _settings(settings),
        running(settings),
        *_switch(settings),
        *ports(settings),
        _disk(settings),
        _open_files(),
        sound_ports(settings),
        _host_name(),
        _prompts(settings),
        _dialplans(settings),
        _alarm(settings),
        *_mirror(settings),
    ]


def _settings(settings: Settings) -> Finding:
    what, file = "configuração", settings.settings_file
    missing = [name for name in SECRETS if not (settings.secrets_dir / name).is_file()]
    if not file.exists():
        return Finding(True, what, f"{file} ainda não existe: valem os valores padrão")
    try:
        tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        return Finding(False, what, f"{file}: {wrong}", "Corrija o arquivo.")
    if missing:
        advice = "Rode `central156 run`: os segredos que faltam são criados."
        return Finding(False, what, f"faltam segredos: {', '.join(missing)}", advice)
    if settings.secrets_dir.stat().st_mode & 0o077:
        return Finding(
            False,
            what,
            "outros usuários podem ler os segredos",
            f"chmod 700 {settings.secrets_dir}",
        )
    return Finding(True, what, str(file))


def _mirror(settings: Settings) -> list[Finding]:
    address = address_of(settings)
    if address is None:
        return []
    what, where = "espelho do salão (Redis)", f"{settings.redis_host}:{settings.redis_port}"
    if (trouble := trouble_with(address)) is None:
        return [Finding(True, what, where)]
    advice = "Confira redis_host, redis_port e secrets/redis; as ligações não dependem dele."
    return [Finding(False, what, f"{where}: {MIRRORS[trouble]}", advice)]


def _switch(settings: Settings) -> list[Finding]:
    installation = find_system() or find_embedded(settings.asterisk_dir)
    if installation is None:
        lowest = ".".join(str(part) for part in LOWEST_VERSION)
        detail = f"nenhum a partir da versão {lowest}, no sistema ou em {settings.asterisk_dir}"
        return [Finding(False, "Asterisk instalado", detail, "Rode `make run`: ele baixa um.")]
    if all((settings.secrets_dir / name).is_file() for name in SECRETS):
        return check_switch(switch_settings(settings), installation)
    with tempfile.TemporaryDirectory(prefix="central156-doctor-") as folder:
        # Before the first run there are no secrets; Asterisk can be tried all the same.
        tried = settings.model_copy(update={"state_dir": Path(folder)})
        prepare_state(tried)
        return check_switch(switch_settings(tried), installation)


def running(settings: Settings) -> Finding:
    """Whether the centre is up. Both are well, but whoever seeks a fault must know which it is."""
    try:
        with socket.create_connection((settings.bind, settings.http_port), timeout=1.0):
            up = _held_by_us(settings, settings.http_port, _TCP)
    except OSError:
        up = False
    return Finding(True, "central", "no ar" if up else "parada; para ligar: central156 run")


def ports(settings: Settings) -> list[Finding]:
    """Whether each port is free, or held by this very centre."""
    wanted = (
        ("porta do tronco SIP", settings.trunk_port, _UDP),
        ("porta dos ramais SIP", settings.agents_port, _UDP),
        ("porta AGI", settings.agi_port, _TCP),
        ("porta AMI", settings.ami_port, _TCP),
        ("porta da API HTTP", settings.http_port, _TCP),
    )
    return [_port(settings, *one) for one in wanted]


def _port(settings: Settings, what: str, port: int, kind: socket.SocketKind) -> Finding:
    address = settings.sip_address if kind == _UDP else settings.bind
    try:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == _TCP:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as refused:
        if _held_by_us(settings, port, kind):
            return Finding(True, what, f"{port}: em uso por esta central")
        found, advice = _REFUSED.get(refused.errno or 0, (refused.strerror or "", "Mude a porta."))
        return Finding(False, what, f"{address}:{port}: {found}", advice)
    return Finding(True, what, f"{port}: livre")


def _held_by_us(settings: Settings, port: int, kind: socket.SocketKind) -> bool:
    """Whether a process that was started for this state folder holds the port."""
    inodes = set(_inodes(port, kind))
    state = os.fsencode(settings.state_dir)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if state not in (process / "cmdline").read_bytes():
                continue
            for descriptor in (process / "fd").iterdir():
                if os.readlink(descriptor) in inodes:
                    return True
        except OSError:
            continue  # it has ended, or is another user's
    return False


def _inodes(port: int, kind: socket.SocketKind) -> Iterator[str]:
    """The open sockets on this port, as /proc names them."""
    table = Path("/proc/net/tcp" if kind == _TCP else "/proc/net/udp")
    for line in table.read_text().splitlines()[1:]:
        words = line.split()
        listens = kind == _UDP or words[3] == "0A"
        if listens and words[1].endswith(f":{port:04X}"):
            yield f"socket:[{words[9]}]"


def _disk(settings: Settings) -> Finding:
    folder = settings.state_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{free / _GIGABYTE:.1f} GB livres em {folder}".replace(".", ",", 1)
    if not os.access(folder, os.W_OK):
        return Finding(False, "disco", f"sem permissão de escrita em {folder}", "Mude a pasta.")
    if free < DISK_FREE_BYTES:
        advice = "Libere espaço: sem ele, gravações são cortadas e protocolos não são dados."
        return Finding(False, "disco", detail, advice)
    return Finding(True, "disco", detail)


def _open_files() -> Finding:
    what = "limite de arquivos abertos"
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < OPEN_FILES and os.geteuid() != 0:
        advice = (
            f"Aumente para {OPEN_FILES}: em /etc/security/limits.conf, ou LimitNOFILE= no serviço. "
            "Com menos, chamadas falham a partir de umas dezenas."
        )
        return Finding(False, what, str(hard), advice)
    return Finding(True, what, "ilimitado" if hard == resource.RLIM_INFINITY else str(hard))


def sound_ports(settings: Settings) -> Finding:
    """156 and our own calls alone must not be able to take every port for sound (R31)."""
    what = "portas de áudio"
    legs = (settings.rtp_last - settings.rtp_first + 1) // 2  # one for RTP, one for RTCP
    capped = settings.calls_156 + settings.out_channels
    detail = f"{settings.rtp_first} a {settings.rtp_last}: para {legs} telefones ao mesmo tempo"
    if legs <= capped:
        advice = (
            f"O 156 e as ligações da central podem ocupar {capped}, e cada conversa ocupa dois: o "
            "199 e o 153 ficariam sem áudio. Aumente rtp_last, ou diminua calls_156."
        )
        return Finding(False, what, detail, advice)
    return Finding(True, what, detail)


def _host_name() -> Finding:
    what, name = "nome desta máquina", socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        advice = f"Acrescente a /etc/hosts a linha: 127.0.1.1 {name}"
        return Finding(False, what, f"{name} não tem endereço", advice)
    return Finding(True, what, f"{name} ({address})")


def _prompts(settings: Settings) -> Finding:
    what = "mensagens gravadas"
    try:
        library = Library(settings.sounds_dir, settings.state_dir / RECORDED_HERE)
    except PromptsBroken as broken:
        return _problems(what, broken.problems, "Restaure a pasta sounds/ ou rode `make sounds`.")
    problems = [
        *library.check(),
        *(f"falta a mensagem {name}" for name in PROMPT_NAMES if library.named(name) is None),
        *(f"falta o sussurro da linha {line}" for line in LINES if library.whisper(line) is None),
    ]
    if problems:
        return _problems(what, problems, "Restaure a pasta sounds/ ou rode `make sounds`.")
    return Finding(True, what, f"{len(library.entries)} em {settings.sounds_dir}")


def _dialplans(settings: Settings) -> Finding:
    what = "menus"
    try:
        voice = VoicePlug(settings.sounds_dir, settings.state_dir)
        plans = read_plans(settings.dialplans_dir, voice, settings)
    except DialplanMistakes as wrong:
        mistakes = [str(mistake) for mistake in wrong.mistakes]
        return _problems(what, mistakes, f"Corrija os arquivos de {settings.dialplans_dir}.")
    except (PromptsBroken, OSError) as wrong:
        return Finding(False, what, str(wrong), "Corrija primeiro as mensagens gravadas.")
    if words := differs(settings):
        return Finding(False, what, words, "Publique a pasta, ou desfaça o que mudou nela.")
    return Finding(True, what, f"linhas {', '.join(sorted(plans.lines))}, versão {plans.version}")


def _alarm(settings: Settings) -> Finding:
    what, because = "alarme dos menus", alarm_in(settings)
    if because:
        advice = "Compare as versões (dialplan diff); para voltar: central156 dialplan rollback"
        return Finding(False, what, because, advice)
    return Finding(True, what, "nenhum")


def _problems(what: str, problems: list[str] | tuple[str, ...], advice: str) -> Finding:
    """As many problems as a person can read at once, and how many more there are."""
    more = len(problems) - SHOWN_PROBLEMS
    shown = "\n".join(problems[:SHOWN_PROBLEMS]) + (f"\n… e mais {more}" if more > 0 else "")
    return Finding(False, what, shown, advice)
