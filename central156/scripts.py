"""Runs the call scripts of a folder of dialplans and tells how they went.

    report = run_folder(folder)     # report.ok, report.text (Portuguese, ready to be shown)

The calls go through the production interpreter: what passes here is what a caller will hear.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.checker import Problem
from ivr.rehearsed import Branch, Coverage, Failure, Rehearsed, coverage, part_of, rehearse
from reader import DialplanMistakes, Dialplans, Mistake, read_dialplans
from reader.script_file import Written, read_scripts
from terms.names import Seconds

PATH_NODES: Final = 30
"""Of a walked path; longer ones are shown by their ends."""


@dataclass(frozen=True, slots=True)
class ScriptsReport:
    """How the scripts of a folder went. `ok`: every call went as its script wants; `text` says
    everything in Portuguese; `share`: of the branches of all trees, from 0 to 1."""

    ok: bool
    text: str
    calls: int = 0
    failed: int = 0
    share: float = 0.0
    untested: tuple[Branch, ...] = ()
    seconds: Seconds = 0.0


def run_folder(folder: Path, read: Dialplans | None = None) -> ScriptsReport:
    """Run `folder`/tests/*.yaml. `read`: the folder, if it is read already. DialplanMistakes when
    the dialplans themselves cannot be read; mistakes in scripts are part of the report."""
    dialplans = read_dialplans(folder) if read is None else read
    try:
        scripts = read_scripts(folder, dialplans)
    except DialplanMistakes as wrong:
        return ScriptsReport(False, "\n".join(map(str, wrong.mistakes)))
    start = time.perf_counter()
    done = [(one, rehearse(dialplans, one.script)) for one in scripts]
    seconds = time.perf_counter() - start
    covered = coverage(dialplans.lines, [rehearsed for _, rehearsed in done])
    failed = [(one, rehearsed) for one, rehearsed in done if rehearsed.failures]
    lines = [line for one, rehearsed in failed for line in _told(one, rehearsed)]
    lines += [_counted(len(done), len(failed), seconds), *_coverage(dialplans, covered)]
    return ScriptsReport(
        not failed,
        "\n".join(lines),
        len(done),
        len(failed),
        covered.share,
        covered.untaken,
        seconds,
    )


def _told(written: Written, rehearsed: Rehearsed) -> list[str]:
    """A call that went otherwise: what was expected where, and the way it took."""
    lines = [
        f"{written.place(failure.part)}: «{written.script.name}»{_step(failure)}: {failure.message}"
        for failure in rehearsed.failures
    ]
    path = list(rehearsed.path)
    if len(path) > PATH_NODES:
        path[PATH_NODES // 2 : -PATH_NODES // 2] = ["…"]
    return [*lines, f"    caminho: {' → '.join(path) or 'nenhum'}"]


def _step(failure: Failure) -> str:
    what, *more = failure.part
    return f", passo {int(more[0]) + 1}" if what == "steps" and more else ""


def _counted(calls: int, failed: int, seconds: Seconds) -> str:
    if not calls:
        return "Não há roteiros de chamadas (pasta tests)."
    each = _milliseconds(seconds / calls)
    how = "todas como esperado" if not failed else f"{failed} não como esperado"
    return f"Roteiros: {calls} chamadas em {_milliseconds(seconds)} ({each} cada): {how}."


def _milliseconds(seconds: Seconds) -> str:
    return f"{seconds * 1000:.1f} ms".replace(".", ",")


def _coverage(dialplans: Dialplans, covered: Coverage) -> list[str]:
    tested = len(covered.all) - len(covered.untaken)
    share = f"{int(covered.share * 1000) / 10:.1f}".replace(".", ",")
    lines = [f"Cobertura: {share} % ({tested} de {len(covered.all)} saídas das etapas)."]
    if covered.untaken:
        lines += ["Saídas sem teste:", *(f"  {_place(dialplans, one)}" for one in covered.untaken)]
    if covered.unreachable:
        names = ", ".join(f"'{node}' ({line})" for line, node in covered.unreachable)
        lines.append(f"Não contadas, porque nada leva a elas: {names}.")
    return lines


def _place(dialplans: Dialplans, branch: Branch) -> str:
    line, name, way = branch
    node = dialplans.lines[line].nodes[name]
    words = f"'{name}', tecla {way}" if len(way) == 1 else f"'{name}', {way}"
    found: Mistake = dialplans.mistake(line, Problem(part_of(node, way), words))
    return str(found)
