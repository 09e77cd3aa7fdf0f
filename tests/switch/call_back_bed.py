"""A centre whose calls go out to a public network of SIPp and baresip phones, for call-backs.

    async with going_out(centre) as out:
        citizen = await out.promised(line)            # has hung up; the place is kept
        with out.public(answer=486):                  # the citizen's telephone, from now on
            …

The menus are the shipped ones, with so little said while waiting that the offer of a call-back
comes at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calls_bed import Citizen, OnTheLine, on_the_line, soon
from centre_bed import Centre, centre_bed
from dialplan_copies import shorter_dialplans
from sipp_phones import CallTrace, SippRun, _agent, start_sipp

IDENTITY = "1131560000"
APART = 2
RING = 5


def terse_dialplans(folder: Path) -> Path:
    """The shipped menus; a caller who waits on 156 hears only the forecast and the offer."""
    made = shorter_dialplans(folder)
    file = made / "156.yaml"
    text, cut = re.subn(
        r"\n  antes:\n.*?\n  previsao:", "\n  previsao:", file.read_text(), flags=re.S
    )
    text, keyless = re.subn(r"\n  porque: Só no 156[^\n]*\n  tecla_do_protocolo: 7\n", "\n", text)
    text = text.replace("\npadroes:\n", "\n")
    assert (cut, keyless) == (1, 1)
    file.write_text(text)
    return made


@contextlib.contextmanager
def calling_centre(folder: Path, ports: int, rtp_first: int, **more: str) -> Iterator[Centre]:
    """A centre with a way out to `127.0.0.1:<ports + 50>`."""
    environment = {
        "CENTRAL156_DIALPLANS_DIR": str(terse_dialplans(folder / "dialplans")),
        "CENTRAL156_OUT_TRUNK": f"127.0.0.1:{ports + 50}",
        "CENTRAL156_OUT_IDENTITIES": f"156={IDENTITY},199={IDENTITY}",
        "CENTRAL156_OUT_RING_SECONDS": str(RING),
        "CENTRAL156_CALL_BACK_APART": str(APART),
        "CENTRAL156_URGENT_APART": str(APART),
        **more,
    }
    with centre_bed(folder, ports, rtp_first, **environment) as centre:
        yield centre


@dataclass(frozen=True)
class City:
    """The telephones of the city: SIPp, at the way out."""

    run: SippRun

    def dialled(self) -> list[CallTrace]:
        """The calls that came; not what is left of those before."""
        calls = self.run.calls()
        return [one for one in calls if any(said.is_request("INVITE") for said in one.messages)]


@dataclass(eq=False)
class GoingOut:
    """The public network of one test, and who is promised a call."""

    line: OnTheLine

    @property
    def centre(self) -> Centre:
        return self.line.centre

    @contextlib.contextmanager
    def public(
        self, *, ring: float = 0.2, answer: int = 200, talk: float | None = None
    ) -> Iterator[City]:
        """Every telephone of the city, until the block ends: it rings, then answers or not."""
        settings = self.centre.settings
        port = settings.port_base + 50
        scenario = _agent(ring, answer, talk)
        bed: Any = self.centre
        run = start_sipp(bed, scenario, settings.trunk_port, "-rtp_echo", port=port)
        try:
            yield City(run)
        finally:
            run.kill()

    async def rest(self, agent: str) -> None:
        """On duty, but not to be offered anything."""
        await asyncio.to_thread(self.centre.post, f"/v1/agents/{agent}/pause", reason="sistema")

    async def back(self, agent: str) -> None:
        """To be offered calls again."""
        await asyncio.to_thread(self.centre.post, f"/v1/agents/{agent}/resume")

    async def promised(self, caller: str = "") -> Citizen:
        """A citizen of 156 who has asked to be called back, by the keys, and hung up."""
        citizen = await self.line.dial("156", caller=caller)
        await asyncio.sleep(0.4)  # a switch still wiring the call may swallow a key
        await citizen.line.press("9")
        await soon(lambda: self.fact(citizen, "wait_told"), 10, "the forecast")
        for _ in range(20):  # the offer of the key is spoken; pressed too early it means nothing
            await citizen.line.press("1")
            with contextlib.suppress(AssertionError):
                await soon(lambda: self.promise_of(citizen.caller), 1.0, "the promise")
                break
        await citizen.line.hang_up()
        await soon(lambda: self.outcome(citizen.caller) == "promised", 5, "the call's end")
        return citizen

    def fact(self, citizen: Citizen, kind: str) -> list[dict[str, Any]]:
        """The facts of this kind, of all calls of the citizen's number. Blocking."""
        return self.centre.rows(
            "SELECT facts.* FROM facts JOIN calls USING (call_id) "
            "WHERE caller = ? AND kind = ? ORDER BY facts.id",
            *(citizen.caller, kind),
        )

    def promise_of(self, caller: str) -> dict[str, Any] | None:
        """The promise to this number. Blocking."""
        found = self.centre.rows(
            "SELECT promises.* FROM promises JOIN calls USING (call_id) WHERE caller = ? "
            "ORDER BY promised_at",
            caller,
        )
        return found[-1] if found else None

    def over(self, caller: str) -> str | None:
        """How the promise to this number ended. Blocking."""
        found = self.promise_of(caller)
        return found["over_how"] if found else None

    def result(self, caller: str) -> str | None:
        """What came of the latest attempt at this number. Blocking."""
        found = self.promise_of(caller)
        return found["result"] if found else None

    def outcome(self, caller: str) -> str | None:
        """How the number's latest call ended. Blocking."""
        calls = self.centre.calls_of(caller)
        return calls[-1]["outcome"] if calls else None


@contextlib.asynccontextmanager
async def going_out(centre: Centre) -> AsyncIterator[GoingOut]:
    """Phones for one test; see the file's top."""
    async with on_the_line(centre) as line:
        yield GoingOut(line)
