"""What a citizen is asked: every path through the menus, walked on real calls at the same time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from calls_bed import (
    Citizen,
    OnTheLine,
    Story,
    ended,
    heard_on,
    library_of,
    new_caller,
    on_the_line,
    prompt_sounds,
    stored,
    story_of,
)
from centre_bed import Centre
from sipp_phones import sipp_call, start_calls

from phones.ears import Heard, silences, sound_of
from reader import read_dialplans
from terms.protocol_number import is_protocol
from voice.texts import DIGITS

pytestmark = pytest.mark.switch

GREETING, MENU = "abertura", "principal"
WAITS_AFTER_QUEUED = 17.0
KEY_TIME = 7.0


@dataclass
class Walk:
    """One finished walk: what was stored and what was heard."""

    story: Story
    citizen: Citizen


async def _in_menu(line: OnTheLine, citizen: Citizen) -> None:
    await stored(line.centre, citizen.caller, "node_entered", 2)


async def _nothing(line: OnTheLine, citizen: Citizen) -> None:
    pass


def _pressing(keys: str) -> Callable[[OnTheLine, Citizen], Awaitable[None]]:
    """Once in the menu, each key when the one before has been taken."""

    async def press(line: OnTheLine, citizen: Citizen) -> None:
        await _in_menu(line, citizen)
        await asyncio.sleep(0.7)
        for count, key in enumerate(keys, 1):
            await citizen.line.press(key)
            await stored(line.centre, citizen.caller, "key_pressed", count)
            await asyncio.sleep(0.7)

    return press


def _at_greeting(keys: str) -> Callable[[OnTheLine, Citizen], Awaitable[None]]:
    async def press(line: OnTheLine, citizen: Citizen) -> None:
        await asyncio.sleep(0.8)
        await citizen.line.press(keys)

    return press


@dataclass(frozen=True)
class Path:
    """A way through the menus: what is pressed, and where it must lead."""

    number: str
    act: Callable[[OnTheLine, Citizen], Awaitable[None]]
    keys: tuple[tuple[str, str, bool], ...]
    queue: str
    note: str
    nodes: tuple[str, ...] = (GREETING, MENU)
    stay: float = 0.0  # s in the queue before hanging up


ROAD, BUS, HEALTH, PERSON = "p156_zeladoria", "p156_transporte", "p156_saude_animais", "p156_geral"
ASKED, LOST = "Pediu um atendente", "não escolheu no menu"
PATHS = {
    "1": Path("156", _pressing("1"), ((MENU, "1", True),), ROAD, "Rua, árvore, lixo ou barulho",
              (GREETING, MENU, "cidade"), WAITS_AFTER_QUEUED),
    "2": Path("156", _pressing("2"), ((MENU, "2", True),), BUS, "Ônibus, Bilhete Único e trânsito",
              (GREETING, MENU, "transporte")),
    "3": Path("156", _pressing("3"), ((MENU, "3", True),), HEALTH, "Saúde e animais",
              (GREETING, MENU, "saude_e_animais")),
    "9": Path("156", _pressing("9"), ((MENU, "9", True),), PERSON, ASKED,
              (GREETING, MENU, "um_atendente")),
    "silence twice": Path("156", _nothing, ((MENU, "", False), (MENU, "", False)), PERSON, LOST),
    "wrong twice": Path("156", _pressing("47"), ((MENU, "4", False), (MENU, "7", False)),
                        PERSON, LOST),
    "wrong, then right": Path("156", _pressing("02"), ((MENU, "0", False), (MENU, "2", True)), BUS,
                              "Ônibus, Bilhete Único e trânsito", (GREETING, MENU, "transporte")),
    "back": Path("156", _pressing("*3"), ((MENU, "*", True), (MENU, "3", True)), HEALTH,
                 "Saúde e animais", (GREETING, MENU, MENU, "saude_e_animais")),
    "back forgets a mistake": Path(
        "156", _pressing("5*51"),
        ((MENU, "5", False), (MENU, "*", True), (MENU, "5", False), (MENU, "1", True)),
        ROAD, "Rua, árvore, lixo ou barulho", (GREETING, MENU, MENU, "cidade")),
    "key during the greeting": Path("156", _at_greeting("3"), ((MENU, "3", True),), HEALTH,
                                    "Saúde e animais", (GREETING, MENU, "saude_e_animais")),
    "person during the greeting": Path("156", _at_greeting("9"), ((MENU, "9", True),), PERSON,
                                       ASKED, (GREETING, MENU, "um_atendente")),
    "40 digits at once": Path("156", _at_greeting("2" * 40), ((MENU, "2", True),), BUS,
                              "Ônibus, Bilhete Único e trânsito", (GREETING, MENU, "transporte")),
    "letters change nothing": Path("156", _at_greeting("ABCD3"), ((MENU, "3", True),), HEALTH,
                                   "Saúde e animais", (GREETING, MENU, "saude_e_animais")),
    "0800": Path("08000110156", _pressing("1"), ((MENU, "1", True),), ROAD,
                 "Rua, árvore, lixo ou barulho", (GREETING, MENU, "cidade")),
    "199": Path("199", _nothing, (), "e199_risco", "Defesa Civil", ("risco",), 8.0),
    "153": Path("153", _nothing, (), "e153_ocorrencia", "Guarda Civil Metropolitana",
                ("ocorrencia",), 8.0),
}  # fmt: skip


async def _walk(line: OnTheLine, path: Path) -> Walk:
    citizen = await line.dial(path.number)
    await path.act(line, citizen)
    await stored(line.centre, citizen.caller, "queued", seconds=60)
    await asyncio.sleep(path.stay or 1.0)
    await citizen.line.hang_up()
    return Walk(await ended(line.centre, citizen.caller), citizen)


@pytest.fixture(scope="module")
def walks(calls_centre: Centre) -> dict[str, Walk | BaseException]:
    """All paths, walked at the same time; a walk that failed is its exception."""

    async def walk_all() -> list[Walk | BaseException]:
        async with on_the_line(calls_centre) as line:
            return await asyncio.gather(
                *(_walk(line, path) for path in PATHS.values()), return_exceptions=True
            )

    return dict(zip(PATHS, asyncio.run(walk_all()), strict=True))


def _walked(walks: dict[str, Walk | BaseException], name: str) -> Walk:
    walk = walks[name]
    if isinstance(walk, BaseException):
        raise walk
    return walk


@pytest.mark.parametrize("name", PATHS)
def test_path(walks: dict[str, Walk | BaseException], name: str) -> None:
    story, path = _walked(walks, name).story, PATHS[name]
    assert tuple(story.keys()) == path.keys
    assert tuple(story.nodes()) == path.nodes
    (queued,) = story.of("queued")
    assert (queued["queue"], queued["note"]) == (path.queue, path.note)
    call = story.call
    assert (call["entry"], call["line"]) == (path.number, path.number[-3:])
    assert (call["outcome"], call["blame"]) == ("abandoned", "citizen")
    assert call["ended_where"] == "waiting"
    assert is_protocol(call["protocol"])
    assert len(story.of("call_ended")) == 1


@pytest.mark.parametrize("name", PATHS)
def test_a_caller_is_never_left_in_silence(
    walks: dict[str, Walk | BaseException], name: str
) -> None:
    line, path = _walked(walks, name).citizen.line, PATHS[name]
    too_long = [one for one in silences(sound_of(bytes(line.heard)), 2.0)]
    if name == "silence twice":  # nothing is said while a key is waited for, twice
        assert len(too_long) == 2
        assert all(one.seconds < KEY_TIME + 1.0 for one in too_long)
    else:
        assert too_long == [], f"{path.number} {name}"


def test_156_hears_greeting_menu_wait_and_protocol(
    walks: dict[str, Walk | BaseException], calls_centre: Centre
) -> None:
    walk = _walked(walks, "1")
    plan = read_dialplans(calls_centre.settings.dialplans_dir).lines["156"]
    greeting, menu = plan.nodes[GREETING].text, plan.nodes[MENU].text  # type: ignore[union-attr]
    waiting = plan.waiting
    heard = heard_on(walk.citizen.line, prompt_sounds(calls_centre))
    texts = [one.name for one in heard]
    spoken = [DIGITS[digit] for digit in walk.story.call["protocol"]]
    assert texts == [greeting, menu, *waiting.before, *waiting.protocol_text, *spoken]
    assert heard[0].at < 1.5
    _hold_music_after(walk.citizen, heard, library_of(calls_centre).find(DIGITS["0"]).seconds)


@pytest.mark.parametrize("number", ["199", "153"])
def test_emergency_lines_greet_at_once_then_play_music(
    walks: dict[str, Walk | BaseException], calls_centre: Centre, number: str
) -> None:
    walk = _walked(walks, number)
    plan = read_dialplans(calls_centre.settings.dialplans_dir).lines[number]
    heard = heard_on(walk.citizen.line, prompt_sounds(calls_centre))
    assert [one.name for one in heard] == list(plan.waiting.before)
    assert heard[0].at < 1.5
    _hold_music_after(walk.citizen, heard, 3.0)
    # in the queue from the answer on: before the greeting, not after it
    assert walk.story.of("queued")[0]["at"] - walk.story.call["arrived_at"] < 0.5


def _hold_music_after(citizen: Citizen, heard: list[Heard], last_seconds: float) -> None:
    sound = sound_of(bytes(citizen.line.heard))
    music = sound[int((heard[-1].at + last_seconds + 0.5) * 8_000) :]
    assert len(music) > 8_000, "too short to tell"
    level = float((music**2).mean() ** 0.5)
    assert level > 60, f"no hold music: {level:.0f}"


def test_silence_twice_is_asked_again_in_other_words(
    walks: dict[str, Walk | BaseException], calls_centre: Centre
) -> None:
    node = read_dialplans(calls_centre.settings.dialplans_dir).lines["156"].nodes[MENU]
    texts = [node.text, node.again]  # type: ignore[union-attr]
    prompts = prompt_sounds(calls_centre, texts)
    heard = heard_on(_walked(walks, "silence twice").citizen.line, prompts)
    # the second one goes on with the words of the first
    assert [one.name for one in heard][:2] == texts, heard


def test_a_key_cuts_the_greeting_off(
    walks: dict[str, Walk | BaseException], calls_centre: Centre
) -> None:
    plan = read_dialplans(calls_centre.settings.dialplans_dir).lines["156"]
    heard = heard_on(
        _walked(walks, "key during the greeting").citizen.line, prompt_sounds(calls_centre)
    )
    assert heard[0].name == plan.nodes[GREETING].text  # type: ignore[union-attr]
    assert heard[1].name == plan.waiting.before[0]
    assert heard[1].at < 2.0, "the greeting went on"


def test_every_walk_has_its_own_protocol(walks: dict[str, Walk | BaseException]) -> None:
    numbers = [_walked(walks, name).story.call["protocol"] for name in PATHS]
    assert len(set(numbers)) == len(PATHS)


@pytest.mark.skipif(os.geteuid() != 0, reason="SIPp sends keys as raw packets")
def test_keys_of_another_make_of_phone(calls_centre: Centre) -> None:
    caller = new_caller()
    sipp_call(calls_centre, "156", caller=caller, keys={0.8: "2"}, hang_up_after=1.0, sound=False)
    story = asyncio.run(ended(calls_centre, caller))
    assert story.keys() == [(MENU, "2", True)]
    assert story.call["queue"] == BUS


@pytest.mark.parametrize("number", ["1560", "15", "190", "5511156", "s", "ana", "%2A11"])
def test_an_unknown_number_is_404(calls_centre: Centre, number: str) -> None:
    caller = new_caller()
    assert sipp_call(calls_centre, number, caller=caller, expect=404).code == 404
    assert story_of(calls_centre, caller) is None


@pytest.mark.parametrize(
    ("number", "headers"),
    [("90156", []), ("90199", []), ("9008000110156", []), ("156", ["collect"])],
)
def test_a_collect_call_is_refused(calls_centre: Centre, number: str, headers: list[str]) -> None:
    caller = new_caller()
    name = calls_centre.settings.collect_call_header
    marks = [f"{name}: collect" for _ in headers]
    call = sipp_call(calls_centre, number, caller=caller, headers=marks, expect=403)
    assert call.code == 403
    assert story_of(calls_centre, caller) is None


def test_the_line_is_chosen_by_the_number_alone(calls_centre: Centre) -> None:
    """A caller who names another line, or an agent, in every other place changes nothing."""
    caller = new_caller()
    run = start_calls(
        calls_centre,  # type: ignore[arg-type]
        "153",
        caller=caller,
        from_header=f'"156" <sip:{caller}@199>',
        headers=["Diversion: <sip:156@prefeitura>", "P-Asserted-Identity: <sip:199@x>"],
        hang_up_after=1.0,
    )
    run.wait(10)
    story = asyncio.run(ended(calls_centre, caller))
    assert (story.call["line"], story.call["queue"]) == ("153", "e153_ocorrencia")
