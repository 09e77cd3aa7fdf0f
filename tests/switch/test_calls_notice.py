"""Notices over real SIP, to the citizen's ear: the text with its values, what each key does, a
person with priority, silence, and a mailbox that hears it all after its own greeting (R66). And
predictive calls: an agent within two seconds, or one sentence (R63). And a mass alert."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest
from call_back_bed import calling_centre
from calls_bed import OnTheLine, on_the_line, soon
from campaign_bed import hands
from centre_bed import Centre
from hearing import Ear
from house import CHECKOUT

from phones.ears import prompts_heard, sound_in, sound_of
from phones.phone import AgentPhone, Line, tone
from reader.campaign_file import read_campaign
from terms.limits import DROP_AFTER
from terms.notice_words import SENTENCES, Sentence, dropped_text
from voice.library import RECORDED_HERE
from voice.recording import make_missing

pytestmark = pytest.mark.switch

PORTS, RTP = 27000, 47000
EXAMPLES = CHECKOUT / "dialplans" / "campanhas"
ROADWORKS, RAIN = (
    read_campaign((EXAMPLES / name).read_bytes(), name)
    for name in ("aviso_de_obra.yaml", "alerta_de_chuva.yaml")
)
WHAT = "Tecle um para confirmar, três para desmarcar, ou nove para falar com um atendente."
BODY = "Secretaria de Teste"
TICKET = "482"
"""What the list says of each contact."""

WORD, GREETING = 0.45, 5.0
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with calling_centre(tmp_path_factory.mktemp("notice"), PORTS, RTP) as running:
        yield running


@dataclass
class Notice:
    """A notice of this centre."""

    centre: Centre
    name: str

    def attempt(self, number: str) -> dict[str, Any]:
        """The only attempt at this number, once it has ended. Blocking."""
        rows = self.centre.rows(
            "SELECT * FROM attempts WHERE campaign = ? AND number = ?", self.name, number
        )
        assert len(rows) < 2, rows
        return rows[0] if rows and rows[0]["ended_at"] is not None else {}


def notice(centre: Centre, name: str, spoken: str, keys: str, numbers: list[str]) -> Notice:
    """A new one, to these numbers, started. Blocking."""
    return started(centre, name, numbers, f"modo: aviso\nfala: '{spoken}'\nteclas: {keys}\n")


def started(
    centre: Centre, name: str, numbers: list[str], more: str, queue: str = "p156_geral"
) -> Notice:
    """A new campaign, to these numbers. Blocking."""
    yaml = (
        f"campanha: {name}\ntipo: aviso\norgao: {BODY}\n"
        f"assunto: Obra na rua\nfila: {queue}\nmostra: 1131560156\nrotas: [principal]\n"
        f"horario: {{todos os dias: 0:00 a 24:00, feriados: 0:00 a 24:00}}\ntentativas: 1\n"
        f"tentativas_por_dia: 1\n{more}"
        "lista:\n  campos:\n    senha: Senha\n"
    )
    centre.post("/v1/campaigns", name=name, yaml=yaml)
    csv = "Telefone;Senha\n" + "".join(f"{one};{TICKET}\n" for one in numbers)
    centre.post("/v1/campaigns/list", campaign=name, file="lista.csv", csv=csv)
    centre.post(f"/v1/campaigns/{name}/start")
    return Notice(centre, name)


def _speech(seconds: float) -> bytes:
    """Recorded sentences in a row, as long as this."""
    said = b""
    for file in sorted((CHECKOUT / "sounds/recorded").glob("*.wav")):
        with wave.open(str(file)) as opened:
            said += opened.readframes(opened.getnframes())[3_200:-3_200]
        if len(said) >= seconds * 16_000:
            return said[: round(seconds * 16_000)]
    raise AssertionError("there is not so much speech")


async def _answers(phone: AgentPhone, says: bytes) -> Line:
    """The citizen's telephone rings, is picked up, and somebody speaks."""
    await soon(lambda: phone.lines, 20, f"the call to {phone.name}")
    line = phone.lines[0]
    await line.pick_up()
    await line.answered(5)
    await asyncio.sleep(0.4)
    line.say(says)
    return line


async def _presses(phone: AgentPhone, key: str) -> Line:
    """… and hears a part of the text."""
    line = await _answers(phone, _speech(WORD))
    await asyncio.sleep(5.0)
    await line.press(key)
    return line


def _number() -> str:
    return f"1196{next(_numbers):07d}"


def _recording(ear: Ear, text: str) -> str:
    found = ear.library.find(text)
    assert found is not None, text
    return found.path.rpartition("/")[2]


async def _keys_silence_and_a_mailbox(centre: Centre, line: OnTheLine) -> None:
    numbers = [_number() for _ in range(5)]
    one, nine, zero, silent, mailbox = [await line.phones.outside(each) for each in numbers]
    roadworks = await asyncio.to_thread(
        notice, centre, "obra", ROADWORKS.spoken,
        "{1: confirma, 2: repete, 9: atendente, 0: nao_ligar}", numbers[:3],
    )  # fmt: skip
    health = await asyncio.to_thread(
        notice, centre, "saude", f"{{senha:digitos}} {WHAT}",
        "{1: confirma, 3: recusa, 9: atendente}", numbers[3:],
    )  # fmt: skip
    ear = Ear(centre)
    ana = await line.agent_off_duty("ana", "p156_geral")
    confirmed, asked, refused, unheard, recorded = await asyncio.gather(
        _presses(one, "1"),
        _presses(nine, "9"),
        _presses(zero, "0"),
        _answers(silent, _speech(WORD)),
        _answers(mailbox, _speech(GREETING)),
    )
    await _talks(line, ana, asked)
    for heard in (confirmed, refused, asked):
        await heard.over(20)
    whole = _recording(ear, ROADWORKS.spoken)
    for heard, after in ((confirmed, Sentence.CONFIRMED), (refused, Sentence.NOT_CALLED)):
        names = ear.names(heard, [whole])
        assert names == [whole, _recording(ear, SENTENCES[after])]
    assert ear.names(asked, [whole])[:2] == [whole, _recording(ear, SENTENCES[Sentence.PERSON])]
    said = _recording(ear, WHAT)
    ticket = [_recording(ear, f"{word}.") for word in ("Quatro", "Oito", "Dois")]
    await soon(lambda: said in ear.names(recorded, [said]), 20, "the mailbox hears the text")
    await asyncio.sleep(ear.seconds(said))
    await recorded.hang_up()  # it is full
    found = [each for each in ear.heard(recorded, [said]) if each.name in (*ticket, said)]
    assert found[0].at > 0.4 + GREETING  # it has missed nothing
    assert found[-1].name == said
    await unheard.over(40)
    goodbye = _recording(ear, SENTENCES[Sentence.GOODBYE])
    names = [name for name in ear.names(unheard, [said]) if name not in ticket]
    assert names == [said, said, goodbye]
    for number, of, word in (
        (numbers[0], roadworks, "confirma"),
        (numbers[1], roadworks, "atendente"),
        (numbers[2], roadworks, "nao_ligar"),
        (numbers[3], health, ""),
    ):
        row = await soon(partial(of.attempt, number), 8, "the end")
        assert (row["result"], row["said"]) == ("answered", word), row
    row = await soon(lambda: health.attempt(numbers[4]), 8, "the mailbox's end")
    assert (row["result"], row["said"]) == ("machine", ""), row
    await _stories(centre, numbers)


async def _talks(line: OnTheLine, ana: AgentPhone, citizen: Line) -> None:
    """The agent is found, and both are heard."""
    await asyncio.sleep(5.0)  # the sentence that a person is sought is heard whole
    await line.on_duty(ana.name)
    ringing = await line.rung(ana, seconds=12)
    await ringing.pick_up()
    await ringing.answered(5)
    citizen.say(tone(1_000.0, 1.0), repeat=True)
    ringing.say(tone(440.0, 1.0), repeat=True)
    before = ringing.loud_seconds
    await asyncio.sleep(3.0)
    assert ringing.loud_seconds > before + 1.0
    await ringing.hang_up()


async def _stories(centre: Centre, numbers: list[str]) -> None:
    """Each call has a protocol, its campaign, and what was said; the wish is durable."""
    outcomes = {}
    for number in numbers:
        (call,) = await asyncio.to_thread(centre.calls_of, number)
        assert call["entry"] == "campanha"
        assert call["campaign"] in ("obra", "saude")
        assert len(call["protocol"]) == 9
        outcomes[number] = call["outcome"]
    assert [*outcomes.values()] == [
        "ended_in_menu", "served", *["ended_in_menu"] * 2, "left_in_menu",
    ]  # fmt: skip
    (queued,) = [
        fact for fact in centre.facts(centre.calls_of(numbers[1])[0]["call_id"])
        if fact["kind"] == "queued"
    ]  # fmt: skip
    assert '"priority": 40' in queued["details"].replace('":4', '": 4')
    wishes = centre.rows("SELECT * FROM do_not_call WHERE number = ?", numbers[2])
    assert [one["ended_at"] for one in wishes] == [None]


async def _an_agent_at_once_or_who_called(centre: Centre, line: OnTheLine) -> None:
    """Of a predictive campaign."""
    sentence = dropped_text(BODY)
    here = centre.settings.state_dir / RECORDED_HERE
    make_missing([("pt", sentence)], here, lambda *_: _speech(4.0))
    async with hands(line, "bia", queue="p156_zeladoria") as (bia,):
        numbers = [_number(), _number()]
        served, dropped = [await line.phones.outside(each) for each in numbers]
        made = await asyncio.to_thread(
            started, centre, "preditiva", numbers, "modo: preditivo\n", "p156_zeladoria"
        )
        await soon(lambda: served.lines or dropped.lines, 20, "the first call")
        first, second = (served, dropped) if served.lines else (dropped, served)
        heard = first.lines[0]
        await heard.pick_up()
        await heard.answered(5)
        await soon(lambda: bia.taken and bia.taken[0].is_answered, 5, "the agent's answer")
        assert bia.taken[0].answered_at is not None
        assert heard.answered_at is not None
        assert bia.taken[0].answered_at - heard.answered_at < 2.0  # R63
        bia.taken[0].say(tone(440.0, 1.0), repeat=True)
        await soon(lambda: heard.loud_seconds > 0.5, 5, "the agent is heard")
        await heard.hang_up()
        await soon(lambda: second.lines, 30, "the next call")
        await line.off_duty(bia.phone.name)
        left = second.lines[0]
        await left.pick_up()
        await left.over(15)
        sound = sound_in(here / next(here.glob("esta-ligacao-foi*.wav")).name)
        (told,) = prompts_heard(sound_of(bytes(left.heard)), [("sentence", sound)])
        assert told.at < DROP_AFTER + 1.0
        ends = {}
        for phone in (first, second):
            row = await soon(partial(made.attempt, phone.name), 8, "the end")
            ends[phone.name] = (row["result"], row["agent"])
        assert ends == {
            first.name: ("answered", bia.phone.name),
            second.name: ("dropped", None),
        }


async def _an_alert(centre: Centre, line: OnTheLine) -> None:
    """For a part of a list, by a supervisor's word; it stops within a second."""
    made = await asyncio.to_thread(centre.post, "/v1/persons", name="carla", role="supervisor")
    carla = partial(asyncio.to_thread, _ask, centre, made["token"])
    numbers = [_number() for _ in range(3)]
    here, late, elsewhere = [await line.phones.outside(each) for each in numbers]
    zones = "".join(
        f"{number};{zone}\n"
        for number, zone in zip(numbers, ("Leste", "SUL", "norte"), strict=True)
    )
    kept = await carla(
        "",
        name="chuva",
        text=RAIN.spoken,
        subject="Deslizamento",
        csv=f"Celular;Zona\n{zones}",
        where={"Zona": ["leste", "sul"]},
        queue="e199_risco",
        caller_id="1131560199",
        attempts=1,
    )
    assert (kept.status_code, kept.json()["contacts"]) == (201, 2), kept.text
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        await asyncio.to_thread(centre.post, "/v1/alerts/chuva/start")
    begun = await carla("/chuva/start")
    assert begun.status_code == 200, begun.text
    heard = await _presses(here, "1")
    await heard.over(15)
    ear = Ear(centre)
    text = _recording(ear, RAIN.spoken)
    assert ear.names(heard, [text]) == [text, _recording(ear, SENTENCES[Sentence.CONFIRMED])]
    await soon(lambda: late.lines, 10, "the other number rings")
    stopping = time.monotonic()
    stopped = await carla("/chuva/stop", because="a chuva parou")
    assert stopped.status_code == 200, stopped.text
    await late.lines[0].over(5)
    closed = late.lines[0].closed_at
    assert closed is not None
    assert closed - stopping < 1.0
    far = await asyncio.to_thread(centre.get, "/v1/alerts/chuva")
    told = {name: far[name] for name in ("confirmed", "asked_person", "life_safety", "text")}
    assert told == {
        "confirmed": 1, "asked_person": 0, "life_safety": "carla", "text": RAIN.spoken,
    }  # fmt: skip
    assert elsewhere.lines == []


def _ask(centre: Centre, token: str, path: str, **body: object) -> httpx.Response:
    return httpx.post(
        f"{centre.settings.api_url}/v1/alerts{path}",
        json=body or None,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=20.0,
    )


async def test_notices_and_predictive_calls(centre: Centre) -> None:
    """All at the same time, so that nobody waits twice for silence."""
    async with on_the_line(centre, port=PORTS + 50) as line:
        await asyncio.gather(
            _keys_silence_and_a_mailbox(centre, line),
            _an_agent_at_once_or_who_called(centre, line),
            _an_alert(centre, line),
        )


async def test_control_dies_in_a_notice(centre: Centre) -> None:
    """The text is heard again from its beginning, the answer kept, nobody rung twice; nor is an
    answer lost with the control that heard it."""
    async with on_the_line(centre, port=PORTS + 50) as line:
        numbers = [_number(), _number()]
        phone, quick = [await line.phones.outside(each) for each in numbers]
        made = await asyncio.to_thread(
            notice, centre, "queda", f"{{senha:digitos}} {WHAT}",
            "{1: confirma, 3: recusa, 9: atendente}", numbers,
        )  # fmt: skip
        heard, gone = await asyncio.gather(
            _answers(phone, _speech(WORD)), _answers(quick, _speech(WORD))
        )
        ear = Ear(centre)
        said = _recording(ear, WHAT)
        await soon(lambda: said in ear.names(heard, [said]), 15, "the text")
        await gone.press("1")
        await soon(partial(_answered, centre, numbers[1]), 5, "the answer's fact")
        os.kill(centre.control_pid(), signal.SIGKILL)
        await gone.hang_up()
        first = _recording(ear, "Quatro.")
        await soon(lambda: ear.names(heard, [said]).count(first) == 2, 20, "the next control")
        await asyncio.sleep(4.0)  # so much of the text that it can be told
        await heard.press("3")
        await heard.over(20)
        names = ear.names(heard, [said])
        assert names.count(said) == 2
        assert names[-1] == _recording(ear, SENTENCES[Sentence.REFUSED])
        for number, word in zip(numbers, ("recusa", "confirma"), strict=True):
            row = await soon(partial(made.attempt, number), 10, "the end")
            assert (row["result"], row["said"]) == ("answered", word), row
            (call,) = await asyncio.to_thread(centre.calls_of, number)
            assert (call["campaign"], len(call["protocol"])) == ("queda", 9)
        assert len(phone.lines) == len(quick.lines) == 1


def _answered(centre: Centre, number: str) -> bool:
    calls = centre.calls_of(number)
    kinds = [one["kind"] for one in centre.facts(calls[0]["call_id"])] if calls else []
    return "campaign_answer" in kinds
