"""Reports for the API: each made by a process of its own (`reports_process.py`), one at a time.

The event loop that serves calls only starts it, waits, and hands on an open file. What takes longer
than its budget is killed; who asks while many wait is refused rather than kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from central156.reports_asked import CITY, FIELDS, Mistaken, asked_of
from central156.reports_of_contract import REPORTS
from console.ports import Refusal
from console.ports_reports import Plain, Printed
from papers.sheet import MEDIA, Form
from protocol_store.reports.report import PARAMETERS, Report
from terms import limits
from terms.facts import Fact, Kind
from terms.names import Instant, Seconds
from terms.sheet import Asked
from terms.sight import Reveal

log = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "central156.reports_process")
NOT_TOLD: Final = frozenset({"phone", "keyword", "more", "reveal"})
"""What may hold something personal stands in no fact: only that it was asked for does."""


class Reports:
    """console.ports_reports.ReportsPort."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        clock: Callable[[], Instant],
        record: Callable[[Fact], None],
        command: Sequence[str] = COMMAND,
        budget: Seconds = limits.REPORT_BUDGET,
    ) -> None:
        """`folder`: where reports are while they are made; `record`: keeps the fact of each."""
        self._database_url = database_url
        self._folder = folder
        self._clock = clock
        self._record = record
        self._command = command
        self._budget = budget
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0
        self._numbers = itertools.count()

    def catalogue(self) -> Sequence[Plain]:
        """All reports, in the order of the contract."""
        return [told(report) for report in REPORTS.values()]

    async def make(
        self, name: str, form: str, given: Mapping[str, str], by: str, reveal: Reveal
    ) -> Printed:
        """Make a report; see the port."""
        report = REPORTS.get(name)
        if report is None:
            raise Refusal(404, f"não há o relatório «{name}»; veja GET /v1/reports")
        now = self._clock()
        asked = _asked(report, form, given, now, reveal)
        async with self._turn():
            made, file, size = await self._made(report, Form(form), asked, now)
        details = {"report": name, "format": form, "rows": made["rows"], "whole": bool(reveal)}
        self._record(
            Fact(now, Kind.REPORT_EXPORTED, by=by, details={**details, **_parameters(asked)})
        )
        return Printed(file, size, MEDIA[Form(form)], file_name(name, asked, form))

    @contextlib.asynccontextmanager
    async def _turn(self) -> Any:
        if self._waiting > limits.REPORTS_WAITING:
            raise Refusal(503, "há relatórios demais na frente; tente de novo em alguns minutos")
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                yield
        finally:
            self._waiting -= 1

    async def _made(
        self, report: Report, form: Form, asked: Asked, now: Instant
    ) -> tuple[dict[str, Any], BinaryIO, int]:
        number = next(self._numbers)
        path = self._folder / f"{number}.{form}"
        await asyncio.to_thread(self._make_room, number == 0, path)
        question = {
            "url": self._database_url,
            "report": report.name,
            "asked": asdict(asked),
            "form": form,
            "path": str(path),
            "now": now,
        }
        try:
            answer = await self._answer(question)
            if "wrong" in answer:
                raise Refusal(answer["status"], answer["wrong"])
            if "broken" in answer:
                log.error("a report broke", extra={"report": report.name, **answer})
                raise Refusal(500, "o relatório falhou; veja os registros da central")
            file, size = await asyncio.to_thread(_opened, path)
        finally:
            # what is open stays readable, and nothing is left behind
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return answer, file, size

    def _make_room(self, first: bool, path: Path) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if first:  # what a control process that was killed left behind
            for old in self._folder.iterdir():
                if old.is_file():
                    old.unlink(missing_ok=True)
        path.unlink(missing_ok=True)

    async def _answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._budget):
                process.stdin.write(json.dumps(question).encode() + b"\n")
                with contextlib.suppress(ConnectionError):
                    await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError:
            log.warning("a report took too long", extra={"report": question["report"]})
            text = f"o relatório passou de {self._budget:.0f} s; peça um período menor"
            raise Refusal(504, text) from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()  # by its own id; it has answered, or is not to
            await process.wait()
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            log.error("a report's process died", extra={"report": question["report"]})
            raise Refusal(500, "o relatório falhou; veja os registros da central") from None
        return answer


def told(report: Report) -> dict[str, Any]:
    """A report as the API lists it."""
    known = [name for name in FIELDS if name in report.takes]
    takes = [*known, *sorted(report.takes.difference(FIELDS))]
    return {
        "name": report.name,
        "title": report.title,
        "clause": report.clause,
        "parameters": [{"name": one, "meaning": PARAMETERS.get(one, one)} for one in takes],
        "formats": [str(form) for form in Form],
    }


def file_name(name: str, asked: Asked, form: str) -> str:
    """What the file is called: `dac-recebidas-2026-11-01-a-2026-11-30.xlsx`."""
    first, last = (
        datetime.fromtimestamp(at, CITY).date() for at in (asked.since, asked.until - 0.001)
    )
    days = f"{first}" if first == last else f"{first}-a-{last}"
    return f"{name}-{days}.{form}"


def _asked(
    report: Report, form: str, given: Mapping[str, str], now: Instant, reveal: Reveal
) -> Asked:
    """What is asked, or a Refusal that tells every mistake."""
    wrong: dict[str, str] = {}
    if form not in list(Form):
        wrong["format"] = f"«{form}» não é um formato; há: {', '.join(Form)}"
    try:
        asked = asked_of(report, given, now, reveal)
    except Mistaken as mistake:
        wrong |= mistake.found
    if wrong:
        lines = (f"{name}: {text}" if name else text for name, text in wrong.items())
        raise Refusal(422, "; ".join(lines))
    return asked


def _parameters(asked: Asked) -> dict[str, Any]:
    """What was asked, for the fact: of what may be personal, only that it was asked for."""
    found = {name: value for name, value in asdict(asked).items() if value and name not in NOT_TOLD}
    by = sorted(name for name in ("phone", "keyword") if getattr(asked, name))
    return {**found, "searched_by": by + sorted(asked.more)}


def _opened(path: Path) -> tuple[BinaryIO, int]:
    file = path.open("rb")
    return file, path.stat().st_size
