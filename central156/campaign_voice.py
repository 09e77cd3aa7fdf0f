"""What campaigns say, recorded in our voice before the first call: no call waits for it.

    texts_of(read)      what must be recorded: a notice's words, the sentence of a dropped call
    record(…)           record what is missing, with the centre up or down
    CampaignVoice       the same for a centre that is up, which plays it from then on

A contact's own values are read during the call, as a menu's are (ADR 0012). The few that many
contacts share (a day, a place) are recorded beforehand, too; what is said of few people is theirs,
and recordings stay.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from central156.plugs import VoicePlug
from central156.settings import Settings
from dialer.campaign import Mode
from ivr.texts import HOWS, PORTUGUESE, gaps, recorded_words, text_of
from reader.campaign_file import CampaignFile
from reader.notice_proofs import notice_mistakes
from terms.limits import NOTICE_VALUE_SHARED, NOTICE_VALUES
from terms.notice_words import dropped_text
from voice.library import RECORDED_HERE, Library, PromptsBroken
from voice.order import NotRecorded, make
from voice.reading import spoken

Words = tuple[str, str]
"""(language, text)."""

AS_IT_IS: Final = HOWS[0]


def texts_of(read: CampaignFile) -> tuple[Words, ...]:
    """Everything that calls of this campaign say and that no other has recorded."""
    found = list(recorded_words(text_of(read.spoken))) if read.spoken else []
    if read.campaign.mode is Mode.PREDICTIVE:
        found.append((PORTUGUESE, dropped_text(read.campaign.body)))
    return tuple(dict.fromkeys(found))


class Values(NamedTuple):
    """What fills the gaps of a text: `few` are recorded beforehand; of the fields `many` there are
    too many, or such as are said of few contacts, and those are read during each call."""

    few: tuple[Words, ...]
    many: tuple[str, ...]

    @property
    def told(self) -> Iterator[str]:
        """What whoever prepares the campaign should know."""
        for name in self.many:
            yield (
                f"Atenção: o campo {{{name}}} tem mais de {NOTICE_VALUES} valores diferentes, ou "
                f"valores de menos de {NOTICE_VALUE_SHARED} contatos. São lidos na hora de cada "
                "ligação; quando a voz não chega a tempo, quem atende ouve que a informação não "
                "pode ser lida."
            )


def values_of(read: CampaignFile, contacts: Iterable[Mapping[str, str]]) -> Values:
    """What fills the text's gaps that are read as they are, in these contacts' fields."""
    wanted = {gap.name for gap in gaps(text_of(read.spoken)) if gap.how == AS_IT_IS}
    if not wanted:
        return Values((), ())
    seen: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    for fields in contacts:
        for name in tuple(seen):
            if value := fields.get(name, ""):
                seen[name][value] += 1
                if len(seen[name]) > NOTICE_VALUES:
                    del seen[name]
        if not seen:
            break
    shared = {
        name: {value for value, contacts in values.items() if contacts >= NOTICE_VALUE_SHARED}
        for name, values in seen.items()
    }
    few = sorted(set(_phrases(value for values in shared.values() for value in values)))
    whole = {name for name, values in seen.items() if len(values) == len(shared[name])}
    return Values(tuple(few), tuple(sorted(wanted - whole)))


def _phrases(values: Iterable[str]) -> Iterator[Words]:
    for value in values:
        language, phrases = spoken(value, AS_IT_IS, PORTUGUESE)
        yield from ((language, phrase) for phrase in phrases if any(map(str.isalnum, phrase)))


def cannot_be_said(read: CampaignFile) -> str:
    """What is wrong with a notice as whoever hears it needs it; '' when nothing is."""
    if not read.spoken:
        return ""
    one = read.campaign
    wrong = notice_mistakes(read.spoken, one.keys, one.queue, read.alone)
    return next((said for _, said in wrong), "")


async def record(settings: Settings, wanted: Iterable[Words]) -> str:
    """Record what is missing of these. Why that cannot be done, in one Portuguese sentence; ''
    when all is there. Takes about a second a text."""
    try:
        await make(wanted, settings.state_dir / RECORDED_HERE, settings.sounds_dir)
    except NotRecorded as wrong:
        which = f" («{wrong.texts[0][1]}»)" if wrong.texts else ""
        reason = str(wrong).splitlines()[0].rstrip(".")
        return f"o texto da campanha não pode ser falado{which}: {reason}"
    except PromptsBroken as wrong:
        return f"as gravações da central não servem: {wrong.problems[0]}"
    return ""


def files_of(settings: Settings, wanted: Iterable[Words]) -> dict[str, Path | None]:
    """Where each text's recording is; None for one that has none. Blocking: reads the indexes.
    PromptsBroken."""
    library = Library(settings.sounds_dir, settings.state_dir / RECORDED_HERE)
    found = {}
    for language, text in wanted:
        recorded = library.find(text, language)
        found[text] = None if recorded is None else Path(f"{recorded.path}.wav")
    return found


class CampaignVoice:
    """See the file's top; what a campaign is asked before it starts."""

    def __init__(self, settings: Settings, voice: VoicePlug) -> None:
        self._settings, self._voice = settings, voice
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, read: CampaignFile) -> str:
        """Make sure that all it says can be heard. Why it cannot be, in one Portuguese sentence;
        '' when it can."""
        if wrong := cannot_be_said(read):
            return wrong
        wanted = texts_of(read)
        async with self._one_at_a_time:
            try:
                await asyncio.to_thread(self._voice.reload)  # a command may have recorded it
                if self._all_there(wanted):
                    return ""
                wrong = await record(self._settings, wanted)
                await asyncio.to_thread(self._voice.reload)  # what could be recorded is there
            except PromptsBroken as broken:
                return f"as gravações da central não servem: {broken.problems[0]}"
        return wrong

    def _all_there(self, wanted: Iterable[Words]) -> bool:
        return all(self._voice.find(text, language) is not None for language, text in wanted)
