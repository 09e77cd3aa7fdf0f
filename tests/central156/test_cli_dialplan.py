"""`central156 dialplan …` on folders: what is told, and how the command ends."""

from __future__ import annotations

import json
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from house import CHECKOUT

from central156 import drawing
from central156.cli import main
from central156.drawing_sheet import A3, Tree, laid_out
from central156.drawing_words import is_leaf, leaf_words
from central156.scripts import run_folder
from central156.settings import load_settings
from ivr.difference import line_differences
from ivr.rehearsed import reachable
from reader import read_dialplans

NEEDS_DOT = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
SHIPPED = CHECKOUT / "dialplans"
VERSION = "e62e993d2b31"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped dialplans that a test may break."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "dialplans"))


def dialplan(tmp_path: Path, *words: str, keys: str = "") -> Result:
    state = str(tmp_path / "estado")
    return CliRunner().invoke(main, ["--pasta", state, "dialplan", *words], input=keys)


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


# --- check ---
def test_check_tells_of_each_line_what_was_proved(tmp_path: Path) -> None:
    done = dialplan(tmp_path, "check")
    assert done.exit_code == 0, done.output
    for line in ("156", "199", "153"):
        assert re.search(rf"^{line}: \d+ etapas, \d+ saídas provadas", done.output, re.MULTILINE)
    assert re.search(r"Versão [0-9a-f]{12}: nenhum erro\.", done.output)
    assert "o serviço 'sms_protocolo' não está configurado" in done.output


def test_check_tells_every_mistake_with_its_place_and_ends_with_1(
    tmp_path: Path, folder: Path
) -> None:
    edit(folder, "199.yaml", "tipo: fila", "tipo: filla")
    edit(folder, "153.yaml", "linha: 153", "linha: 154")
    done = dialplan(tmp_path, "check", str(folder))
    assert done.exit_code == 1
    assert re.search(r"^dialplans/199\.yaml:\d+:\d+: valor desconhecido 'filla'", done.output, re.M)
    assert re.search(r"^dialplans/153\.yaml:\d+:\d+: ", done.output, re.MULTILINE)
    assert re.search(r"há \d+ erros", done.output)


def test_a_text_without_a_recording_is_told_and_is_a_mistake_only_on_demand(
    tmp_path: Path, folder: Path
) -> None:
    edit(folder, "199.yaml", "Defesa Civil de São Paulo,", "Defesa Civil, bom dia,")
    told = dialplan(tmp_path, "check", str(folder))
    assert told.exit_code == 0
    assert "sem gravação:" in told.output
    refused = dialplan(tmp_path, "check", str(folder), "--gravacoes")
    assert refused.exit_code == 1
    assert "não há gravação para o texto 'Defesa Civil, bom dia," in refused.output


# --- test ---
FAILING = """
linha: 199
chamadas:
  - nome: Espera outra fila
    passos:
      - ouve: Defesa Civil
      - tecla: 1
    espera: {fila: e199_risco}
  - nome: Ouve outra coisa
    passos:
      - ouve: Bombeiros
    espera: {fim: sim}
"""


def test_scripts_that_fail_are_told_with_place_step_and_path(tmp_path: Path, folder: Path) -> None:
    (folder / "tests" / "zz.yaml").write_text(FAILING, encoding="utf-8")
    done = dialplan(tmp_path, "test", str(folder))
    assert done.exit_code == 1
    place = r"dialplans/tests/zz\.yaml:\d+:\d+: "
    assert re.search(place + "«Espera outra fila»: esperava-se a fila 'e199_risco'", done.output)
    assert "caminho: risco → arvore" in done.output
    heard = place + "«Ouve outra coisa», passo 1: esperava-se ouvir «Bombeiros»; ouviu-se «"
    assert re.search(heard, done.output)
    assert re.search(r"\d+ chamadas em [\d,]+ ms \([\d,]+ ms cada\): 2 não como", done.output)


def test_branches_without_a_test_are_listed_and_may_be_an_error(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "tests" / "199.yaml").unlink()
    assert dialplan(tmp_path, "test", str(folder)).exit_code == 0
    done = dialplan(tmp_path, "test", str(folder), "--cobertura", "100")
    assert done.exit_code == 1
    assert re.search(r"^  dialplans/199\.yaml:\d+:\d+: 'risco', tecla 1$", done.output, re.M)
    assert "a cobertura é menor que 100 %" in done.output


def test_mistakes_in_scripts_are_told_with_their_places(tmp_path: Path, folder: Path) -> None:
    text = "linha: 199\nchamadas:\n  - {nome: a, espera: {etapas: [riscos]}}\n"
    (folder / "tests" / "zz.yaml").write_text(text, encoding="utf-8")
    report = run_folder(folder)
    assert not report.ok
    assert report.text.startswith("dialplans/tests/zz.yaml:3:")
    assert "a etapa 'riscos' não existe; você quis dizer 'risco'?" in report.text


# --- try ---
def test_try_walks_by_the_keys_that_are_piped_in(tmp_path: Path) -> None:
    keys = "4\n123456786#\n1\na\nBuraco\n2026-11-20\naberto\nq\n"
    done = dialplan(tmp_path, "try", "156", "--quando", "2026-11-25 10:00", keys=keys)
    assert done.exit_code == 0, done.output
    assert "«SP156, Prefeitura de São Paulo." in done.output
    assert "? consulta protocolo: protocolo 123456786" in done.output
    assert "Pedido sobre Buraco" in done.output
    assert done.output.endswith("Você desligou.\n")


def test_try_shows_the_queue_and_ends_with_the_survey(tmp_path: Path) -> None:
    done = dialplan(tmp_path, "try", "156", keys="x\n9\n\n5\n5\n5\n5\n")
    assert "(use 0 a 9, * e #" in done.output
    assert "→ fila p156_geral, prioridade 30, assunto «Pediu um atendente»" in done.output
    assert "Fim da ligação." in done.output
    wrong = dialplan(tmp_path, "try", "156", "--quando", "amanhã")
    assert wrong.exit_code == 2
    assert "escreva, como em '2026-11-25 10:00'" in wrong.output


# --- diff ---
def test_diff_says_what_a_citizen_would_notice(tmp_path: Path, folder: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "novo"))
    edit(other, "199.yaml", "Defesa Civil de São Paulo,", "Defesa Civil, bom dia,")
    done = dialplan(tmp_path, "diff", str(folder), str(other))
    assert done.exit_code == 0
    assert "«Defesa Civil, bom dia," in done.output
    assert "(antes: «Defesa Civil de São Paulo," in done.output
    same = dialplan(tmp_path, "diff", str(folder))
    assert same.output == "Um cidadão não notaria diferença nenhuma.\n"
    nowhere = dialplan(tmp_path, "diff", "ontem")
    assert nowhere.exit_code == 1
    assert "'ontem' não é uma pasta, nem o nome de uma versão" in nowhere.output


class Versions(BaseHTTPRequestHandler):
    """The API's answer for one version: the shipped files."""

    def do_GET(self) -> None:
        known = self.path == f"/v1/dialplans/{VERSION}/files"
        names = [*SHIPPED.glob("*.yaml"), *SHIPPED.glob("tests/*.yaml")]
        files = {one.relative_to(SHIPPED).as_posix(): one.read_text("utf-8") for one in names}
        self.send_response(200 if known else 404)
        self.end_headers()
        answer = {"files": files} if known else {"erro": "não há esta versão"}
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def test_diff_with_a_version_that_the_centre_has(tmp_path: Path, folder: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Versions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "estado" / "secrets").mkdir(parents=True)
    port_base = f"port_base = {server.server_port - 6}\n"
    (tmp_path / "estado" / "settings.toml").write_text(port_base, encoding="utf-8")
    secrets = load_settings(tmp_path / "estado").secrets_dir
    (secrets / "admin_token").write_text("segredo", encoding="utf-8")
    try:
        edit(folder, "199.yaml", "Defesa Civil de São Paulo,", "Defesa Civil, bom dia,")
        done = dialplan(tmp_path, "diff", VERSION, str(folder))
        assert "«Defesa Civil, bom dia," in done.output
        unknown = dialplan(tmp_path, "diff", "0123456789ab")
        assert (unknown.exit_code, "não há esta versão" in unknown.output) == (1, True)
    finally:
        server.shutdown()
        server.server_close()


def test_schema_is_json(tmp_path: Path) -> None:
    assert dialplan(tmp_path, "schema").output.startswith("{")


# --- what a single call needs ---
def test_try_draw_and_diff_tell_what_a_single_call_needs(tmp_path: Path, folder: Path) -> None:
    note = "    assunto: Pediu um atendente\n"
    needs = "    precisa:\n      - todas: [p156_idiomas até 2]\n      - todas: [p156_social]\n"
    edit(folder, "156.yaml", note, note + needs)
    told = "p156_idiomas até o nível 2 ou p156_social"
    tried = dialplan(tmp_path, "try", "156", str(folder), keys="9\nq\n")
    assert f"assunto «Pediu um atendente», precisa: {told}" in tried.output
    plans = read_dialplans(SHIPPED).lines["156"], read_dialplans(folder).lines["156"]
    words = f"a chamada agora precisa também de {told} (antes: nada)"
    assert f"Na ida à fila 'um_atendente' do 156, {words}." in list(line_differences(*plans))
    assert leaf_words(plans[1].nodes["um_atendente"]).endswith(f"30, precisa: {told}")


# --- draw ---
@NEEDS_DOT
@pytest.mark.parametrize("line", ["156", "199"])
def test_draw_shows_every_node_of_a_line(tmp_path: Path, line: str) -> None:
    target = tmp_path / "arvore.svg"
    done = dialplan(tmp_path, "draw", line, "-o", str(target))
    assert done.exit_code == 0, done.output
    root = ElementTree.parse(target).getroot()
    assert float((root.get("width") or "").removesuffix("pt")) <= A3[0] + 1
    assert float((root.get("height") or "").removesuffix("pt")) <= A3[1] + 1
    texts = {"".join(one.itertext()).strip() for one in root.iter(f"{SVG}text")}
    plan = read_dialplans(SHIPPED).lines[line]
    boxes = {name for name in reachable(plan) if not is_leaf(plan.nodes[name])}
    assert boxes <= texts
    assert any("e199_risco" in text for text in texts)


def test_without_graphviz_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = dialplan(tmp_path, "draw", "199", "-o", str(tmp_path / "x.svg"))
    assert done.exit_code == 1
    assert "sudo apt-get install graphviz" in done.output


def test_trees_on_a_sheet_do_not_overlap() -> None:
    sizes = [(300, 200), (500, 400), (90, 800), (1200, 60), (10, 10), (640, 300), (200, 700)]
    trees = [Tree(width, height, "0 0 1 1", "") for width, height in sizes]
    sheet = laid_out(trees)
    boxes = [
        (x, y, x + tree.width, y + tree.height)
        for tree, (x, y) in zip(trees, sheet.places, strict=True)
    ]
    for at, (left, top, right, bottom) in enumerate(boxes):
        assert right <= sheet.width
        assert bottom <= sheet.height
        for other in boxes[at + 1 :]:
            assert other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top
    assert boxes[0][:2] == (0, 0)
    assert 0 < sheet.scale <= 1
    assert drawing.DEPTHS[0] == 1
