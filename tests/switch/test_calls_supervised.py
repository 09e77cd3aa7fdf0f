"""Supervisors beside talks: who hears whom, who may, and the record that it leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from calls_bed import OnTheLine, ended, on_the_line, soon, stored
from centre_bed import Centre
from talk_bed import GENERAL, Talk, becomes, begin, recordings_of, says, state_is

from phones.ears import level_of, sound_in
from phones.phone import AgentPhone, Line

pytestmark = pytest.mark.switch

SUPERVISOR_TONE = 1281.5


class Supervisor:
    """A supervisor with a token, and a phone of the same account."""

    def __init__(self, line: OnTheLine, phone: AgentPhone, token: str) -> None:
        self.line, self.phone, self.token = line, phone, token

    def ask(self, path: str, **body: Any) -> httpx.Response:
        """A request with this token."""
        return httpx.post(
            f"{self.line.centre.settings.api_url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
        )

    async def beside(self, agent: str, mode: str, reason: str = "qualidade") -> Line:
        """Beside this agent's talk, picked up, saying the tone."""
        count = len(self.phone.lines) + 1
        path = f"/v1/agents/{agent}/supervise"
        body = {"mode": mode, "reason": reason, "phone": self.phone.name}
        answer = await asyncio.to_thread(lambda: self.ask(path, **body))
        assert answer.status_code == 200, answer.text
        self.supervision = answer.json()["supervision"]
        rung = await self.line.rung(self.phone, count)
        await rung.pick_up()
        says(rung, "sup")
        return rung


async def _supervisor(line: OnTheLine) -> Supervisor:
    phone = await line.agent_off_duty("chefe", GENERAL)
    made = await asyncio.to_thread(
        line.centre.post, "/v1/persons", name=phone.name, role="supervisor"
    )
    await soon(lambda: line.of(phone.name)["phone"] == "idle", 8, "the supervisor's phone")
    return Supervisor(line, phone, made["token"])


async def test_listen_whisper_and_come_in(talk_centre: Centre) -> None:
    async with on_the_line(talk_centre) as line:
        chief = await _supervisor(line)
        talk = await begin(line)
        bia = await line.agent("bia", GENERAL)
        parties = {"c": talk.citizen, "a": talk.agent}
        sup = await chief.beside(talk.name, "ouvir")
        await becomes({"c": {"ana"}, "a": {"citizen"}, "s": {"citizen", "ana"}}, **parties, s=sup)
        await sup.hang_up()
        assert (await talk.fact("supervision_ended"))["mode"] == "ouvir"
        sup = await chief.beside(talk.name, "sussurrar")
        whispered = {"c": {"ana"}, "a": {"citizen", "sup"}, "s": {"citizen", "ana"}}
        await becomes(whispered, **parties, s=sup)
        # on hold the citizen hears music, and what is whispered even then only the agent
        await talk.act("hold")
        await becomes({"c": {"music"}, "a": {"sup"}, "s": {"ana"}}, **parties, s=sup)
        await talk.act("unhold")
        await becomes(whispered, **parties, s=sup)
        # it goes along with a talk that moves
        asked = await talk.ask(bia)
        await becomes({"c": {"music"}, "b": {"ana"}}, c=talk.citizen, b=asked)
        await talk.act("complete")
        await becomes(
            {"c": {"bia"}, "b": {"citizen", "sup"}, "s": {"citizen", "bia"}},
            c=talk.citizen,
            b=asked,
            s=sup,
        )
        await sup.hang_up()
        sup = await chief.beside(bia.name, "entrar")
        everybody = {"c": {"bia", "sup"}, "b": {"citizen", "sup"}, "s": {"citizen", "bia"}}
        await becomes(everybody, c=talk.citizen, b=asked, s=sup)
        listed = await asyncio.to_thread(talk_centre.get, "/v1/supervisions")
        (one,) = listed["supervisions"]
        assert (one["agent"], one["mode"], one["because"]) == (bia.name, "entrar", "qualidade")
        assert state_of(line, chief.phone.name) == "idle"  # beside a talk is not in one
        await asked.hang_up()  # the talk is over, and so is the supervision
        await sup.over(5)
        await talk.citizen.hang_up()
        story = await ended(talk_centre, talk.caller)
        began, over = story.of("supervision_began"), story.of("supervision_ended")
        assert [one["mode"] for one in began] == ["ouvir", "sussurrar", "entrar"]
        assert [one["supervision"] for one in over] == [one["supervision"] for one in began]
        assert {one["because"] for one in began} == {"qualidade"}
        by = [fact["by_whom"] for fact in story.facts if fact["kind"] == "supervision_began"]
        assert by == [chief.phone.name] * 3
        # who comes in is recorded; what was whispered is not
        whole = sound_in(recordings_of(story)["talk"])
        assert level_of(whole, SUPERVISOR_TONE) > 0.02
        assert level_of(whole[: 8000 * 3], SUPERVISOR_TONE) < 0.01


def state_of(line: OnTheLine, agent: str) -> str:
    """An agent's state on the floor. Blocking."""
    return str(line.of(agent)["state"])


async def test_who_may_and_what_ends_it(talk_centre: Centre) -> None:
    async with on_the_line(talk_centre) as line:
        chief = await _supervisor(line)
        talk = await begin(line)
        path = f"/v1/agents/{talk.name}/supervise"
        assert (
            chief.ask(path, mode="ouvir", reason="").status_code == 422
        )  # no reason, no listening
        own = await asyncio.to_thread(talk_centre.post, "/v1/persons", name=talk.name, role="agent")
        for token in (own["token"], talk_centre.settings.secret("admin_token")):
            other = Supervisor(line, chief.phone, token)
            assert other.ask(path, mode="ouvir", reason="curiosidade").status_code == 403
        busy = chief.ask(path, mode="ouvir", reason="teste", phone=talk.name)
        assert busy.status_code == 409  # that phone is in a talk: the gate would not let it ring
        sup = await chief.beside(talk.name, "ouvir")
        await becomes({"s": {"citizen", "ana"}}, s=sup)
        gone = chief.ask(f"/v1/supervisions/{chief.supervision}/end")
        assert gone.status_code == 200
        await sup.over(5)
        sup = await chief.beside(talk.name, "ouvir")
        await becomes({"s": {"citizen", "ana"}}, s=sup)
        await talk.citizen.hang_up()
        await sup.over(8)
        await state_is(line, talk.name, "wrap_up", "idle")
        await _recorded_twice(talk_centre, talk)


async def _recorded_twice(centre: Centre, talk: Talk) -> None:
    await ended(centre, talk.caller)
    await stored(centre, talk.caller, "supervision_ended", 2)
