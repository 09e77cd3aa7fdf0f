"""The switch as this installation's settings want it: its process, its link, its diary.

switch_settings ─► pbx.configuration     SwitchProcess ─► pbx.switch_process
ami_link ─► pbx.ami_link                 diary_of ─► pbx.diary
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from central156.clock import now
from central156.settings import Settings
from central156.trunks import out_trunks_of
from pbx import configuration
from pbx.ami_link import AmiLink
from pbx.configuration import AgentAccount
from pbx.diary import Diary
from pbx.switch_install import find_embedded, find_or_install, find_system
from pbx.switch_process import Switch, SwitchFailed
from pbx.switch_settings import SwitchSettings
from voice.library import Library, PromptsBroken

log = logging.getLogger(__name__)

PHONES_MODULE, DIALPLAN_MODULE = "res_pjsip.so", "pbx_config.so"


class SwitchProcess:
    """The Asterisk of one state folder. Blocking: the parent process calls it from threads."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = log.info) -> None:
        self._settings = settings
        self._say = say
        self._switch: Switch | None = None

    def start(self) -> None:
        """Adopt the running one or start one, installing Asterisk first if there is none.

        Raises SwitchFailed, InstallationFailed, ConfigurationRefused; all speak Portuguese.
        """
        switch = self._made()
        switch.settings = switch_settings(self._settings)  # the ways out may be others by now
        switch.start()

    def stop(self) -> None:
        """End it, calls in course included; return when it is gone."""
        self._made().stop()

    def alive(self) -> bool:
        """Whether the one that was started or adopted still runs."""
        return self._switch is not None and self._switch.alive()

    def refuse_new_calls(self) -> None:
        """Answer new citizens' calls with 503 until the next start."""
        try:
            self._made().refuse_new_calls()
        except SwitchFailed as failed:
            log.error("new calls could not be refused", extra={"why": str(failed)})

    def calls_in_course(self) -> int:
        """How many citizens' calls are up; 0 when the switch does not answer (any more)."""
        try:
            return self._made().calls_in_course()
        except SwitchFailed as failed:
            log.error("the switch does not say its calls", extra={"why": str(failed)})
            return 0

    def reload(self, module: str) -> None:
        """Make a module read its configuration again. Raises SwitchFailed."""
        self._made().reload(module)

    def _made(self) -> Switch:
        if self._switch is None:
            installation = find_or_install(self._settings.asterisk_dir, self._say)
            self._switch = Switch(switch_settings(self._settings), installation)
        return self._switch


def write_agents(settings: Settings, accounts: Iterable[AgentAccount]) -> None:
    """Make these, and no others, the phones that may register; blocking.

    A switch that is down reads them at its start, and one in a container of its own is told there
    (docker/half.py). Raises ConfigurationRefused.
    """
    ours = switch_settings(settings)
    installed = find_system() or find_embedded(settings.asterisk_dir)
    if not configuration.write_agents(ours, accounts) or installed is None:
        return
    try:
        Switch(ours, installed).reload(PHONES_MODULE)
    except SwitchFailed as failed:
        log.warning("the switch reads the phones at its next start", extra={"why": str(failed)})


def write_trunks(settings: Settings) -> bool:
    """Make these the ways out, beside the calls in course; whether anything is new. Blocking.

    A switch that is down reads them at its start, and one in a container of its own is told there
    (docker/half.py). Raises ConfigurationRefused, and SwitchFailed when it does not read them.
    """
    ours = switch_settings(settings)
    if not configuration.write_trunks(ours):
        return False
    installed = find_system() or find_embedded(settings.asterisk_dir)
    if installed is not None:
        switch = Switch(ours, installed)
        for module in (PHONES_MODULE, DIALPLAN_MODULE):
            switch.reload(module)
    return True


def ami_link(settings: Settings) -> AmiLink:
    """The link to the switch, not yet connected."""
    return AmiLink(
        settings.bind,
        settings.ami_port,
        events=("c156-events", settings.secret("ami_events")),
        actions=("c156-actions", settings.secret("ami_actions")),
        clock=now,
    )


def diary_of(settings: Settings) -> Diary:
    """What the switch wrote down while nobody listened."""
    return Diary(switch_settings(settings).cel_file)


def switch_settings(settings: Settings) -> SwitchSettings:
    """All that Asterisk must know of us. FileNotFoundError before `prepare_state`."""
    return SwitchSettings(
        folder=settings.switch_dir,
        recordings_dir=settings.recordings_dir,
        rescue_dir=settings.rescue_dir,
        events_secret=settings.secret("ami_events"),
        actions_secret=settings.secret("ami_actions"),
        test_mark=settings.secret("test_mark"),
        proof_mark=settings.secret("proof_mark"),
        node=settings.node,
        bind=settings.bind,
        sip_bind=settings.sip_bind,
        rescue_range=settings.rescue_range,
        trunk_port=settings.trunk_port,
        agents_port=settings.agents_port,
        agi_host=settings.bind,
        agi_port=settings.agi_port,
        ami_port=settings.ami_port,
        rtp_first=settings.rtp_first,
        rtp_last=settings.rtp_last,
        trunk_peers=settings.trunk_peers,
        collect_call_header=settings.collect_call_header,
        record=settings.record,
        cap_156=settings.calls_156,
        trunks=out_trunks_of(settings),
        out_channels=settings.out_channels,
        out_per_second=settings.out_per_second,
        out_per_hour=settings.out_per_hour,
        out_per_number=settings.out_per_number,
        qualify_seconds=settings.phone_check_seconds,
        prompts=switch_prompts(settings),
    )


def switch_prompts(settings: Settings) -> dict[str, str]:
    """The files of the texts that the dialplan says without us; what is missing is not said.

    Broken recordings stop nobody here: the static path must work without them.
    """
    try:
        library = Library(settings.sounds_dir)
    except PromptsBroken as broken:
        log.error("the switch has no prompts", extra={"why": broken.problems[0]})
        return {}
    found = ((name, library.named(name)) for name in configuration.PROMPT_NAMES)
    return {name: recorded.path for name, recorded in found if recorded is not None}
