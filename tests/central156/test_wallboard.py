"""What `central156 floor` draws: figures, alarms in words, every size, every terminal."""

from __future__ import annotations

import copy
import io
from typing import Any

import pytest
from rich.console import Console

from central156.cli import digits, wallboard_tables
from central156.cli.alarms import alarms
from central156.cli.letters import keep_to_the_terminal_s_letters
from central156.cli.wallboard import BIG_HEIGHT, BIG_WIDTH, Size, drawn, tiles
from central156.cli.words import PLACES
from central156.mirror import content_of, picture_of
from docs.floor_picture import SVG, morning, svg
from floor_mirror import Mirrored
from terms.names import PROOF_QUEUE

SAMPLE = morning().picture()


@pytest.fixture
def picture() -> dict[str, Any]:
    return copy.deepcopy(SAMPLE)


def text(picture: dict[str, Any], width: int = 80, height: int | None = 24, **more: Any) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, height=height or 200, color_system=None)
    size = Size(width, height, more.pop("ascii_only", False))
    console.print(drawn(picture, picture["at"], size, **more), end="")
    return file.getvalue()


def told(picture: dict[str, Any], later: float = 0.0) -> list[str]:
    return [alarm.text for alarm in alarms(picture, picture["at"] + later)]


def test_six_figures_in_big_digits_at_80_by_24(picture: dict[str, Any]) -> None:
    lines = text(picture).splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines)
    for tile in tiles(picture, picture["at"]):
        rows = digits.big(tile.figure)
        at = next(n for n, line in enumerate(lines) if tile.name in line)
        for row, line in zip(rows, lines[at + 1 :], strict=False):
            assert row.strip() in line
    figures = {tile.name.split(" (")[0]: tile.figure for tile in tiles(picture, picture["at"])}
    assert figures == {
        "ESPERANDO": "7",
        "MAIOR ESPERA": "2:00",
        "NS 156 HOJE": "92%",
        "EMERGÊNCIAS": "2",
        "AGENTES LIVRES": "0",
        "EM CONVERSA": "17",
    }


def test_alarms_are_sentences_the_gravest_first(picture: dict[str, Any]) -> None:
    found = told(picture)
    assert found[0] == "199: 2 esperando há 14 s"
    assert "ninguém logado em e153_guarda" in found
    assert "p156_saude: 4 além de 15 s; a maior espera, 2:00" in found
    assert "espelho parado: o Redis não responde" in found
    assert "1 gravação faltando ou com defeito na última hora" in found
    assert told(picture, later=60.0)[0] == "199: 2 esperando há 1:14"  # the view turns by itself
    graves = [alarm.grave for alarm in alarms(picture, picture["at"])]
    assert graves == sorted(graves, reverse=True)


def test_more_alarms(picture: dict[str, Any]) -> None:
    picture |= {"link": False, "mirror": "refused", "bad_recordings": 2}
    picture["queues"][2]["storm"] = True
    picture["agents"][0] |= {"status": "available", "phone": "gone"}
    talking = next(one for one in picture["callers"] if one["agent"])
    talking["dead_air"] = "agent"
    found = told(picture)
    assert f"conversa muda com {talking['agent']}: não se ouve o agente" in found
    assert any("sem ligação com o Asterisk" in one for one in found)
    assert "espelho parado: o Redis não aceita a senha" in found
    assert "156 em modo tempestade" in found
    assert "disponível com o telefone sem registro: alice" in found
    assert "2 gravações faltando ou com defeito na última hora" in found


def test_a_quiet_floor_has_no_alarms(picture: dict[str, Any]) -> None:
    for queue in picture["queues"]:
        queue |= {"unserved": 0, "oldest": None, "late": 0, "crew": 2, "free": 2}
    picture |= {"mirror": "off", "bad_recordings": 0}
    assert told(picture) == []
    assert "sem alarmes" in text(picture)
    assert "ninguém espera" in text(picture)


def test_the_proof_s_own_queue_is_left_out(picture: dict[str, Any]) -> None:
    proof = copy.deepcopy(picture["queues"][0]) | {"queue": PROOF_QUEUE, "unserved": 9, "crew": 0}
    picture["queues"].append(proof)
    assert tiles(picture, picture["at"])[0].figure == "7"
    assert not any(PROOF_QUEUE in one for one in told(picture))


@pytest.mark.parametrize("width", [1, 20, 40, 71, 72, 80, 100, 159, 160, 168, 200])
@pytest.mark.parametrize("height", [1, 5, 23, 24, 25, 30, 60, None])
def test_it_fits_into_every_terminal(width: int, height: int | None) -> None:
    lines = text(SAMPLE, width, height).splitlines()
    assert all(len(line) <= width for line in lines)
    if height is not None:
        assert len(lines) <= height
    if width >= BIG_WIDTH and (height is None or height >= BIG_HEIGHT):
        assert any(digits.BLOCK in line for line in lines)


def test_bigger_terminals_show_queues_and_agents() -> None:
    assert "Fila" not in text(SAMPLE, 80, 24)
    assert "p156_social" in text(SAMPLE, 100, 40)
    wide = text(SAMPLE, 170, 40)
    assert "Filas" in wide
    assert "Agentes" in wide
    whole = text(SAMPLE, 120, None)
    assert all(agent["agent"] in whole for agent in SAMPLE["agents"])


def test_an_old_picture_says_so(picture: dict[str, Any]) -> None:
    shown = text(picture, stale="a central saiu do ar; imagem de 10:12:00, há 0:20")
    assert "a central saiu do ar; imagem de 10:12:00" in shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp850", "utf-8"])
def test_a_terminal_without_utf_8_gets_letters_that_it_has(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    keep_to_the_terminal_s_letters(stream)
    console = Console(file=stream, width=80, height=24, color_system=None)
    size = Size(80, 24, console.options.ascii_only)
    console.print(drawn(SAMPLE, SAMPLE["at"], size))
    stream.flush()
    shown = raw.getvalue().decode(encoding)
    assert "?" not in shown
    assert ("EMERGENCIAS" if encoding == "ascii" else "EMERGÊNCIAS") in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_picture_in_the_papers_is_what_is_drawn() -> None:
    assert SVG.read_text(encoding="utf-8") == svg(), "python -m docs.floor_picture"


def test_what_is_mirrored_is_bounded_and_about_nobody(picture: dict[str, Any]) -> None:
    picture["elsewhere"] = [{"line": "156", "protocol": "123"}] * 3
    for caller in picture["callers"]:
        caller |= {"protocol": "12345678", "note": "violência"}
    for agent in picture["agents"]:
        agent["reason"] = "banheiro"
    picture["callers"] *= 40
    content = content_of(picture, "n1")
    said = repr(content)
    assert not any(word in said for word in ("12345678", "violência", "banheiro", "pause_since"))
    assert content.head["elsewhere"] == {"156": 3}
    assert all(len(queue["callers"]) <= 100 for queue in content.queues.values())


def test_a_mirrored_floor_is_drawn_like_another(picture: dict[str, Any]) -> None:
    picture["elsewhere"] = []
    picture.pop("in_menus")
    again = picture_of(Mirrored(4, 17, content_of(picture, "n1")))
    assert tiles(again, again["at"]) == tiles(picture, picture["at"])
    shown = text(again, 120, None)
    assert "espelho de n1, época 4" in shown


def test_digits() -> None:
    assert digits.short_wait(99 * 60 + 59) == "99:59"
    assert digits.short_wait(102 * 60) == "1h42"
    assert digits.short_wait(-3) == "0:00"
    assert all(len({len(row) for row in shape}) == 1 for shape in [digits.big("0123456789:%h-")])
    assert digits.big("8", ascii_only=True)[0] == "####"


@pytest.mark.parametrize(
    ("one", "place"),
    [
        ({"absent": True, "dialled": False, "where": "waiting"}, "a retornar"),
        ({"absent": False, "dialled": True, "where": "offered"}, "sendo chamado"),
        ({"absent": False, "dialled": True, "where": "talking"}, PLACES["talking"]),
        ({"absent": False, "where": "offered"}, PLACES["offered"]),
    ],
)
def test_where_a_caller_is(one: dict[str, Any], place: str) -> None:
    assert wallboard_tables._place(one) == place
