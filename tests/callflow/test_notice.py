"""What a citizen hears in a notice, what the keys do, and what is left of it wherever it breaks."""

from __future__ import annotations

import asyncio

import pytest
from full_plan import details, leaves, place_of, until
from line_fakes import Nothing, mender_of
from notice_bed import ATTEMPT, KEYS, NUMBER, calling

from callflow import notice
from callflow.notice import person_priority
from dialer.campaign import KeyMeans, Mode
from dialer.notice import Hearing
from terms.facts import Kind
from terms.limits import DROP_AFTER
from terms.names import CallId, QueueName
from terms.notice_words import SENTENCES, Sentence, dropped_text
from terms.signals import CallEnded

CALL = CallId("n1-b-1.1")
THANKS, REFUSED, NOT_CALLED, NOT_WRITTEN, PERSON, WRONG, GOODBYE, UNKNOWN = (
    SENTENCES[one] for one in Sentence
)
CUT = "sua consulta é no dia"
"""The text, cut off by a key at its first words."""


@pytest.mark.parametrize(
    ("keys", "heard", "told"),
    [
        ([], ["texto", "texto", GOODBYE], []),
        (["", "", "1"], ["texto", THANKS], [KeyMeans.CONFIRM]),
        (["1"], [CUT, THANKS], [KeyMeans.CONFIRM]),
        (["3"], [CUT, REFUSED], [KeyMeans.REFUSE]),
        (["2", "1"], [CUT, CUT, THANKS], [KeyMeans.CONFIRM]),
        (["7", "", "1"], [CUT, WRONG, THANKS], [KeyMeans.CONFIRM]),
        (["*", "#", "8", "7"], [CUT, WRONG, WRONG, WRONG, GOODBYE], []),
        (["2", "2", "2", "2"], [CUT, CUT, CUT, CUT, GOODBYE], []),
    ],
)
async def test_keys_and_silence(keys: list[str], heard: list[str], told: list[KeyMeans]) -> None:
    one = calling(*keys)
    assert await one.step() == "end"
    assert one.spoken[: len(heard) - 1] == heard[:-1]
    assert one.spoken[-1] == heard[-1]
    assert one.dialler.told == told
    said = [fact["said"] for fact in details(one.centre, Kind.CAMPAIGN_ANSWER)]
    assert said == [means.value for means in told]
    assert place_of(one.channel).outcome == "ended_in_menu"


async def test_it_has_its_protocol_before_a_word_is_said() -> None:
    one = calling()
    one.channel.dies_after = 1  # the mark of the beginning
    assert await one.step() == ""
    assert one.spoken == []
    assert one.channel.variables["C156_PROTOCOL"] == one.centre.store.given[CALL]
    assert one.centre.tools.book.calls[CALL].caller == NUMBER
    assert one.channel.variables["C156_DATA"] == "dia=3&nome=Ana"  # for an agent's screen


async def test_a_store_that_is_late_lets_the_dialplan_try_again() -> None:
    one = calling("1")
    one.centre.store.overdue = True
    with pytest.raises(TimeoutError):
        await one.step()
    one.centre.store.overdue = False
    assert await one.step() == "end"
    assert one.dialler.told == [KeyMeans.CONFIRM]


async def test_the_wish_not_to_be_called_is_durable_before_it_is_confirmed() -> None:
    one = calling("0")
    assert await one.step() == "end"
    assert one.wishes.numbers == [NUMBER]
    assert one.spoken == [CUT, NOT_CALLED]
    assert one.dialler.told == [KeyMeans.DO_NOT_CALL]


@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_what_cannot_be_written_is_never_said_to_be(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice, "NOTICE_WRITE_WAIT", 0.02)
    one = calling("0")
    setattr(one.wishes, how, True)
    assert await one.step() == "end"
    assert one.wishes.numbers == []
    assert NOT_WRITTEN in one.spoken
    assert NOT_CALLED not in one.spoken
    assert one.dialler.told == []


async def test_after_an_answer_the_others_are_not_heard_but_a_person_and_a_wish_are() -> None:
    one = calling("1", "3", "0", "9")
    step = asyncio.create_task(one.step())
    await until(lambda: one.channel.music_on)
    assert one.dialler.told == [KeyMeans.CONFIRM, KeyMeans.DO_NOT_CALL, KeyMeans.PERSON]
    assert one.wishes.numbers == [NUMBER]
    await leaves(one.channel, step)


async def test_a_person_is_found_with_priority() -> None:
    one = calling("9")
    step = asyncio.create_task(one.step())
    await until(lambda: one.channel.music_on)
    (queued,) = details(one.centre, Kind.QUEUED)
    assert (queued["queue"], queued["priority"]) == ("p156_geral", 40)
    assert queued["note"] == "Consulta marcada"
    assert one.spoken[:3] == [CUT, PERSON, "aguarde"]
    one.centre.log_in("ana")
    assert await step == "dial"
    assert one.dialler.told == [KeyMeans.PERSON]
    one.channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    assert await one.step() == "end"
    assert place_of(one.channel).outcome == "served"
    assert "até logo" not in one.spoken  # who was called is not asked how they liked it (R62)


async def test_whoever_was_called_goes_before_whoever_calls() -> None:
    one = calling("9")
    ordinary = one.centre.channel(call="n1-b-1.2", keys=["1"])
    first = asyncio.create_task(ordinary.step(one.centre.tools))
    await until(lambda: ordinary.music_on)
    second = asyncio.create_task(one.step())
    await until(lambda: one.channel.music_on)
    one.centre.log_in("ana")
    assert await second == "dial"
    assert not first.done()
    await leaves(ordinary, first)


async def test_nobody_goes_before_an_emergency() -> None:
    one = calling("9", line="199", queue=QueueName("e199_arvore"))
    step = asyncio.create_task(one.step())
    await until(lambda: one.channel.music_on)
    (queued,) = details(one.centre, Kind.QUEUED)
    assert (queued["queue"], queued["priority"]) == ("e199_arvore", 95)
    await leaves(one.channel, step)
    rules = {rule.name: rule for rule in one.centre.table.rules}
    assert person_priority(rules[QueueName("p156_protocolo")]) == 50


async def test_a_queue_that_is_gone_leads_to_the_lines_own() -> None:
    one = calling("9", queue=QueueName("p156_fechada"))
    step = asyncio.create_task(one.step())
    await until(lambda: one.channel.music_on)
    assert place_of(one.channel).queue == "p156_geral"
    await leaves(one.channel, step)


async def test_without_a_queue_the_nine_means_nothing() -> None:
    one = calling("9", queue=QueueName(""))
    assert await one.step() == "end"
    assert one.spoken[:2] == [CUT, WRONG]
    assert one.dialler.told == []


async def test_the_nine_leads_to_a_person_even_while_goodbye_is_said() -> None:
    one = calling(*[""] * 9, "9")  # both texts and their silence, and the goodbye
    step = asyncio.create_task(one.step())
    await until(lambda: one.channel.music_on)
    assert GOODBYE in one.spoken
    assert one.dialler.told == [KeyMeans.PERSON]
    await leaves(one.channel, step)


@pytest.mark.parametrize("key", ["1", "3", "0"])
@pytest.mark.parametrize("dies_after", range(1, 12))
async def test_a_step_may_break_off_anywhere_and_each_answer_is_told_once(
    key: str, dies_after: int
) -> None:
    one = calling(key)
    one.channel.dies_after = dies_after
    if await one.step() != "end":
        one.channel.dies_after = 10**9
        one.channel.keys = one.channel.keys or [key]
        assert await one.step() == "end"
    assert one.dialler.told == [KEYS[key]]
    assert len(one.centre.store.of(Kind.CAMPAIGN_ANSWER)) == 1
    assert one.wishes.numbers == [NUMBER] * (key == "0")
    assert len(one.centre.store.given) == 1


@pytest.mark.parametrize("dies_after", range(1, 9))
async def test_control_may_die_and_the_next_one_goes_on(dies_after: int) -> None:
    first = calling("1")
    first.channel.dies_after = dies_after
    assert await first.step() in ("", "end")
    second = calling()
    second.centre.tools.store = first.centre.tools.store
    first.channel.dies_after, first.channel.keys = 10**9, [*first.channel.keys, "1"]
    if first.channel.variables["C156_STAGE"] != "ended":
        assert await first.channel.step(second.centre.tools) == "end"
    told = {*first.dialler.told, *second.dialler.told}
    assert told == {KeyMeans.CONFIRM}
    assert len(first.centre.store.given) == 1


async def test_a_hang_up_right_after_the_key_keeps_what_was_pressed() -> None:
    one = calling("1")
    one.channel.dies_after = 2  # the key is heard, and then nothing more is done on the channel
    assert await one.step() == ""
    assert one.dialler.told == [KeyMeans.CONFIRM]
    mender_of(one.centre, Nothing()).call_ended(CallEnded(CALL, one.centre.now, "menu"))
    (ended,) = details(one.centre, Kind.CALL_ENDED)
    assert ended["outcome"] == "left_in_menu"


async def test_a_person_who_was_asked_for_is_not_lost_with_the_step() -> None:
    one = calling("9")
    one.channel.dies_after = 3  # the mark that says so
    assert await one.step() == ""
    one.channel.dies_after = 10**9
    step = asyncio.create_task(one.step())
    await until(lambda: one.channel.music_on)
    assert one.spoken.count(CUT) == 1  # nothing is said again
    assert one.dialler.told == [KeyMeans.PERSON]
    await leaves(one.channel, step)


async def test_a_call_that_nobody_knows_says_who_we_are() -> None:
    one = calling("1")
    one.dialler.about = None
    assert await one.step() == "end"
    assert one.spoken == [UNKNOWN]
    assert place_of(one.channel).outcome == "interrupted"


async def test_the_dialler_may_fail_and_the_citizen_is_served() -> None:
    one = calling("1")
    one.dialler.fails = True
    assert await one.step() == "end"
    assert one.spoken == [CUT, THANKS]
    assert details(one.centre, Kind.CAMPAIGN_ANSWER)[0]["campaign"] == "lembrete"


# --- predictive ---
async def test_an_agent_who_is_free_is_there_at_once() -> None:
    one = calling(stage="waiting", mode=Mode.PREDICTIVE, keys={})
    one.centre.log_in("ana")
    one.dialler.agent = one.centre.log_in("bia")
    assert await one.step() == "dial"
    assert one.channel.variables["C156_AGENT"] == "bia"
    assert one.channel.variables["C156_WHISPER"] == ""  # nobody waits for it
    assert one.channel.variables["C156_BY_ITSELF"] == "1"
    assert 1.0 < float(one.channel.variables["C156_RING"]) <= DROP_AFTER
    assert one.spoken == []
    assert not one.channel.music_on


async def test_whoever_finds_no_agent_hears_who_called() -> None:
    one = calling(stage="waiting", mode=Mode.PREDICTIVE, keys={})
    step = asyncio.create_task(one.step())
    await until(lambda: CALL in one.centre.keeper.floor.callers)
    one.dialler.drop.set()
    assert await step == "end"
    assert one.spoken == [dropped_text("Secretaria Municipal da Saúde")]
    assert place_of(one.channel).outcome == "interrupted"


async def test_nobody_waits_longer_than_two_seconds_though_nobody_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert DROP_AFTER == 2.0  # R63
    monkeypatch.setattr(notice, "DROP_AFTER", 0.05)
    one = calling(stage="waiting", mode=Mode.PREDICTIVE, keys={})
    one.channel.dies_after = 1
    assert await one.step() == ""
    one.centre.now += 2.0
    one.channel.dies_after = 10**9
    assert await asyncio.wait_for(one.step(), 0.5) == "end"
    assert one.spoken == [dropped_text("Secretaria Municipal da Saúde")]
    assert len(one.centre.store.of(Kind.QUEUED)) == 1


async def test_an_agent_whose_phone_fails_is_followed_by_another_or_the_sentence() -> None:
    one = calling(stage="waiting", mode=Mode.PREDICTIVE, keys={})
    one.centre.log_in("ana")
    assert await one.step() == "dial"
    one.centre.now += 20.0
    one.channel.variables |= {"DIALSTATUS": "NOANSWER"}
    assert await one.step() == "end"
    assert one.spoken == [dropped_text("Secretaria Municipal da Saúde")]


async def test_a_talk_that_was_is_no_wait_for_an_agent_to_be_found() -> None:
    one = calling(stage="waiting", mode=Mode.PREDICTIVE, keys={})
    one.centre.log_in("ana")
    assert await one.step() == "dial"
    one.channel.variables |= {"DIALSTATUS": "ANSWER", "C156_JOINED": "1"}
    assert await one.step() == "end"
    assert place_of(one.channel).outcome == "served"
    assert one.spoken[:1] == ["seu protocolo é"]


async def test_who_hangs_up_in_these_seconds_is_nobodys_talk() -> None:
    one = calling(stage="waiting", mode=Mode.PREDICTIVE, keys={})
    step = asyncio.create_task(one.step())
    await until(lambda: CALL in one.centre.keeper.floor.callers)
    await leaves(one.channel, step)
    assert one.spoken == []


def test_calls_of_others_are_not_told_here() -> None:
    assert Hearing.from_text("menu:0:1:::") == Hearing()
    assert ATTEMPT.endswith("-1")
