"""The one order that makes a call: the agent's phone first, the rest is the dialplan's.

The order never names a number to dial or an application: it enters c156-out-agent
(asterisk-conf/extensions_out.conf), which has the gate, the allow-list and the caps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pbx.ami_wire import ValueRefused
from terms.names import AgentName, OfferId, Seconds, is_agent_name

if TYPE_CHECKING:
    from pbx.ami_session import AmiSession

_VARIABLE: Final = re.compile(r"C156_[A-Z0-9_]{1,40}")
_VALUE: Final = re.compile(r"[^\x00-\x1f\x7f$\\,\"{}\[\]]{0,900}")
_ATTEMPT: Final = re.compile(r"[A-Za-z0-9._-]{1,60}")


class CallsOut:
    """Mixed into AmiLink. Raises AmiFault when it is not known to be done."""

    def _session(self) -> AmiSession:
        raise NotImplementedError

    async def call_out(
        self, agent: AgentName, attempt: OfferId, seconds: Seconds, order: Mapping[str, str]
    ) -> None:
        """Ring this agent for at most `seconds`, then whoever the order's variables say. The
        attempt's id is its channel's: while it lives a repeat is refused."""
        if not is_agent_name(agent) or not _ATTEMPT.fullmatch(attempt):
            raise ValueRefused("no agent's name, or no attempt's id")
        for name, value in order.items():
            if not _VARIABLE.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ValueRefused(f"{name} cannot be put on a channel")
        headers: dict[str, str | list[str]] = {
            "Channel": f"Local/{agent}@c156-out-agent/n",
            "Context": "c156-out-nobody",
            "Exten": "s",
            "Priority": "1",
            "Timeout": str(round(seconds * 1000)),
            "Async": "true",
            "ChannelId": f"retorno-{attempt}",
            "OtherChannelId": f"retorno-{attempt}-b",
            # two underlines: for every leg that comes of it
            "Variable": [f"__{name}={value}" for name, value in order.items() if value],
        }
        await self._session().ask("Originate", headers)
