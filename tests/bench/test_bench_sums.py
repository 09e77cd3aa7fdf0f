"""The sums behind `make bench`: what counts as an idle gap, and which run is shown."""

from pathlib import Path

import pytest

from bench.figures import median_run, percentile, summary
from bench.phones import Talk, idle_gaps
from bench.with_app_queue import write_templates


def test_a_gap_is_one_agents_and_begins_inside_the_window() -> None:
    talks = [
        Talk("ana", 10.0, 11.0),
        Talk("bia", 10.5, 12.0),
        Talk("ana", 11.01, 13.0),
        Talk("bia", 12.5, 14.0),
        Talk("ana", 13.9, 15.0),  # its gap began after the window
    ]
    assert idle_gaps(talks, 10.0, 12.5) == pytest.approx([10.0, 500.0])


def test_the_tail_is_not_left_out() -> None:
    times = [1.0] * 98 + [50.0, 70.0]
    assert percentile(times, 0.99) == 70.0
    assert summary(times)["max"] == 70.0
    with pytest.raises(ValueError):
        percentile([], 0.5)


def test_of_three_runs_the_middle_one_is_shown() -> None:
    runs = [{"p99": 30.0}, {"p99": 10.0}, {"p99": 20.0}]
    assert median_run(runs, "p99") == {"p99": 20.0}
    assert median_run(runs[:2], "p99") == {"p99": 10.0}


def test_app_queue_gets_the_same_phones_and_its_own_number(tmp_path: Path) -> None:
    write_templates(tmp_path / "conf", ["ana", "bia"])
    queues = (tmp_path / "conf" / "queues.conf").read_text()
    assert "retry = 1" in queues
    of_all, _, of_skills = queues.partition("\n[appqueue1]")
    assert of_all.endswith(
        "member = PJSIP/ana,0,ana,PJSIP/ana\nmember = PJSIP/bia,0,bia,PJSIP/bia\n"
    )
    first, _, second = of_skills.partition("\n[appqueue2]")
    assert [line.split(",")[1] for line in first.splitlines()[1:]] == ["0", "1"]
    assert [line.split(",")[1] for line in second.splitlines()[1:]] == ["1", "0"]
    assert "exten => appqueue,1,Answer()" in (tmp_path / "conf" / "extensions.conf").read_text()
