"""What the menu asks and does, step by step, over a channel that outlives its sessions."""

from __future__ import annotations

import asyncio

import pytest
from full_plan import NEVER, details, full_centre, leaves, place_of, until, waits
from line_fakes import Centre, Outside, Voice

from ivr.turn import FAILED, MISSING, Answer
from terms.facts import Kind

READ_OUT = ["/sounds/situação:", "/sounds/o", "/sounds/k", "/sounds/obrigado"]


async def test_digits_a_look_up_and_its_answer() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["4", "1", "2", "3", "4"])
    assert await channel.step(centre.tools) == "end"
    assert centre.outside.asked == [("situacao", {"numero": "1234"}, channel.call)]
    assert channel.played[-4:] == [
        "/sounds/situação:",
        "/sounds/o",
        "/sounds/k",
        "/sounds/obrigado",
    ]
    assert details(centre, Kind.DATA_TYPED) == [
        {"node": "pede_numero", "variable": "pedido", "value": "1234"}
    ]
    assert place_of(channel).path == "menu:4/pede_numero:#/consulta:achou"
    assert place_of(channel).outcome == "ended_in_menu"
    assert channel.variables["C156_DATA"] == "pedido=1234&situacao=ok"


@pytest.mark.parametrize(
    ("answer", "leads_to"), [(Answer(MISSING), "menu"), (Answer(FAILED), "geral")]
)
async def test_a_service_that_does_not_find(answer: Answer, leads_to: str) -> None:
    centre = full_centre(outside=Outside({"situacao": answer}))
    channel = centre.channel(keys=["4", "1", "2", "3", "4", "1"])
    step = await waits(centre, channel)
    looked = details(centre, Kind.LOOKED_UP)
    assert looked == [{"node": "consulta", "where": "situacao", "how": answer.how}]
    assert centre.store.of(Kind.LOOKED_UP)[0].at < centre.store.of(Kind.QUEUED)[0].at
    assert leads_to in [fact.details["node"] for fact in centre.store.of(Kind.NODE_ENTERED)]
    await leaves(channel, step)


async def test_a_slow_service_is_waited_for_with_music_and_given_up() -> None:
    centre = full_centre(outside=Outside(seconds=30.0))
    channel = centre.channel(keys=["4", "1", "2", "3", "4"])
    began = asyncio.get_running_loop().time()
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: channel.music_on)
    await until(lambda: centre.store.of(Kind.LOOKED_UP))
    assert asyncio.get_running_loop().time() - began < 5.0
    assert details(centre, Kind.LOOKED_UP)[0]["how"] == FAILED
    await leaves(channel, step)


async def test_a_citizen_who_leaves_during_a_look_up() -> None:
    centre = full_centre(outside=Outside(seconds=30.0))
    channel = centre.channel(keys=["4", "1", "2", "3", "4"])
    step = asyncio.create_task(channel.step(centre.tools))
    await until(lambda: centre.outside.asked)
    channel.gone.set()
    assert await asyncio.wait_for(step, 3.0) == ""
    assert details(centre, Kind.LOOKED_UP) == []


@pytest.mark.parametrize("dies_after", range(1, 24))
async def test_control_may_die_at_any_command_of_digits_and_look_up(dies_after: int) -> None:
    """The caller types again what was not taken, and is never sent anywhere else."""
    first = full_centre()
    channel = first.channel(keys=list("41234"), dies_after=dies_after)
    done = await channel.step(first.tools)
    stood = place_of(channel).node.partition(":")[0] if "C156_PLACE" in channel.variables else ""
    keys = {"": "41234", "menu": "41234", "pede_numero": "1234"}.get(stood, "")
    channel.dies_after, channel.keys = 10**9, list(keys)
    second = full_centre()
    second.store = second.tools.store = first.store
    if done != "end":
        assert await channel.step(second.tools) == "end"
    assert channel.variables["C156_DATA"] == "pedido=1234&situacao=ok"
    assert place_of(channel).outcome == "ended_in_menu"
    assert len(first.store.given) == 1


async def test_data_and_language_come_back_from_the_channel() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["8"])
    step = await waits(centre, channel)
    assert channel.variables["C156_DATA"] == "idioma=en"
    assert "/en/hello" not in channel.played  # there is no English of it: in Portuguese then
    assert "/sounds/hello" in channel.played
    await leaves(channel, step)
    again = full_centre()
    again.tools.store = centre.store
    channel.gone.clear()
    step = await waits(again, channel)
    assert channel.variables["C156_DATA"] == "idioma=en"
    assert again.tools.present[channel.call].language == "en"  # type: ignore[index]
    await leaves(channel, step)


async def test_a_message_is_recorded_after_the_tone() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["5"])
    assert await channel.step(centre.tools) == "end"
    file = f"/recordings/{channel.call}-recado-1.wav"
    assert channel.recorded == [(file, 60.0, 5.0)]
    assert channel.played[-3:] == ["/sounds/fale após o sinal", "tone", "/sounds/obrigado"]
    assert details(centre, Kind.MESSAGE_LEFT) == [{"file": file}]


async def test_a_message_that_broke_off_is_recorded_anew() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["5"], dies_after=6)
    assert await channel.step(centre.tools) == ""
    assert place_of(channel).messages == 1
    channel.dies_after = 10**9
    assert await channel.step(centre.tools) == "end"
    assert channel.recorded[-1][0].endswith("-recado-2.wav")


async def test_nobody_outside_is_reached_and_the_menu_goes_on() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["6"])
    assert await channel.step(centre.tools) == "outside"  # the dialplan calls the number
    assert channel.variables["C156_STAGE"] == "outside:menu:samu"
    channel.variables["DIALSTATUS"] = "NOANSWER"
    step = await waits(centre, channel)
    (tried,) = details(centre, Kind.TRANSFER_TRIED)
    assert (tried["destination"], tried["reached"]) == ("samu", False)
    assert place_of(channel).queue == "p156_geral"
    await leaves(channel, step)


async def test_a_call_outside_whose_step_broke_off_is_called_anew() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["6"])
    assert await channel.step(centre.tools) == "outside"
    assert await channel.step(centre.tools) == "outside"  # no dial has ended in between
    channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    await channel.step(centre.tools)
    (tried,) = details(centre, Kind.TRANSFER_TRIED)
    assert tried["reached"] is True


async def test_out_of_hours_another_queue_registers() -> None:
    centre = full_centre(calendar=NEVER)
    channel = centre.channel(keys=["2"])
    step = await waits(centre, channel)
    (queued,) = details(centre, Kind.QUEUED)
    assert (queued["queue"], queued["priority"]) == ("p156_geral", 30)
    assert queued["note"] == "fora do horário: registrar — reclamação"
    assert place_of(channel).note == "fora do horário: registrar — reclamação"
    await leaves(channel, step)


async def test_relay_is_known_and_told_to_the_agent() -> None:
    centre = full_centre(relay_numbers=("11 3333-4444",))
    channel = centre.channel(keys=["5"], caller="+551133334444")
    assert await channel.step(centre.tools) == "end"
    assert channel.recorded[0][2] == 0.0  # silence ends nothing for an interpreter
    other = centre.channel(call="n1-b-1.2", keys=["1"], caller="01133334444")
    step = await waits(centre, other)
    assert details(centre, Kind.QUEUED)[0]["note"] == "intermediação para surdos — outros"
    assert centre.tools.book.calls[other.call].relay  # type: ignore[index]
    await leaves(other, step)


async def test_a_call_finishes_on_the_version_it_began_on() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["4", "1"], dies_after=6)
    await channel.step(centre.tools)
    newer = Centre()  # serves other menus under another version's name
    current = newer.tools.plans.current
    serving = centre.tools.plans
    serving.serve(type(current)(current.lines, "v2", queues=current.queues))
    channel.dies_after, channel.keys = 10**9, ["1", "2", "3", "4"]
    assert await channel.step(centre.tools) == "end"
    assert place_of(channel).version == "v1"
    fresh = centre.channel(call="n1-b-1.3", keys=["1"])
    step = await waits(centre, fresh)
    assert place_of(fresh).version == "v2"
    await leaves(fresh, step)


async def test_a_value_is_made_while_the_words_before_it_play(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Voice, "slow", 0.02)
    centre = full_centre()
    channel = centre.channel(keys=["4", "1", "2", "3", "4"])
    assert await channel.step(centre.tools) == "end"
    assert channel.played[-4:] == [
        "/sounds/situação:",
        "/sounds/o",
        "/sounds/k",
        "/sounds/obrigado",
    ]


async def test_where_a_recording_is_gone_its_words_are_read_as_a_value_is() -> None:
    centre = full_centre()
    keys = [*[""] * len("opções"), "5"]
    channel = centre.channel(keys=keys, missing={"/sounds/opções", "/sounds/obrigado"})
    assert await channel.step(centre.tools) == "end"
    assert channel.played[:6] == [f"/sounds/{letter}" for letter in "opções"]
    assert channel.played[-8:] == [f"/sounds/{letter}" for letter in "obrigado"]
    assert isinstance(centre.tools.voice, Voice)
    assert centre.tools.voice.gone == ["/sounds/opções", "/sounds/obrigado"]


async def test_a_waiting_caller_too_is_not_left_in_silence() -> None:
    centre = full_centre()
    channel = centre.channel(keys=["1"], missing={"/sounds/aguarde"})
    step = await waits(centre, channel)
    await until(lambda: "/sounds/protocolo" in channel.played)
    assert [*"aguarde"] == [path[-1] for path in channel.played if len(path) == 9][:7]
    await leaves(channel, step)


async def test_a_text_that_nobody_ever_recorded_is_read_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Voice, "find", lambda *_: None)
    centre = full_centre()
    channel = centre.channel(keys=[*[""] * len("opções"), "5"])
    assert await channel.step(centre.tools) == "end"
    assert channel.played[:6] == [f"/sounds/{letter}" for letter in "opções"]
