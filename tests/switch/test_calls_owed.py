"""Who gives up on 156 is called by the campaign that runs, and gets the protocol by text when they
agree: over real SIP, from the caller's telephone and back to it (R50, R60, R61)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from call_back_bed import calling_centre
from calls_bed import on_the_line, soon
from campaign_bed import campaign, hands, number, telephones
from centre_bed import Centre

from terms.limits import ABANDONED_AFTER, OWED_LOOK_EVERY
from terms.protocol_number import shown

pytestmark = pytest.mark.switch

PORTS, RTP = 24000, 49300
NO_SMSC = f"127.0.0.1:{PORTS + 90}"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """What is to be sent by text waits: nobody takes it."""
    where = tmp_path_factory.mktemp("owed")
    with calling_centre(where, PORTS, RTP, CENTRAL156_SMS_SMPP=NO_SMSC) as running:
        yield running


async def test_who_gave_up_is_called_and_the_task_is_closed(centre: Centre) -> None:
    caller = number(2)
    made = await asyncio.to_thread(campaign, centre, [], kind="retorno")
    await asyncio.to_thread(made.act, "start")
    async with on_the_line(centre) as line:
        citizen = await line.dial("156", caller=caller)
        await asyncio.sleep(0.4)
        await citizen.line.press("9")
        await soon(lambda: _tasks(centre, caller, "queued_at"), 15, "the queue")
        await asyncio.sleep(ABANDONED_AFTER + 1)
        await citizen.line.hang_up()
        await soon(lambda: _tasks(centre, caller, "opened_at"), 5, "the task")
        with telephones(centre, talk=2.0) as city:
            async with hands(line, "ana"):
                await soon(lambda: city.dialled(), OWED_LOOK_EVERY + 10, "a call")
                await soon(lambda: _tasks(centre, caller, "done_at"), 20, "the task's end")
            assert len(city.dialled()) == 1
    (task,) = _tasks(centre, caller)
    assert (task["result"], task["because"]) == ("retorno atendido", "abandoned")
    (contact,) = made.contacts().values()
    assert (contact["number"], contact["ending"]) == (caller, "reached")
    assert "p156_geral" in contact["fields"]
    visits = "SELECT * FROM queue_visits JOIN calls USING (call_id) WHERE calls.direction = 'out'"
    assert centre.rows(visits) == []  # nobody waited for that call


async def test_who_agreed_gets_the_protocol_by_text(centre: Centre) -> None:
    caller = number(3)
    async with on_the_line(centre) as line, hands(line, "bia") as (bia,):
        citizen = await line.dial("156", caller=caller)
        await asyncio.sleep(0.4)
        await citizen.line.press("9")
        await soon(lambda: _calls(centre, caller)[0]["answered_at"], 20, "the talk")
        await asyncio.to_thread(centre.post, f"/v1/sms/agreed/{bia.phone.name}")
        assert _texts(centre, caller) == []
        await citizen.line.hang_up()
        (text,) = await soon(lambda: _texts(centre, caller), 10, "the text")
    (call,) = _calls(centre, caller)
    assert shown(call["protocol"]) in text["text"]
    assert (text["call_id"], text["status"]) == (call["call_id"], "aguarda")
    assert centre.get("/v1/sms")["up"] is False


def _calls(centre: Centre, caller: str) -> list[dict[str, Any]]:
    return centre.rows("SELECT * FROM calls WHERE caller = ? AND direction = 'in'", caller)


def _tasks(centre: Centre, caller: str, having: str = "") -> list[dict[str, Any]]:
    """Of a number; those of which this is known."""
    asked = (
        "SELECT * FROM calls LEFT JOIN tasks USING (call_id) "
        "WHERE caller = ? AND calls.direction = 'in'"
    )
    return [one for one in centre.rows(asked, caller) if not having or one[having] is not None]


def _texts(centre: Centre, caller: str) -> list[dict[str, Any]]:
    return centre.rows("SELECT * FROM sms_messages WHERE number = ?", caller)
