"""The dashboard and the alarms against the real text of /metrics: every name exists, and promtool
(Debian's package prometheus) finds nothing wrong with the text, the rules or what they tell.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from api_bed import api_bed
from house import CHECKOUT

DOCKER = CHECKOUT / "docker"
OF_PROMETHEUS = {"up"}
MIRRORED = {"central156_mirror_up", "central156_mirror_age_seconds"}
"""There only where a mirror is wanted (tests/floor_mirror/ have one)."""


def promtool(*words: str, said: str = "") -> str:
    """What promtool answers; it must find nothing wrong."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed: setup/packages.sh test")
    done = subprocess.run(
        [program, *words], input=said, capture_output=True, text=True, check=False, cwd=CHECKOUT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """/metrics of a running API that has served calls of every ending that a test can make fast."""
    with api_bed(tmp_path_factory.mktemp("alarms"), port_base=21650) as bed:
        left, _ = bed.do(bed.arrive, "199")
        bed.do(bed.end, left, "menu")
        yield httpx.get(f"{bed.settings.api_url}/metrics", trust_env=False).text


def names_in(text: str) -> set[str]:
    """Every name that a query could ask for."""
    found = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\w+)$", text, re.M):
        ends = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        found |= {name + end for end in ends}
    return found | MIRRORED


def names_of(query: str) -> set[str]:
    return set(re.findall(r"\bcentral156_\w+", query))


def test_the_text_is_as_prometheus_wants_it(figures: str) -> None:
    promtool("check", "metrics", said=figures)
    helped = set(re.findall(r"^# HELP (\S+) \S", figures, re.M))
    assert helped >= set(re.findall(r"^# TYPE (\S+) ", figures, re.M))


def test_every_panel_names_a_metric_that_exists(figures: str) -> None:
    board = json.loads((DOCKER / "grafana/dashboards/central156.json").read_text(encoding="utf-8"))
    sources = DOCKER / "grafana/provisioning/datasources/prometheus.yaml"
    source = yaml.safe_load(sources.read_text())["datasources"][0]
    known = names_in(figures)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        assert panel["datasource"]["uid"] == source["uid"]
        for target in panel["targets"]:
            used = names_of(target["expr"])
            assert used, panel["title"]
            assert used <= known, (panel["title"], used - known)


def test_panels_do_not_overlap() -> None:
    board = json.loads((DOCKER / "grafana/dashboards/central156.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        place = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not place & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= place


def test_every_query_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    board = json.loads((DOCKER / "grafana/dashboards/central156.json").read_text(encoding="utf-8"))
    rules = [
        {"record": f"panel_{panel['id']}_{target['refId']}", "expr": target["expr"]}
        for panel in board["panels"]
        for target in panel["targets"]
    ]
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", str(file))


def alarms() -> list[dict[str, str]]:
    read = yaml.safe_load((DOCKER / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def test_every_alarm_names_metrics_that_exist_and_is_played(figures: str) -> None:
    known = names_in(figures) | OF_PROMETHEUS
    played = (CHECKOUT / "tests/docker/alerts_test.yaml").read_text(encoding="utf-8")
    for alarm in alarms():
        used = names_of(alarm["expr"])
        assert used or "up{" in alarm["expr"]
        assert used <= known, (alarm["alert"], used - known)
        assert f"alertname: {alarm['alert']}\n        exp_alerts:\n" in played, alarm["alert"]


def test_promtool_takes_the_rules_the_configuration_and_plays_the_alarms() -> None:
    assert "SUCCESS" in promtool("check", "rules", "docker/alerts.yaml")
    assert "1 rule files found" in promtool("check", "config", "docker/prometheus.yaml")
    assert "SUCCESS" in promtool("test", "rules", "tests/docker/alerts_test.yaml")


def test_the_container_has_the_rules() -> None:
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    volumes = compose["services"]["prometheus"]["volumes"]
    assert "./alerts.yaml:/etc/prometheus/alerts.yaml:ro" in volumes
