"""What a citizen is asked: the ways through the three lines' menus, on real calls at the same time;
every branch of 199 and 153, and the main ones of 156."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from calls_bed import ended, new_caller, story_of
from centre_bed import Centre
from hearing import Ear
from sipp_phones import sipp_call, start_calls
from walks import Path, Walk, walk_all

from phones.ears import RATE, silences, sound_of
from terms.names import EMERGENCY_LINES
from terms.protocol_number import is_protocol, protocol_of

pytestmark = pytest.mark.switch

GREETING, MENU = "abertura", "principal"
START = f"{GREETING} inicio {MENU}"
KEY_TIME, KEY_TAKES = 7.0, 0.26
LISTENS_EVERY, ANSWERS_IN = 0.1, 0.7
ROAD, BUS, HEALTH, PERSON = "p156_zeladoria", "p156_transporte", "p156_saude_animais", "p156_geral"
SOCIAL, PROTOCOL, LANGUAGES = "p156_social", "p156_protocolo", "p156_idiomas"
ASKED, LOST = "Pediu um atendente", "não escolheu no menu"
CODE, CANCELLED, REQUEST, CPF = "482915", "730264", "3104871", "52998224725"
NOWHERE = protocol_of(42_424_242)
RELAY = "142"
CITY = ZoneInfo("America/Sao_Paulo")
APPOINTMENT = {"codigo": CODE, "hora": "08:30", "unidade": "UBS Vila Mariana"}
TO_CANCEL = {"codigo": CANCELLED, "hora": "14:00", "unidade": "UBS Itaquera"}
HOLE = {"pedido": REQUEST, "assunto": "buraco na rua", "endereco": "Rua Vergueiro, 120"}
ALL_WAITING = 22.0
"""Seconds in which a caller of 156 hears the greeting of those who wait, and the protocol."""

PATHS = {
    # ---------------------------------------------------------------- 156: the main menu
    "whole": Path("156", "quiet:1 assuntos_da_cidade:1 buraco:9",
                  f"{START} cidade assuntos_da_cidade buraco fila_buraco",
                  ROAD, "Buraco, calçada ou bueiro",
                  f"{GREETING} {MENU} assuntos_da_cidade buraco wait protocol repeat",
                  stay=42.0, priority=40),
    "person": Path("156", f"{MENU}:9", f"{START} um_atendente", PERSON, ASKED,
                   f"{GREETING} {MENU}~ wait protocol", stay=ALL_WAITING, priority=30),
    "silence twice": Path("156", "", START, PERSON, LOST,
                          f"{GREETING} {MENU} !silent {MENU} wait~",
                          ((MENU, "", False), (MENU, "", False)), quiet=2),
    "wrong twice": Path("156", f"answer:6 {MENU}+3.5:7", START, PERSON, LOST,
                        f"{GREETING} !wrong {MENU}~ wait~",
                        ((MENU, "6", False), (MENU, "7", False))),
    "wrong, then right": Path("156", f"answer:6 {MENU}+3.5:2 transporte:2",
                              f"{START} transporte bilhete_unico", BUS, "Bilhete Único",
                              f"{GREETING} !wrong {MENU}~ transporte wait~"),
    "back": Path("156", "answer:5 outros:* principal:9", f"{START} outros {MENU} um_atendente",
                 PERSON, ASKED, f"{GREETING} outros {MENU}~ wait~"),
    "back forgets a mistake": Path(
        "156", f"answer:6 {MENU}+3.5:* {MENU}:6 then+3.5:9", f"{START} {MENU} um_atendente",
        PERSON, ASKED, f"{GREETING} !wrong {MENU}~ {MENU}~ !wrong {MENU}~ wait~",
        ((MENU, "6", False), (MENU, "*", True), (MENU, "6", False), (MENU, "9", True))),
    "key during the greeting": Path("156", "answer:2 transporte:4",
                                    f"{START} transporte carro_abandonado", BUS,
                                    "Carro abandonado", f"{GREETING} transporte wait~",
                                    ((MENU, "2", True), ("transporte", "4", True))),
    "7 while waiting": Path("156", "answer:9 queue+24:7", f"{START} um_atendente", PERSON, ASKED,
                            f"{GREETING} wait protocol protocol", stay=24.0),
    "person during the greeting": Path("156", "answer:9", f"{START} um_atendente", PERSON, ASKED,
                                       f"{GREETING} wait~"),
    "40 digits at once": Path("156", f"answer:{'2' * 40}", f"{START} transporte bilhete_unico",
                              BUS, "Bilhete Único", stay=10.0),
    "letters change nothing": Path("156", "answer:ABCD9", f"{START} um_atendente", PERSON, ASKED),
    "direct code": Path("156", "answer:*12 transporte:9", f"{GREETING} transporte fila_transporte",
                        BUS, "Ônibus, Bilhete Único e trânsito", f"{GREETING} transporte wait~"),
    "0800, in the city": Path("08000110156", "answer:1 municipio:1 assuntos_da_cidade:9",
                              f"{START} cidade municipio assuntos_da_cidade zeladoria", ROAD,
                              "Rua, árvore, lixo ou barulho",
                              f"{GREETING} municipio assuntos_da_cidade wait~"),
    "0800, elsewhere": Path("08000110156", "answer:1 municipio:2 outra_cidade:9",
                            f"{START} cidade municipio outra_cidade um_atendente", PERSON, ASKED,
                            f"{GREETING} municipio outra_cidade wait~"),
    # ---------------------------------------------------------------- 156: 0, urgent
    "0, silence": Path("156", "answer:0", f"{START} urgente social", SOCIAL,
                       "Urgente e social, sem escolher",
                       f"{GREETING} urgente !silent urgente wait~", priority=70, quiet=2),
    "0 1": Path("156", "answer:0 urgente:1", f"{START} urgente guarda_civil", "e153_ocorrencia",
                "Crime agora (veio do 156)", f"{GREETING} urgente~ guarda_civil wait",
                stay=8.0, priority=100),
    "0 2": Path("156", "answer:0 urgente:2", f"{START} urgente defesa_civil", "e199_risco",
                "Árvore, enchente ou desabamento (veio do 156)",
                f"{GREETING} urgente~ defesa_civil wait", stay=8.0, priority=100),
    "0 3": Path("156", "answer:0 urgente:3", f"{START} urgente pessoa_na_rua", SOCIAL,
                "Pessoa em situação de rua", f"{GREETING} urgente~ wait pessoa_na_rua protocol",
                stay=ALL_WAITING + 8, priority=70),
    "0 4": Path("156", "answer:0 urgente:4", f"{START} urgente mulher", "p156_mulher",
                "Violência contra a mulher", f"{GREETING} urgente~ wait~", priority=75),
    "0 5": Path("156", "answer:0 urgente:5", f"{START} urgente pessoa_em_risco", SOCIAL,
                "Criança, idoso ou pessoa com deficiência em risco", f"{GREETING} urgente~ wait~"),
    # ---------------------------------------------------------------- 156: 1 to 5
    "1 3, silence": Path("156", "answer:1 assuntos_da_cidade:3",
                         f"{START} cidade assuntos_da_cidade coleta fila_coleta", "p156_limpeza",
                         "Entulho, móveis e coleta de lixo",
                         f"{GREETING} assuntos_da_cidade coleta wait~", quiet=1),
    "1 5": Path("156", "answer:1 assuntos_da_cidade:5 luz_depois:9",
                f"{START} cidade assuntos_da_cidade luz luz_depois fila_luz", ROAD, "Luz da rua",
                f"{GREETING} assuntos_da_cidade luz luz_depois wait~"),
    "2 1": Path("156", "answer:2 transporte:1 linhas_depois:2 principal:9",
                f"{START} transporte linhas linhas_depois inicio {MENU} um_atendente",
                PERSON, ASKED, f"{GREETING} transporte linhas linhas_depois~ {MENU}~ wait~"),
    "2_3": Path("156", "answer:2 transporte:3", f"{START} transporte reclamar_de_transporte", BUS,
                "Reclamação de ônibus ou táxi",
                f"{GREETING} transporte wait reclamar_de_transporte protocol",
                stay=30.0),
    "3 1": Path("156", "answer:3 saude:1 campanha_depois:9",
                f"{START} saude_e_animais saude campanha campanha_depois fila_saude", HEALTH,
                "Saúde e animais", f"{GREETING} saude campanha campanha_depois wait~"),
    "3 2": Path("156", "answer:3 saude:2", f"{START} saude_e_animais saude dengue", HEALTH,
                "Dengue e água parada", f"{GREETING} saude wait~", priority=45),
    "5 1": Path("156", "answer:5 outros:1", f"{START} outros impostos fila_impostos",
                "p156_financas_docs", "Impostos e certidões", f"{GREETING} outros wait~"),
    "5 5": Path("156", "answer:5 outros:5", f"{START} outros ouvidoria fila_ouvidoria",
                "p156_ouvidoria", "Reclamação de um atendimento", f"{GREETING} outros wait~"),
    "5 6": Path("156", "answer:5 outros:6 mais_alguma_coisa:2",
                f"{START} outros horarios mais_alguma_coisa despedida",
                hears=f"{GREETING} outros horarios mais_alguma_coisa despedida"),
    # ---------------------------------------------------------------- 156: what it looks up
    "protocol found": Path("156", "answer:4 protocolo+3:{2_3}# digits: quiet:1"
                           " protocolo_situacao: quiet+1.6:9",
                           f"{START} protocolo protocolo_procura protocolo_situacao fila_protocolo",
                           PROTOCOL, "Consultar um protocolo",
                           f"{GREETING} protocolo protocolo>echo protocolo_procura"
                           " protocolo_situacao wait~"),
    "protocol not found": Path(
        "156", f"answer:4 protocolo:{NOWHERE} digits:1 protocolo_outra_vez:{NOWHERE} digits:1"
        f" protocolo_ultima_vez:{NOWHERE} digits:1",
        f"{START} protocolo protocolo_procura protocolo_outra_vez protocolo_procura_outra_vez"
        " protocolo_ultima_vez protocolo_procura_ultima_vez fila_protocolo",
        PROTOCOL, "Consultar um protocolo"),
    "no protocol at all": Path("156", "answer:*14 protocolo:123456789 then+7:12# then+7:9",
                               f"{GREETING} protocolo fila_protocolo", PROTOCOL,
                               "Consultar um protocolo",
                               f"{GREETING} protocolo !mistyped protocolo !mistyped protocolo"
                               " wait~", quiet=1),
    "appointment confirmed": Path(
        "156", f"answer:*17 consulta_codigo:{CODE}# digits: quiet:1 consulta: quiet+1.6:1"
        " mais_alguma_coisa:2",
        f"{GREETING} consulta_codigo consulta_procura consulta consulta_confirma"
        " consulta_confirmada mais_alguma_coisa despedida",
        hears=f"{GREETING} consulta_codigo consulta_codigo>echo consulta_procura consulta"
        " consulta_confirma consulta_confirmada mais_alguma_coisa despedida",
        values=APPOINTMENT),
    "appointment cancelled": Path(
        "156", f"answer:3 saude:5 consulta_codigo:{CANCELLED}# digits: quiet:1"
        " consulta: quiet+1.6:2 consulta_certeza:1 mais_alguma_coisa:2",
        f"{START} saude_e_animais saude consulta_codigo consulta_procura consulta consulta_certeza"
        " consulta_desmarca consulta_desmarcada mais_alguma_coisa despedida",
        hears=f"{GREETING} saude consulta_codigo consulta_codigo>echo consulta_procura"
        " consulta consulta_certeza consulta_desmarca consulta_desmarcada"
        " mais_alguma_coisa despedida", values=TO_CANCEL),
    "request reinforced": Path(
        "156", f"answer:1 assuntos_da_cidade:1 buraco:1 reforco:{REQUEST}# digits: quiet:1"
        " reforco_achou: quiet+1.6:1 mais_alguma_coisa:2",
        f"{START} cidade assuntos_da_cidade buraco reforco reforco_procura reforco_achou"
        " reforco_grava reforco_feito mais_alguma_coisa despedida",
        hears=f"{GREETING} assuntos_da_cidade buraco reforco reforco>echo reforco_procura"
        " reforco_achou reforco_grava reforco_feito mais_alguma_coisa despedida", values=HOLE),
    "no such request": Path(
        "156", f"answer:1 assuntos_da_cidade:2 mato:1 reforco:{CPF}# digits+1:1"
        " reforco_nao_achou:9",
        f"{START} cidade assuntos_da_cidade mato reforco reforco_procura reforco_nao_achou"
        " fila_reforco", PROTOCOL, "Reforço de pedido, não concluído"),
    # ---------------------------------------------------------------- 156: other languages, relay
    "english": Path("156", "answer:8 quiet:1", f"{START} idiomas ingles", LANGUAGES,
                    "Fala inglês",
                    f"{GREETING} en:idiomas en:wait en:ingles en:protocol en:repeat",
                    stay=42.0, priority=45),
    "spanish": Path("156", "answer:8 idiomas:2", f"{START} idiomas espanhol", LANGUAGES,
                    "Fala espanhol", f"{GREETING} en:idiomas~ es:wait es:espanhol es:protocol",
                    stay=ALL_WAITING + 4),
    "8, silence": Path("156", "answer:8", f"{START} idiomas ingles", LANGUAGES, "Fala inglês",
                       f"{GREETING} en:idiomas en:!silent en:idiomas en:wait~", quiet=2),
    "relay": Path("156", f"{MENU}+40:5 outros: quiet:4", f"{START} outros trabalho", PERSON,
                  "intermediação para surdos — Trabalho e comércio",
                  f"{GREETING} {MENU} outros wait~", caller=RELAY, quiet=1),
    # ---------------------------------------------------------------- 199, every branch
    "199": Path("199", "", "risco", "e199_risco", "Defesa Civil", "wait risco repeat",
                (), stay=32.0, priority=100),
    "199, 1 in the greeting": Path("199", "answer:1", "risco arvore", "e199_arvore",
                                   "Árvore ou galho caído, sem feridos", "wait~",
                                   (("risco", "1", True),), stay=4.0, places=2, priority=95),
    "199, 1 in the music": Path("199", "queue+11:1", "risco arvore", "e199_arvore",
                                "Árvore ou galho caído, sem feridos", "wait risco",
                                (("risco", "1", True),), stay=4.0, places=2, priority=95),
    "199, wrong keys": Path("199", "answer:5 queue+9:2 queue:9 queue:*", "risco", "e199_risco",
                            "Defesa Civil", "wait risco", (), stay=3.0),
    # ---------------------------------------------------------------- 153, every branch
    "153": Path("153", "", "ocorrencia", "e153_ocorrencia", "Guarda Civil Metropolitana",
                "wait ocorrencia repeat", (), stay=35.0, priority=100),
    "153, 1 in the greeting": Path("153", "answer:1", "ocorrencia apoio", "e153_apoio",
                                   "Alarme, barulho ou comércio irregular", "wait~",
                                   (("ocorrencia", "1", True),), stay=4.0, places=2, priority=90),
    "153, 1 in the music": Path("153", "queue+11:1", "ocorrencia apoio", "e153_apoio",
                                "Alarme, barulho ou comércio irregular", "wait ocorrencia",
                                (("ocorrencia", "1", True),), stay=4.0, places=2, priority=90),
    "153, 2 in the options": Path("153", "queue+5:2", "ocorrencia elogio_ou_queixa",
                                  "p156_ouvidoria",
                                  "Elogio ou queixa da Guarda (veio do 153)",
                                  "greeting ocorrencia elogio_ou_queixa wait protocol",
                                  (("ocorrencia", "2", True),), stay=ALL_WAITING + 6,
                                  places=2, priority=35),
    "153, 2 in the music": Path("153", "queue+11:2", "ocorrencia elogio_ou_queixa",
                                "p156_ouvidoria",
                                "Elogio ou queixa da Guarda (veio do 153)",
                                "greeting ocorrencia elogio_ou_queixa",
                                (("ocorrencia", "2", True),), stay=3.0, places=2, priority=35),
    "153, wrong keys": Path("153", "answer:7 queue+9:3 queue:9 queue:*", "ocorrencia",
                            "e153_ocorrencia", "Guarda Civil Metropolitana", "wait ocorrencia",
                            (), stay=3.0),
}  # fmt: skip


@pytest.fixture(scope="module")
def walks(calls_centre: Centre) -> dict[str, Walk | BaseException]:
    """All paths, walked at the same time."""
    walked = asyncio.run(walk_all(calls_centre, PATHS))
    found, called = walked["protocol found"], walked["2_3"]
    if isinstance(found, Walk) and isinstance(called, Walk):
        found.values = {
            "protocolo_digitado": called.story.call["protocol"],
            "assunto": PATHS["2_3"].note,
            "aberto_em": datetime.fromtimestamp(called.story.call["arrived_at"], CITY)
            .date()
            .isoformat(),
            "situacao": "na fila de atendimento",
        }
    for name in ("appointment confirmed", "appointment cancelled"):
        if isinstance(walk := walked[name], Walk):
            walk.values["data"] = _example(calls_centre, walk.values["codigo"])["data"]
    return walked


def _example(centre: Centre, code: str) -> dict[str, Any]:
    """What the example database says of an appointment."""
    with closing(sqlite3.connect(centre.settings.state_dir / "exemplo.sqlite")) as link:
        link.row_factory = sqlite3.Row
        return dict(link.execute("SELECT * FROM consultas WHERE codigo = ?", (code,)).fetchone())


@pytest.fixture(scope="module")
def ear(calls_centre: Centre) -> Ear:
    return Ear(calls_centre)


def _walked(walks: dict[str, Walk | BaseException], name: str) -> Walk:
    walk = walks[name]
    if isinstance(walk, BaseException):
        raise walk
    return walk


@pytest.mark.parametrize("name", PATHS)
def test_path(walks: dict[str, Walk | BaseException], name: str) -> None:
    walk, path = _walked(walks, name), PATHS[name]
    story, call = walk.story, walk.story.call
    assert " ".join(story.nodes()) == path.nodes
    if path.keys is not None:
        assert tuple(story.keys()) == path.keys
    assert call["entry"] == path.number
    assert is_protocol(call["protocol"])
    assert len(story.of("call_ended")) == 1
    assert len(story.of("queued")) == (path.places if path.queue else 0)
    if not path.queue:
        assert (call["outcome"], call["blame"]) == ("ended_in_menu", "nobody")
        return
    queued = story.of("queued")[-1]
    assert (queued["queue"], queued["note"]) == (path.queue, path.note)
    assert path.priority in (None, queued["priority"])
    assert (call["outcome"], call["blame"]) == ("abandoned", "citizen")
    assert call["ended_where"] == "waiting"


@pytest.mark.parametrize("name", [name for name, path in PATHS.items() if path.hears])
def test_the_right_prompts_are_heard(
    walks: dict[str, Walk | BaseException], ear: Ear, name: str
) -> None:
    walk = _walked(walks, name)
    expected = walk.expected(ear)  # first: the ear then knows the words of its values too
    heard = ear.heard(walk.citizen.line, expected)
    assert [one.name for one in heard] == expected, heard
    assert heard[0].at < 1.5


@pytest.mark.parametrize("name", PATHS)
def test_a_caller_is_never_left_in_silence(
    walks: dict[str, Walk | BaseException], name: str
) -> None:
    walk = _walked(walks, name)
    path = PATHS[name]
    steps = [step.partition(":") for step in path.steps.split()]
    typing = max((len(keys) for _, _, keys in steps), default=0) * KEY_TAKES
    # A citizen who listens for a pause before the key is silent as long: the centre's own time to
    # answer begins after it, and is as long as after any other key.
    pauses = [float(when.partition("+")[2]) for when, _, _ in steps if when.startswith("quiet+")]
    pausing = max(pauses) + LISTENS_EVERY + KEY_TAKES + ANSWERS_IN if pauses else 0.0
    limit = max(2.0, typing, pausing)
    too_long = silences(sound_of(bytes(walk.citizen.line.heard)), limit)
    assert len(too_long) == path.quiet, too_long
    if name != "relay":
        assert all(one.seconds < KEY_TIME + 1.0 for one in too_long)


@pytest.mark.parametrize("name", [name for name in PATHS if name.startswith(("199, 1", "153, 1"))])
def test_the_time_waited_is_kept(walks: dict[str, Walk | BaseException], name: str) -> None:
    story = _walked(walks, name).story
    first, second = story.of("queued")
    assert second["joined"] == first["joined"]


@pytest.mark.parametrize("name", ["0 1", "0 2", "153, 2 in the options", "153, 2 in the music"])
def test_a_hand_over_goes_to_the_other_lines_queue(
    walks: dict[str, Walk | BaseException], name: str
) -> None:
    """R71: whoever was in a menu waits from then on; whoever waited already, from before."""
    story = _walked(walks, name).story
    (handed,), queued = story.of("handed_over"), story.of("queued")[-1]
    assert handed["from_line"] == PATHS[name].number
    assert (handed["queue"], handed["priority"]) == (PATHS[name].queue, PATHS[name].priority)
    waited = PATHS[name].number in EMERGENCY_LINES
    since = story.call["arrived_at"] if waited else handed["at"]
    assert abs(queued["joined"] - since) < 0.5


@pytest.mark.parametrize("name", ["199", "153"])
def test_an_emergency_line_queues_at_once_and_tells_its_options_within_7_seconds(
    walks: dict[str, Walk | BaseException], ear: Ear, name: str
) -> None:
    walk = _walked(walks, name)
    assert walk.story.of("queued")[0]["at"] - walk.story.call["arrived_at"] < 0.5
    heard = ear.heard(walk.citizen.line)
    options = len(ear.lines[name].waiting.before)
    told_at = heard[options].at + ear.seconds(heard[options].name)
    assert told_at <= 7.0
    music = sound_of(bytes(walk.citizen.line.heard))[int((told_at + 0.5) * RATE) :][: 4 * RATE]
    assert float((music**2).mean() ** 0.5) > 60, "no hold music"


def test_every_walk_has_its_own_protocol(walks: dict[str, Walk | BaseException]) -> None:
    numbers = [_walked(walks, name).story.call["protocol"] for name in PATHS]
    assert len(set(numbers)) == len(PATHS)


def test_what_a_menu_wrote_stands_in_the_other_system(
    walks: dict[str, Walk | BaseException], calls_centre: Centre
) -> None:
    for name in ("appointment confirmed", "appointment cancelled", "request reinforced"):
        _walked(walks, name)
    assert _example(calls_centre, CODE)["situacao"] == "confirmada"
    assert _example(calls_centre, CANCELLED)["situacao"] == "desmarcada"
    with closing(sqlite3.connect(calls_centre.settings.state_dir / "exemplo.sqlite")) as link:
        rows = link.execute("SELECT * FROM reforcos").fetchall()
    reinforced = _walked(walks, "request reinforced").story.call["call_id"]
    assert rows == [(REQUEST, reinforced)]


def test_what_was_typed_stands_in_no_log(
    walks: dict[str, Walk | BaseException], calls_centre: Centre
) -> None:
    """R83: neither in Asterisk's logs, CEL included, nor in ours, whatever their level."""
    _walked(walks, "no such request")
    typed = [CPF, CODE, REQUEST, NOWHERE]
    own = ("store.sqlite", "exemplo.sqlite")  # the protected store (its journal is one, too), and
    # the other system
    spoken_of = [
        (str(file.relative_to(calls_centre.folder)), one)
        for file in calls_centre.folder.rglob("*")
        if file.is_file() and not file.name.startswith(own) and file.suffix != ".journal"
        for one in typed
        if one.encode() in file.read_bytes()
    ]
    assert spoken_of == []
    logs = (calls_centre.settings.state_dir / "asterisk" / "log").rglob("*")
    assert not any("DTMF" in file.read_text(errors="replace") for file in logs if file.is_file())


@pytest.mark.skipif(os.geteuid() != 0, reason="SIPp sends keys as raw packets")
def test_keys_of_another_make_of_phone(calls_centre: Centre) -> None:
    caller = new_caller()
    keys = {0.8: "2", 1.2: "9"}
    sipp_call(calls_centre, "156", caller=caller, keys=keys, hang_up_after=1.0, sound=False)
    story = asyncio.run(ended(calls_centre, caller))
    assert story.keys() == [(MENU, "2", True), ("transporte", "9", True)]
    assert story.call["queue"] == BUS


@pytest.mark.parametrize("number", ["1560", "15", "190", "5511156", "s", "ana", "%2A11"])
def test_an_unknown_number_is_404(calls_centre: Centre, number: str) -> None:
    caller = new_caller()
    assert sipp_call(calls_centre, number, caller=caller, expect=404).code == 404
    assert story_of(calls_centre, caller) is None


@pytest.mark.parametrize(
    ("number", "headers"),
    [("90156", []), ("90199", []), ("9008000110156", []), ("156", ["collect"])],
)
def test_a_collect_call_is_refused(calls_centre: Centre, number: str, headers: list[str]) -> None:
    caller = new_caller()
    name = calls_centre.settings.collect_call_header
    marks = [f"{name}: collect" for _ in headers]
    call = sipp_call(calls_centre, number, caller=caller, headers=marks, expect=403)
    assert call.code == 403
    assert story_of(calls_centre, caller) is None


def test_the_line_is_chosen_by_the_number_alone(calls_centre: Centre) -> None:
    """A caller who names another line, or an agent, in every other place changes nothing."""
    caller = new_caller()
    run = start_calls(
        calls_centre,  # type: ignore[arg-type]
        "153",
        caller=caller,
        from_header=f'"156" <sip:{caller}@199>',
        headers=["Diversion: <sip:156@prefeitura>", "P-Asserted-Identity: <sip:199@x>"],
        hang_up_after=1.0,
    )
    run.wait(10)
    story = asyncio.run(ended(calls_centre, caller))
    assert (story.call["line"], story.call["queue"]) == ("153", "e153_ocorrencia")
