"""Recording what a version of the dialplans needs, while the centre runs.

    missing(words, shipped, here)        which texts have no recording yet
    await make(words, here, shipped)     record them, in a process of its own

Recordings are found by language and words, so what one version had recorded serves every other.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from terms.limits import (
    ORDER_SECONDS,
    ORDER_SECONDS_EACH,
    ORDER_SECONDS_MAX,
    PROMPT_SECONDS_MAX,
    SHOWN_PROBLEMS,
)
from terms.names import Seconds
from voice.index import plain
from voice.recording import Words, present
from voice.studio import STUDIO

INSTALL = "make voice"
"""What brings the voice; with Debian's espeak-ng and npm (setup/packages.sh voice)."""
TOLD_MAX = 2_000


class NotRecorded(Exception):
    """Texts that could not be recorded; `texts` says which. The message, in Portuguese, says why
    and what to do."""

    def __init__(self, why: str, texts: Sequence[Words]) -> None:
        self.texts = tuple(texts)
        shown = [f"  [{language}] {text}" for language, text in self.texts[:SHOWN_PROBLEMS]]
        more = len(self.texts) - len(shown)
        shown += [f"  … e mais {more}"] if more > 0 else []
        super().__init__("\n".join([why, "Textos sem gravação:", *shown] if shown else [why]))


def missing(words: Iterable[Words], *folders: Path) -> tuple[Words, ...]:
    """Those of `words` that no folder has a recording of, each once. PromptsBroken when an index
    cannot be read. Blocking, short."""
    had = {entry.key for folder in folders for entry in present(folder)}
    wanted = dict.fromkeys((language, plain(text)) for language, text in words)
    return tuple(key for key in wanted if key not in had)


async def make(
    words: Iterable[Words],
    folder: Path,
    *shipped: Path,
    python: str = sys.executable,
    studio: Path = STUDIO,
) -> None:
    """Record in `folder` what neither it nor the `shipped` folders have; a studio's recordings
    are taken first. Runs in a process of its own that gives way to calls, in bounded time.
    NotRecorded when a text has no recording afterwards."""
    wanted = list(dict.fromkeys((language, plain(text)) for language, text in words))
    lacking = await asyncio.to_thread(missing, wanted, folder, *shipped)
    if not lacking and not await asyncio.to_thread(studio.is_dir):
        return
    command = [python, "-m", "voice.make", "--only", "--nice"]
    command += ["--sounds", str(folder), "--studio", str(studio)]
    for other in shipped:
        command += ["--besides", str(other)]
    told = "".join(f"{PROMPT_SECONDS_MAX}\t{language}\t{text}\n" for language, text in wanted)
    budget = min(ORDER_SECONDS + ORDER_SECONDS_EACH * len(lacking), ORDER_SECONDS_MAX)
    why = await _run([*command, "-"], told, budget)
    if left := await asyncio.to_thread(missing, wanted, folder, *shipped):
        raise NotRecorded(_advice(why), left)


async def _run(command: Sequence[str], told: str, budget: Seconds) -> str:
    """Run the command; what it complained of. It and its children end with us."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, complaint = await asyncio.wait_for(process.communicate(told.encode()), budget)
    except TimeoutError:
        return f"a gravação não terminou em {budget:g} s; tente de novo: o que ficou pronto vale"
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return complaint.decode(errors="replace").strip()[-TOLD_MAX:]


def _advice(why: str) -> str:
    """What a person reads: the reason's last line, and the line to type when the voice is missing
    altogether."""
    reason = why.splitlines()[-1] if why else "a gravação parou sem dizer por quê"
    if "No module named" in reason:
        reason = f"falta a voz: instale com: {INSTALL}"
    return f"Não foi possível gravar as mensagens: {reason}"
