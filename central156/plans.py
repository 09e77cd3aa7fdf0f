"""The menus and queues to serve: those of the folder, or, if it is broken, the last good ones.

A mistake in a file must never take a line off the air: what was served last lies in the state
folder, and a control process that starts over a broken folder goes on with that, and says so.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from acd.queues import QueueTable
from callflow.visit import Plans
from central156.plugs import VoicePlug
from central156.settings import Settings
from reader import DialplanMistakes, check, read_dialplans

log = logging.getLogger(__name__)

LAST_GOOD = "dialplans-em-uso"


def plans_to_serve(settings: Settings, voice: VoicePlug) -> tuple[Plans, QueueTable]:
    """What is in force from now on. DialplanMistakes when not even the last good ones serve."""
    kept = settings.state_dir / LAST_GOOD
    try:
        found = read_plans(settings.dialplans_dir, voice)
    except DialplanMistakes as broken:
        if not kept.is_dir():
            raise
        for mistake in broken.mistakes:
            log.error("the dialplans are broken, the last good ones stay: %s", mistake)
        return read_plans(kept, voice)
    _keep(settings.dialplans_dir, kept)
    return found


def read_plans(folder: Path, voice: VoicePlug) -> tuple[Plans, QueueTable]:
    """The menus and queues of this folder. DialplanMistakes with all that is wrong in them."""
    read = read_dialplans(folder)

    def seconds_of(text: str) -> float | None:
        prompt = voice.find(text)
        return None if prompt is None else prompt.seconds

    mistakes = check(read, seconds_of)
    if mistakes:
        raise DialplanMistakes(mistakes)
    return Plans(read.lines, read.version), read.queues


def _keep(folder: Path, kept: Path) -> None:
    """Copy the files aside, whole or not at all."""
    fresh = kept.with_name(kept.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for file in folder.glob("*.yaml"):
        shutil.copyfile(file, fresh / file.name)
    shutil.rmtree(kept, ignore_errors=True)
    fresh.rename(kept)
