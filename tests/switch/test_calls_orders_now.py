"""What supervisors order in a hurry, on real calls: a storm, a suspected number, a blocked one."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from calls_bed import ended, heard_on, new_caller, on_the_line, prompt_sounds, soon, story_of
from centre_bed import Centre

from callflow.suspects import SUSPECT_WORD
from voice.texts import BLOCKED, STORM

pytestmark = pytest.mark.switch


def as_supervisor(centre: Centre, name: str, method: str, path: str, **body: Any) -> Any:
    """What the API answers to a person of that name."""
    token = centre.post("/v1/persons", name=name, role="supervisor")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{centre.settings.api_url}{path}"
    answer = httpx.request(method, url, json=body, headers=headers, trust_env=False, timeout=10)
    answer.raise_for_status()
    return answer.json()


def nodes_of(centre: Centre, caller: str) -> list[str]:
    """The nodes that this number's call has entered."""
    story = story_of(centre, caller)
    return story.nodes() if story else []


async def test_a_storm_is_heard_by_the_next_call_and_not_by_the_one_after_it(
    calls_centre: Centre,
) -> None:
    prompts = prompt_sounds(calls_centre, set(STORM.values()))
    for line in ("156", "199"):
        body = {"on": True, "reason": "chuva forte"}
        made = await asyncio.to_thread(
            calls_centre.request, "PUT", f"/v1/lines/{line}/storm", **body
        )
        assert made["message"] == f"tempestade-{line}", made["notes"]
    async with on_the_line(calls_centre) as phones:
        of_156, of_199 = await phones.dial("156"), await phones.dial("199")
        await asyncio.sleep(9.0)
        for line, citizen in (("156", of_156), ("199", of_199)):
            assert STORM[line] in [one.name for one in heard_on(citizen.line, prompts)], line
            await citizen.line.hang_up()
    assert await asyncio.to_thread(lambda: calls_centre.get("/v1/orders")["storms"][0]["short"])
    for line in ("156", "199"):
        await asyncio.to_thread(calls_centre.request, "PUT", f"/v1/lines/{line}/storm", on=False)
    story = await ended(calls_centre, of_156.caller)
    async with on_the_line(calls_centre) as phones:
        after = await phones.dial("156")
        entered = await soon(lambda: nodes_of(calls_centre, after.caller), 8, "a node")
        assert entered[0] != story.nodes()[0]  # the short menu, and the whole one again
        await asyncio.sleep(5.5)
        assert STORM["156"] not in [one.name for one in heard_on(after.line, prompts)]


async def test_a_suspected_number_is_told_to_the_agent_and_a_blocked_one_is_kept_from_156(
    calls_centre: Centre,
) -> None:
    caller = new_caller()
    reason = {"reason": "trotes", "phone": caller}
    await asyncio.to_thread(calls_centre.post, "/v1/numbers", mark="suspect", **reason)
    with pytest.raises(httpx.HTTPStatusError):  # a block needs somebody's name
        await asyncio.to_thread(calls_centre.post, "/v1/numbers", mark="block", **reason)
    until = calls_centre.get("/v1/floor")["at"] + 600
    await asyncio.to_thread(
        as_supervisor,
        *(calls_centre, "sofia", "POST", "/v1/numbers"),
        **{"mark": "block", "until": until, **reason},
    )
    async with on_the_line(calls_centre) as phones:
        blocked = await phones.dial("156", caller=caller)
        await blocked.line.over(15)
        assert BLOCKED in [
            one.name for one in heard_on(blocked.line, prompt_sounds(calls_centre, {BLOCKED}))
        ]
        (call,) = calls_centre.calls_of(caller)
        assert call["outcome"] == "refused"
        agent = await phones.sipp_agent("defesa", "e199_risco")
        with agent.listening(talk=2.0) as phone:
            urgent = await phones.dial("199", caller=caller)
            await urgent.line.over(15)
            (rung,) = phone.calls()
            assert SUSPECT_WORD in rung.invite.header("From")  # what the phone shows
    last = await asyncio.to_thread(calls_centre.ended, caller, 2)
    assert (last["line"], last["outcome"]) == ("199", "served")
    for kind in ("suspect", "block"):
        calls_centre.post("/v1/numbers/removal", which=caller, mark=kind)
