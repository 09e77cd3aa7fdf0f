"""From a folder of dialplans to what can be served: read, and before it is published, proved.

read     what serves now, or served before: it was proved once; its recordings must be there
prove    what somebody wants to publish: every mistake at once, then the call scripts of its
         own tests/, then its new texts are recorded
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from callflow.serving import Plans
from central156.plugs import VoicePlug
from central156.scripts import ScriptsReport, run_folder
from central156.settings import Settings
from central156.sources import unanswered, unconfigured
from ivr.checker import Problem
from ivr.hiding import hide
from ivr.texts import recorded_words
from ivr.ways import words
from reader import DialplanMistakes, Dialplans, check, read_dialplans
from terms.names import Seconds
from voice.library import RECORDED_HERE, PromptsBroken
from voice.order import NotRecorded, make

Words = tuple[str, str]
"""(language, text)."""


class Unfit(Exception):
    """What was read cannot be served, and it is no mistake at one place; Portuguese."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What may be published, and what whoever publishes it should know, in Portuguese."""

    plans: Plans
    notes: tuple[str, ...] = ()


def read_plans(folder: Path, voice: VoicePlug, settings: Settings) -> Plans:
    """The menus and queues of this folder. DialplanMistakes with all that is wrong in them.

    Options whose services nobody would answer here are hidden; where the shorter text of a menu
    has never been recorded, the option stays, and whoever chooses it hears that it fails.
    """
    read = read_dialplans(folder)
    smaller, _ = offered(read, settings)
    if smaller is not read and not check(smaller, lengths(voice)):
        return plans_of(smaller)
    _refuse(read, voice)
    return plans_of(read)


def plans_of(read: Dialplans) -> Plans:
    """What was read, as calls use it."""
    return Plans(
        read.lines,
        read.version,
        read.calendar,
        read.services,
        read.destinations,
        read.relay_numbers,
        read.announcements,
        queues=read.queues,
    )


class Workshop:
    """Reads and proves folders with the recordings that this centre has, and can make."""

    def __init__(self, settings: Settings, voice: VoicePlug) -> None:
        self._settings = settings
        self._voice = voice

    def read(self, folder: Path) -> Plans:
        """What the folder says. Blocking. DialplanMistakes."""
        return read_plans(folder, self._voice, self._settings)

    async def prove(self, folder: Path) -> Ready:
        """The same, and everything else that must hold first. DialplanMistakes, Unfit."""
        written = await asyncio.to_thread(read_dialplans, folder)
        read, hidden = await asyncio.to_thread(offered, written, self._settings)
        wrong = tuple(read.mistake(line, one) for line, one in hidden if not one.told_only)
        if wrong:
            raise DialplanMistakes(wrong)
        report = await asyncio.to_thread(run_folder, folder, written)
        if not report.ok:
            raise Unfit(f"roteiros de chamadas:\n{report.text}")
        try:
            await self.record(_words_of(read))
        except Unfit as trouble:
            # Where each text stands helps whoever has to record it more than the reason alone.
            places = await asyncio.to_thread(check, read, lengths(self._voice))
            raise Unfit("\n".join([*map(str, places), str(trouble)])) from None
        await asyncio.to_thread(_refuse, read, self._voice)
        notes = [str(read.mistake(line, one)) for line, one in hidden]
        notes += unanswered(self._settings, read.services)
        return Ready(plans_of(read), (*notes, _rehearsed(report)))

    async def record(self, wanted: Iterable[Words]) -> None:
        """Make the recordings that are missing. Unfit when that cannot be done."""
        here, shipped = self._settings.state_dir / RECORDED_HERE, self._settings.sounds_dir
        try:
            await make(wanted, here, shipped)
            await asyncio.to_thread(self._voice.reload)
        except NotRecorded as wrong:
            await asyncio.to_thread(self._voice.reload)  # what could be recorded is there
            raise Unfit(str(wrong)) from None
        except PromptsBroken as wrong:
            raise Unfit(f"as gravações não servem: {wrong}") from None

    def length_of(self, language: str, text: str) -> Seconds | None:
        """How long a text's recording lasts; None when there is none."""
        return lengths(self._voice)(language, text)


def lengths(voice: VoicePlug) -> Callable[[str, str], Seconds | None]:
    """How long a text's recording lasts, by (language, text); None when there is none."""

    def length_of(language: str, text: str) -> Seconds | None:
        prompt = voice.find(text, language)
        return None if prompt is None else prompt.seconds

    return length_of


def offered(read: Dialplans, settings: Settings) -> tuple[Dialplans, list[tuple[str, Problem]]]:
    """What was read without the options of services that are not configured here, and what was
    hidden or cannot be, by line. What is not changed at all is the very same."""
    configured = frozenset(read.services) - unconfigured(settings, read.services)
    told: list[tuple[str, Problem]] = []
    lines = {}
    for line, plan in read.lines.items():
        lines[line], problems = hide(plan, configured)
        told += ((line, problem) for problem in problems)
    return (replace(read, lines=lines) if told else read), told


def _refuse(read: Dialplans, voice: VoicePlug) -> None:
    mistakes = check(read, lengths(voice))
    if mistakes:
        raise DialplanMistakes(mistakes)


def _rehearsed(report: ScriptsReport) -> str:
    if not report.calls:
        return "roteiros de chamadas: nenhum"
    share = f"{int(report.share * 1000) / 10:.1f}".replace(".", ",")
    return f"roteiros de chamadas: {report.calls} como esperado, cobertura de {share} %"


def _words_of(read: Dialplans) -> list[Words]:
    """Every text that the folder says, in every language."""
    said = [one for plan in read.lines.values() for one in words(plan)]
    return said + [one for told in read.announcements for one in recorded_words(told.text)]
