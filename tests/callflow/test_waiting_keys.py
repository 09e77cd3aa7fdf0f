"""Keys and texts in the queue; hand-overs; and what comes after the talk."""

from __future__ import annotations

import asyncio

import pytest
from full_plan import details, full_centre, leaves, place_of, until, waits
from line_fakes import Centre, Channel, Nothing, mender_of

from acd.queues import Where
from callflow.agent_desk import AgentDesk
from callflow.hear import Ear
from ivr.announcements import Announcement
from ivr.texts import text_of
from terms.facts import Kind
from terms.names import CallId
from terms.signals import CallEnded, KeyPressed

CALL = CallId("n1-b-1.1")


def press(centre: Centre, key: str) -> None:
    desk = AgentDesk(centre.keeper, {})
    ear = Ear(centre.keeper, desk, centre.tools.book, mender_of(centre, Nothing()), 1)
    ear.hear(KeyPressed(CALL, key, centre.now))


def spoken(channel: Channel) -> list[str]:
    """What was played, the digits of a number left out."""
    names = [name.rpartition("/")[2] for name in channel.played]
    return [name for name in names if len(name) > 1]


async def test_the_order_of_what_a_waiting_caller_hears_and_only_once() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["1"])
    step = await waits(centre, channel)
    assert spoken(channel) == ["opções", "aguarde", "tecle dois ou três", "protocolo"]
    await leaves(channel, step)
    channel.gone.clear()
    step = await waits(centre, channel)
    assert spoken(channel)[4:] == []
    await leaves(channel, step)


async def test_a_key_asks_for_the_protocol_again_in_the_music() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["1"])
    step = await waits(centre, channel)
    told = len(channel.played)
    press(centre, "5")  # means nothing here
    press(centre, "7")
    await until(lambda: len(channel.played) >= told + 10)
    number = centre.store.given[CALL]
    assert channel.played[told:] == ["/sounds/protocolo", *(f"/sounds/{d}" for d in number)]
    await until(lambda: channel.music_on)
    await leaves(channel, step)


async def test_keys_that_mean_nothing_never_keep_the_switch_from_hearing_of_us() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["1"])
    step = await waits(centre, channel)
    for count in range(1, 6):  # each sooner than the beat of the dead-man's switch
        before = channel.commands
        press(centre, "5")
        await until(lambda before=before: channel.commands > before, 0.5)
        assert channel.music_on, count
    await leaves(channel, step)


async def test_a_key_cuts_an_announcement_off_which_is_then_told_again() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["1"], slow=True)
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: spoken(channel)[-1:] == ["aguarde"])
    press(centre, "7")
    await until(lambda: spoken(channel)[-1:] == ["protocolo"])
    channel.slow = False
    channel.stop.set()
    await until(lambda: channel.music_on)
    said = ["opções", "aguarde", "protocolo", "aguarde", "tecle dois ou três"]
    assert spoken(channel) == said  # and not the protocol a second time by itself
    await leaves(channel, step)


async def test_a_key_leads_to_another_queue_with_the_time_kept() -> None:
    centre = full_centre()
    channel = centre.channel(line="199", slow=True)
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: spoken(channel) == ["defesa civil"])
    joined = place_of(channel).joined
    press(centre, "1")
    await until(lambda: place_of(channel).queue == "e199_arvore")
    await until(lambda: centre.keeper.floor.callers[CALL].rule.name == "e199_arvore")
    caller = centre.keeper.floor.callers[CALL]
    assert (caller.where, caller.joined) == (Where.WAITING, joined)
    first, second = details(centre, Kind.QUEUED)
    assert (first["queue"], second["queue"]) == ("e199_risco", "e199_arvore")
    assert first["joined"] == second["joined"] == joined
    assert spoken(channel) == ["defesa civil"]  # greeted once
    centre.log_in("rui", "e199_arvore")
    assert await step == "dial"


async def test_the_offer_wins_over_a_key() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["1"])
    step = await waits(centre, channel)
    centre.log_in("ana")
    press(centre, "2")
    assert await step == "dial"
    assert place_of(channel).queue == "p156_geral"


async def test_a_key_leads_to_a_text_and_back_to_the_same_place() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["1"])
    step = await waits(centre, channel)
    joined = place_of(channel).joined
    press(centre, "3")
    await until(lambda: "veja no site" in spoken(channel))
    await until(lambda: len(centre.store.of(Kind.QUEUED)) == 2)
    assert place_of(channel).joined == joined
    assert centre.keeper.floor.callers[CALL].joined == joined
    await leaves(channel, step)


@pytest.mark.parametrize("dies_after", range(4, 40, 3))
async def test_control_may_die_while_a_key_moves_the_caller(dies_after: int) -> None:
    first = full_centre()
    channel = first.channel(keys=["1"], dies_after=dies_after)
    step = asyncio.create_task(channel.step(first.tools))
    while not step.done() and not channel.music_on:
        await asyncio.sleep(0.001)
    press(first, "2")
    await asyncio.sleep(0.02)
    channel.dies_after = min(channel.commands, dies_after)
    await asyncio.wait({step}, timeout=0.05)
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    second = full_centre()
    second.tools.store = first.store
    second.switch.channels = first.switch.channels
    second.log_in("bia", "p156_geral")
    second.log_in("caio", "p156_protocolo")
    channel.dies_after, channel.keys = 10**9, ["1"]
    assert await channel.step(second.tools) == "dial"
    assert place_of(channel).queue in ("p156_geral", "p156_protocolo")


async def test_announcements_in_turn_while_waiting() -> None:
    centre = full_centre()
    centre.tools.plans.announce(
        Announcement("chuva", "199", "na_espera", text_of("chove muito"), 0.0, 10**9)
    )
    channel = centre.channel(line="199")
    step = await waits(centre, channel)
    assert "chove muito" not in spoken(channel)
    centre.now += 30.0
    press(centre, "5")  # wakes it; means nothing
    await until(lambda: "chove muito" in spoken(channel))
    await leaves(channel, step)


async def test_handed_over_with_its_time_and_never_back() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["0"])
    step = await waits(centre, channel)
    assert (channel.variables["C156_LINE"], channel.groups) == ("199", ["199"])
    place = place_of(channel)
    assert (place.joined, place.from_line) == (place.arrived, "156")
    assert place.joined < centre.store.of(Kind.QUEUED)[0].at
    assert spoken(channel) == ["opções", "vou passar", "defesa civil"]
    (told,) = details(centre, Kind.HANDED_OVER)
    assert (told["from_line"], told["to_line"]) == ("156", "199")
    caller = centre.keeper.floor.callers[CALL]
    assert (caller.rule.line, caller.joined) == ("199", place.joined)
    (queued,) = centre.store.of(Kind.QUEUED)
    assert caller.waits_from == place.waits_from == queued.details["joined"]
    assert queued.at - 0.1 < place.waits_from <= queued.at  # the menu was no wait (R71)
    assert centre.tools.book.calls[CALL].line == "199"
    centre.log_in("rui", "e199_risco")
    assert await step == "dial"
    assert channel.variables["C156_WHISPER"] == "/sounds/sussurro-199"
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    assert await channel.step(centre.tools) == "end"
    assert spoken(channel) == ["opções", "vou passar", "defesa civil"]


async def test_from_the_153_to_the_156_without_a_survey() -> None:
    centre = full_centre()
    channel = centre.channel(line="153")
    step = await waits(centre, channel)
    press(centre, "2")
    await until(lambda: channel.variables.get("C156_LINE") == "156" and not step.done())
    await until(lambda: spoken(channel)[-1] == "protocolo")
    assert spoken(channel) == [
        "guarda civil", "elogio, dois", "vou passar ao 156", "aguarde", "protocolo",
    ]  # fmt: skip
    centre.log_in("ana", "p156_ouvidoria")
    assert await step == "dial"
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    assert await channel.step(centre.tools) == "end"
    assert centre.store.of(Kind.SURVEY_ANSWERED) == []


async def _talked(centre: Centre, keys: list[str]) -> Channel:
    channel = centre.channel(keys=["1"])
    centre.log_in("ana")
    assert await channel.step(centre.tools) == "dial"
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    channel.keys = keys
    return channel


async def test_the_survey_after_the_protocol() -> None:
    centre = full_centre()
    channel = await _talked(centre, ["", "5", "4"])
    assert await channel.step(centre.tools) == "end"
    said = ["protocolo", "responda", "foi claro?", "que nota?", "obrigado"]
    assert spoken(channel)[1:] == said
    marks = [(fact["question"], fact["mark"]) for fact in details(centre, Kind.SURVEY_ANSWERED)]
    assert marks == [("clareza", "5"), ("nota", "4")]
    assert place_of(channel).outcome == "served"


@pytest.mark.parametrize("dies_after", range(0, 40, 3))
async def test_control_may_die_anywhere_in_the_survey(dies_after: int) -> None:
    centre = full_centre()
    channel = await _talked(centre, ["5", "4"])
    channel.dies_after = channel.commands + dies_after
    done = await channel.step(centre.tools)
    channel.dies_after = 10**9
    if done != "end":
        channel.keys = channel.keys or ["3"]
        assert await channel.step(centre.tools) == "end"
    assert place_of(channel).outcome == "served"
    questions = {fact["question"] for fact in details(centre, Kind.SURVEY_ANSWERED)}
    assert questions == {"clareza", "nota"}


async def test_a_hang_up_in_the_survey_is_a_served_call() -> None:
    centre = full_centre()
    mender = mender_of(centre, Nothing())
    channel = await _talked(centre, [])
    channel.dies_after = channel.commands + 16
    assert await channel.step(centre.tools) == ""
    mender.call_ended(CallEnded(CALL, centre.now, channel.variables["C156_STAGE"]))
    (ended,) = details(centre, Kind.CALL_ENDED)
    assert (ended["outcome"], ended["where"]) == ("served", "after")


async def test_a_person_again_after_the_talk() -> None:
    centre = full_centre()
    channel = await _talked(centre, ["9"])
    step = await waits(centre, channel)
    assert channel.variables["C156_STAGE"] == "waiting"
    # the static path must not take this for a talk just ended
    assert (channel.variables["DIALSTATUS"], channel.variables["C156_JOINED"]) == ("", "")
    first, second = centre.store.of(Kind.QUEUED)
    assert second.details["joined"] > first.details["joined"]
    await leaves(channel, step)
    mender_of(centre, Nothing()).call_ended(CallEnded(CALL, centre.now, "waiting"))
    assert details(centre, Kind.CALL_ENDED)[0]["outcome"] == "served"


async def test_nobody_is_asked_twice() -> None:
    centre = full_centre()
    channel = await _talked(centre, ["9"])
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.variables["C156_STAGE"] == "waiting")
    centre.log_in("bia")
    assert await step == "dial"
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    asked = channel.played.count("/sounds/responda")
    assert await channel.step(centre.tools) == "end"
    assert channel.played.count("/sounds/responda") == asked == 1


async def test_what_was_typed_reaches_the_agents_screen() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["4", "1", "2", "3", "4", "", "9"])
    step = await waits(centre, channel)
    entry = centre.tools.book.calls[CALL]
    assert entry.data == {"pedido": "1234", "situacao": "ok"}
    assert entry.path.endswith("consulta:achou/achou:9")
    await leaves(channel, step)
