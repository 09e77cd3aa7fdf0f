"""control is killed (-9) while a version is being published, and right after: what serves then is
what the store says; calls in course go on, on the version that they began on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from calls_bed import ended, on_the_line, soon, stored, story_of
from centre_bed import Centre, until
from publishing_bed import (
    NEW_QUEUE,
    NEW_TEXT,
    OLD_TEXT,
    Files,
    Town,
    admin,
    heard_first,
    serving,
    town_bed,
)

from central156.version_cache import FOLDER, VERSION
from phones.ears import silences, sound_of

pytestmark = pytest.mark.switch

Seen = Callable[[Centre], object]


def _proved(centre: Centre) -> object:
    return sorted((centre.settings.state_dir / FOLDER).glob("prova-*"))


def _kept(centre: Centre) -> object:
    folders = (centre.settings.state_dir / FOLDER).iterdir()
    return sorted(one.name for one in folders if VERSION.fullmatch(one.name))


def _stored(centre: Centre) -> object:
    return centre.rows("SELECT count(*) AS served FROM dialplan_serving")


INSTANTS: dict[Seen, bool] = {_proved: False, _kept: False, _stored: True}
"""What changes while a version is published, in this order; whether it serves after a kill then."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_bed(tmp_path_factory.mktemp("killed")) as running:
        yield running


def _another(files: Files, number: int) -> Files:
    """A version of its own that asks the same: only a subject that agents see differs."""
    subject = f"assunto: Pediu um atendente {number}"
    return files | {"156.yaml": files["156.yaml"].replace("assunto: Pediu um atendente", subject)}


def _newest(centre: Centre) -> str:
    """What the store says that serves."""
    rows = centre.rows("SELECT version FROM dialplan_serving ORDER BY id DESC LIMIT 1")
    return str(rows[0]["version"])


def _killed_when(centre: Centre, files: Files, seen: Seen) -> str:
    """Publish, and kill control at the instant at which this changes; what the publisher was
    told."""
    told = []

    def publish() -> None:
        with contextlib.suppress(httpx.HTTPError):
            told.append(admin(centre).publish(files)["version"])

    control, before = centre.control_pid(), seen(centre)
    publisher = threading.Thread(target=publish)
    publisher.start()
    while seen(centre) == before and publisher.is_alive():
        time.sleep(0.0002)
    os.kill(control, signal.SIGKILL)
    publisher.join(20)
    until(lambda: control not in centre.pids(), 5, "the end of control")
    until(centre.is_ready, 15, "serving again")
    return told[0] if told else ""


def _killed_after(centre: Centre, files: Files) -> str:
    """Publish, and kill control once the publisher was answered."""
    told = str(admin(centre).publish(files)["version"])
    control = centre.control_pid()
    os.kill(control, signal.SIGKILL)
    until(lambda: control not in centre.pids(), 5, "the end of control")
    until(centre.is_ready, 15, "serving again")
    return told


async def test_killed_at_any_instant_of_publishing(town: Town) -> None:
    """A citizen hears the menu of the first version through every kill, and ends on it."""
    centre = town.centre
    async with on_the_line(centre) as line:
        waits = await line.queued("156", "03")
        switch = centre.switch_pid()
        for number, (seen, serves) in enumerate(INSTANTS.items()):
            files, before = _another(town.new, number), await asyncio.to_thread(serving, centre)
            told = await asyncio.to_thread(_killed_when, centre, files, seen)
            now = await asyncio.to_thread(serving, centre)
            assert now == await asyncio.to_thread(_newest, centre), seen
            assert (now != before) is (serves or bool(told)), seen
            assert told in ("", now)

        chooses = await line.dial("156")
        greeting = await heard_first(centre, chooses.line, OLD_TEXT, NEW_TEXT)
        began_on = await asyncio.to_thread(serving, centre)
        assert (greeting, began_on != town.old_name) == (NEW_TEXT, True)
        last = await asyncio.to_thread(_killed_after, centre, _another(town.old, 99))
        assert last == await asyncio.to_thread(serving, centre) not in {began_on, town.old_name}
        await chooses.line.press("9")  # in a menu of a version before the one that serves now
        await stored(centre, chooses.caller, "queued")
        comes_next = await line.dial("156")
        assert await heard_first(centre, comes_next.line, OLD_TEXT, NEW_TEXT) == OLD_TEXT

        clara = await line.agent("clara", "p156_social", "p156_geral")
        for count in (1, 2):
            talk = await line.rung(clara, count)
            await talk.pick_up()
            await asyncio.sleep(0.5)
            await talk.hang_up()
        for caller in (waits.caller, chooses.caller):
            await soon(_asked_how_it_was(centre, caller), 15, "the survey")
        assert silences(sound_of(bytes(waits.line.heard)), longer_than=3.0) == []
        assert centre.switch_pid() == switch
    first, second = [await ended(centre, caller) for caller in (waits.caller, chooses.caller)]
    assert (first.call["dialplan_version"], first.nodes()[-1]) == (town.old_name, "pesquisa")
    assert (second.call["dialplan_version"], second.nodes()[-1]) == (began_on, "pesquisa_nova")
    assert "pessoa_ja" in second.nodes()
    assert [one["queue"] for one in second.offers] == [NEW_QUEUE]
    assert (first.call["outcome"], second.call["outcome"]) == ("served", "served")
    assert not first.call["static"]
    assert not second.call["static"]


def _asked_how_it_was(centre: Centre, caller: str) -> Callable[[], bool]:
    """Whether this caller has come to the survey; the protocol is told before."""

    def asked() -> bool:
        story = story_of(centre, caller)
        return story is not None and "pesquisa" in story.nodes()[-1]

    return asked
