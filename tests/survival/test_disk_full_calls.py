"""A disk is full, one at a time: the journal's, the database's, the recordings'.

Calls go on and reach a person, with a number of ours. What is not recorded is reported on its
protocol. With room again, all that happened is stored once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from centre_bed import Centre, centre_bed, until
from chaos_story import agree, open_calls, rows, whole
from chaos_traffic import Kind, Seen, hall, metrics, talks_of, traffic
from dialplan_copies import shorter_dialplans
from sipp_phones import SippRun
from small_disks import full, mounted

from terms.protocol_number import DIGITS, RESCUE_FIRST

pytestmark = [pytest.mark.switch, pytest.mark.timeout(150)]

TALK = 1.5
SECONDS = 3.0
KINDS = (Kind("risk served", "199", 1.0), Kind("guard served", "153", 0.4))
DISKS = {"journal": "6m", "database": "12m", "recordings": "6m"}


@dataclass
class Small:
    """A centre whose disks are small."""

    centre: Centre
    phones: dict[str, SippRun]
    disks: dict[str, Path]
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its database."""
        return self.centre.settings.store_url

    def call(self) -> list[Seen]:
        """Some citizens call and are served; what their phones saw."""
        with traffic(self.centre, SECONDS, KINDS, len(self.seen)) as calls:
            seen = calls.ended(40)
        self.seen += seen
        return seen

    def calls_reach_people(self) -> list[Seen]:
        """The same, each answered by an agent's phone that was shown the call's number."""
        seen = self.call()
        talks = talks_of(self.phones)
        for one in seen:
            assert one.code == 200, one
            assert talks.get(one.caller), f"{one}: no person"
            for talk in talks[one.caller]:
                assert int(talk.protocol[:DIGITS]) < RESCUE_FIRST, "the switch's own number"
        return seen


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    folder = tmp_path_factory.mktemp("small")
    state = folder / "state"
    disks = {
        "journal": state / "journal",
        "database": state / "database",
        "recordings": state / "recordings",
    }
    with contextlib.ExitStack() as mounts:
        for name, place in disks.items():
            place.mkdir(parents=True, mode=0o700)
            mounts.enter_context(mounted(place, DISKS[name]))
        url = f"sqlite:///{disks['database'] / 'store.sqlite'}"
        given = {
            "CENTRAL156_DIALPLANS_DIR": str(shorter_dialplans(folder / "dialplans", wrap_up=0)),
            "CENTRAL156_WHISPER": "false",
            "CENTRAL156_DATABASE_URL": url,
        }
        with centre_bed(folder, 23_840, 50_000, **given) as centre:
            centre.settings = centre.settings.model_copy(update={"database_url": url})
            yield Small(centre, hall(centre, 4, TALK), disks)


def _caught_up(small: Small) -> None:
    def done() -> bool:
        told = metrics(small.centre)
        return not told["central156_store_pending_facts"] and told["central156_store_up"] == 1

    until(done, 20, "the database has everything")
    until(lambda: not open_calls(small.url), 20, "every end stored")


def test_the_journals(small: Small) -> None:
    small.calls_reach_people()
    with full(small.disks["journal"]):
        small.calls_reach_people()
        told = metrics(small.centre)
        assert told["central156_journal_up"] == 0  # the alarm DiarioFalhando
        assert told["central156_journal_disk_free_bytes"] < 1e9  # and DiarioSemEspaco
        assert told["central156_store_refused_facts"] == 0
    until(lambda: metrics(small.centre)["central156_journal_up"] == 1, 20, "the journal's disk")
    small.calls_reach_people()
    _caught_up(small)


def test_the_databases(small: Small) -> None:
    with full(small.disks["database"]):
        small.calls_reach_people()
        told = metrics(small.centre)
        assert told["central156_store_up"] == 0
        assert told["central156_store_pending_facts"] > 0
        assert told["central156_journal_up"] == 1
    _caught_up(small)


def test_the_recordings(small: Small) -> None:
    _caught_up(small)
    with full(small.disks["recordings"]):
        seen = small.calls_reach_people()
        callers = {one.caller for one in seen}

        def reported() -> bool:
            found = rows(small.url, f"SELECT c.caller, r.ok, r.problem FROM calls c {JOINED}")
            bad = {row["caller"] for row in found if not row["ok"] and row["problem"]}
            return callers <= bad

        until(reported, 20, "what is not recorded is told")
    story = small.centre.get(f"/v1/calls/{_protocol_of(small, seen[0].caller)}")
    assert any(not one["ok"] and one["problem"] for one in story["recordings"]), story
    seen = small.calls_reach_people()
    question = f"SELECT c.caller, r.ok FROM calls c {JOINED}"
    until(
        lambda: (
            {one.caller for one in seen}
            <= {row["caller"] for row in rows(small.url, question) if row["ok"]}
        ),
        20,
        "recorded again",
    )


JOINED = "JOIN recordings r ON r.call_id = c.call_id"


def _protocol_of(small: Small, caller: str) -> str:
    found = rows(small.url, f"SELECT protocol FROM calls WHERE caller = '{caller}'")
    return str(found[0]["protocol"])


def test_in_the_end_it_is_one_story(small: Small) -> None:
    """The last of the module: the centre is stopped, and everything is compared."""
    _caught_up(small)
    talks = talks_of(small.phones)
    assert small.centre.stop() == 0
    agree(small.centre, small.seen, talks, {}, "none")
    whole(small.centre, "none", journal=False)  # its disk was full
