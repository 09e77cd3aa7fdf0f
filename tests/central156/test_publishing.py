"""Publishing: proved, agreed to, served at once; the same after every kind of restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from publish_bed import PublishBed, fresh_settings
from small_menus import PaperWorkshop, menus, write

from acd.events import AgentLoggedIn, AgentPhone
from central156.settings import Settings
from central156.version_cache import VersionCache
from central156.what_serves import differs
from console.ports import Refusal
from protocol_store import StoreOverdue
from reader import DialplanMistakes
from reader.folder import Folder
from terms.facts import Fact, Kind
from terms.limits import OLD_QUEUES_STAY, VERSIONS_ON_DISK
from terms.names import AgentName, CallId, QueueName, Skill
from terms.signals import Phone

ADMIN, SECOND = "adao", "sofia"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return fresh_settings(tmp_path)


@pytest_asyncio.fixture
async def bed(settings: Settings) -> AsyncIterator[PublishBed]:
    started = await PublishBed.start(settings)
    yield started
    await started.close()


async def refused(question: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await question
    return refusal.value


def published(bed: PublishBed) -> list[tuple[str, str]]:
    return [(one.details["how"], one.by) for one in bed.told(Kind.DIALPLAN_PUBLISHED)]


# --- publish ---
async def test_the_first_start_serves_the_folder(bed: PublishBed) -> None:
    found = await bed.publishing.versions()
    (version,) = found["versions"]
    assert (version["version"], version["author"], version["state"]) == (
        bed.version,
        "instalação",
        "approved",
    )
    assert found["served"][0]["how"] == "start"
    files = await bed.publishing.files("")
    assert files is not None
    assert files["files"] == menus()


async def test_what_touches_156_alone_serves_at_once(bed: PublishBed) -> None:
    before = bed.version
    answer = await bed.publishing.publish(menus(note="Outro"), "mais claro", by=ADMIN)
    assert (answer["state"], answer["touched"]) == ("serving", {"156": ["o menu"]})
    assert answer["notes"] == ["provado no papel"]
    assert bed.version == answer["version"] != before
    assert bed.serving.of(before).version == before  # calls in course stay on theirs
    (fact,) = bed.told(Kind.DIALPLAN_PUBLISHED)
    assert (fact.by, fact.details["before"], fact.details["how"]) == (ADMIN, before, "publish")
    found = await bed.publishing.versions()
    assert [one["note"] for one in found["versions"] if one["version"] == bed.version] == [
        "mais claro"
    ]


async def test_what_touches_199_waits_for_a_second_person(bed: PublishBed) -> None:
    before = bed.version
    answer = await bed.publishing.publish(menus(greeting="Bom dia."), "", by=ADMIN)
    version = answer["version"]
    assert (answer["state"], answer["needs_approval"]) == ("proposed", ["199"])
    assert bed.version == before
    (fact,) = bed.told(Kind.DIALPLAN_PROPOSED)
    assert (fact.by, fact.details) == (ADMIN, {"version": version, "lines": ["199"]})
    own = await refused(bed.publishing.approve(version, by=ADMIN))
    assert (own.status, own.text) == (409, "quem publicou não aprova: peça a outra pessoa")
    again = await refused(bed.publishing.publish(menus(greeting="Bom dia."), "", by=SECOND))
    assert "já espera a aprovação" in again.text
    await bed.publishing.approve(version, by=SECOND)
    assert bed.version == version
    (fact,) = bed.told(Kind.DIALPLAN_PUBLISHED)
    assert (fact.by, fact.details["approved_by"]) == (SECOND, SECOND)
    assert "não espera aprovação" in (await refused(bed.publishing.approve(version, SECOND))).text


async def test_an_approval_never_undoes_what_came_meanwhile(bed: PublishBed) -> None:
    proposed = await bed.publishing.publish(menus(greeting="Bom dia."), "", by=ADMIN)
    await bed.publishing.publish(menus(note="Outro"), "", by=ADMIN)
    late = await refused(bed.publishing.approve(proposed["version"], by=SECOND))
    assert late.status == 409
    assert "que esta desfaria" in late.text
    back = await refused(bed.publishing.rollback(proposed["version"], by=ADMIN))
    assert (back.status, "não foi aprovada" in back.text) == (409, True)
    both = await bed.publishing.publish(menus("Outro", "Bom dia."), "", by=ADMIN)
    await bed.publishing.approve(both["version"], by=SECOND)
    assert bed.version == both["version"]


async def test_a_rejected_version_may_come_again(bed: PublishBed) -> None:
    files = menus(greeting="Bom dia.")
    version = (await bed.publishing.publish(files, "", by=ADMIN))["version"]
    await bed.publishing.reject(version, by=SECOND)
    assert [one.by for one in bed.told(Kind.DIALPLAN_REJECTED)] == [SECOND]
    await refused(bed.publishing.approve(version, by=SECOND))
    assert (await bed.publishing.publish(files, "de novo", by=ADMIN))["state"] == "proposed"


async def test_the_ring_time_of_a_queue_is_no_comment(bed: PublishBed) -> None:
    extra = "  # uma nota para quem edita"
    comment = await bed.publishing.publish(menus(extra=extra), "", by=ADMIN)
    assert (comment["state"], comment["touched"]) == ("serving", {})
    ring = await bed.publishing.publish(menus(ring=20), "", by=ADMIN)
    assert ring["touched"] == {"156": ["as filas"]}


BROKEN: tuple[tuple[dict[str, str], str], ...] = (
    ({**menus(), "199.yaml": "linha: 199\n"}, "199.yaml:"),
    ({**menus(), "156.yaml": menus()["156.yaml"] + "a: ["}, "156.yaml:"),
    ({"queues.yaml": "filas: {}"}, "falta o arquivo 156.yaml"),
    ({**menus(), "../../x.yaml": "a"}, "nome de arquivo não aceito"),
    ({**menus(), "tests/../x.yaml": "a"}, "nome de arquivo não aceito"),
    ({**menus(), "156.yaml": "a\0"}, "não é texto"),
    ({**menus(), "156.yaml": "\udc80"}, "não é texto"),
    ({**menus(), "156.yaml": "#" * 300_000}, "maior que 256 KiB"),
    ({f"tests/t{number}.yaml": "" for number in range(201)}, "são 201 arquivos"),
    ({}, "nenhum arquivo"),
)


async def test_what_is_broken_changes_nothing(bed: PublishBed) -> None:
    before = bed.version
    for files, told in BROKEN:
        wrong = await refused(bed.publishing.publish(files, "", by=ADMIN))
        assert wrong.status == 422
        assert wrong.text.startswith("nada foi publicado:\n")
        assert told in wrong.text
    assert bed.version == before
    assert not bed.told(Kind.DIALPLAN_PUBLISHED)
    assert not [one for one in VersionCache(bed.settings).folder.iterdir() if "prova" in one.name]


async def test_all_mistakes_come_at_once(bed: PublishBed) -> None:
    files = {**menus(), "199.yaml": "linha: 199\n", "153.yaml": "linha: 153\nnada: 1\n"}
    wrong = await refused(bed.publishing.publish(files, "", by=ADMIN))
    assert {"199.yaml", "153.yaml"} <= {
        line.split("/")[1].split(":")[0] for line in wrong.text.splitlines()[1:]
    }


async def test_what_is_on_air_is_not_published_again(bed: PublishBed) -> None:
    wrong = await refused(bed.publishing.publish(menus(), "", by=ADMIN))
    assert "já está no ar" in wrong.text


# --- rollback ---
async def test_back_and_further_back(bed: PublishBed) -> None:
    first = bed.version
    for note in ("Segunda", "Terceira"):
        bed.clock.at += 60.0
        await bed.publishing.publish(menus(note=note), "", by=ADMIN)
    await bed.publishing.rollback("", by=ADMIN)
    await bed.publishing.rollback("", by=SECOND)
    assert bed.version == first
    assert "não há versão anterior" in (await refused(bed.publishing.rollback("", ADMIN))).text
    assert published(bed)[2:] == [("rollback", ADMIN), ("rollback", SECOND)]
    named = (await bed.publishing.versions())["versions"][0]["version"]
    await bed.publishing.rollback(named, by=ADMIN)
    assert bed.version == named
    assert "já está no ar" in (await refused(bed.publishing.rollback(named, ADMIN))).text


async def test_back_needs_no_second_person_on_199_either(bed: PublishBed) -> None:
    first = bed.version
    proposed = await bed.publishing.publish(menus(greeting="Bom dia."), "", by=ADMIN)
    assert "não foi aprovada" in str(
        await refused(bed.publishing.rollback(proposed["version"], by=ADMIN))
    )
    await bed.publishing.approve(proposed["version"], by=SECOND)
    await bed.publishing.rollback("", by=ADMIN)
    assert bed.version == first


async def test_an_old_version_published_again_serves_again(bed: PublishBed) -> None:
    first = bed.version
    await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    answer = await bed.publishing.publish(menus(), "", by=ADMIN)
    assert (answer["version"], answer["state"], bed.version) == (first, "serving", first)


async def test_unknown_versions(bed: PublishBed) -> None:
    for question in (
        bed.publishing.rollback("0123456789ab", ADMIN),
        bed.publishing.approve("0123456789ab", SECOND),
        bed.publishing.reject("0123456789ab", SECOND),
    ):
        assert (await refused(question)).status in (404, 409)
    assert await bed.publishing.files("0123456789ab") is None


# --- the floor ---
async def test_a_new_queue_takes_callers_and_nobody_loses_a_place(bed: PublishBed) -> None:
    waiting = bed.keeper.join(CallId("c1"), QueueName("p156_geral"), 30, bed.clock(), "156")
    extra = "  p156_nova: {linha: 156, habilidade: p156_nova, prioridade: 10}"
    await bed.publishing.publish(menus(extra=extra), "", by=ADMIN)
    assert bed.desk.lines_of[Skill("p156_nova")] == "156"
    later = bed.keeper.join(CallId("c2"), QueueName("p156_nova"), 10, bed.clock(), "156")
    ana = AgentName("ana")
    bed.keeper.tell(AgentPhone(ana, Phone.IDLE))
    bed.keeper.tell(AgentLoggedIn(ana, {Skill("p156_nova"): 1}))
    assert later.offer.result().agent == ana
    assert bed.keeper.floor.callers[CallId("c1")].joined == bed.clock()
    bia = AgentName("bia")
    bed.keeper.tell(AgentPhone(bia, Phone.IDLE))
    bed.keeper.tell(AgentLoggedIn(bia, {Skill("p156_geral"): 1}))
    assert waiting.offer.result().agent == bia


async def test_a_queue_that_is_gone_still_serves_the_calls_of_its_version(bed: PublishBed) -> None:
    extra = "  p156_nova: {linha: 156, habilidade: p156_nova, prioridade: 10}"
    await bed.publishing.publish(menus(extra=extra), "", by=ADMIN)
    await bed.publishing.rollback("", by=ADMIN)
    bed.keeper.join(CallId("c1"), QueueName("p156_nova"), 10, bed.clock(), "156")
    assert bed.keeper.floor.callers[CallId("c1")].rule.name == "p156_nova"
    bed.clock.at += OLD_QUEUES_STAY
    await bed.publishing.look()
    assert bed.keeper.floor.callers[CallId("c1")].rule.name == "p156_nova"  # still stands there
    bed.keeper.gone(CallId("c1"))
    assert Skill("p156_nova") not in bed.desk.lines_of


async def test_a_queue_that_is_gone_outlives_the_next_version_as_well(bed: PublishBed) -> None:
    extra = "  p156_nova: {linha: 156, habilidade: p156_nova, prioridade: 10}"
    await bed.publishing.publish(menus(extra=extra), "", by=ADMIN)
    await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    await bed.publishing.publish(menus(note="Terceira"), "", by=ADMIN)
    assert QueueName("p156_nova") in bed.keeper.floor.lines
    bed.clock.at += OLD_QUEUES_STAY
    await bed.publishing.look()
    assert QueueName("p156_nova") not in bed.keeper.floor.lines


async def test_a_restart_keeps_the_queues_of_the_calls_in_course(bed: PublishBed) -> None:
    extra = "  p156_nova: {linha: 156, habilidade: p156_nova, prioridade: 10}"
    await bed.publishing.publish(menus(extra=extra), "", by=ADMIN)
    arrived = {"line": "156", "entry": "156", "caller": "1", "test": False, "version": bed.version}
    bed.keeper.record(Fact(bed.clock(), Kind.CALL_ARRIVED, call=CallId("c1"), details=arrived))
    await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    await bed.store.settled()
    again = await bed.again()
    again.keeper.join(CallId("c1"), QueueName("p156_nova"), 10, bed.clock(), "156")
    assert again.keeper.floor.callers[CallId("c1")].rule.name == "p156_nova"
    again.keeper.gone(CallId("c1"))
    again.clock.at += OLD_QUEUES_STAY
    await again.publishing.look()
    assert QueueName("p156_nova") not in again.keeper.floor.lines
    await again.close()


# --- restarts ---
async def test_a_restart_comes_back_with_the_same_version(bed: PublishBed) -> None:
    await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    again = await bed.again()
    assert again.version == bed.version
    assert len((await again.publishing.versions())["served"]) == 2  # a restart is no publishing
    await again.close()


async def test_the_folder_alone_changes_nothing(bed: PublishBed, settings: Settings) -> None:
    assert differs(settings) == ""
    write(settings.dialplans_dir, menus(note="Editado"))
    assert "para que valha: central156 dialplan publish" in differs(settings)
    again = await bed.again()
    assert again.version == bed.version
    await again.close()


async def test_whoever_develops_menus_has_the_folder_served(
    bed: PublishBed, settings: Settings
) -> None:
    write(settings.dialplans_dir, menus("Editado", "Bom dia."))
    again = await bed.again(serve_folder=True)
    assert again.version != bed.version
    assert differs(again.settings) == ""
    write(settings.dialplans_dir, {"199.yaml": "linha: ["})
    broken = await again.again(serve_folder=True)
    assert broken.version == again.version
    for one in (again, broken):
        await one.close()


async def test_killed_between_the_stores_word_and_the_switch(
    bed: PublishBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store has the version, memory never got it: the next process serves it."""

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bed.serving, "serve", dies)
    with pytest.raises(KeyboardInterrupt):
        await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    again = await bed.again()
    assert again.version != bed.version
    (version,) = [one for one in (await again.publishing.versions())["served"] if one["by"]][:1]
    assert version["version"] == again.version
    await again.close()


async def test_a_restart_clears_away_what_a_kill_left_behind(bed: PublishBed) -> None:
    folder = VersionCache(bed.settings).folder
    write(folder / "prova-x1" / "dialplans", menus())
    write(folder / f"{'a' * 12}.new", menus())
    again = await bed.again()
    assert sorted(one.name for one in folder.iterdir()) == sorted([bed.version, "serving"])
    await again.close()


async def test_killed_before_the_stores_word(
    bed: PublishBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bed.store.published, "hand_in", dies)
    with pytest.raises(KeyboardInterrupt):
        await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    again = await bed.again()
    assert again.version == bed.version
    await again.close()


async def test_the_stores_word_is_obeyed_when_its_answer_was_lost(
    bed: PublishBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bed.store.published.hand_in

    async def late(*what: Any) -> None:
        await real(*what)
        raise StoreOverdue("tarde")

    monkeypatch.setattr(bed.store.published, "hand_in", late)
    before = bed.version
    overdue = await refused(bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN))
    assert (overdue.status, bed.version) == (503, before)
    await bed.publishing.look()
    served = (await bed.publishing.versions())["served"]
    assert bed.version == served[0]["version"] != before
    assert published(bed) == [("publish", ADMIN)]  # whoever watches versions hears of it as well


async def test_a_new_store_goes_on_with_what_served(bed: PublishBed, settings: Settings) -> None:
    await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    await asyncio.sleep(0.05)  # the mark in the state folder is written beside
    version = bed.version
    await bed.close()
    (settings.state_dir / "store.sqlite").rename(settings.state_dir / "old.sqlite")
    again = await bed.again()
    assert again.version == version
    await again.close()


async def test_a_version_that_is_not_readable_any_more(
    bed: PublishBed, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer release may read less: the version before it serves, and it is said."""
    first = bed.version
    await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    second, read = bed.version, PaperWorkshop.read

    def refuses(self: PaperWorkshop, folder: Path) -> Any:
        plans = read(self, folder)
        if plans.version == second:
            raise DialplanMistakes(())
        return plans

    monkeypatch.setattr(PaperWorkshop, "read", refuses)
    again = await bed.again()
    assert again.version == first
    await again.close()


async def test_a_changed_folder_in_the_state_is_not_believed(
    bed: PublishBed, settings: Settings
) -> None:
    kept = VersionCache(settings).find(bed.version)
    assert kept is not None
    write(kept, menus(note="À mão"))
    again = await bed.again()
    assert again.version == bed.version
    assert again.serving.current.lines["156"] == bed.serving.current.lines["156"]
    await again.close()


async def test_calls_of_an_older_version_find_it_after_a_restart(bed: PublishBed) -> None:
    first = bed.version
    call = (CallId("c1"), "156", "156", "11987654321", bed.clock(), False, first)
    await bed.store.open_call(*call)
    await bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN)
    again = await bed.again()
    assert again.serving.of(first).version == first
    assert again.serving.current.version == bed.version
    await again.close()


async def test_the_state_folder_is_bounded(bed: PublishBed, settings: Settings) -> None:
    cache = VersionCache(settings)
    for number in range(VERSIONS_ON_DISK + 5):
        cache.keep(f"{number:012x}", {"156.yaml": str(number)})
    kept = [one for one in cache.folder.iterdir() if one.is_dir()]
    assert len(kept) <= VERSIONS_ON_DISK + 2
    assert cache.find(bed.version) is not None


# --- two at once ---
async def test_two_who_publish_at_once_are_heard_one_after_the_other(bed: PublishBed) -> None:
    bed.workshop.slow = 0.02
    one, other = await asyncio.gather(
        bed.publishing.publish(menus(note="Uma"), "", by=ADMIN),
        bed.publishing.publish(menus(note="Outra"), "", by=SECOND),
    )
    served = (await bed.publishing.versions())["served"]
    assert [served[1]["version"], served[0]["version"]] == [one["version"], other["version"]]
    assert served[0]["before"] == one["version"]


async def test_two_folders_of_one_name_are_never_taken_for_each_other(
    bed: PublishBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is 48 bits long: whoever tries can find two folders that share one, have the first
    rejected for 199's sake, and the second kept in its place."""
    monkeypatch.setattr(Folder, "version", lambda folder: "0123456789ab")
    first = await bed.publishing.publish(menus(greeting="Bom dia."), "", by=ADMIN)
    await bed.publishing.reject(first["version"], by=ADMIN)
    other = await refused(bed.publishing.publish(menus(note="Outro"), "", by=ADMIN))
    assert (other.status, "outra pasta já se chama" in other.text) == (409, True)


async def test_a_full_disk_publishes_nothing(
    bed: PublishBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bed.version

    def full(*_: Any) -> Path:
        raise OSError(ENOSPC, "No space left on device")

    for broken in ("staged", "keep"):
        with monkeypatch.context() as patch:
            patch.setattr(VersionCache, broken, full)
            told = await refused(bed.publishing.publish(menus(note="Outro"), "", by=ADMIN))
        assert (told.status, "não pode ser escrita" in told.text) == (503, True)
    assert bed.version == before
    await bed.publishing.publish(menus(note="Outro"), "", by=ADMIN)
    assert bed.version != before


async def test_whoever_leads_no_more_publishes_nothing(bed: PublishBed) -> None:
    again = await bed.again()
    late = await refused(bed.publishing.publish(menus(note="Segunda"), "", by=ADMIN))
    assert late.status == 503
    assert again.version == bed.version
    await again.close()
