"""Campaigns at work over HTTP: started, watched, paused, stopped; agents look, and say what has
picked up. The dialler, the floor and the store are real; the switch only remembers its orders."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_bed import RISCO, Bed
from click.testing import CliRunner
from test_api_campaigns import keep, load

from acd.effects import OutOrder
from acd.events import TalkEnded
from callflow.call_back import CallBacks
from callflow.dial_out import DialOut, OutCaps
from callflow.dialler import Dialler
from central156.campaign_store import StoredCampaigns
from central156.cli import main
from dialer.caps import CapRules, Caps
from dialer.dialling import Dialling
from dialer.trunks import Trunk
from reader.campaign_file import CampaignFile
from terms.names import AgentName, AttemptId, CallId, OfferId, Seconds, TrunkName
from terms.signals import CallOutTold

ALWAYS = {"horario": "{todos os dias: '0:00 a 24:00', feriados: '0:00 a 24:00'}"}
PRINCIPAL = TrunkName("principal")
NUMBERS = itertools.count(10_000)


@dataclass
class Switch:
    """Orders, in their order; nothing rings."""

    orders: list[Mapping[str, str]] = field(default_factory=list)
    hung_up: list[AttemptId] = field(default_factory=list)

    async def call_out(
        self, agent: AgentName, attempt: OfferId, seconds: Seconds, order: Mapping[str, str]
    ) -> None:
        self.orders.append(order)

    async def call_alone(
        self, attempt: AttemptId, seconds: Seconds, order: Mapping[str, str]
    ) -> None:
        self.orders.append(order)

    async def hang_up_attempt(self, attempt: AttemptId) -> None:
        self.hung_up.append(attempt)


@dataclass
class Line:
    """A bed whose centre makes calls."""

    bed: Bed
    dialler: Dialler
    switch: Switch

    def made(self, mode: str = "", kind: str = "pesquisa", contacts: int = 2, **more: str) -> str:
        """A campaign with contacts; its name."""
        number = next(NUMBERS)
        name = f"campanha_{number}"
        own = {"modo": mode} if mode else {}
        queue = more.pop("fila", "p156_geral")
        kept = keep(self.bed, name, queue=queue, tipo=kind, **own, **ALWAYS, **more)
        assert kept.status_code == 201, kept.text
        rows = [f"José;119{number}{place:03};{place}" for place in range(contacts)]
        assert load(self.bed, name, "\n".join(["Nome;Celular;Protocolo", *rows])).is_success
        return name

    def order(self, act: str, name: str, role: str = "supervisor") -> httpx.Response:
        body = None if act == "start" else {"because": f"teste de {act}"}
        with self.bed.client(role) as who:
            return who.post(f"/v1/campaigns/{name}/{act}", json=body)

    def answered(self, order: Mapping[str, str]) -> None:
        """The agent and the citizen of this order talk."""
        about = (OfferId(order["C156_OFFER"]), AgentName(order["C156_AGENT"]))
        attempt = AttemptId(order["C156_ATTEMPT"])
        call = CallId(f"n1-c-{attempt}".replace(".", "-"))
        self.dialler.told(CallOutTold(*about, "up", "", "", time.time(), attempt))
        self.dialler.answered(call, time.time(), about[0], attempt)

    def over(self) -> None:
        """What was hung up has ended."""
        for one in tuple(self.dialler.courses.of.values()):
            if one.answered_at is None:
                about = (one.offer, one.agent, "over", "", "", time.time(), one.attempt)
                self.dialler.told(CallOutTold(*about))
            elif one.ended_at is None:
                self.bed.keeper.tell(TalkEnded(one.offer))
                self.dialler.ended(one.call, one.attempt, time.time())


def soon(found: Callable[[], Any], seconds: float = 3.0) -> Any:
    """What is found in time."""
    until = time.monotonic() + seconds
    while not (value := found()) and time.monotonic() < until:
        time.sleep(0.02)
    assert value
    return value


@pytest.fixture(scope="module")
def line(bed: Bed) -> Iterator[Line]:
    def open_line() -> Line:
        trunks = {PRINCIPAL: Trunk(PRINCIPAL, "principal", month=10)}
        bed.centre.trunks.current = trunks
        switch = Switch()
        out = DialOut(switch, bed.keeper.clock, OutCaps(trunk=True, per_number=20))
        rules = CapRules(trunks, per_second=100, per_number=20)
        dialler = Dialler(
            *(Dialling(Caps(rules)), bed.keeper, StoredCampaigns(bed.store, "11"), out, time.time),
            book=bed.book,
        )
        dialler.linked = True  # this switch hears at once
        backs = CallBacks(bed.keeper, bed.store.promises, bed.book, out)

        def obey(order: OutOrder) -> None:
            if not dialler.obey(order):
                backs.obey(order)

        bed.keeper.call_out = obey
        assert bed.ear.shifts is not None
        bed.centre.campaigns.plug(dialler, bed.keeper, bed.ear.shifts)
        return Line(bed, dialler, switch)

    running = bed.do(open_line)
    bed.enrol("ana")
    yield running
    bed.do(running.dialler.leave)


@pytest.fixture
def at_work(line: Line) -> Iterator[Line]:
    """Ana is there for one test, and nothing of it is left."""
    with line.bed.client("agent") as ana:
        ana.post("/v1/agents/ana/login")
        yield line
        for name, turns in line.dialler.dialling.campaigns.items():
            if turns.runs:
                line.order("stop", name)
        line.bed.do(line.over)
        ana.post("/v1/agents/ana/ready")
        ana.post("/v1/agents/ana/logout")
    line.switch.orders.clear()


def test_a_campaign_from_its_start_to_its_stop(at_work: Line) -> None:
    line = at_work
    name = line.made()
    started = line.order("start", name)
    assert started.status_code == 200, started.text
    assert started.json()["state"] == "running"
    order = soon(lambda: line.switch.orders)[0]
    assert (order["C156_CAMPAIGN"], order["C156_AGENT"]) == (name, "ana")
    with line.bed.client("auditor") as aurora:
        screen = line.bed.do(line.bed.centre.screen, AgentName("ana"), True)
        assert screen["campaign"]["fields"]["nome"] == "José"
        assert "José" in screen["campaign"]["script"]
        far = soon(lambda: _in_course(aurora, name))
        assert (far["contacts"], far["to_go"], far["called"]) == (2, 2, 1)
        (way,) = far["ways"]
        assert (way["trunk"], way["month"], way["limit"]) == ("principal", 1, 10)
    again = line.order("start", name)
    assert again.status_code == 409
    assert again.json()["erro"] == f"a campanha {name} já está em curso"
    paused = line.order("pause", name)
    assert (paused.json()["state"], paused.json()["because"]) == ("paused", "teste de pause")
    assert paused.json()["changed_by"] == "sofia"
    assert line.order("pause", name).status_code == 409
    assert line.switch.hung_up == []
    assert line.order("start", name).json()["state"] == "running"
    stopped = line.order("stop", name)
    assert stopped.status_code == 200
    soon(lambda: line.switch.hung_up == [order["C156_ATTEMPT"]], 1.0)
    assert line.order("start", name).status_code == 409


def _in_course(who: httpx.Client, name: str) -> Any:
    far = who.get(f"/v1/campaigns/{name}/progress").json()
    return far if far["in_course"] else None


def test_what_a_campaign_lacks_is_said_in_one_sentence(line: Line) -> None:
    name = f"campanha_{next(NUMBERS)}"
    keep(line.bed, name, **ALWAYS)
    assert "não tem contatos" in line.order("start", name).json()["erro"]
    name = line.made(rotas="[outra]")
    refused = line.order("start", name).json()["erro"]
    assert refused == "rota desconhecida: outra; há: principal"
    name = line.made(ate="01/01/2020 9:00")
    assert "prazo" in line.order("start", name).json()["erro"]
    with line.bed.client("agent") as ana:
        assert ana.post(f"/v1/campaigns/{name}/start").status_code == 403


def test_a_text_without_its_voice_keeps_a_campaign_from_starting(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def speaks(read: CampaignFile) -> str:
        asked.append(str(read.campaign.name))
        return "o texto da campanha não pode ser falado: falta a voz"

    monkeypatch.setattr(line.bed.centre.campaigns, "speaks", speaks)
    name = line.made()
    refused = line.order("start", name)
    assert (refused.status_code, asked) == (409, [name])
    assert refused.json()["erro"].endswith("falta a voz")
    assert name not in line.dialler.settings


def test_calls_that_save_lives_are_answered_for_by_a_supervisor(line: Line) -> None:
    name = line.made(kind="alerta", risco_a_vida="Sofia")
    for role in ("admin", "local"):
        refused = line.order("start", name, role)
        assert refused.status_code == 403
        assert "supervisor" in refused.json()["erro"]
    assert line.order("start", name).status_code == 200
    assert line.order("stop", name, "admin").status_code == 200  # to stop is never hard


def test_an_agent_looks_first_then_dials_by_the_phone(at_work: Line) -> None:
    line = at_work
    name = line.made("previa", "complemento")
    assert line.order("start", name).is_success
    with line.bed.client("agent") as ana:
        first = soon(lambda: ana.get("/v1/agents/ana/preview").json())
        assert (first["campaign"], first["fields"]["nome"]) == (name, "José")
        assert first["number"].startswith("*")
        assert line.switch.orders == []
        assert ana.post("/v1/agents/ana/preview", json={"dial": False}).is_success
        other = soon(lambda: ana.get("/v1/agents/ana/preview").json())
        assert other["number"] != first["number"]
        with line.bed.client("admin") as adao:  # looks after machines, and needs no names
            masked = adao.get("/v1/agents/ana/preview").json()
            assert "José" not in str(masked)
        shifts = line.bed.ear.shifts
        assert shifts is not None
        assert line.bed.do(shifts.by_phone, AgentName("ana"), "campaign", "9")
        assert line.bed.do(shifts.by_phone, AgentName("ana"), "campaign", "1") == ""
        order = soon(lambda: line.switch.orders)[0]
        assert order["C156_OUT_NUMBER"][-4:] == other["number"][-4:]
        late = ana.post("/v1/agents/ana/preview", json={"dial": True})
        assert late.status_code == 409


def test_an_emergency_takes_the_agent_who_looks(line: Line) -> None:
    bed, eva = line.bed, AgentName("eva")
    bed.enrol("eva", RISCO.skill)
    with bed.client("supervisor") as sofia:
        sofia.post("/v1/agents/eva/login")
        name = line.made("previa", "complemento", fila=RISCO.name)
        assert line.order("start", name).is_success
        soon(lambda: bed.do(bed.centre.screen, eva, True)["preview"])
        call, _ = bed.do(bed.arrive, "199")
        bed.do(bed.queue, call, RISCO)
        screen = soon(lambda: _rung_for(bed, eva, call), 1.0)
        assert (screen["preview"], screen["campaign"]) == (None, None)
        assert sofia.post("/v1/agents/eva/preview", json={"dial": True}).status_code == 409
        assert line.order("stop", name).is_success
        bed.do(bed.end, call, "waiting")
        sofia.post("/v1/agents/eva/logout")


def _rung_for(bed: Bed, agent: AgentName, call: CallId) -> Any:
    screen = bed.do(bed.centre.screen, agent, True)
    return screen if screen["call"] == call else None


def test_an_agents_word_on_what_has_picked_up(at_work: Line) -> None:
    line = at_work
    name = line.made(contacts=1)
    assert line.order("start", name).is_success
    order = soon(lambda: line.switch.orders)[0]
    with line.bed.client("agent") as ana:
        early = ana.post("/v1/agents/ana/answered-by", json={"word": "caixa_postal"})
        assert early.status_code == 409
        line.bed.do(line.answered, order)
        assert ana.post("/v1/agents/ana/answered-by", json={"word": "caixa_postal"}).is_success
        assert ana.post("/v1/agents/ana/answered-by", json={"word": "nao_ligar"}).is_success
    course = line.dialler.courses.of[AttemptId(order["C156_ATTEMPT"])]
    assert (str(course.judged), course.said) == ("machine", "nao_ligar")
    (wish,) = line.bed.do(line.bed.store.campaigns.wishes, order["C156_OUT_NUMBER"])
    assert (wish.by, wish.because) == ("ana", "pediu ao atendente")
    line.bed.do(line.over)
    soon(lambda: _results(line, name) == {"caixa postal": 1})


def _results(line: Line, name: str) -> Any:
    with line.bed.client("auditor") as aurora:
        return aurora.get(f"/v1/campaigns/{name}").json()["results"]


def test_all_stops_by_itself_and_a_person_lets_it_go_on(line: Line) -> None:
    runaway = line.dialler.dialling.caps.runaway
    with line.bed.client("supervisor") as sofia:

        def stop() -> None:
            runaway.because = "o relógio voltou 90 s"
            line.dialler.tell()

        line.bed.do(stop)
        soon(lambda: sofia.get("/v1/dialler").json()["stopped"] == "o relógio voltou 90 s")
        told = httpx.get(f"{line.bed.settings.api_url}/metrics", trust_env=False).text
        assert "central156_dialler_stopped 1.0" in told
        name = line.made(kind="alerta", risco_a_vida="Sofia")
        assert line.order("start", name).is_success
        with line.bed.client("admin") as adao:
            early = adao.post("/v1/dialler/go-on", json={"because": "olhei"})
            assert early.status_code == 403  # it would let calls go on that save lives
            body = {"name": "sueli", "role": "supervisor", "lines": ["199"]}
        with line.bed.client() as local:
            line.bed.tokens["scoped"] = local.post("/v1/persons", json=body).json()["token"]
        with line.bed.client("scoped") as sueli:
            others = sueli.post("/v1/dialler/go-on", json={"because": "olhei"})
            assert "fora do seu recorte" in others.json()["erro"]
        gone_on = sofia.post("/v1/dialler/go-on", json={"because": "o relógio foi acertado"})
        assert line.order("stop", name).is_success
        assert gone_on.json()["stopped"] == ""
        assert sofia.post("/v1/dialler/go-on", json={"because": "outra vez"}).status_code == 409
    assert line.bed.do(line.bed.store.settled)
    said = line.bed.do(line.bed.store.campaigns.stopped)
    assert (said.because, said.by) == ("", "sofia")


def test_the_figures_of_a_campaign(at_work: Line) -> None:
    name = at_work.made()
    assert at_work.order("start", name).is_success
    soon(lambda: at_work.switch.orders)
    told = httpx.get(f"{at_work.bed.settings.api_url}/metrics", trust_env=False).text
    assert f'central156_campaign_calls{{campaign="{name}",state="ringing"}} 1.0' in told
    assert f'central156_campaign_attempts_total{{campaign="{name}",result="answered"}} 0.0' in told
    assert f'central156_campaign_contacts_left{{campaign="{name}"}} 2.0' in told


def test_from_the_command_line(at_work: Line, tmp_path: Path) -> None:
    line = at_work
    name = line.made("previa", "complemento", contacts=1)
    sofia, ana = tmp_path / "sofia", tmp_path / "ana"
    sofia.write_text(line.bed.tokens["supervisor"])
    ana.write_text(line.bed.tokens["agent"])
    assert f"{name}: em curso." in run(line, sofia, "campaign", "start", name)
    soon(lambda: "José" in run(line, ana, "agent", "preview", "ana"))
    assert "não os dois" in run(line, ana, "agent", "preview", "ana", "--dial", "--skip")
    assert "vai tocar" in run(line, ana, "agent", "preview", "ana", "--dial")
    order = soon(lambda: line.switch.orders)[0]
    line.bed.do(line.answered, order)
    assert "caixa postal" in run(line, ana, "agent", "heard", "ana", "caixa_postal")
    told = run(line, sofia, "campaign", "progress", name)
    assert "0 de 1 (0,0 %)" in told
    assert all(len(one) <= 80 for one in told.splitlines())
    assert json.loads(run(line, sofia, "campaign", "progress", name, "--json"))["called"] == 1
    assert "em pausa; 1 em curso" in run(
        line, sofia, "campaign", "pause", name, "--motivo", "chuva"
    )
    assert "não está em curso" in run(line, sofia, "campaign", "pause", name, "--motivo", "chuva")
    assert "não está parado" in run(line, sofia, "campaign", "go-on")
    assert "terminando" in run(line, sofia, "campaign", "stop", name, "--motivo", "fim da chuva")
    line.bed.do(line.over)
    followed = run(line, sofia, "campaign", "progress", name, "--follow")  # until it is over
    assert f"{name}: encerrada" in followed
    listed = run(line, sofia, "campaign", "list")
    assert name in listed
    assert all(len(one) <= 80 for one in listed.splitlines())
    stored = ["--pasta", str(line.bed.settings.state_dir), "campaign", "show", name]
    shown = CliRunner(env={"COLUMNS": "80"}).invoke(main, stored).output
    assert f"{name}: encerrada, desde" in shown
    assert "caixa postal: 1" in shown
    soon(lambda: run(line, sofia, "campaign", "show", name) == shown)
    assert "caixa postal: 1" in shown


def run(line: Line, token: Path, *words: str) -> str:
    """What the command line says to whoever has this token."""
    about = ("--pasta", str(line.bed.settings.state_dir), "--token", str(token))
    told = CliRunner(env={"COLUMNS": "80"}).invoke(main, [*about, *words])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told.output
