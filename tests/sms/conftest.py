"""A carrier that is not ours, and a store: what the sender stands between."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sms_bed import PORTS, QUEUES, Bed, account
from smsc_bed import Smsc, installed

from central156.sms_sender import SmsSender
from protocol_store import Store
from sms.smpp_link import SmppLink


@pytest.fixture(scope="session")
def modules(request: pytest.FixtureRequest) -> Path:
    assert request.config.cache is not None
    return installed(request.config.cache.mkdir("smsc"))


@pytest_asyncio.fixture
async def smsc(modules: Path) -> AsyncIterator[Smsc]:
    smsc = await Smsc.start(modules, next(PORTS))
    yield smsc
    await smsc.close()


@pytest_asyncio.fixture
async def bed(smsc: Smsc, tmp_path: Path) -> AsyncIterator[Bed]:
    skipped = [0.0]

    def clock() -> float:
        return time.time() + skipped[0]

    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}", "a", journal=tmp_path / "journal")
    await store.start()
    link = SmppLink(account(smsc.port), enquire=0.5, answer=1.0)
    sender = SmsSender(store, link, clock, 1, lambda _: False, lambda: QUEUES, rate=200.0)
    bed = Bed(store, smsc, link, sender, clock, skipped=skipped)
    yield bed
    await bed.stop()
    await store.close()
