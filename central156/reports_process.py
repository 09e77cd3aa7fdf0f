"""The process that makes one report: `python -m central156.reports_process`, asked on its input.

It is not the process that serves calls, and stands back behind it (nice). It has little memory and
no more than its time; and it ends when whoever asked does, because then its input ends.

    input    one line of JSON: url, report, asked, form, path, now
    output   one line of JSON: rows, cut; or `wrong`, a text for people; or `broken`, a trace
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from central156.reports_of_contract import REPORTS
from papers.sheet import Form, save
from protocol_store import StoreError
from protocol_store.reports.making import make
from protocol_store.reports.report import WrongQuestion
from terms import limits
from terms.sheet import Asked
from terms.sight import Sight

GRACE = 5  # seconds after which it ends itself, if nobody did


def main() -> int:
    """Answer the one question."""
    signal.alarm(round(limits.REPORT_BUDGET) + GRACE)
    os.nice(limits.REPORT_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (limits.REPORT_MEMORY, limits.REPORT_MEMORY))
    question = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    sys.stdout.write(json.dumps(_answer(question)) + "\n")
    return 0


def _end_with_the_other() -> None:
    # not through sys.stdin, whose lock would be held when this process ends
    while os.read(0, 1024):
        pass
    os._exit(1)


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    try:
        asked = asked_again(question["asked"])
        report = REPORTS[question["report"]]
        sheet = make(question["url"], report, asked, question["now"])
        save(sheet, Form(question["form"]), Path(question["path"]))
    except WrongQuestion as wrong:
        return {"wrong": str(wrong), "status": 422}
    except StoreError as failing:
        return {"wrong": str(failing), "status": 503}
    except MemoryError:
        return {"wrong": "o relatório é grande demais; peça um período menor", "status": 422}
    except Exception as broken:
        # the lines of the code, and never the message: it may hold what was looked for
        lines = [
            f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(broken.__traceback__)
        ]
        return {"broken": type(broken).__name__, "trace": lines[-8:]}
    return {"rows": len(sheet.rows), "cut": sheet.cut}


def asked_again(told: Mapping[str, Any]) -> Asked:
    """What was asked, out of JSON."""
    reveal = told["reveal"]
    if isinstance(reveal, Mapping):
        lists = {name: tuple(reveal[name]) for name in ("lines", "queues", "discreet")}
        reveal = Sight(reveal["whole"], **lists)
    return Asked(**{**told, "reveal": reveal})


if __name__ == "__main__":
    sys.exit(main())
