"""The settings name a carrier, and what a person orders goes out through it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from smsc_bed import Smsc

from central156.settings import Settings, SettingsMistakes, load_settings
from central156.sms_acts import SmsActs
from central156.sms_open import open_sms
from central156.state_folder import prepare_state
from ivr.hours import ALWAYS
from outside import TextProvider
from protocol_store import Store
from sms.smpp_link import SmppLink

SERVING: Any = SimpleNamespace(current=SimpleNamespace(calendar=ALWAYS))
WANTED = {
    **{"kind": "protocolo", "body": "SMS", "subject": "teste", "order": "o", "plain": True},
    **{"scheduled": None, "deadline": None, "skip": False, "life_safety": False},
    "repeats": False,
}


def opened(settings: Settings, store: Any = None) -> SmsActs:
    return open_sms(settings, store, time.time, 1, SERVING)


async def test_each_carrier_has_its_settings(tmp_path: Path) -> None:
    assert opened(load_settings(tmp_path))._sender is None
    smpp = opened(load_settings(tmp_path, sms_smpp="10.0.0.9:2775", sms_long="payload"))._sender
    assert smpp is not None
    assert isinstance(smpp.carrier, SmppLink)
    assert smpp.carrier.account.port == 2775
    web = opened(load_settings(tmp_path, sms_http="http://10.0.0.9/sms"))._sender
    assert web is not None
    assert isinstance(web.carrier, TextProvider)


@pytest.mark.parametrize(
    "wrong", [{"sms_smpp": "nada"}, {"sms_http": "ftp://x"}, {"sms_sender": "Prefeitura de SP"}]
)
def test_settings_that_are_none(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsMistakes):
        load_settings(tmp_path, **wrong)


@pytest.mark.slow
async def test_what_a_person_orders_goes_out(smsc: Smsc, tmp_path: Path) -> None:
    where = f"127.0.0.1:{smsc.port}"
    settings = load_settings(tmp_path / "s", sms_smpp=where, sms_system_id="central")
    prepare_state(settings)
    (settings.secrets_dir / "sms_password").write_text("segredo\n")
    await smsc.do("auto", stat="DELIVRD")
    async with contextlib.AsyncExitStack() as stack:
        store = Store(settings.store_url, "a", journal=tmp_path / "journal")
        await store.start()
        stack.push_async_callback(store.close)
        acts = opened(settings, store)
        acts.begin(stack)
        message = {"number": "(11) 98765-4321", "text": "Olá, São Paulo", "ref": "A1", "call": ""}
        done = await acts.send({**WANTED, "messages": [message]}, "sofia")
        assert (done["new"], done["not_to_be_sent"]) == (1, 0)
        await smsc.until(lambda: smsc.of("ack"))
        assert (await acts.standing())["up"]
        found = await acts.message("A1", True)
        assert found is not None
        assert (found["status"], found["by_whom"], found["attempts"]) == ("entregue", "sofia", 1)
    assert [one["text"] for one in smsc.submits] == ["Ola, Sao Paulo"]
