"""Predictive calls over real SIP (R63): agents' phones answer by themselves, because they are asked
to; the agent is at the citizen's ear within two seconds of the answer. Who finds nobody, for want
of an agent or of a phone that answers, hears who called; that is a drop, shown in the hour, and
while the hour is over its cap nobody is called for whom no agent is free."""

from __future__ import annotations

import asyncio
import time
import wave
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from call_back_bed import calling_centre
from calls_bed import OnTheLine, on_the_line, soon
from campaign_bed import Campaign, campaign, number
from centre_bed import Centre
from house import CHECKOUT

from phones.ears import RATE, Sound, level_of, prompts_heard, sound_in, sound_of
from phones.phone import AgentPhone, Line, tone
from protocol_store.reports.catalogue import REPORTS
from protocol_store.reports.making import make
from terms.limits import DROP_AFTER, DROPS_SHARE, SILENT_TALK
from terms.notice_words import dropped_text
from terms.sheet import Asked
from voice.library import RECORDED_HERE
from voice.recording import make_missing

pytestmark = pytest.mark.switch

PORTS, RTP = 25200, 49600
QUEUE, BODY = "p156_zeladoria", "Secretaria de Teste"
ONCE = "tentativas: 1\ntentativas_por_dia: 1\n"
AGENT, STEP, LOUD = 440.0, RATE // 20, 400
"""What agents say (Hz); how exactly it is told when they began; what is no noise."""
TALK, NEAR = 2.5, 0.8
"""Seconds: of a talk, longer than DROP_AFTER; what a busy machine may add."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("predictive"), PORTS, RTP) as running:
        yield running


async def _obeys(ringing: Line) -> None:
    """A softphone that answers when the switch asks it to."""
    if ringing.asks_to_answer:
        ringing.say(tone(AGENT, 1.0), repeat=True)
        await ringing.pick_up()


def _heard_at(line: Line) -> float | None:
    """When the agent was first heard by a citizen (s from the answer)."""
    sound = sound_of(bytes(line.heard))
    for start in range(0, len(sound) - STEP, STEP):
        part = sound[start : start + STEP]
        if abs(part).mean() > LOUD and level_of(part, AGENT) > 0.5:
            return start / RATE
    return None


class Citizens:
    """Telephones of the city; each is picked up, once they may be, and hung up after the talk."""

    def __init__(self, phones: list[AgentPhone]) -> None:
        self.phones = phones
        self.may = asyncio.Event()
        self.may.set()
        self.at_once: list[int] = []
        """How many rang, at each that began to."""
        for phone in phones:
            phone.on_ring = self._rings

    @classmethod
    async def of(cls, line: OnTheLine, count: int) -> Citizens:
        """New ones."""
        return cls([await line.phones.outside(number(0)) for _ in range(count)])

    @property
    def numbers(self) -> list[str]:
        return [phone.name for phone in self.phones]

    @property
    def lines(self) -> list[Line]:
        found = [line for phone in self.phones for line in phone.lines]
        return sorted(found, key=lambda line: line.began)

    async def _rings(self, line: Line) -> None:
        self.at_once.append(sum(not (one.is_answered or one.is_over) for one in self.lines))
        await self.may.wait()
        await line.pick_up()
        await line.answered(5)
        line.say(tone(1_000.0, 1.0), repeat=True)
        while not line.is_over and _heard_at(line) is None:
            await asyncio.sleep(0.1)
        if not line.is_over and _heard_at(line) is not None:
            await asyncio.sleep(TALK)
            await line.hang_up()


async def _work(line: OnTheLine, phone: AgentPhone) -> None:
    """Ready again as soon as a talk is over."""
    while True:
        await asyncio.sleep(0.3)
        if (await asyncio.to_thread(line.of, phone.name))["state"] == "wrap_up":
            await asyncio.to_thread(line.centre.post, f"/v1/agents/{phone.name}/ready")


def _results(made: Campaign) -> dict[str, str]:
    return {row["number"]: row["result"] for row in made.attempts()}


def _campaign(centre: Centre, citizens: Citizens) -> Campaign:
    made = campaign(centre, citizens.numbers, queue=QUEUE, more=ONCE, mode="preditivo")
    made.act("start")
    return made


def _told(line: Line, sentence: Sound) -> float:
    """When a citizen began to hear who had called (s from the answer)."""
    (found,) = prompts_heard(sound_of(bytes(line.heard)), [("sentence", sentence)])
    return found.at


async def test_an_agent_at_the_ear_or_who_called(centre: Centre) -> None:
    since = time.time()
    sentence = _sentence(centre)
    async with on_the_line(centre, port=PORTS + 50) as line:
        ana, bia, deaf = [await line.agent_off_duty(name, QUEUE) for name in ("ana", "bia", "caio")]
        ana.on_ring = bia.on_ring = _obeys
        working = [asyncio.create_task(_work(line, one)) for one in (ana, bia)]
        await line.on_duty(ana.name)
        await line.on_duty(bia.name)

        served = await Citizens.of(line, 2)
        made = await asyncio.to_thread(_campaign, centre, served)
        await soon(made.over, 30, "all are called")
        assert Counter(_results(made).values()) == {"answered": 2}
        after = [_heard_at(one) for one in served.lines]
        assert all(at is not None and at <= DROP_AFTER for at in after), after
        await line.off_duty(bia.name)
        await line.off_duty(ana.name)

        # a phone that nobody has told to answer: it rings no longer than the citizen may wait
        await line.on_duty(deaf.name)
        few = await Citizens.of(line, 4)
        made = await asyncio.to_thread(_campaign, centre, few)
        await soon(lambda: "dropped" in _results(made).values(), 15, "the drop")
        (dropped,) = few.lines
        assert deaf.lines[0].asks_to_answer
        assert not deaf.lines[0].is_answered
        rang = (deaf.lines[0].closed_at or 0.0) - deaf.lines[0].began
        assert DROP_AFTER - NEAR < rang < DROP_AFTER + NEAR
        assert _told(dropped, sentence) < DROP_AFTER + NEAR
        await line.is_paused(deaf.name, "não-atendeu")

        # two answer at the same moment, and one of the agents has just gone
        few.may.clear()
        await line.on_duty(ana.name)
        await line.on_duty(bia.name)
        await soon(lambda: len(few.lines) == 3, 10, "two calls")
        await line.off_duty(bia.name)
        few.may.set()
        await soon(lambda: Counter(_results(made).values())["dropped"] == 2, 10, "another drop")
        (surplus,) = [one for one in few.lines[1:3] if _heard_at(one) is None]
        assert _told(surplus, sentence) < DROP_AFTER + NEAR
        await soon(made.over, 30, "all are called")
        # far over the cap: from then on nobody is called for whom no agent is free
        assert few.at_once[3:] == [1]
        drops = (await asyncio.to_thread(centre.get, f"/v1/campaigns/{made.name}/progress"))[
            "drops"
        ]
        assert (drops["answers"], drops["dropped"]) == (4, 2)
        assert drops["share"] > drops["limit"] == DROPS_SHARE
        await asyncio.to_thread(_counted, centre, made, since)
        for task in working:
            task.cancel()


HEARD = {
    "pessoa": (0.6, "answered", ""),
    "caixa postal": (5.5, "answered", "machine"),
    "muda": (0.0, "silent", "silent"),
}
"""Of whoever picks up: seconds of speech, and what the attempt is in the end, with what advice."""


async def _picks_up(line: Line, speech: float) -> None:
    await line.pick_up()
    await line.answered(5)
    await asyncio.sleep(0.5)
    line.say(tone(1_000.0, speech) if speech else b"")


async def _a_caller_rings_as_ever(line: OnTheLine) -> None:
    eva = await line.agent("eva", "p156_geral")
    caller = await line.queued("156", "9")
    assert not (await line.rung(eva)).asks_to_answer
    await caller.line.hang_up()


async def test_the_first_words_are_advice_to_whoever_talks(centre: Centre) -> None:
    """With an agent first, who says nothing of it: a mailbox is only advised of, silence is tried
    again."""
    async with on_the_line(centre, port=PORTS + 50) as line:
        agents = [await line.agent(name, QUEUE) for name in ("ana", "bia", "caio")]
        for agent in agents:
            agent.on_ring = Line.pick_up
        working = [asyncio.create_task(_work(line, one)) for one in agents]
        phones = [await line.phones.outside(number(0)) for _ in HEARD]
        for phone, (speech, _, _) in zip(phones, HEARD.values(), strict=True):
            phone.on_ring = partial(_picks_up, speech=speech)
        numbers = [phone.name for phone in phones]
        made = await asyncio.to_thread(campaign, centre, numbers, queue=QUEUE, more=ONCE)
        await asyncio.to_thread(made.act, "start")
        await soon(lambda: all(phone.lines for phone in phones), 15, "three calls")
        await asyncio.gather(_a_caller_rings_as_ever(line), asyncio.sleep(SILENT_TALK + 2.0))
        for agent in agents:
            assert not agent.lines[0].asks_to_answer  # the agent is there before the citizen
            await agent.lines[0].hang_up()
        await soon(made.over, 15, "all are over")
        rows = {row["number"]: (row["result"], row["advice"] or "") for row in made.attempts()}
        ends = [end for _, *end in HEARD.values()]
        assert [list(rows[one]) for one in numbers] == ends
        for task in working:
            task.cancel()


def _sentence(centre: Centre) -> Sound:
    """Who called, in our voice; any speech does, for it is compared as sound."""
    here = centre.settings.state_dir / RECORDED_HERE
    with wave.open(
        str(next((CHECKOUT / "sounds/recorded").glob("a-prefeitura-de-sao-paulo*.wav")))
    ) as opened:
        speech = opened.readframes(2 * RATE)
    make_missing([("pt", dropped_text(BODY))], here, lambda *_: speech)
    return sound_in(next(here.glob("esta-ligacao-foi*.wav")))


def _counted(centre: Centre, made: Campaign, since: float) -> None:
    """Both are drops of this hour; in no queue has anybody given up, and nobody is owed a call."""
    shown = centre.get(f"/v1/campaigns/{made.name}")
    assert shown["results"] == {"atendida": 2, "sem atendente": 2}
    asked = Asked(since, time.time() + 1, campaign=made.name)
    report = make(centre.settings.store_url, REPORTS["campanha-sem-atendente"], asked, time.time())
    assert report.totals is not None
    assert report.totals["dropped"] == 2
    share = report.totals["drop_share"]
    assert isinstance(share, float)
    assert share > DROPS_SHARE
    (queue,) = [one for one in centre.floor()["queues"] if one["queue"] == QUEUE]
    assert queue["abandoned"] == 0
    assert centre.rows("SELECT * FROM tasks") == []
    for row in made.attempts():
        (call,) = centre.calls_of(row["number"])
        assert (call["campaign"], len(call["protocol"])) == (made.name, 9)
