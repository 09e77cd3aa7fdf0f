"""What single figures mean, where two ways of counting would differ."""

from __future__ import annotations

from random import Random

from sqlalchemy import Engine, literal, select
from test_figures_agree import PERIOD, engine, stored_by_line
from test_rebuild import store_all
from visit_stories import START, Story, served

from callflow.relay import national as as_dialled
from central156.reports_of_contract import REPORTS
from contract.billing import repeats
from protocol_store.billable_counts import billable
from protocol_store.fact_log import FactLog
from protocol_store.indicator_counts import call_back_counts
from protocol_store.reports.numbers import national
from terms.counted import Counted
from terms.facts import Kind
from terms.outcome import CallOutcome

__all__ = ["engine"]


def test_a_talk_is_of_the_island_that_had_it_also_after_a_hand_over(engine: Engine) -> None:
    story = Story("c-1", START).arrives()
    story.then(Kind.HANDED_OVER, from_line="156", to_line="199", queue="e199_risco", priority=9)
    story.queues("e199_risco").answers("ana", "1-1", 2.0).talks("ana", "1-1", 30.0)
    store_all(engine, FactLog("a:1"), story.ends("served").facts, Random(1))
    with engine.connect() as connection:
        for name in ("dac-conversa-por-ilha", "tempos-medios-por-ilha"):
            (row,) = REPORTS[name].run(connection, PERIOD).rows
            assert (row["line"], row["queue"], row["mean_talk"]) == ("199", "e199_risco", 30.0)
        for line, count in (("199", 1), ("156", 0)):
            assert stored_by_line(connection, "dac-conversa", line)["talks"] == count


def test_a_telephone_is_one_however_carriers_write_it(engine: Engine) -> None:
    forms = ("11987654321", "+5511987654321", "011987654321", "5511987654321")
    others = ("21987654321", "1155554444", "5555443322", "anonymous", "")  # 55: Santa Maria, too
    facts = []
    for minute, number in enumerate((*forms, *others)):
        story = Story(f"c-{minute}", START + 60.0 * minute).arrives(caller=number)
        facts += story.ends("ended_in_menu", "ended").facts
    facts.sort(key=lambda one: one.at)
    store_all(engine, FactLog("a:1"), facts, Random(1))
    with engine.connect() as connection:
        outcomes = (CallOutcome.ENDED_IN_MENU,)
        paid = billable(connection, PERIOD.since, PERIOD.until, outcomes, 900.0)
        totals = REPORTS["rechamadas"].run(connection, PERIOD).totals
        for number in (*forms, *others):
            found = connection.execute(select(national(literal(number)))).scalar_one()
            assert found == ("anonymous" if number == "anonymous" else as_dialled(number))
    assert (paid.calls_in, repeats(paid.close, 900.0, PERIOD.since)) == (9, 3)
    assert totals is not None
    assert (totals["received"], totals["repeated"]) == (9, 3)


def test_only_whom_the_156_served_could_answer_its_survey(engine: Engine) -> None:
    stories = (
        served("c-1"),
        Story("c-2").arrives("199").queues("e199_risco").answers("bia", "2", 2.0).talks("bia", "2"),
    )
    facts = sorted((one for story in stories for one in story.facts), key=lambda one: one.at)
    store_all(engine, FactLog("a:1"), facts, Random(1))
    with engine.connect() as connection:
        totals = REPORTS["pesquisa-satisfacao"].run(connection, PERIOD).totals
    assert totals is not None
    assert (totals["served"], totals["answering"], totals["took_part"]) == (1, 1, 1.0)


def gives_up(
    call: str, due: float | None, done: float | None = None, to_199: bool = False
) -> Story:
    """After 40 s in the queue; a call is owed by `due`, and made at `done` (both from START)."""
    story = Story(call, START).arrives()
    if to_199:
        story.then(Kind.HANDED_OVER, from_line="156", to_line="199", queue="e199_risco")
    story.queues("e199_risco" if to_199 else "p156_geral").ends("abandoned", after=40.0)
    if due is not None:
        story.then(Kind.TASK_OPENED, task="call_back", due=START + due, because="abandoned")
    if done is not None:
        story.at = START + done
        story.then(Kind.TASK_CLOSED, task="call_back", how="ligou de novo e foi atendido")
    return story


def test_who_is_owed_a_call_is_the_same_for_the_contract_and_for_the_report(
    engine: Engine,
) -> None:
    stories = (
        gives_up("in-time", 86_400.0, 3_600.0),
        gives_up("late", 1_800.0, 3_600.0),
        gives_up("overdue", 1_800.0),
        gives_up("not-due", 86_400.0),
        gives_up("again", None),  # the same number as another one's
        gives_up("emergency", 41.0, 90.0, to_199=True),  # R34: none of the ICB
    )
    facts = sorted((one for story in stories for one in story.facts), key=lambda one: one.at)
    store_all(engine, FactLog("a:1"), facts, Random(1))
    with engine.connect() as connection:
        now = facts[-1].at
        ((_, owed),) = call_back_counts(
            connection, PERIOD.since, PERIOD.until, ("156",), now
        ).items()
        totals = REPORTS["retorno-icb"].run(connection, PERIOD).totals
    assert owed == {Counted.OWED: 3, Counted.OWED_DONE: 1}
    assert totals is not None
    names = ("given_up", "opened", "owed", "kept", "late", "overdue")
    assert [totals[name] for name in names] == [6, 4, 3, 1, 1, 1]
    assert (totals["icb"], totals["icb_given_up"]) == (1 / 3, 1 / 6)
