"""PostgreSQL stops, freezes, is slow, loses connections at a COMMIT, under calls on all lines.

The phones notice nothing: each call has a number of ours before its agent's phone rings, at once,
and a person. When the database is back, all that happened is there once and in its order. An hour
of it, by the amount of what happens in one: tests/protocol_store/test_hour_without_database.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from centre_bed import Centre, centre_bed, until
from chaos_story import agree, open_calls, rows, whole
from chaos_traffic import Kind, Seen, hall, metrics, talks_of, traffic
from database_relay import DatabaseRelay
from dialplan_copies import shorter_dialplans
from house import CHECKOUT
from postgres_server import PostgresServer, server_of_its_own
from sipp_phones import SippRun

from terms.protocol_number import DIGITS, RESCUE_FIRST

pytestmark = [pytest.mark.switch, pytest.mark.postgres, pytest.mark.timeout(150)]

SECONDS = 4.0
"""How long citizens dial, and the database is away, in each test."""
AT_ONCE = 0.3
"""Seconds from a citizen's answer to the ring of an idle agent, who is shown the number."""
KINDS = (
    Kind("risk served", "199", 1.0),
    Kind("guard served", "153", 0.4),
    Kind("menu to agent", "156", 0.4, leave=5.0, key="9"),
    Kind("menu and leaves", "156", 0.4, leave=2.5),
)


@dataclass
class Gone:
    """A centre over a PostgreSQL that can be taken away."""

    centre: Centre
    server: PostgresServer
    relay: DatabaseRelay
    phones: dict[str, SippRun]
    url: str
    seen: list[Seen]


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gone]:
    folder = tmp_path_factory.mktemp("gone")
    with server_of_its_own() as server, DatabaseRelay(server.port) as relay:
        url = server.new_database()
        given = {
            "CENTRAL156_DIALPLANS_DIR": str(shorter_dialplans(folder / "dialplans", wrap_up=0)),
            "CENTRAL156_WHISPER": "false",
            "CENTRAL156_DATABASE_URL": relay.address(url),
        }
        with centre_bed(folder, 23_820, 48_000, **given) as centre:
            phones = hall(centre, 6, 1.0)
            yield Gone(centre, server, relay, phones, url, [])


@contextlib.contextmanager
def stopped(gone: Gone) -> Iterator[None]:
    gone.server.stop()
    try:
        yield
    finally:
        gone.server.start()


@contextlib.contextmanager
def frozen(gone: Gone) -> Iterator[None]:
    gone.server.freeze()
    try:
        yield
    finally:
        gone.server.thaw()


@contextlib.contextmanager
def slow(gone: Gone) -> Iterator[None]:
    gone.relay.delay = 1.0
    try:
        yield
    finally:
        gone.relay.delay = 0.0


@contextlib.contextmanager
def cut(gone: Gone, lasts: bool) -> Iterator[None]:
    before = gone.relay.cuts
    gone.relay.cut(every=2, lasts=lasts)
    try:
        yield
    finally:
        gone.relay.cut(every=0, lasts=lasts)
    assert gone.relay.cuts - before >= 3


def cut_after(gone: Gone) -> contextlib.AbstractContextManager[None]:
    return cut(gone, lasts=True)


def cut_before(gone: Gone) -> contextlib.AbstractContextManager[None]:
    return cut(gone, lasts=False)


@pytest.mark.parametrize("fault", [stopped, frozen, slow, cut_after, cut_before])
def test_calls_go_on_and_all_is_stored(
    gone: Gone, fault: Callable[[Gone], contextlib.AbstractContextManager[None]]
) -> None:
    first = len(gone.seen)
    with fault(gone), traffic(gone.centre, SECONDS, KINDS, first) as calls:
        seen = calls.ended(60)
        told = metrics(gone.centre)
    gone.seen += seen
    if fault in (stopped, frozen, slow):
        # what the alarm BancoFalhando is made of
        failing = told["central156_store_up"] == 0 or told["central156_store_lag_seconds"] > 2.0
        assert failing, told
        assert told["central156_store_pending_facts"] > 0
    assert told["central156_journal_up"] == 1
    assert told["central156_store_refused_facts"] == 0
    talks = talks_of(gone.phones)
    late = []
    for one in seen:
        assert one.code == 200, one
        assert one.kind.leave is not None or talks.get(one.caller), one
        for talk in talks.get(one.caller, ()):
            assert int(talk.protocol[:DIGITS]) < RESCUE_FIRST, "the switch's own number"
            if one.kind.leave is None:
                late.append(talk.rang - one.answered)
    assert max(late) < AT_ONCE, late
    until(lambda: metrics(gone.centre)["central156_store_pending_facts"] == 0, 20, "caught up")
    until(lambda: not open_calls(gone.url), 20, "every end stored")
    assert metrics(gone.centre)["central156_store_up"] == 1
    assert rows(gone.url, "SELECT call_id FROM calls WHERE static") == []


def test_in_the_end_it_is_one_story(gone: Gone) -> None:
    """The last of the module: the centre is stopped, and everything is compared."""
    assert len(gone.seen) >= 5 * 9
    centre, talks = gone.centre, talks_of(gone.phones)
    assert centre.stop() == 0
    centre.settings = centre.settings.model_copy(update={"database_url": gone.url})
    agree(centre, gone.seen, talks, {}, "none")
    whole(centre, "none")


def test_the_alarm_is_made_of_these_figures() -> None:
    alarms = (CHECKOUT / "docker" / "alerts.yaml").read_text()
    assert "central156_store_up == 0 or central156_store_lag_seconds > 10" in alarms
