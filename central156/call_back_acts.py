"""What people do about call-backs and tasks, for the API (console.ports_call_backs)."""

from __future__ import annotations

from collections.abc import Sequence

from acd.promises import NO_ATTEMPT
from callflow.call_back import CallBacks
from callflow.floor_keeper import FloorKeeper
from central156.refusals import asked
from console.ports import Plain, Refusal
from protocol_store import Store, masked_number
from terms.facts import Fact, Kind
from terms.names import CallId
from terms.sight import Reveal, sees


class CallBackActs:
    """See console.ports_call_backs.CallBacksPort."""

    def __init__(self, store: Store, keeper: FloorKeeper, backs: CallBacks | None) -> None:
        self._store, self._keeper, self._backs = store, keeper, backs

    def promised(self, reveal: Reveal) -> Sequence[Plain]:
        """The promises that are not over, by their place."""
        floor = self._keeper.floor
        found = sorted(
            (made for made in self._open().open.values()),
            key=lambda made: (not made.urgent, -made.priority, made.joined),
        )
        return [
            {
                "call": made.call,
                "protocol": made.protocol,
                "how": str(made.how),
                "line": made.line,
                "queue": made.queue,
                "caller": made.caller
                if sees(reveal, [made.line], [made.queue])
                else masked_number(made.caller),
                "joined": made.joined,
                "expires": made.expires,
                "tries": made.tries,
                "calling": made.attempt != NO_ATTEMPT,
                "not_before": made.not_before or None,
                "where": str(floor.callers[made.call].where) if made.call in floor.callers else "",
            }
            for made in found
        ]

    def cancel(self, call: CallId, by: str) -> None:
        """Nobody is called."""
        made = self._open().open.get(call)
        if made is None:
            raise Refusal(404, "não há retorno prometido para esta chamada")
        if made.attempt != NO_ATTEMPT:
            raise Refusal(409, "o retorno está sendo feito agora")
        self._open().cancel(made, by)

    async def bar(self, call: CallId, mark: str, on: bool, by: str) -> None:
        """Nobody calls this call's number by itself, or again."""
        caller = await asked(self._store.promises.caller_of(call))
        if caller is None:
            raise Refusal(404, "não há chamada com este número")
        self._open().bar(call, caller, mark, on, by)

    async def close_task(self, task: int, how: str, by: str) -> None:
        """A task is done."""
        found = await asked(self._store.promises.task_call(task))
        if found is None:
            raise Refusal(404, f"não há tarefa {task}")
        call, kind, done = found
        if done:
            raise Refusal(409, f"a tarefa {task} já foi encerrada")
        details = {"task": kind, "how": how}
        fact = Fact(self._keeper.clock(), Kind.TASK_CLOSED, call, by=by, details=details)
        await asked(self._store.promises.remember(fact))
        self._keeper.publish(fact)

    def _open(self) -> CallBacks:
        if self._backs is None:
            raise Refusal(409, "esta central não faz ligações")
        return self._backs
