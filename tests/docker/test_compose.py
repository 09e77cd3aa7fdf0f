"""docker/ agrees with itself and with our settings. It says nothing of Docker: there is none here.

test_halves.py runs the two containers' processes beside each other, without containers.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import CHECKOUT, built_rooms, files_under

from central156.settings import PREFIX, Settings
from central156.state_folder import prepare_state
from central156.switch import switch_settings
from terms.limits import OPEN_FILES, SWITCH_STOP_SECONDS

DOCKER = CHECKOUT / "docker"
OURS = ("asterisk", "control")
GIVEN = {"POSTGRES_PASSWORD": "chosen", "GRAFANA_PASSWORD": "chosen"}


def substituted(text: str) -> str:
    """`${NAME:-default}` and `${NAME:?what to do}` as Compose puts them in."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        assert kind == ":-" or name in GIVEN, f"{name} has neither a default nor a word in .env"
        return rest if kind == ":-" else GIVEN[name]

    return re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(substituted(text))
    return read


def settings_of(compose: dict[str, Any], container: str, state: Path) -> Settings:
    """The settings that a container's environment comes to, checked as at a start."""
    environment = compose["services"][container]["environment"]
    named = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    assert named.pop("state_dir") == "/state"
    unknown = set(named) - set(Settings.model_fields)
    assert not unknown, f"no such settings: {unknown}"
    return Settings(state_dir=state, **named)


@pytest.fixture(params=OURS)
def settings(request: Any, compose: dict[str, Any], tmp_path: Path) -> Settings:
    return settings_of(compose, request.param, tmp_path)


def test_both_halves_have_the_same_settings(compose: dict[str, Any], tmp_path: Path) -> None:
    one, other = (settings_of(compose, name, tmp_path) for name in OURS)
    assert one == other


def test_the_address_that_all_ports_listen_on_is_the_shared_one(
    compose: dict[str, Any], settings: Settings
) -> None:
    services = compose["services"]
    address = services["address"]["networks"]["centre"]["ipv4_address"]
    subnet = compose["networks"]["centre"]["ipam"]["config"][0]["subnet"]
    assert settings.bind == address
    assert ipaddress.ip_address(address) in ipaddress.ip_network(subnet)
    assert all(services[name]["network_mode"] == "service:address" for name in OURS)
    assert all("ports" not in services[name] for name in OURS), "the address publishes for them"
    for part in settings.trunk_peers.split(","):
        ipaddress.ip_network(part.strip())


def test_agi_and_ami_meet_on_that_address_and_are_not_published(
    compose: dict[str, Any], settings: Settings
) -> None:
    prepare_state(settings)
    switch = switch_settings(settings)
    assert switch.agi_host == switch.bind == settings.bind
    assert (switch.agi_port, switch.ami_port) == (settings.agi_port, settings.ami_port)
    ports = compose["services"]["address"]["ports"]
    for inner in (settings.agi_port, settings.ami_port):
        assert not any(str(inner) in port for port in ports)


def test_what_is_published_is_what_the_settings_open(
    compose: dict[str, Any], settings: Settings
) -> None:
    rtp = f"{settings.rtp_first}-{settings.rtp_last}"
    assert compose["services"]["address"]["ports"] == [
        f"{settings.trunk_port}:{settings.trunk_port}/udp",
        f"{settings.agents_port}:{settings.agents_port}/udp",
        f"{rtp}:{rtp}/udp",
        f"127.0.0.1:{settings.http_port}:{settings.http_port}/tcp",
    ]


def test_the_database_is_the_one_that_runs_beside(
    compose: dict[str, Any], settings: Settings
) -> None:
    postgres = compose["services"]["postgres"]["environment"]
    user, database = postgres["POSTGRES_USER"], postgres["POSTGRES_DB"]
    assert settings.store_url == f"postgresql+psycopg://{user}@postgres/{database}"
    control = compose["services"]["control"]["environment"]
    assert control["PGPASSWORD"] == postgres["POSTGRES_PASSWORD"]


def test_the_switch_may_open_enough_files(compose: dict[str, Any]) -> None:
    allowed = compose["services"]["asterisk"]["ulimits"]["nofile"]
    assert allowed == {"soft": OPEN_FILES, "hard": OPEN_FILES}


def test_stopping_waits_for_the_drain(compose: dict[str, Any], settings: Settings) -> None:
    for name in OURS:
        patience = int(compose["services"][name]["stop_grace_period"].removesuffix("s"))
        assert patience > settings.drain_seconds + SWITCH_STOP_SECONDS


def test_every_image_is_pinned(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values()]
    for name in OURS:
        dockerfile = CHECKOUT / compose["services"][name]["build"]["dockerfile"]
        images += re.findall(r"^FROM (\S+)", dockerfile.read_text(), re.MULTILINE)
    for image in images:
        _, colon, tag = image.rpartition(":")
        assert colon, image
        assert "latest" not in tag
        assert re.search(r"\d+\.\d+|forky", tag), f"{image} may change from one day to the next"


def test_our_images_carry_our_version(compose: dict[str, Any]) -> None:
    version = re.search(r"^version = (\S+)", (CHECKOUT / "setup.cfg").read_text(), re.MULTILINE)
    assert version is not None
    for name in OURS:
        assert compose["services"][name]["image"] == f"central156-{name}:{version[1]}"


@pytest.mark.parametrize("name", OURS)
def test_an_image_holds_all_rooms_and_nothing_that_is_not_there(name: str) -> None:
    text = (DOCKER / f"Dockerfile.{name}").read_text(encoding="utf-8")
    copied = [
        word for line in re.findall(r"^COPY (.+)", text, re.MULTILINE) for word in line.split()[:-1]
    ]
    assert not [path for path in copied if not (CHECKOUT / path).exists()]
    assert set(built_rooms()) | {"asterisk-conf", "dialplans", "sounds"} <= set(copied)
    assert not {".", ".central156", "tests"} & set(copied)
    assert re.search(r"^USER central156$", text, re.MULTILINE), "nothing of ours runs as root"
    half = "switch" if name == "asterisk" else name
    assert f'"docker/half.py", "{half}"' in text
    assert (DOCKER / f"Dockerfile.{name}.dockerignore").exists()


def test_both_images_run_as_the_same_user() -> None:
    users = {
        re.findall(r"--uid (\d+)", (DOCKER / f"Dockerfile.{name}").read_text())[0] for name in OURS
    }
    assert len(users) == 1


def test_prometheus_asks_the_api_port(settings: Settings) -> None:
    read = yaml.safe_load((DOCKER / "prometheus.yaml").read_text(encoding="utf-8"))
    (job,) = read["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert job["static_configs"] == [{"targets": [f"{settings.bind}:{settings.http_port}"]}]
    assert '"/metrics"' in "".join(file.read_text() for file in files_under("console"))


def test_the_health_check_asks_the_api(compose: dict[str, Any], settings: Settings) -> None:
    test = " ".join(compose["services"]["control"]["healthcheck"]["test"])
    assert f"{settings.api_url}/v1/health" in test
    asterisk = compose["services"]["asterisk"]["healthcheck"]["test"]
    there = Path("/state") / settings.switch_dir.relative_to(settings.state_dir)
    assert str(there / "etc" / "asterisk.conf") in asterisk


def test_what_is_mounted_exists(compose: dict[str, Any]) -> None:
    named = set(compose["volumes"])
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in named or (DOCKER / source).exists(), source


def test_no_password_stands_in_the_repository() -> None:
    for file in (DOCKER / "compose.yaml", *files_under("docker/grafana", "*.yaml")):
        for line in file.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if "PASSWORD" in name and not name.lstrip().startswith("#"):
                assert re.fullmatch(r" \$\{\w+:\?.*\}", value), line
